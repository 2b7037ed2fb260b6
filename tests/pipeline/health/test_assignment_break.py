"""The beginning of an incident is found where good results turn into empty ones, whatever strays around it."""

from datetime import UTC, datetime, timedelta

import pytest

from crm_core.foundation.identifiers import new_id
from crm_core.pipeline.health.assignment_break import Run, find_break
from crm_core.pipeline.health.changes import different

_START = datetime(2026, 2, 1, tzinfo=UTC)


def runs(pattern: str) -> list[Run]:
    """One run an hour; "x" is empty."""
    return [Run(new_id(), new_id(), _START + timedelta(hours=n), mark == "x") for n, mark in enumerate(pattern)]


@pytest.mark.parametrize(
    ("pattern", "last_good", "first_empty"),
    [
        ("ooooooooxxxxx", 7, 8),
        ("ooxooooooooooxxxxxxxx", 12, 13),
        ("oooooooooooxxxoxxxx", 10, 11),
        ("xxxxx", None, 0),
        ("oooooooooox", 9, 10),
        # every third lead fails from the tenth on
        ("oooooooooo" + "oox" * 10, 11, 12),
    ],
)
def test_the_break_is_found(pattern: str, last_good: int | None, first_empty: int) -> None:
    told = runs(pattern)
    found = find_break(told)
    assert found is not None
    assert told.index(found.first_empty) == first_empty
    assert (told.index(found.last_good) if found.last_good else None) == last_good
    assert found.empty == pattern[first_empty:].count("x")
    assert found.empty + found.good == len(pattern) - first_empty


def test_what_has_been_so_all_along_is_not_told_as_a_break() -> None:
    steady, broken = find_break(runs("oxooxooxoxoooxooxo")), find_break(runs("ooooooooooooxxxxxx"))
    assert steady is not None
    assert broken is not None
    assert (steady.is_sudden, broken.is_sudden) == (False, True)


def test_nothing_empty_is_no_break() -> None:
    assert find_break(runs("oooo")) is None
    assert find_break([]) is None


def test_differences_of_documents_go_by_code() -> None:
    old = {"rules": [{"code": "a", "pool": "x"}, {"code": "b", "pool": "y"}], "fallback": {"is_enabled": True}}
    new = {"rules": [{"code": "b", "pool": "z"}, {"code": "a", "pool": "x"}], "fallback": {"is_enabled": False}}
    assert different(old, new) == [("rules.b.pool", "y", "z"), ("fallback.is_enabled", True, False)]
    assert different(old, old) == []
    assert different({"rules": []}, {"rules": [{"code": "a"}]}) == [("rules", [], [{"code": "a"}])]
