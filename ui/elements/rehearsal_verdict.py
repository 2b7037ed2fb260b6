"""Whether a rehearsed draft stays within what the playbook in force allows, threshold by threshold."""

import streamlit as st

from api.contracts.rehearsals import Check, RehearsalFacts, RehearsalResult
from ui.elements.display import moment, plain, share
from ui.session import say


def show_verdict(rehearsal: RehearsalFacts, result: RehearsalResult) -> None:
    """The answer first, then each figure beside its limit, then what it all rests on."""
    if result.passed:
        st.success(say("rehearsal.passed"), icon=":material/check_circle:")
    else:
        st.error(say("rehearsal.not_passed"), icon=":material/block:")
    with st.container(horizontal=True, gap="small", key="rehearsal-checks"):
        for check in result.checks:
            _show_check(check)
    st.caption(
        say(
            "rehearsal.rests_on",
            first=moment(result.window_start),
            last=moment(result.window_end),
            leads=result.assignment.leads,
            days=result.assignment.lead_days,
            moves=result.gates.moves,
            stays=result.alarms.stays,
            version=result.base_version,
            who=plain(rehearsal.started_by_name or "—"),
        )
    )
    if result.sections:
        st.caption(say("rehearsal.sections", names=plain("、".join(result.sections))))
    else:
        st.info(say("rehearsal.nothing_differs"))
    if result.is_thin:
        st.warning(
            say("rehearsal.thin", leads=result.assignment.leads, days=result.assignment.lead_days),
            icon=":material/hourglass_empty:",
        )
    if result.assignment.decided:
        alike = share(result.assignment.replayed_alike / result.assignment.decided)
        st.caption(say("rehearsal.replayed_alike", count=result.assignment.decided, share=alike))


def _show_check(check: Check) -> None:
    with st.container(border=True, gap="xsmall", height="stretch"):
        st.metric(check.name, _figure(check, check.figure))
        limit = "rehearsal.at_least" if check.check == "days" else "rehearsal.at_most"
        st.caption(say(limit, limit=_figure(check, check.limit)))
        if check.person_name:
            st.caption(plain(check.person_name))
        if not check.is_met:
            st.badge(say("rehearsal.beyond"), color="red", icon=":material/block:")


def _figure(check: Check, figure: float | None) -> str:
    if figure is None:
        return "—"
    if check.check == "days":
        return f"{figure:g}"
    # a share just above its limit must not look like the limit
    return f"{figure:.1%}"
