"""`dojo evaluate documents`: how well the document check finds what a labelled set says is there and is missing."""

import json
from pathlib import Path

import typer


def register(group: typer.Typer) -> None:
    @group.command("documents")
    def evaluate_documents(
        folder: Path = typer.Argument(help="A folder with files/ and truth.jsonl.", exists=True, file_okay=False),
        out: Path | None = typer.Option(None, help="Where to write the predictions for the set's own scorer."),
        without_own_product: bool = typer.Option(False, help="Do not tell the checker which product is ours."),
        errors: bool = typer.Option(False, help="List everything that is wrong."),
    ) -> None:
        """Check every document of a labelled set, print the figures, write the predictions."""
        from qa.evaluation import load_set, predict, score

        records = load_set(folder)
        known = [{**record, "own_product": None} for record in records] if without_own_product else records
        predictions = [predict(folder, record) for record in known]
        if out:
            lines = (json.dumps(prediction.as_record(), ensure_ascii=False) for prediction in predictions)
            out.write_text("\n".join(lines) + "\n", encoding="utf-8")
        scores = score(records, predictions)
        print(f"documents {scores.documents}, parameters {scores.parameters}")
        for name, rate in scores.rates().items():
            print(f"{name.replace('_', ' '):28s}{'-' if rate is None else f'{rate:.1%}':>8s}")
        print(f"{'confidential strings shown':28s}{scores.leaks:8d}")
        print(f"{'slowest document, seconds':28s}{scores.slowest_seconds:8.2f}")
        if errors:
            print("\n".join(scores.errors))
