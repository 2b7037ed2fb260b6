"""The file store: whole or not at all."""

import errno
import io
import os
from pathlib import Path

import pytest

from crm_core.foundation.files import FileEmpty, FileMissing, FileStore, FileTooLarge, StoreFull


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    return FileStore(tmp_path / "files")


def leftovers(store: FileStore) -> list[str]:
    return [path.name for path in store._folder.rglob("incoming-*")]


def test_the_same_bytes_are_kept_once(store: FileStore) -> None:
    first = store.store(io.BytesIO("方案".encode()), limit_bytes=100)
    second = store.store(io.BytesIO("方案".encode()), limit_bytes=100)
    assert first == second
    assert store.path(first.sha256).read_text(encoding="utf-8") == "方案"
    assert list(store.hashes()) == [first.sha256]
    assert store.is_intact(first.sha256)


def test_too_many_bytes_leave_nothing(store: FileStore) -> None:
    with pytest.raises(FileTooLarge):
        store.store(io.BytesIO(b"x" * 101), limit_bytes=100)
    assert leftovers(store) == []
    assert list(store.hashes()) == []


def test_no_bytes_are_refused(store: FileStore) -> None:
    with pytest.raises(FileEmpty):
        store.store(io.BytesIO(), limit_bytes=100)
    assert leftovers(store) == []


def test_a_full_disk_is_said_and_leaves_nothing(store: FileStore, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StoreFull):
        store.store(io.BytesIO(b"x"), limit_bytes=100)
    assert leftovers(store) == []


def test_a_damaged_file_is_noticed(store: FileStore) -> None:
    stored = store.store(io.BytesIO(b"cost sheet"), limit_bytes=100)
    store.path(stored.sha256).write_bytes(b"something else")
    assert not store.is_intact(stored.sha256)


def test_a_file_that_is_not_there_is_named(store: FileStore) -> None:
    with pytest.raises(FileMissing) as caught:
        store.path("0" * 64)
    assert caught.value.parameters["sha256"] == "0" * 64
