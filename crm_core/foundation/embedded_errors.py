"""What can be wrong with the embedded database, each with the parameters that its remedy needs."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from crm_core.foundation.database import DatabaseFull
from crm_core.foundation.errors import Misconfigured, Unavailable

_FULL = {errno.ENOSPC, errno.EDQUOT}


class DatabaseFolderUnwritable(Misconfigured):
    """Remedy: choose another SALESDOJO_DATA_FOLDER or give its owner the right to write."""

    code = "database_folder_unwritable"


class DatabaseAccountMissing(Misconfigured):
    """Started as root, and no unprivileged account for PostgreSQL exists or could be made."""

    code = "database_account_missing"


class DatabaseBinariesMissing(Misconfigured):
    """The package that carries PostgreSQL is absent or has no build for this machine."""

    code = "database_binaries_missing"


class DatabaseVersionMismatch(Misconfigured):
    """The data belongs to another major version: dump with that version (`dojo backup`), restore with this one."""

    code = "database_version_mismatch"


class DatabaseCorrupted(Misconfigured):
    """The data folder is incomplete or damaged. Remedy: restore a backup into a new folder."""

    code = "database_corrupted"


class DatabasePasswordRefused(Misconfigured):
    """The kept password is not the server's. Remedy: stop every process, delete the password file, start again."""

    code = "database_password_refused"


class DatabaseStartFailed(Unavailable):
    """PostgreSQL gave up while starting, for the reason that its log states."""

    code = "database_start_failed"


class DatabaseStartTimedOut(Unavailable):
    """PostgreSQL did not take connections in time; after a crash of a busy server the next try goes on from there."""

    code = "database_start_timed_out"


class DatabaseStopFailed(Unavailable):
    """PostgreSQL did not end in time."""

    code = "database_stop_failed"


class DatabaseBusy(Unavailable):
    """Another process has been starting or stopping the server for longer than is reasonable."""

    code = "database_busy"


@contextmanager
def translated_folder_failures(folder: Path) -> Iterator[None]:
    """Turn what the file system refuses into errors that name the folder."""
    try:
        yield
    except OSError as failure:
        if failure.errno in _FULL:
            raise DatabaseFull(place=str(folder)) from failure
        reason = failure.strerror or str(failure)
        raise DatabaseFolderUnwritable(folder=str(failure.filename or folder), reason=reason) from failure
