"""Places in a playbook as people name them: `stages.needs_diagnosis.dwell_limit.hours`.

Entries of a list go by their code, a required document by its kind, an exception by its day; where an entry has no
name, or shares it with one before it, by its position from 1.
"""

from collections.abc import Mapping, Sequence
from typing import Any

_NAMES = ("code", "kind", "day")


def entry_names(entries: Sequence[Any]) -> list[str]:
    """What each entry of a list goes by; all different."""
    names: list[str] = []
    for position, entry in enumerate(entries, start=1):
        name = next((str(entry[key]) for key in _NAMES if entry.get(key)), "") if isinstance(entry, Mapping) else ""
        names.append(name if name and name not in names else str(position))
    return names


def entry_position(entries: Sequence[Any], name: str) -> int | None:
    """Where the entry of a name stands, from 0; a position from 1 finds a named entry as well."""
    names = entry_names(entries)
    if name in names:
        return names.index(name)
    return int(name) - 1 if name.isascii() and name.isdigit() and 1 <= int(name[:6]) <= len(names) else None


def field_path(content: Any, place: Sequence[str | int]) -> str:
    """A place of keys and positions from 0 as one dotted path."""
    names: list[str] = []
    node = content
    for part in place:
        if isinstance(part, int):
            is_there = isinstance(node, Sequence) and not isinstance(node, str) and part < len(node)
            names.append(entry_names(node)[part] if is_there else str(part + 1))
            node = node[part] if is_there else None
        else:
            names.append(part)
            node = node.get(part) if isinstance(node, Mapping) else None
    return ".".join(names)
