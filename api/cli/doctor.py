"""`dojo doctor`: what is wrong with this installation, and how to mend it."""

import json
from typing import Annotated, Literal

import typer

_MARKS = {"ok": "✓", "warn": "!", "fail": "✗"}


def register(app: typer.Typer) -> None:
    app.command()(doctor)


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
    language: Annotated[Literal["zh", "en"], typer.Option(help="Of the report.")] = "zh",
) -> None:
    """Check everything that a broken installation can have. Ends with 1 if something must be mended."""
    from api.doctor import examine

    lines = []
    for finding in examine():
        message, remedy = finding.message(language), finding.remedy(language)
        lines.append({"check": finding.check, "state": finding.state, "message": message, "remedy": remedy})
        if not as_json:
            print(f"{_MARKS[finding.state]} {finding.check:14} {message}", flush=True)
            if remedy and finding.state != "ok":
                print(f"{'':17}→ {remedy}", flush=True)
    if as_json:
        print(json.dumps(lines, ensure_ascii=False, indent=2))
    raise typer.Exit(code=1 if any(line["state"] == "fail" for line in lines) else 0)
