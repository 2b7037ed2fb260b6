"""What differs between two playbooks: every place with what stood there and what stands there now."""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from crm_core.process.paths import entry_names

Kind = Literal["changed", "added", "removed", "moved"]
#: words in both languages are one thing
_LABEL_KEYS = {"zh", "en"}


@dataclass(frozen=True, slots=True)
class Change:
    """One place that differs; moved: old and new are positions from 1."""

    path: tuple[str, ...]
    kind: Kind
    old: Any
    new: Any


def compare(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Change]:
    """All changes from one content to another, in the order of the sections."""
    return list(_mapping_changes((), old, new))


def _changes(path: tuple[str, ...], old: Any, new: Any) -> Iterator[Change]:
    if old == new or (_is_nothing(old) and _is_nothing(new)):
        return
    if isinstance(old, Mapping) and isinstance(new, Mapping) and not (_is_label(old) and _is_label(new)):
        yield from _mapping_changes(path, old, new)
    elif _has_entries(old) or _has_entries(new):
        yield from _entry_changes(path, old or [], new or [])
    elif _is_nothing(old):
        yield Change(path, "added", None, new)
    elif _is_nothing(new):
        yield Change(path, "removed", old, None)
    else:
        yield Change(path, "changed", old, new)


def _mapping_changes(path: tuple[str, ...], old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    for name in [*old, *(name for name in new if name not in old)]:
        yield from _changes((*path, name), old.get(name), new.get(name))


def _entry_changes(path: tuple[str, ...], old: Sequence[Any], new: Sequence[Any]) -> Iterator[Change]:
    """Entries are the same that go by the same name; those that stand elsewhere have moved."""
    before, after = dict(zip(entry_names(old), old, strict=True)), dict(zip(entry_names(new), new, strict=True))
    for name, entry in before.items():
        if name not in after:
            yield Change((*path, name), "removed", entry, None)
    for name, entry in after.items():
        if name not in before:
            yield Change((*path, name), "added", None, entry)
    common = [name for name in after if name in before]
    order = {name: position for position, name in enumerate(before)}
    staying = _longest_rising(common, [order[name] for name in common])
    places = {name: position for position, name in enumerate(after, start=1)}
    for name in common:
        if name not in staying:
            yield Change((*path, name), "moved", order[name] + 1, places[name])
        yield from _changes((*path, name), before[name], after[name])


def _longest_rising(names: Sequence[str], positions: Sequence[int]) -> set[str]:
    """The most entries that kept their order among themselves; only the others have moved."""
    ends: list[int] = []
    ranks: list[int] = []
    for position in positions:
        rank = bisect_left(ends, position)
        ends[rank : rank + 1] = [position]
        ranks.append(rank)
    staying: set[str] = set()
    wanted, bound = len(ends) - 1, len(positions) + max(positions, default=0) + 1
    for name, position, rank in zip(reversed(names), reversed(positions), reversed(ranks), strict=True):
        if rank == wanted and position < bound:
            staying.add(name)
            wanted, bound = wanted - 1, position
    return staying


def _is_nothing(value: Any) -> bool:
    return value is None or value in ([], {})


def _is_label(value: Mapping[str, Any]) -> bool:
    return set(value) == _LABEL_KEYS


def _has_entries(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], Mapping)
