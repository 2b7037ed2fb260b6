"""Changes of single places in a playbook's plain content: set, remove, move."""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Literal

from crm_core.process.errors import PathUnknown
from crm_core.process.paths import entry_names, entry_position


@dataclass(frozen=True, slots=True)
class Edit:
    """One change; the path names entries of lists as `paths` does.

    set: puts a value in a place; a key or an entry that was not there is added, an entry at the end of its list.
    remove: takes away what is there. move: puts an entry of a list at another position, counted from 1.
    """

    path: tuple[str, ...]
    operation: Literal["set", "remove", "move"] = "set"
    value: Any = None
    position: int | None = None


def edited(content: Mapping[str, Any], edits: Sequence[Edit]) -> dict[str, Any]:
    """The content with all edits made, one after the other. Raises PathUnknown."""
    result: dict[str, Any] = deepcopy(dict(content))
    for edit in edits:
        if not edit.path:
            raise PathUnknown(path="")
        _make(_parent(result, edit), edit)
    return result


def _parent(content: dict[str, Any], edit: Edit) -> Any:
    node: Any = content
    for name in edit.path[:-1]:
        key = _key(node, name)
        node = node[key] if key is not None else None
    return node


def _key(node: Any, name: str) -> str | int | None:
    if isinstance(node, dict):
        return name if name in node else None
    return entry_position(node, name) if isinstance(node, list) else None


def _make(parent: Any, edit: Edit) -> None:
    name = edit.path[-1]
    key = _key(parent, name)
    if edit.operation == "set" and (isinstance(parent, dict) or key is not None):
        parent[name if key is None else key] = deepcopy(edit.value)
    elif edit.operation == "set" and isinstance(parent, list) and _belongs(parent, edit):
        parent.append(deepcopy(edit.value))
    elif edit.operation == "remove" and key is not None:
        del parent[key]
    elif edit.operation == "move" and isinstance(parent, list) and isinstance(key, int) and edit.position:
        parent.insert(edit.position - 1, parent.pop(key))
    else:
        raise PathUnknown(path=".".join(edit.path))


def _belongs(entries: list[Any], edit: Edit) -> bool:
    """A new entry says its own name, or takes the position after the last."""
    return entry_names([*entries, edit.value])[-1] == edit.path[-1]
