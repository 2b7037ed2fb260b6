"""What a win is told with: in its own words, by which methods, for which needs of the customer."""

from typing import Any

import streamlit as st

from api.contracts.cases import CaseDetail, Named
from api.contracts.playbook import PlaybookView
from ui.session import client, say


def ask_telling(before: CaseDetail | None = None) -> dict[str, Any]:
    """Draw the inputs inside the caller's form; the values of a `CaseTelling`, with what was told before kept."""
    title = before.title if before else ""
    story = before.story if before else ""
    actions = "\n".join(before.key_actions) if before else ""
    given: dict[str, Any] = {
        "title": st.text_input(say("capture.case_title"), title, placeholder=say("capture.case_title_hint")),
        "story": st.text_area(say("capture.story"), story, placeholder=say("capture.story_hint"), height=180),
        "key_actions": _lines(
            st.text_area(say("capture.key_actions"), actions, placeholder=say("capture.key_actions_hint"), height=110)
        ),
    }
    if before:
        given |= {name: getattr(before, name) for name in ("situation", "size", "industry") if getattr(before, name)}
    return given | _ask_choices(before.methods if before else [], before.pain_points if before else [])


def _ask_choices(methods: list[Named], pain_points: list[Named]) -> dict[str, Any]:
    playbook = client().get("/api/playbook", PlaybookView)
    # a method that was proposed with the case is not in the playbook
    ways = {one.code: one.name for one in playbook.methods} | {one.code: one.name for one in methods}
    needs = {one.code: one.name for one in playbook.pain_points} | {one.code: one.name for one in pain_points}
    chosen = {
        "methods": _choose(say("capture.methods"), ways, methods),
        "pain_points": _choose(
            say("capture.pain_points"), needs, pain_points, explanation=say("capture.pain_points_hint")
        ),
    }
    # left empty, the needs are those that the lead was diagnosed with
    return chosen if chosen["pain_points"] else {"methods": chosen["methods"]}


def _choose(label: str, names: dict[str, str], held: list[Named], *, explanation: str | None = None) -> list[str]:
    return st.multiselect(
        label,
        list(names),
        default=[one.code for one in held],
        placeholder=say("frame.choose"),
        format_func=lambda code: names[code],
        help=explanation,
    )


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]
