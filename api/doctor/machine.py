"""What the machine must offer: Python, packages, room on the disk, the folder, the port, the time."""

import os
import shutil
import socket
import stat
import sys
import tempfile
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, metadata, requires, version
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import httpx
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from api.doctor.finding import Finding, State, found
from api.local_address import local_address, local_host
from crm_core.foundation.settings import Settings

_PRODUCT = "salesdojo"
_SCARCE_BYTES, _LITTLE_BYTES = 500_000_000, 5_000_000_000


def examine_python() -> Iterator[Finding]:
    """The version that the product is tested with."""
    present, wanted = ".".join(map(str, sys.version_info[:3])), metadata(_PRODUCT)["Requires-Python"]
    is_good = SpecifierSet(wanted).contains(present)
    yield found("python", "ok" if is_good else "fail", present=present, wanted=wanted)


def examine_packages() -> Iterator[Finding]:
    """Every declared package in a version that is allowed."""
    wanted = [Requirement(line) for line in requires(_PRODUCT) or []]
    needed = [requirement for requirement in wanted if not requirement.marker or requirement.marker.evaluate()]
    wrong = [str(requirement) for requirement in needed if not _is_satisfied(requirement)]
    yield found("packages", "fail" if wrong else "ok", count=len(needed), wrong=", ".join(wrong))


def _is_satisfied(requirement: Requirement) -> bool:
    try:
        return requirement.specifier.contains(version(requirement.name), prereleases=True)
    except PackageNotFoundError:
        return False


def examine_secret(settings: Settings) -> Iterator[Finding]:
    """Production never starts with a weak secret; elsewhere it is pointed out."""
    is_default = settings.secret_key == Settings.model_fields["secret_key"].default
    yield found("secret", "warn" if is_default else "ok", environment=settings.environment)


def examine_folder(settings: Settings) -> Iterator[Finding]:
    """The data folder can be written by whoever runs the product, and read by nobody else."""
    folder = settings.data_folder
    if not folder.exists():
        yield found("data_folder", "warn", "absent", folder=str(folder))
        return
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as failure:
        yield found("data_folder", "fail", folder=str(folder), reason=failure.strerror or str(failure))
        return
    is_open = bool(folder.stat().st_mode & (stat.S_IROTH | stat.S_IXOTH))
    yield found("data_folder", "warn" if is_open else "ok", folder=str(folder))


def examine_disk(settings: Settings) -> Iterator[Finding]:
    """A full disk stops everything; little room is told in time."""
    existing = next(folder for folder in (settings.data_folder, *settings.data_folder.parents) if folder.exists())
    free_bytes = shutil.disk_usage(existing).free
    state: State = "fail" if free_bytes < _SCARCE_BYTES else "warn" if free_bytes < _LITTLE_BYTES else "ok"
    yield found("disk", state, folder=str(existing), free_gigabytes=round(free_bytes / 1e9, 1))


def examine_port(settings: Settings) -> Iterator[Finding]:
    """Either the product answers at its address, or nobody does."""
    address = local_address(settings)
    try:
        answer = httpx.get(f"{address}/ready", timeout=5, trust_env=False)
    except httpx.HTTPError:
        yield _unanswered(settings, address)
        return
    if answer.is_success:
        yield found("port", "ok", address=address)
    elif "x-request-id" in answer.headers:
        yield found("port", "fail", "not_ready", address=address)
    else:
        yield found("port", "fail", address=address)


def _unanswered(settings: Settings, address: str) -> Finding:
    try:
        socket.create_connection((local_host(settings), settings.port), timeout=2).close()
    except OSError:
        is_taken = False
    else:
        is_taken = True
    return found("port", "fail", address=address) if is_taken else found("port", "warn", "not_running", address=address)


def examine_time_zone() -> Iterator[Finding]:
    """Zones are data that small machines leave out; without it no local date can be told."""
    try:
        ZoneInfo("Asia/Shanghai")
    except ZoneInfoNotFoundError:
        yield found("time_zone", "fail")
    else:
        yield found("time_zone", "ok")


def examine_user() -> Iterator[Finding]:
    """Nothing of the product needs root; PostgreSQL even refuses it and runs as another account then."""
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    yield found("user", "warn" if is_root else "ok", home=str(Path.home()))
