"""`dojo evaluate pains`: pain points and named parameters on labelled utterances."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from knowledge.diagnosis.evaluation import PainEvaluation, Run


def register(group: typer.Typer) -> None:
    group.command("pains")(evaluate_pains)


def evaluate_pains(
    folder: Annotated[
        Path, typer.Argument(exists=True, file_okay=False, help="A set with corpus/ and labelled splits")
    ],
    out: Annotated[Path | None, typer.Option(help="Write the predictions of all splits here, as JSON")] = None,
    precedents: Annotated[bool, typer.Option(help="Let the won cases of the set be precedents")] = True,
) -> None:
    """Suggest pain points and parameters for labelled utterances and print how many are right."""
    from knowledge.diagnosis.evaluation import evaluate, predict, read_lines, utterance_splits

    splits = utterance_splits(folder)
    if not splits:
        typer.echo(f"no pain_utterances.jsonl in {folder}", err=True)
        raise typer.Exit(2)
    predictions: Run = {}
    for split in splits:
        run = predict(folder, split, with_precedents=precedents)
        predictions |= run
        _print(split.relative_to(folder), evaluate(read_lines(split), run))
    if out is not None:
        out.write_text(json.dumps(predictions, ensure_ascii=False, indent=1), encoding="utf-8")


def _print(split: Path, figures: "PainEvaluation") -> None:
    typer.echo(f"{split}: {figures.utterances} utterances")
    typer.echo(
        f"  pain points  precision {figures.precision:.3f}  recall {figures.recall:.3f}  micro-F1 {figures.f1:.3f}"
        f"  exact set {figures.exact_share:.3f}  silent where none is supported {figures.silent_share:.3f}"
    )
    typer.echo(
        f"  parameters   precision {figures.parameter_precision:.3f}  recall {figures.parameter_recall:.3f}"
        f"  F1 {figures.parameter_f1:.3f}  (comparator, value and unit exact)"
    )
