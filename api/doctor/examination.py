"""The order of the checks, from the machine inwards; what cannot be checked any more is left out."""

from collections.abc import Callable, Iterable, Iterator

from sqlalchemy.exc import SQLAlchemyError

from api.bootstrap import open_resources
from api.doctor import machine, records
from api.doctor.finding import Finding, found, refused
from crm_core.foundation.database import DatabaseUnreachable
from crm_core.foundation.errors import ProductError
from crm_core.foundation.resources import Resources
from crm_core.foundation.settings import Settings

_OF_THE_MACHINE = (machine.examine_python, machine.examine_packages, machine.examine_time_zone, machine.examine_user)
_OF_THE_SETTINGS = (machine.examine_secret, machine.examine_folder, machine.examine_disk, machine.examine_port)
_OF_THE_RECORDS = (
    records.examine_workers,
    records.examine_queue,
    records.examine_people,
    records.examine_calendars,
    records.examine_files,
)


def examine(load_settings: Callable[[], Settings] = Settings) -> Iterator[Finding]:
    """Every finding, as it is made. Starts the embedded database if nobody has, and stops it again."""
    for check in _OF_THE_MACHINE:
        yield from check()
    try:
        settings = load_settings()
    except ProductError as error:
        yield refused("settings", error)
        return
    except ValueError as error:
        yield found("settings", "fail", reason=str(error))
        return
    for examine_settings in _OF_THE_SETTINGS:
        yield from examine_settings(settings)
    yield from _examine_database(settings)


def _examine_database(settings: Settings) -> Iterator[Finding]:
    if settings.uses_embedded_database and not (settings.data_folder / "database" / "cluster").exists():
        yield found("database", "warn", "absent", folder=str(settings.data_folder))
        return
    try:
        with open_resources(settings) as resources:
            yield from records.examine_server(resources)
            yield from _examine_records(resources)
    except DatabaseUnreachable as error:
        yield found("database", "fail", reason=str(error.__cause__ or error)[:300])
    except ProductError as error:
        yield refused("database", error)


def _examine_records(resources: Resources) -> Iterator[Finding]:
    yield from records.examine_models(resources)
    shape = list(records.examine_shape(resources))
    yield from shape
    if any(finding.state == "fail" for finding in shape):
        return
    for check in _OF_THE_RECORDS:
        yield from _guarded(check, resources)


def _guarded(check: Callable[[Resources], Iterable[Finding]], resources: Resources) -> Iterator[Finding]:
    """A check that breaks is a finding as well, and the others go on."""
    try:
        yield from check(resources)
    except (SQLAlchemyError, OSError) as failure:
        name = check.__name__.removeprefix("examine_")
        yield found("check", "fail", name=name, reason=f"{type(failure).__name__}: {failure}"[:300])
