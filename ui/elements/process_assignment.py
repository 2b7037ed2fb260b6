"""Assignment rules in their order, the pools that they lead to, and the fallback."""

from decimal import Decimal

import streamlit as st

from ui.elements.display import plain
from ui.elements.process_editing import (
    Editing,
    Json,
    choice_column,
    edited_table,
    label,
    move,
    new_code,
    put,
    remove,
    spoken,
    text_column,
    value_word,
)
from ui.elements.process_pools import show_pool
from ui.elements.process_regions import region_codes, region_names
from ui.session import say

_FACTS = ("region", "industry", "size", "city", "source", "product", "language", "amount", "arrival")
_TESTS = ("one_of", "none_of", "contains", "at_least", "at_most", "present", "absent")
_SEPARATOR = "、"


def show_assignment(editing: Editing) -> None:
    """Rules first: the first with somebody who may have the lead wins."""
    assignment: Json = editing.content["assignment"]
    pools = {pool["code"]: spoken(pool["name"]) for pool in assignment["pools"]}
    st.subheader(say("process.rules"))
    st.caption(say("process.rules_hint"))
    for position, rule in enumerate(assignment["rules"], start=1):
        title = f"{position}. {spoken(rule['name'])} → {pools.get(rule['pool'], rule['pool'])}"
        with st.expander(plain(title)):
            st.caption(plain(_in_words(rule)))
            _show_rule(editing, rule, position, pools)
    _show_new_rule(editing, pools)
    _show_fallback(editing, pools)
    st.subheader(say("process.pools"))
    chosen = st.pills(say("process.pool"), list(pools), format_func=lambda code: pools[code], key="process_pool")
    for pool in assignment["pools"]:
        if pool["code"] == chosen:
            show_pool(editing, pool)
    with st.popover(say("process.new_pool"), icon=":material/add:"), st.form("new_pool", border=False):
        zh, en = st.text_input(say("process.name_zh")), st.text_input(say("process.name_en"))
        kind = st.radio(say("process.pool_kind"), ["assigned", "claimed"], format_func=value_word, horizontal=True)
        if st.form_submit_button(say("process.add"), type="primary") and (zh or en):
            code = new_code("pool", pools)
            editing.save(put(["assignment", "pools", code], {"code": code, "name": label(zh, en), "kind": kind}))


def _in_words(rule: Json) -> str:
    """The conditions as a sentence; none are met by every lead."""
    said = [
        " ".join(
            (
                value_word(f"fact_{one['fact']}"),
                value_word(one["test"]),
                _SEPARATOR.join(value_word(value) for value in _values(one)) or str(one["number"] or ""),
            )
        ).strip()
        for one in rule["conditions"]
    ]
    return say("process.and").join(said) or say("process.every_lead")


def _show_rule(editing: Editing, rule: Json, position: int, pools: dict[str, str]) -> None:
    path = ["assignment", "rules", rule["code"]]
    zh = st.text_input(say("process.name_zh"), rule["name"]["zh"], key=editing.key("rule_zh", rule["code"]))
    en = st.text_input(say("process.name_en"), rule["name"]["en"], key=editing.key("rule_en", rule["code"]))
    pool = st.selectbox(
        say("process.pool"),
        list(pools),
        index=list(pools).index(rule["pool"]) if rule["pool"] in pools else None,
        format_func=lambda code: pools[code],
        key=editing.key("rule_pool", rule["code"]),
    )
    most = len(editing.content["assignment"]["rules"])
    place = st.number_input(say("process.position"), 1, most, position, key=editing.key("rule_place", rule["code"]))
    rows = [
        {
            "fact": one["fact"],
            "test": one["test"],
            "values": _SEPARATOR.join(_values(one)),
            "number": float(one["number"]) if one["number"] is not None else None,
        }
        for one in rule["conditions"]
    ]
    columns = {
        "fact": choice_column("fact", _FACTS, family="fact_"),
        "test": choice_column("test", _TESTS),
        "values": text_column("values", help=say("process.values_help")),
        "number": st.column_config.NumberColumn(say("process.number")),
    }
    table = edited_table(rows, columns, editing.key("conditions", rule["code"]))
    with st.container(horizontal=True):
        if st.button(say("process.save"), key=editing.key("save_rule", rule["code"]), type="primary"):
            changed = {
                "code": rule["code"],
                "name": label(zh, en),
                "pool": pool,
                "conditions": [_condition(row) for row in table],
            }
            moves = [move(path, int(place))] if place != position else []
            editing.save(put(path, changed), *moves)
        if st.button(say("process.remove_now"), key=editing.key("remove_rule", rule["code"])):
            editing.save(remove(path))


def _values(condition: Json) -> list[str]:
    """As people write them."""
    values: list[str] = condition["values"]
    return region_names(values) if values and condition["fact"] == "region" else values


def _condition(row: Json) -> Json:
    values = str(row["values"] or "").replace("，", _SEPARATOR).replace(",", _SEPARATOR).split(_SEPARATOR)
    condition: Json = {"fact": row["fact"] or "region", "test": row["test"] or "one_of"}
    named = [value.strip() for value in values if value.strip()]
    if named:
        condition["values"] = region_codes(named) if condition["fact"] == "region" else named
    if row["number"] is not None:
        condition["number"] = format(Decimal(str(row["number"])).normalize(), "f")
    return condition


def _show_new_rule(editing: Editing, pools: dict[str, str]) -> None:
    """A new rule stands last and asks that the region is known; its conditions are edited once it is there."""
    with st.popover(say("process.new_rule"), icon=":material/add:"), st.form("new_rule", border=False):
        zh, en = st.text_input(say("process.name_zh")), st.text_input(say("process.name_en"))
        pool = st.selectbox(say("process.pool"), list(pools), format_func=lambda code: pools[code])
        fact = st.selectbox(say("process.fact"), _FACTS, format_func=lambda code: value_word(f"fact_{code}"))
        test = st.selectbox(say("process.test"), _TESTS, format_func=value_word)
        values = st.text_input(say("process.values"), help=say("process.values_help"))
        number = st.number_input(say("process.number"), value=None)
        place = st.number_input(say("process.position"), 1, len(editing.content["assignment"]["rules"]) + 1)
        if st.form_submit_button(say("process.add"), type="primary") and (zh or en):
            rules = editing.content["assignment"]["rules"]
            code = new_code("rule", [rule["code"] for rule in rules])
            condition = _condition({"fact": fact, "test": test, "values": values, "number": number})
            rule = {"code": code, "name": label(zh, en), "pool": pool, "conditions": [condition]}
            path = ["assignment", "rules", code]
            moves = [move(path, int(place))] if place <= len(rules) else []
            editing.save(put(path, rule), *moves)


def _show_fallback(editing: Editing, pools: dict[str, str]) -> None:
    st.subheader(say("process.fallback"))
    st.caption(say("process.fallback_hint"))
    fallback: Json = editing.content["assignment"]["fallback"]
    with st.form(editing.key("fallback")):
        pool = st.selectbox(
            say("process.pool"),
            list(pools),
            index=list(pools).index(fallback["pool"]) if fallback["pool"] in pools else None,
            format_func=lambda code: pools[code],
        )
        is_enabled = st.checkbox(say("process.is_enabled"), fallback["is_enabled"])
        if st.form_submit_button(say("process.save"), type="primary"):
            editing.save(put(["assignment", "fallback"], {"pool": pool, "is_enabled": is_enabled}))
