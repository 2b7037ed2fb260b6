"""A content-addressed store: a file's name is the SHA-256 of its bytes, so nothing is stored twice or overwritten."""

import errno
import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from crm_core.foundation.errors import Invalid, NotFound, TooLarge, Unavailable

_CHUNK_BYTES = 1 << 20


class FileTooLarge(TooLarge):
    code = "file_too_large"


class FileEmpty(Invalid):
    code = "file_empty"


class FileMissing(NotFound):
    code = "file_missing"


class StoreFull(Unavailable):
    code = "disk_full"


@dataclass(frozen=True, slots=True)
class StoredFile:
    sha256: str
    size_bytes: int


class FileStore:
    """Files by content, under `folder/ab/cdef…`; a file appears whole or not at all."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def store(self, stream: BinaryIO, *, limit_bytes: int) -> StoredFile:
        """Keep what a stream holds.

        Raises FileEmpty for no bytes, FileTooLarge as soon as the limit is passed, StoreFull when the disk is full;
        in each case no trace is left.
        """
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with self._temporary() as temporary:
                stored = _copy(stream, temporary, limit_bytes)
                self._place(Path(temporary.name), stored.sha256)
        except OSError as failure:
            if failure.errno in {errno.ENOSPC, errno.EDQUOT}:
                raise StoreFull(place="files") from failure
            raise
        return stored

    def path(self, sha256: str) -> Path:
        """Where a stored file lies. Raises FileMissing."""
        path = self._location(sha256)
        if not path.is_file():
            raise FileMissing(sha256=sha256)
        return path

    def is_intact(self, sha256: str) -> bool:
        """Whether the bytes still hash to their name."""
        with self.path(sha256).open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest() == sha256

    def hashes(self) -> Iterator[str]:
        """Every stored file's name."""
        for path in self._folder.glob("[0-9a-f][0-9a-f]/*"):
            yield path.parent.name + path.name

    def _location(self, sha256: str) -> Path:
        return self._folder / sha256[:2] / sha256[2:]

    @contextmanager
    def _temporary(self) -> Iterator[BinaryIO]:
        with tempfile.NamedTemporaryFile(dir=self._folder, prefix="incoming-", delete=False) as temporary:
            try:
                yield temporary  # type: ignore[misc]  # a wrapper with the interface of BinaryIO, not a subclass
            finally:
                Path(temporary.name).unlink(missing_ok=True)

    def _place(self, temporary: Path, sha256: str) -> None:
        final = self._location(sha256)
        final.parent.mkdir(exist_ok=True)
        if not final.exists():
            os.link(temporary, final)


def _copy(stream: BinaryIO, target: BinaryIO, limit_bytes: int) -> StoredFile:
    digest, size_bytes = hashlib.sha256(), 0
    while chunk := stream.read(_CHUNK_BYTES):
        size_bytes += len(chunk)
        if size_bytes > limit_bytes:
            raise FileTooLarge(limit_megabytes=limit_bytes >> 20)
        digest.update(chunk)
        target.write(chunk)
    if not size_bytes:
        raise FileEmpty()
    target.flush()
    os.fsync(target.fileno())
    return StoredFile(digest.hexdigest(), size_bytes)
