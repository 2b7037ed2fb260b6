"""`dojo evaluate …`: accuracy on labelled sets, the product's own or a user's."""

from importlib import import_module

import typer

MEASURES = ("evaluate_retrieval", "evaluate_pains", "evaluate_documents")


def register(app: typer.Typer) -> None:
    group = typer.Typer(help="Measure accuracy on a folder of labelled examples.", no_args_is_help=True)
    for measure in MEASURES:
        import_module(f"api.cli.{measure}").register(group)
    app.add_typer(group, name="evaluate")
