"""Which methods work, how sure that is, and where each rep stands."""

import altair as alt
import pandas as pd
import streamlit as st

from api.contracts.certification import Certification, MethodCertification, RepProgress
from ui.elements.display import plain, share
from ui.session import client, say

_COLORS = {
    "certified": "green",
    "provisional": "blue",
    "trying": "gray",
    "not_enough_data": "gray",
    "not_shown": "orange",
}


def show() -> None:
    """The picture of all effects, then a method at a time with its reps."""
    st.title(say("certification.title"))
    found = client().get("/api/certification", Certification)
    st.caption(
        say("certification.rule", deals=found.following_deals, pooled=found.pooled_deals, sure=share(found.posterior))
    )
    if not found.items:
        st.info(say("certification.none"))
        return
    _show_picture(found.items)
    names = {item.method_code: item.method_name for item in found.items}
    code = st.selectbox(say("certification.method"), list(names), format_func=lambda one: names[one])
    _show_method(next(item for item in found.items if item.method_code == code))


def _show_picture(items: list[MethodCertification]) -> None:
    known = sorted((item.effect.cycle_change, item.method_name) for item in items if item.effect)
    order = [name for _, name in known]
    rows = [
        {
            "method": item.method_name,
            "change": item.effect.cycle_change,
            "lowest": item.effect.lowest,
            "highest": item.effect.highest,
            "deals": item.effect.deals,
        }
        for item in items
        if item.effect
    ]
    if not rows:
        st.info(say("certification.not_enough"))
        return
    base = alt.Chart(pd.DataFrame(rows)).encode(
        y=alt.Y("method:N", title=None, sort=order, axis=alt.Axis(labelLimit=140)),
        tooltip=[
            alt.Tooltip("method", title=say("certification.method")),
            alt.Tooltip("change", title=say("certification.change"), format="+.0%"),
            alt.Tooltip("deals", title=say("certification.count")),
        ],
    )
    axis = alt.X("lowest:Q", title=say("certification.cycle_change"), axis=alt.Axis(format="%"))
    interval = base.mark_rule(strokeWidth=3, color="#9fb8b1").encode(x=axis, x2="highest:Q")
    point = base.mark_point(filled=True, size=90, color="#0f766e").encode(x="change:Q")
    zero = alt.Chart(pd.DataFrame({"x": [0]})).mark_rule(strokeDash=[4, 4], color="#9f1239").encode(x="x:Q")
    st.altair_chart(interval + point + zero, width="stretch", alt=say("certification.picture"))
    st.caption(say("certification.picture"))
    with st.expander(say("frame.as_table")):
        _show_table(items)


def _show_table(items: list[MethodCertification]) -> None:
    rows = [
        {
            say("certification.method"): item.method_name,
            say("certification.count"): item.effect.deals,
            say("certification.change"): f"{item.effect.cycle_change:+.0%}",
            say("certification.interval"): f"{item.effect.lowest:+.0%} – {item.effect.highest:+.0%}",
            say("certification.sure"): share(item.effect.probability),
        }
        for item in items
        if item.effect
    ]
    st.dataframe(pd.DataFrame(rows), hide_index=True)


def _show_method(item: MethodCertification) -> None:
    st.markdown(plain(item.text))
    for rep in item.reps:
        _show_rep(rep)


def _show_rep(rep: RepProgress) -> None:
    with st.container(border=True):
        with st.container(horizontal=True, gap="small", vertical_alignment="center"):
            st.markdown(f"**{plain(rep.person_name)}**")
            st.badge(rep.state_name, color=_COLORS[rep.state])  # type: ignore[arg-type]  # literals of the table above
        if rep.later_deals < rep.needed_deals:
            counted = say("certification.deals", done=rep.later_deals, needed=rep.needed_deals)
            st.progress(rep.later_deals / rep.needed_deals, counted)
        st.markdown(plain(rep.text))


show()
