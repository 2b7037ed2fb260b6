"""Who PostgreSQL runs as: the current user, or, because it refuses root, an account without privileges."""

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from crm_core.foundation.embedded_errors import DatabaseAccountMissing

ACCOUNT_NAME = "salesdojo"
_DESCRIPTORS = Path("/proc/self/fd")


@dataclass(frozen=True, slots=True)
class Account:
    """A user of the operating system; `must_switch` says that the current process is root and becomes it."""

    uid: int
    gid: int
    must_switch: bool

    def run(
        self, command: Sequence[str | Path], *, folder: Path, typed: str = "", kept_open: Sequence[int] = ()
    ) -> subprocess.CompletedProcess[str]:
        """Run a command as this account, with a bare environment, and wait for its end.

        The account need not be able to reach the folder by its path, only to own it: see `_entrance`.
        """
        with self._entrance(folder) as (entrance, descriptors):
            return self._run([_through(entrance, folder, part) for part in command], typed, [*descriptors, *kept_open])

    def may_execute(self, path: Path) -> bool:
        """Whether this account may run a program, or pass through a folder; the kernel is asked, not the mode bits."""
        return self._run(["/bin/sh", "-c", 'test -x "$1"', "sh", path]).returncode == 0

    def own(self, path: Path) -> None:
        """Make this account the owner of what the current process has just made."""
        if self.must_switch:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)

    def _run(
        self, command: Sequence[str | Path], typed: str = "", descriptors: Sequence[int] = ()
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(  # noqa: S603 - every command is our own, with paths of our own
            [str(part) for part in command],
            cwd="/",
            env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
            input=typed,
            capture_output=True,
            text=True,
            check=False,
            pass_fds=descriptors,
            user=self.uid if self.must_switch else None,
            group=self.gid if self.must_switch else None,
            extra_groups=[] if self.must_switch else None,
        )

    @contextmanager
    def _entrance(self, folder: Path) -> Iterator[tuple[Path, list[int]]]:
        """The path by which a command of this account enters the folder, and the descriptors that it needs for it.

        Where root's private folders bar the way, the folder is handed over open, so that the permissions of its
        parents, which are not ours, stay as they are.
        """
        if not self.must_switch or not _DESCRIPTORS.exists() or self.may_execute(folder):
            yield folder, []
            return
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            yield _DESCRIPTORS / str(descriptor), [descriptor]
        finally:
            os.close(descriptor)


def _through(entrance: Path, folder: Path, part: str | Path) -> str | Path:
    if isinstance(part, Path) and part.is_relative_to(folder):
        return entrance / part.relative_to(folder)
    return part


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
