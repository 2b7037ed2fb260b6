"""The field matrix as a grid of fields and roles, how far each role sees, and its rights."""

import streamlit as st

from ui.elements.process_editing import Editing, Json, edited_table, put, spoken, value_word
from ui.elements.process_pools import ROLES
from ui.session import say

_LEVELS = ("hidden", "read", "edit")
#: what most people come for
_FIRST_RECORDS = frozenset({"customer", "lead"})
_REACHES = ("none", "own", "team", "region", "all")


def show_access(editing: Editing) -> None:
    """One kind of record at a time."""
    st.caption(say("process.access_hint"))
    matrix: Json = editing.content["field_matrix"]
    records = sorted(matrix, key=lambda name: (name not in _FIRST_RECORDS, name))
    record = st.selectbox(say("process.record"), records, format_func=_record_word, key="process_record")
    _show_matrix(editing, str(record), matrix[record])
    _show_reach(editing, str(record))
    _show_rights(editing)


def _show_matrix(editing: Editing, record: str, fields: Json) -> None:
    """A row a field; empty means that the line "every other field" decides, and where that is empty nothing is seen."""
    names = {name: name for name in fields} | _labels(editing, record, fields)
    rows = [{"field": names[name], **{role: levels.get(role) for role in ROLES}} for name, levels in fields.items()]
    columns = {"field": st.column_config.TextColumn(say("process.field"), disabled=True, pinned=True)}
    columns |= {
        role: st.column_config.SelectboxColumn(value_word(role), options=list(_LEVELS), format_func=value_word)
        for role in ROLES
    }
    table = edited_table(rows, columns, editing.key("matrix", record), grows=False)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if st.button(say("process.save_matrix"), type="primary", key=editing.key("save_matrix", record)):
            changed = {
                name: {role: row[role] for role in ROLES if row[role]} for name, row in zip(fields, table, strict=True)
            }
            editing.save(put(["field_matrix", record], changed))
        _show_new_field(editing, record, fields)


def _labels(editing: Editing, record: str, fields: Json) -> dict[str, str]:
    """What people call the fields: those of the stages by their own label, others by the words of the screens."""
    own = {
        field["code"]: spoken(field["label"])
        for stage in editing.content["stages"]
        for field in stage["fields"]
        if record == "lead"
    }
    return {name: _field_word(record, name, own) for name in fields}


def _field_word(record: str, name: str, own: dict[str, str]) -> str:
    if name == "*":
        return say("process.other_fields")
    codes = (f"{known}_{name}" for known in (record, "lead", "customer"))
    said = (value_word(code) for code in codes if value_word(code) != code)
    word = own.get(name) or next(said, "")
    return f"{word} ({name})" if word else name


def _show_new_field(editing: Editing, record: str, fields: Json) -> None:
    """A line of its own for a field that the line of all others decides so far."""
    of_stages = [field["code"] for stage in editing.content["stages"] for field in stage["fields"]]
    known = [code for code in of_stages if record == "lead" and code not in fields]
    with st.popover(say("process.new_line"), icon=":material/add:"), st.form("new_line", border=False):
        name = st.selectbox(say("process.field"), known, accept_new_options=True, index=None)
        if st.form_submit_button(say("process.add"), type="primary") and name:
            editing.save(put(["field_matrix", record, name], dict(fields.get("*", {}))))


def _show_reach(editing: Editing, record: str) -> None:
    """Own rows, the team's, the region's, or all; empty means as for every other record."""
    st.subheader(say("process.reach", record=_record_word(record)))
    scopes: Json = editing.content["row_scopes"]
    row = {role: scopes.get(role, {}).get(record) for role in ROLES}
    others = {role: scopes.get(role, {}).get("*", "none") for role in ROLES}
    st.caption(say("process.reach_hint"))
    columns = {
        role: st.column_config.SelectboxColumn(
            f"{value_word(role)} ({value_word(others[role])})", options=list(_REACHES), format_func=value_word
        )
        for role in ROLES
    }
    table = edited_table([{"role": "", **row}], columns, editing.key("reach", record), grows=False)
    if st.button(say("process.save_reach"), key=editing.key("save_reach", record)):
        chosen = table[0] if table else dict.fromkeys(ROLES)
        changed = {
            role: {name: reach for name, reach in {**scopes.get(role, {}), record: chosen[role]}.items() if reach}
            for role in ROLES
        }
        editing.save(put(["row_scopes"], changed))


def _show_rights(editing: Editing) -> None:
    st.subheader(say("process.rights"))
    rights: Json = editing.content["rights"]
    known = sorted({right for held in rights.values() for right in held})
    rows = [{"right": right, **{role: right in rights.get(role, ()) for role in ROLES}} for right in known]
    columns = {
        "right": st.column_config.SelectboxColumn(
            say("process.right"), options=known, format_func=_right_word, disabled=True, pinned=True
        )
    }
    columns |= {role: st.column_config.CheckboxColumn(value_word(role)) for role in ROLES}
    table = edited_table(rows, columns, editing.key("rights"), grows=False)
    if st.button(say("process.save_rights"), key=editing.key("save_rights")):
        changed = {role: [row["right"] for row in table if row[role]] for role in ROLES}
        editing.save(put(["rights"], changed))


def _record_word(record: str) -> str:
    return value_word(f"record_{record}").removeprefix("record_")


def _right_word(right: object) -> str:
    code = f"right_{str(right).replace('.', '_')}"
    word = value_word(code)
    return str(right) if word == code else word
