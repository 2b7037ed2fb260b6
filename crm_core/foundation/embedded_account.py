"""Who PostgreSQL runs as: the current user, or, because it refuses root, an account without privileges."""

import os
import pwd
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from crm_core.foundation.embedded_errors import DatabaseAccountMissing, DatabaseFolderUnreachable

ACCOUNT_NAME = "salesdojo"


@dataclass(frozen=True, slots=True)
class Account:
    """A user of the operating system; `must_switch` says that the current process is root and becomes it."""

    uid: int
    gid: int
    must_switch: bool

    def run(
        self, command: Sequence[str | Path], *, folder: Path, typed: str = "", kept_open: Sequence[int] = ()
    ) -> subprocess.CompletedProcess[str]:
        """Run a command as this account, in a folder, with a bare environment, and wait for its end."""
        return subprocess.run(  # noqa: S603 - every command is our own, with paths of our own
            [str(part) for part in command],
            cwd=folder,
            env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
            input=typed,
            capture_output=True,
            text=True,
            check=False,
            pass_fds=kept_open,
            user=self.uid if self.must_switch else None,
            group=self.gid if self.must_switch else None,
            extra_groups=[] if self.must_switch else None,
        )

    def own(self, path: Path) -> None:
        """Make this account the owner of what the current process has just made."""
        if self.must_switch:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)

    def may_execute(self, path: Path) -> bool:
        """Whether this account may run a program, or pass through a folder; the kernel is asked, not the mode bits."""
        return self.run(["/bin/sh", "-c", 'test -x "$1"', "sh", path], folder=Path("/")).returncode == 0

    def require_way_to(self, folder: Path) -> None:
        """Raise DatabaseFolderUnreachable with the first parent that this account may not pass."""
        if not self.must_switch or self.may_execute(folder):
            return
        blocked_by = next(
            (parent for parent in reversed(folder.parents) if not self.may_execute(parent)),
            folder,
        )
        raise DatabaseFolderUnreachable(folder=str(folder), blocked_by=str(blocked_by), account=self.name)

    @property
    def name(self) -> str:
        """The account's name, or its number where the machine has no name for it."""
        try:
            return pwd.getpwuid(self.uid).pw_name
        except KeyError:
            return str(self.uid)


def server_account(folder: Path) -> Account:
    """Who owns, or is to own, a database folder and runs its server.

    An ordinary user runs it as themselves. Root runs it as the folder's present owner, or, for a new folder, as the
    account `salesdojo`, which is made when it is missing.
    """
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid(), must_switch=False)
    if folder.exists() and folder.stat().st_uid != 0:
        return Account(folder.stat().st_uid, folder.stat().st_gid, must_switch=True)
    entry = _named_account() or _make_account()
    return Account(entry.pw_uid, entry.pw_gid, must_switch=True)


def _named_account() -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(ACCOUNT_NAME)
    except KeyError:
        return None


def _make_account() -> pwd.struct_passwd:
    program = shutil.which("useradd") or "/usr/sbin/useradd"
    command = [program, "--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin", ACCOUNT_NAME]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - fixed words
    except OSError as failure:
        raise DatabaseAccountMissing(account=ACCOUNT_NAME, reason=failure.strerror or str(failure)) from failure
    # two processes may make it at once: the loser's useradd fails, and the account is there all the same
    entry = _named_account()
    if entry is None:
        raise DatabaseAccountMissing(account=ACCOUNT_NAME, reason=answer.stderr.strip())
    return entry
