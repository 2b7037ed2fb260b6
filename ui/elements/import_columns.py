"""The step at which columns become fields, and words of the file get their meaning here."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import pandas as pd
import streamlit as st

from api.contracts.imports import DateOrder, ImportChoices, ImportColumn, ImportFacts, ImportField, WhenExists
from ui.elements.display import plain
from ui.elements.frame import told_problems
from ui.session import client, say

Option = TypeVar("Option", bound=str)

_LEFT_OUT = ""
_WHEN_EXISTS: tuple[WhenExists, ...] = ("leave", "fill_empty", "overwrite")
_ORDERS: tuple[DateOrder, ...] = ("year_first", "month_first", "day_first")
#: fields of free words whose few values may be worth a look, because the same thing is often written in two ways
_WORDS = frozenset({"product", "industry", "city", "language"})


def show_columns(run: ImportFacts) -> None:
    """Each column with what stands in it and the field that it becomes; then what else is to be decided."""
    st.caption(say("imports.columns_hint"))
    if run.missing:
        st.warning(say("imports.missing", fields="、".join(map(plain, run.missing))), icon=":material/rule:")
    mapping = _choose_fields(run)
    values = {field.code: _choose_meanings(run, field, column) for column, field in _worded(run)}
    when_exists, creates_missing, order = _choose_options(run)
    choices = ImportChoices(
        mapping=mapping,
        value_mapping={**run.value_mapping, **values},
        when_exists=when_exists,
        creates_missing=creates_missing,
        date_order=order,
    )
    with st.container(horizontal=True):
        if st.button(say("imports.rehearse"), type="primary", icon=":material/fact_check:"):
            with told_problems():
                client().put(f"/api/imports/{run.id}/mapping", ImportFacts, choices)
                client().post(f"/api/imports/{run.id}/rehearsal", ImportFacts)
                st.rerun()
        if st.button(say("imports.keep_mapping"), icon=":material/save:"):
            with told_problems():
                client().put(f"/api/imports/{run.id}/mapping", ImportFacts, choices)
                st.rerun()


def _choose_fields(run: ImportFacts) -> dict[str, str | None]:
    labels = {field.code: _label(field) for field in run.fields}
    chosen: dict[str, str | None] = {}
    for position, column in enumerate(run.columns):
        options = [_LEFT_OUT, *labels]
        with st.container(border=True):
            code = st.selectbox(
                f"**{plain(column.name)}**",
                options,
                index=options.index(column.field) if column.field in labels else 0,
                format_func=lambda code: labels.get(code, say("imports.left_out")),
                key=f"column-{run.id}-{position}",
            )
            st.caption(plain(" · ".join(column.samples)) or say("imports.nothing_in_it"))
        chosen[column.name] = code or None
    return chosen


def _label(field: ImportField) -> str:
    return f"{field.label} *" if field.required_group is not None else field.label


def _worded(run: ImportFacts) -> list[tuple[ImportColumn, ImportField]]:
    """The columns whose values are choices of ours, or few words."""
    fields = {field.code: field for field in run.fields}
    mapped = [(column, fields[column.field]) for column in run.columns if column.field in fields and column.values]
    return [(column, field) for column, field in mapped if field.choices or field.code in _WORDS]


def _choose_meanings(run: ImportFacts, field: ImportField, column: ImportColumn) -> dict[str, str]:
    """Value of the file → what it means here; what is left as it is, is not kept."""
    held = run.value_mapping.get(field.code, {})
    with st.expander(say("imports.values", column=column.name, field=field.label)):
        st.caption(say("imports.values_hint"))
        edited: pd.DataFrame = st.data_editor(
            _meanings_table(column.values, held),
            hide_index=True,
            key=f"values-{run.id}-{field.code}",
            column_config={
                "value": st.column_config.TextColumn(say("imports.value"), disabled=True),
                "meaning": _meaning_column(field),
            },
        )
    pairs = zip(edited["value"], edited["meaning"], strict=True)
    return {str(value): str(meaning) for value, meaning in pairs if meaning and str(meaning) != str(value)}


def _meanings_table(values: Sequence[str], held: Mapping[str, str]) -> pd.DataFrame:
    return pd.DataFrame({"value": list(values), "meaning": [held.get(value) for value in values]}, dtype="object")


def _meaning_column(field: ImportField) -> Any:
    if not field.choices:
        return st.column_config.TextColumn(say("imports.meaning"))
    return st.column_config.SelectboxColumn(say("imports.meaning"), options=[choice.name for choice in field.choices])


def _choose_options(run: ImportFacts) -> tuple[WhenExists, bool, DateOrder]:
    """What happens to what is there and to what is missing, and how dates are written."""
    when_exists, creates_missing = run.when_exists, run.creates_missing
    if run.target in {"customers", "leads"}:
        when_exists = _choose(say("imports.when_exists"), _WHEN_EXISTS, when_exists, "exists")
    if run.target in {"people", "leads"}:
        label = say(f"imports.creates_missing_{run.target}")
        creates_missing = st.checkbox(label, value=run.creates_missing, key=f"creates-{run.id}")
    return when_exists, creates_missing, _choose(say("imports.date_order"), _ORDERS, run.date_order, "order")


def _choose(label: str, options: tuple[Option, ...], held: Option, words: str) -> Option:
    chosen = st.radio(label, options, options.index(held), format_func=lambda code: say(f"imports.{words}_{code}"))
    return chosen if chosen is not None else held
