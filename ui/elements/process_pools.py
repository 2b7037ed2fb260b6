"""One pool: who is in it, how one of them is chosen, and its limits."""

import streamlit as st

from ui.elements.process_editing import Editing, Json, label, put, remove, value_word
from ui.elements.process_regions import region_codes, region_names
from ui.session import say

ROLES = ("rep", "presales", "delivery", "finance", "trainer", "manager", "director", "operations", "admin")
_STRATEGIES = ("round_robin", "weighted", "least_loaded", "best_fit")
_LISTS = ("regions", "teams", "people", "skills")
_SEPARATOR = "、"


def show_pool(editing: Editing, pool: Json) -> None:
    is_assigned = pool["kind"] == "assigned"
    st.caption(say(f"process.about_{pool['kind']}"))
    with st.form(editing.key("pool", pool["code"])):
        zh = st.text_input(say("process.name_zh"), pool["name"]["zh"])
        en = st.text_input(say("process.name_en"), pool["name"]["en"])
        changed: Json = {"code": pool["code"], "kind": pool["kind"], "name": label(zh, en)}
        changed["members"] = _members(pool["members"])
        changed |= _assigned_settings(pool) if is_assigned else _claimed_settings(pool)
        changed["daily_limit"] = _limit("daily_limit", pool["daily_limit"])
        changed["recycle_after_days"] = _limit("recycle_after_days", pool["recycle_after_days"])
        if st.form_submit_button(say("process.save"), type="primary"):
            editing.save(put(["assignment", "pools", pool["code"]], changed))
    if st.button(say("process.remove_now"), key=editing.key("remove_pool", pool["code"])):
        editing.save(remove(["assignment", "pools", pool["code"]]))


def _members(members: Json) -> Json:
    """Everyone for whom all of it holds."""
    roles = st.pills(
        say("process.roles"), ROLES, selection_mode="multi", default=members["roles"], format_func=value_word
    )
    chosen: Json = {"roles": list(roles)}
    for name in _LISTS:
        held = region_names(members[name]) if name == "regions" and members[name] else members[name]
        text = st.text_input(say(f"process.members_{name}"), _SEPARATOR.join(held), help=say("process.list_help"))
        pieces = text.replace("，", _SEPARATOR).replace(",", _SEPARATOR).split(_SEPARATOR)
        named = [piece.strip() for piece in pieces if piece.strip()]
        chosen[name] = region_codes(named) if name == "regions" and named else named
    for name in ("same_region", "same_language"):
        chosen[name] = st.checkbox(say(f"process.{name}"), members[name])
    return chosen


def _assigned_settings(pool: Json) -> Json:
    strategy = st.selectbox(
        say("process.strategy"), _STRATEGIES, index=_STRATEGIES.index(pool["strategy"]), format_func=value_word
    )
    weights = st.text_input(
        say("process.weights"),
        _SEPARATOR.join(f"{person}:{weight}" for person, weight in pool["weights"].items()),
        help=say("process.weights_help"),
    )
    return {
        "strategy": strategy,
        "weights": _weights(weights) if strategy == "weighted" else {},
        "keeps_account_owner": st.checkbox(say("process.keeps_account_owner"), pool["keeps_account_owner"]),
        "open_leads_limit": _limit("open_leads_limit", pool["open_leads_limit"]),
        "only_in_working_hours": st.checkbox(say("process.only_in_working_hours"), pool["only_in_working_hours"]),
    }


def _claimed_settings(pool: Json) -> Json:
    days = st.number_input(say("process.cooling_off_days"), 0, 365, pool["cooling_off_days"])
    return {"cooling_off_days": int(days)}


def _weights(text: str) -> dict[str, str]:
    """E001:2、E002:1; what is no number is refused by the server in words."""
    pieces = text.replace("：", ":").replace("，", _SEPARATOR).replace(",", _SEPARATOR).split(_SEPARATOR)
    pairs = [piece.partition(":") for piece in pieces if piece.strip()]
    return {person.strip(): weight.strip() for person, _, weight in pairs}


def _limit(name: str, value: int | None) -> int | None:
    """Nothing typed, no limit."""
    typed = st.number_input(
        say(f"process.{name}"), min_value=1, value=value, step=1, placeholder=say("process.no_limit")
    )
    return int(typed) if typed else None
