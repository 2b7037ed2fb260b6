"""`dojo playbook …`: the process as one document: checked, exported, imported as a draft, and back to an older one."""

from pathlib import Path
from typing import Annotated

import typer

from api.cli.running import open_command
from crm_core.foundation.database import Origin
from crm_core.process.drafts import create_draft, list_versions, numbered_version, version_in_force
from crm_core.process.playbook import Playbook
from crm_core.process.playbook_files import as_yaml, read_document, read_playbook
from crm_core.process.publication import published_playbook
from crm_core.rehearsal.publishing import restore

_ORIGIN = Origin(channel="command")
Source = Annotated[Path, typer.Argument(help="A YAML document, or a folder of them.", exists=True)]


def register(app: typer.Typer) -> None:
    playbook = typer.Typer(help="The process: show, check, export, import, roll back.", no_args_is_help=True)
    playbook.command()(show)
    playbook.command()(check)
    playbook.command()(export)
    playbook.command("import")(bring_in)
    playbook.command()(rollback)
    app.add_typer(playbook, name="playbook")


def show() -> None:
    """Say which version is in force, its stages, and which other versions there are."""
    with open_command() as resources, resources.database.reading() as session:
        playbook = published_playbook(session)
        versions = [
            f"V{one.number} {one.status}" if one.number else f"draft {one.id}" for one in list_versions(session)
        ]
    print(f"V{playbook.version}")
    for stage in playbook.stages:
        limit = f", at most {stage.dwell_limit.hours} h ({stage.dwell_limit.clock})" if stage.dwell_limit else ""
        asked = f"{len(stage.fields)} fields, {len(stage.documents)} documents"
        print(f"  {stage.code}\t{stage.name.zh}\t{asked}{limit}")
    print("\n".join(versions))


def check(source: Source) -> None:
    """Read a document or a folder and say everything that is wrong with it; nothing is kept."""
    playbook = _read(source)
    print(f"{source}: sound, {len(playbook.stages)} stages")


def export(
    file: Annotated[Path | None, typer.Argument(help="Where to write; standard output by default.")] = None,
    version: Annotated[int | None, typer.Option(help="A number; the version in force by default.")] = None,
) -> None:
    """Write a version as one YAML document."""
    with open_command() as resources, resources.database.reading() as session:
        chosen = numbered_version(session, version) if version else version_in_force(session)
        text = as_yaml(chosen.content)
    if file is None:
        print(text, end="")
    else:
        file.write_text(text, encoding="utf-8")
        print(f"V{chosen.number}: {file}")


def bring_in(source: Source, note: Annotated[str, typer.Option(help="What changes, and why.")] = "") -> None:
    """Keep a document or a folder as a draft; it is rehearsed and published on the process page."""
    playbook = _read(source)
    with open_command() as resources, resources.database.transaction(_ORIGIN) as session:
        base = version_in_force(session).number
        draft = create_draft(session, playbook.content(), base_number=base, note=note, created_by=None)
    print(f"draft {draft.id}")


def rollback(
    number: Annotated[int, typer.Argument(help="The version whose content is to hold again.")],
    *,
    reason: Annotated[str, typer.Option(help="Why; it stays with the version for good.")],
) -> None:
    """Put an older version in force again as a new one, also when the one in force cannot be read any more."""
    with open_command() as resources, resources.database.transaction(_ORIGIN) as session:
        made = restore(session, number, reason)
    print(f"V{made.number}: content of V{number}")


def _read(source: Path) -> Playbook:
    return read_playbook(source) if source.is_dir() else read_document(source.name, source.read_bytes())
