"""The fields that the stages ask for, as a form that knows their types."""

from datetime import date
from typing import Any

import streamlit as st

from api.contracts.leads import LeadChange, LeadDetail
from api.contracts.playbook import FieldView, PlaybookView, StageView
from ui.elements.frame import told_problems
from ui.session import client, say

#: columns of the lead itself that people write
_OWN_FIELDS = ("title", "product", "language", "amount", "expected_sign_on", "margin", "incentive_policy")


def show_fields(lead: LeadDetail, playbook: PlaybookView) -> None:
    """The lead's own fields, then a form a stage; the present stage is open."""
    _show_own(lead)
    for stage in playbook.stages:
        if stage.fields:
            with st.expander(stage.name, expanded=stage.code == lead.stage):
                _show_stage(lead, stage)


def _show_stage(lead: LeadDetail, stage: StageView) -> None:
    editable = set(lead.editable)
    with st.form(f"fields-{stage.code}", border=False):
        given = {
            field.code: field_input(field, lead.fields.get(field.code), disabled=field.code not in editable)
            for field in stage.fields
        }
        if st.form_submit_button(say("lead.save"), type="primary", disabled=not editable & given.keys()):
            _save(lead, {code: value for code, value in given.items() if code in editable}, lead.fields)


def _show_own(lead: LeadDetail) -> None:
    names = [name for name in _OWN_FIELDS if name in lead.model_fields_set]
    editable = [name for name in names if name in lead.editable]
    with st.expander(say("lead.own_fields")), st.form("own_fields", border=False):
        given = {name: _own_input(name, getattr(lead, name), disabled=name not in editable) for name in names}
        if st.form_submit_button(say("lead.save"), disabled=not editable):
            before = {name: getattr(lead, name) for name in names}
            _save(lead, {name: given[name] for name in editable}, before)


def _own_input(name: str, value: Any, *, disabled: bool) -> Any:
    label = say(f"field.{'lead_title' if name == 'title' else name}")
    if name == "expected_sign_on":
        return st.date_input(label, value, disabled=disabled)
    if name in {"amount", "margin"}:
        number = None if value is None else float(value)
        return st.number_input(label, value=number, min_value=0.0, disabled=disabled)
    return st.text_input(label, value or "", disabled=disabled) or None


def field_input(field: FieldView, value: Any, *, disabled: bool) -> Any:
    """The widget for a field's type; what it gives back is what the server takes."""
    options = {choice.code: choice.name for choice in field.choices}
    if field.type == "choice":
        return st.selectbox(
            field.label,
            list(options),
            index=list(options).index(value) if value in options else None,
            placeholder=say("frame.choose"),
            format_func=lambda code: options[code],
            help=field.how,
            disabled=disabled,
        )
    if field.type == "choices":
        return st.multiselect(
            field.label,
            list(options),
            default=[code for code in value or [] if code in options],
            placeholder=say("frame.choose"),
            format_func=lambda code: options[code],
            max_selections=field.count,
            help=field.how,
            disabled=disabled,
        )
    if field.type == "number":
        return st.number_input(field.label, value=value, help=field.how, disabled=disabled)
    if field.type == "date":
        chosen = date.fromisoformat(value) if value else None
        return st.date_input(field.label, chosen, help=field.how, disabled=disabled)
    return st.text_area(field.label, value or "", height=80, help=field.how, disabled=disabled) or None


def _save(lead: LeadDetail, given: dict[str, Any], before: dict[str, Any]) -> None:
    plain = {name: value.isoformat() if isinstance(value, date) else value for name, value in given.items()}
    known = {name: value.isoformat() if isinstance(value, date) else value for name, value in before.items()}
    changes = {name: value for name, value in plain.items() if (value or None) != (known.get(name) or None)}
    if changes:
        with told_problems():
            change = LeadChange(changes=changes, expected_version=lead.version)
            client().patch(f"/api/leads/{lead.id}", LeadDetail, change)
            st.rerun()
