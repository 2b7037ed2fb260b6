"""Changes of a playbook in plain words: 阶段「需求诊断」的停留上限由 72 小时改为 48 小时."""

from collections.abc import Mapping, Sequence
from typing import Any

from crm_core.foundation.translations import Locale, has_sentence, translate
from crm_core.process.comparison import Change
from crm_core.process.paths import entry_position

_NAMES = ("name", "label", "title")
#: attribute that names something → where that is described
_NAMED_BY_CODE = {
    "pool": ("assignment", "pools"),
    "stage": ("stages",),
    "calendar": ("calendars",),
    "skill": ("skills",),
    "kind": ("document_kinds",),
}
#: sections whose parts are named without them
_SILENT = frozenset({"assignment", "outcome_reasons", "health", "lexicon"})
_LONGEST_TEXT = 80


class ComparisonWords:
    """Says changes from one content to another in one language."""

    def __init__(self, old: Mapping[str, Any], new: Mapping[str, Any], locale: Locale) -> None:
        self._old = old
        self._new = new
        self._locale = locale

    def sentence(self, change: Change) -> str:
        """One change as a sentence."""
        if change.path[0] == "rights":
            return self._rights(change)
        kind = change.kind
        is_entry = self._is_entry(change)
        if kind in {"added", "removed"} and not is_entry:
            kind_key = f"{kind}_value"
        elif kind == "changed" and change.path[-1] in _NAMES:
            kind_key = "renamed"
        else:
            kind_key = kind
        path = change.path[:-1] if kind_key == "renamed" else change.path
        old, new = (self._value(change.path, value) for value in (change.old, change.new))
        if kind_key != "renamed":
            old, new = self._spaced(old), self._spaced(new)
        return translate(f"playbook_change.{kind_key}", self._locale, place=self._place(path), old=old, new=new).strip()

    def _spaced(self, text: str) -> str:
        """Chinese type keeps a space between characters and Latin letters or figures."""
        if self._locale != "zh":
            return text
        before, after = (
            " " if edge.isascii() and (edge.isalnum() or edge == "%") else "" for edge in (text[:1], text[-1:])
        )
        return f"{before}{text}{after}"

    def _is_entry(self, change: Change) -> bool:
        content = self._new if change.new is not None else self._old
        return isinstance(_at(content, change.path[:-1]), list)

    def _rights(self, change: Change) -> str:
        old, new = set(change.old or ()), set(change.new or ())
        role = self._word("value", change.path[1])
        told = [
            translate(f"playbook_change.{key}", self._locale, role=role, rights=self._joined(sorted(rights)))
            for key, rights in (("right_given", new - old), ("right_taken", old - new))
            if rights
        ]
        return ("；" if self._locale == "zh" else "; ").join(told) or translate(
            "playbook_change.right_order", self._locale, role=role
        )

    def _place(self, path: Sequence[str]) -> str:
        if path[0] == "field_matrix" and len(path) == 4:
            field = self._field(path[1], path[2])
            return self._said(
                "matrix_place", role=self._word("value", path[3]), record=self._record(path[1]), field=field
            )
        if path[0] == "row_scopes" and len(path) == 3:
            return self._said("scope_place", role=self._word("value", path[1]), record=self._record(path[2]))
        start = 2 if path[0] in _SILENT and len(path) > 1 else 1
        parts = [part for length in range(start, len(path) + 1) if (part := self._part(path[:length]))]
        return ("的" if self._locale == "zh" else ", ").join(parts)

    def _part(self, path: Sequence[str]) -> str:
        """The words of the last step of a path; an entry is said together with its list."""
        above = self._anywhere(path[:-1])
        here = self._anywhere(path)
        if isinstance(here, list) and (not here or isinstance(here[0], Mapping)):
            # said with the entry that follows
            return ""
        if isinstance(above, list):
            kind = self._attribute(path[:-1])
            return self._said("entry", kind=kind, name=self._entry_name(path, here))
        return self._attribute(path)

    def _entry_name(self, path: Sequence[str], entry: Any) -> str:
        if isinstance(entry, Mapping):
            for key in _NAMES:
                if entry.get(key):
                    return self._label(entry[key])
            if entry.get("kind"):
                return self._named("kind", str(entry["kind"]))
        return path[-1]

    def _attribute(self, path: Sequence[str]) -> str:
        name = path[-1]
        parent = next((part for part in reversed(path[:-1]) if has_sentence(f"playbook_word.{part}", "zh")), "")
        for key in (f"playbook_word.in_{parent}.{name}", f"playbook_word.{name}", f"playbook_value.{name}"):
            if has_sentence(key, self._locale):
                return translate(key, self._locale)
        return f"「{name}」" if self._locale == "zh" else f"'{name}'"

    def _value(self, path: Sequence[str], value: Any) -> str:
        name = path[-1]
        if value is None:
            return self._said("nothing")
        if isinstance(value, bool):
            return self._word("value", "yes" if value else "no")
        if isinstance(value, Mapping):
            return self._label(value) if set(value) == {"zh", "en"} else self._summary(path, value)
        if isinstance(value, list):
            return self._joined(value, name)
        if isinstance(value, int | float):
            return self._measured(name, value)
        return self._named(name, str(value)) if name in _NAMED_BY_CODE else self._quoted(str(value), name)

    def _measured(self, name: str, value: float) -> str:
        """A number with the unit that its name ends in."""
        if name.endswith("_share"):
            return f"{value:.4g}" if value > 1 else f"{value * 100:.4g}%"
        unit = name.rsplit("_", 1)[-1]
        number = f"{value:,.10g}"
        key = f"playbook_unit.{unit}"
        return translate(key, self._locale, number=number) if has_sentence(key, self._locale) else number

    def _summary(self, path: Sequence[str], value: Mapping[str, Any]) -> str:
        """A whole part that came or went, by its name, or by what it holds."""
        for key in _NAMES:
            if value.get(key):
                return self._label(value[key])
        said = [
            f"{self._attribute((*path, key))} {self._value((*path, key), part)}".strip()
            for key, part in value.items()
            if part not in (None, [], {}) and not (isinstance(part, list) and isinstance(part[0], Mapping))
        ]
        return self._joined(said)

    def _joined(self, values: Sequence[Any], name: str = "") -> str:
        words = [self._quoted(value, name) if isinstance(value, str) else self._value(("",), value) for value in values]
        return ("、" if self._locale == "zh" else ", ").join(words) or self._said("nothing")

    def _quoted(self, text: str, name: str = "") -> str:
        keys = (
            f"playbook_value.in_{name}.{text}",
            f"playbook_value.{text}",
            f"playbook_right.{text.replace('.', '_')}",
        )
        for key in keys:
            if text and has_sentence(key, self._locale):
                return translate(key, self._locale)
        return text if len(text) <= _LONGEST_TEXT else f"{text[:_LONGEST_TEXT]}…"

    def _named(self, attribute: str, code: str) -> str:
        """The name of what a code stands for, in either content."""
        place = _NAMED_BY_CODE.get(attribute)
        for content in (self._new, self._old):
            entry = _at(content, (*place, code)) if place else None
            if isinstance(entry, Mapping) and entry.get("code") == code:
                return self._label(entry.get("name", code))
        return self._quoted(code)

    def _label(self, value: Any) -> str:
        return str(value.get(self._locale, "")) if isinstance(value, Mapping) else str(value)

    def _record(self, record: str) -> str:
        return self._word("record", "every" if record == "*" else record)

    def _field(self, record: str, code: str) -> str:
        if code == "*":
            return self._said("other_fields")
        for content in (self._new, self._old):
            for stage in content.get("stages", ()) if record == "lead" else ():
                for field in stage.get("fields", ()):
                    if field["code"] == code:
                        return self._label(field["label"])
        key = f"field.{record}.{code}"
        return translate(key, self._locale) if has_sentence(key, self._locale) else code

    def _word(self, family: str, code: str) -> str:
        key = f"playbook_{family}.{code}"
        return translate(key, self._locale) if has_sentence(key, self._locale) else code

    def _said(self, key: str, **parameters: str) -> str:
        return translate(f"playbook_change.{key}", self._locale, **parameters)

    def _anywhere(self, path: Sequence[str]) -> Any:
        """What a path leads to in the old content, by which people know it, else in the new one."""
        found = _at(self._old, path)
        return found if found is not None else _at(self._new, path)


def _at(content: Any, path: Sequence[str]) -> Any:
    node = content
    for name in path:
        if isinstance(node, Mapping):
            node = node.get(name)
        elif isinstance(node, list):
            position = entry_position(node, name)
            node = node[position] if position is not None else None
        else:
            return None
    return node
