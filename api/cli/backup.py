"""`dojo backup FILE` and `dojo restore FILE`: everything of an installation in one archive, and back."""

from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    app.command()(backup)
    app.command()(restore)


def backup(file: Annotated[Path, typer.Argument(help="The archive to write; it must not exist yet.")]) -> None:
    """Write database and files into one archive. The product may go on running."""
    from api.backup import back_up
    from api.cli.running import open_command

    with open_command() as resources:
        manifest = back_up(resources, file.absolute())
    print(f"{file}: {file.stat().st_size / 1e6:.1f} MB, {manifest.file_count} files, revision {manifest.revision}")


def restore(
    file: Annotated[Path, typer.Argument(help="An archive written by `dojo backup`.")],
    replace: Annotated[bool, typer.Option("--replace", help="Give up everything that is in the database now.")] = False,
) -> None:
    """Bring an archive back into an empty installation, or instead of what is there. Stop the product first."""
    from api.backup import restore as bring_back
    from api.bootstrap import open_resources
    from crm_core.foundation.settings import Settings

    with open_resources(Settings()) as resources:
        manifest = bring_back(resources, file.absolute(), replacing=replace)
    print(f"{file}: of {manifest.made_at}, {manifest.file_count} files, restored")
