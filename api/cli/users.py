"""`dojo user …`: who may log in."""

import sys
from typing import Annotated
from uuid import UUID

import typer
from sqlalchemy.orm import Session

from api.cli.running import open_command
from crm_core.foundation import clock
from crm_core.foundation.database import Origin
from crm_core.people import repository, roster
from crm_core.people.accounts import NewAccount, all_accounts, open_account, reset_password
from crm_core.people.names import pinyin
from crm_core.people.passwords import find_credential

LoginName = Annotated[str, typer.Argument(help="The name that is typed at log-in.")]
PasswordFromInput = Annotated[bool, typer.Option("--password-stdin", help="Read the password from standard input.")]

_ORIGIN = Origin(channel="command")


def register(app: typer.Typer) -> None:
    users = typer.Typer(help="Who may log in.", no_args_is_help=True)
    users.command()(add)
    users.command("list")(show)
    users.command()(disable)
    users.command("password")(change_password)
    app.add_typer(users, name="user")


def add(
    login_name: LoginName,
    *,
    name: Annotated[str, typer.Option(help="The person's name: 张伟.")],
    role: Annotated[
        str, typer.Option(help="rep, presales, delivery, finance, trainer, manager, director, operations or admin.")
    ],
    team: Annotated[str | None, typer.Option(help="Name of the team.")] = None,
    region: Annotated[str | None, typer.Option(help="Code or name of the region; by default the team's.")] = None,
    create: Annotated[bool, typer.Option("--create", help="Make the team and the region where missing.")] = False,
    email: Annotated[str | None, typer.Option(help="Links the account to single sign-on.")] = None,
    password_stdin: PasswordFromInput = False,
) -> None:
    """Put a person on the roster and let them log in."""
    secret = _password(from_input=password_stdin)
    with open_command() as resources, resources.database.transaction(_ORIGIN) as session:
        region_id, team_id = _place(session, region, team, create=create)
        wanted = NewAccount(login_name, secret, name, roster.Position(role, team_id, region_id), email)
        open_account(session, resources.settings, wanted)
    print(f"{login_name}: {name}, {role}")


def show() -> None:
    """List the accounts that log in by password."""
    with open_command() as resources, resources.database.reading() as session:
        accounts = all_accounts(session)
    for account in accounts:
        locked = f"locked until {account.locked_until:%Y-%m-%d %H:%M} UTC" if account.locked_until else ""
        state = "closed" if account.is_closed else locked or "open"
        print(f"{account.login_name}\t{account.name}\t{', '.join(account.roles) or '-'}\t{state}")


def disable(login_name: LoginName) -> None:
    """Somebody has left: their positions end today, and no log-in or token of theirs works any more."""
    with open_command() as resources, resources.database.transaction(_ORIGIN) as session:
        person = repository.find_person(session, find_credential(session, login_name).person_id)
        roster.leave(session, person, on=clock.today())
    print(f"{login_name}: closed")


def change_password(login_name: LoginName, *, password_stdin: PasswordFromInput = False) -> None:
    """Set another password; a lock is lifted, and whoever is logged in must log in again."""
    secret = _password(from_input=password_stdin)
    with open_command() as resources, resources.database.transaction(_ORIGIN) as session:
        reset_password(session, resources.settings, login_name, secret)
    print(f"{login_name}: password set")


def _password(*, from_input: bool) -> str:
    if from_input:
        return sys.stdin.readline().rstrip("\r\n")
    typed: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    return typed


def _place(session: Session, region: str | None, team: str | None, *, create: bool) -> tuple[UUID | None, UUID | None]:
    """The ids of a region and a team by what people call them."""
    region_id = team_id = None
    if region:
        found_region = repository.region_called(session, region)
        if found_region is None and not create:
            raise repository.RegionNotFound(id=region)
        code = pinyin(region).replace(" ", "_")
        region_id = (found_region or roster.add_region(session, code=code, name=region)).id
    if team:
        found_team = repository.team_called(session, team)
        if found_team is None and not create:
            raise repository.TeamNotFound(id=team)
        team_id = (found_team or roster.add_team(session, name=team, region_id=region_id)).id
    return region_id, team_id
