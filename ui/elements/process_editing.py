"""What all parts of the process editor share: the draft at hand, saving, labels, codes, tables."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st

from api.contracts.playbook_drafts import DraftContent, DraftEdit, DraftEdits, DraftFacts
from ui.elements.frame import told_problems
from ui.session import client, current_locale, say

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Editing:
    """A draft as it was read; every save names its revision."""

    facts: DraftFacts
    content: Json

    def save(self, *edits: DraftEdit) -> None:
        """All of them or none; what is refused is told with everything that is wrong."""
        with told_problems():
            change = DraftEdits(revision=self.facts.revision, edits=list(edits))
            client().patch(f"/api/playbook/drafts/{self.facts.id}", DraftFacts, change)
            st.toast(say("process.saved"), icon=":material/check:")
            st.rerun()

    def key(self, *parts: object) -> str:
        """A widget's key, new with every revision, so that a table shows what was saved."""
        return ":".join(str(part) for part in (self.facts.id, self.facts.revision, *parts))


def read_draft(version_id: object) -> Editing:
    found = client().get(f"/api/playbook/versions/{version_id}", DraftContent)
    return Editing(found.facts, found.content)


def put(path: Sequence[str], value: Any) -> DraftEdit:
    return DraftEdit(path=list(path), value=value)


def remove(path: Sequence[str]) -> DraftEdit:
    return DraftEdit(path=list(path), operation="remove")


def move(path: Sequence[str], position: int) -> DraftEdit:
    return DraftEdit(path=list(path), operation="move", position=position)


def spoken(label: Mapping[str, str]) -> str:
    return label.get(current_locale()) or label.get("zh", "")


def label(zh: object, en: object) -> dict[str, str]:
    """Words in both languages; where one is missing the other stands in."""
    first, second = str(zh or "").strip(), str(en or "").strip()
    return {"zh": first or second, "en": second or first}


def new_code(prefix: str, taken: Iterable[str]) -> str:
    """A code that nobody has yet; people give names, the product gives codes."""
    used = set(taken)
    number = 1
    while f"{prefix}_{number}" in used:
        number += 1
    return f"{prefix}_{number}"


def edited_table(
    rows: Sequence[Mapping[str, Any]], columns: Mapping[str, Any], key: str, *, grows: bool = True
) -> list[Json]:
    """A table to type in; empty cells are None."""
    frame = pd.DataFrame([{name: row.get(name) for name in columns} for row in rows], columns=list(columns))
    shown = st.data_editor(
        frame.astype(object).where(frame.notna(), None),
        column_config=dict(columns),
        num_rows="dynamic" if grows else "fixed",
        hide_index=True,
        width="stretch",
        placeholder="",
        key=key,
    )
    records: list[Json] = shown.astype(object).where(shown.notna(), None).to_dict("records")
    return [record for record in records if any(value not in (None, "") for value in record.values())]


def text_column(word: str, **options: Any) -> Any:
    return st.column_config.TextColumn(say(f"process.{word}"), **options)


def choice_column(word: str, options: Sequence[str], *, family: str = "", **more: Any) -> Any:
    """A column of codes, shown by their words; a family has words of its own for the same codes."""
    return st.column_config.SelectboxColumn(
        say(f"process.{word}"), options=list(options), format_func=lambda code: value_word(f"{family}{code}"), **more
    )


def value_word(code: object) -> str:
    """The words of a value that the product knows; anything else is shown as it is."""
    key = f"process_value.{code}"
    try:
        return say(key)
    except KeyError:
        return str(code)


def choices_as_text(choices: Sequence[Mapping[str, Any]]) -> str:
    """One line of a table cell: phone=电话/Phone；visit=拜访/Visit."""
    return "；".join(f"{one['code']}={one['name']['zh']}/{one['name']['en']}" for one in choices)


def choices_of_text(text: object) -> list[Json]:
    """The way back; an entry without a code gets one."""
    entries: list[Json] = []
    for piece in str(text or "").replace(";", "；").replace("\n", "；").split("；"):
        code, separator, names = piece.strip().partition("=")
        zh, _, en = (names if separator else code).partition("/")
        if not zh.strip():
            continue
        taken = [entry["code"] for entry in entries]
        own = code.strip() if separator else new_code("choice", taken)
        entries.append({"code": own, "name": label(zh, en)})
    return entries
