"""`dojo evaluate retrieval`: how well the search finds the won cases that a labelled set says are right."""

from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from knowledge.evaluation import Measured, Report

HEADINGS = ("nDCG@10", "hit@3", "P@3", "R@100", "methods R@5")


def register(group: typer.Typer) -> None:
    @group.command("retrieval")
    def evaluate_retrieval(
        folder: Path = typer.Argument(help="A folder with corpus/ and splits that hold queries.jsonl."),
        out: Path | None = typer.Option(None, help="Where to write the run for the set's own scorer."),
        encoder: str | None = typer.Option(None, help="A sentence-transformers folder or hub name; none: words alone."),
        never_silent: bool = typer.Option(False, help="Write answers even where the search would keep silent."),
    ) -> None:
        """Search every query of a labelled set, measure the answers, write the run."""
        from knowledge.evaluation import answer_always, measure, run_queries, write_run
        from knowledge.evaluation_set import read_evaluation_set
        from knowledge.sentence_transformer_encoder import SentenceTransformerEncoder

        labelled = read_evaluation_set(folder)
        model = SentenceTransformerEncoder(encoder) if encoder else None
        results = run_queries(labelled, encoder=model)
        if out:
            write_run(answer_always(results) if never_silent else results, out)
        print_report(measure(labelled.queries, results))


def print_report(report: "Report") -> None:
    print(f"{'':16s}{'n':>5s}" + "".join(f"{heading:>24s}" for heading in HEADINGS))
    print_line("all positives", report.overall)
    for kind, measured in report.by_type.items():
        print_line(f"  {kind}", measured)
    print(f"confidence: AUC {report.confidence_auc:.3f} (near-misses {report.near_miss_auc:.3f})")
    print(
        f"silent on {report.abstained_on_negatives:.1%} of the queries without an answer"
        f" and on {report.abstained_on_positives:.1%} of those with one"
    )


def print_line(label: str, measured: "Measured") -> None:
    cells = (
        f"{mean:.3f} ({measured.intervals[name][0]:.2f}-{measured.intervals[name][1]:.2f})"
        for name, mean in measured.means.items()
    )
    print(f"{label:16s}{measured.queries:5d}" + "".join(f"{cell:>24s}" for cell in cells))
