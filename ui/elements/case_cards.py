"""Won cases as cards: what was won and how, why it is shown, and whether it helped."""

from collections.abc import Sequence
from uuid import UUID

import streamlit as st

from api.contracts.cases import CaseFacts, FoundCase
from api.contracts.recommendations import FeedbackFacts, FeedbackRequest, RecommendedCases
from ui.elements.display import day, money, plain, share
from ui.elements.frame import told_problems
from ui.elements.links import link
from ui.session import client, say


def show_recommendations(customer_id: UUID, lead_id: UUID | None = None) -> None:
    """Three wins that look like this customer, with the methods and what to do with them."""
    found = client().get("/api/recommendations", RecommendedCases, customer_id=customer_id, lead_id=lead_id)
    if not found.items:
        st.info(say("case_cards.nothing"), icon=":material/search_off:")
        return
    st.caption(found.top_rep_rule)
    if not found.is_confident:
        st.warning(say("case_cards.weak"), icon=":material/help:")
    for place, one in enumerate(found.items, start=1):
        _show_found(one, place, customer_id, lead_id)
    if found.methods:
        st.markdown(f"**{say('case_cards.methods_to_try')}**")
        _badges([method.name for method in found.methods])


def show_answer(one: FoundCase, place: int) -> None:
    """A case found by a question."""
    with st.container(border=True):
        _show_head(one.case, place)
        _show_reasons(one)
        link("case", say("case_cards.read"), one.case.id, icon=":material/article:")


def _show_found(one: FoundCase, place: int, customer_id: UUID, lead_id: UUID | None) -> None:
    with st.container(border=True, key=f"recommendation-{place}"):
        _show_head(one.case, place)
        if one.case.story:
            st.markdown(plain(one.case.story))
        _show_reasons(one)
        with st.container(horizontal=True, vertical_alignment="center"):
            _feedback_buttons(one.case, customer_id, lead_id)
            link("case", say("case_cards.read"), one.case.id, icon=":material/article:")


def _show_head(case: CaseFacts, place: int) -> None:
    st.markdown(f"#### {place}. {plain(case.title)}")
    figures = [
        case.industry,
        case.region,
        say("case_cards.cycle", days=case.cycle_days) if case.cycle_days is not None else None,
        say("case_cards.margin", margin=share(case.margin)) if case.margin is not None else None,
        money(case.amount) if case.amount is not None else None,
        say("case_cards.signed", day=day(case.signed_on)) if case.signed_on else None,
        say("case_cards.by", name=case.rep_name) if case.rep_name else None,
    ]
    st.caption(plain(" · ".join(figure for figure in figures if figure)))
    _badges([method.name for method in case.methods])


def _show_reasons(one: FoundCase) -> None:
    st.markdown(f"**{say('case_cards.why')}**")
    st.markdown("\n".join(f"- {plain(reason.sentence)}" for reason in one.reasons))
    if one.passages:
        quoted = list(dict.fromkeys(passage.text for passage in one.passages))[:2]
        st.caption("  \n".join(f"“{plain(text)}”" for text in quoted))


def _feedback_buttons(case: CaseFacts, customer_id: UUID, lead_id: UUID | None) -> None:
    key = f"feedback-{case.id}"
    if st.session_state.get(key):
        st.success(say(f"case_cards.told_{st.session_state[key]}"), icon=":material/check:")
        return
    if st.button(say("case_cards.used"), key=f"used-{case.id}", icon=":material/thumb_up:"):
        _tell(
            FeedbackRequest(
                case_id=case.id,
                kind="used",
                customer_id=customer_id,
                lead_id=lead_id,
                methods=[method.code for method in case.methods] if lead_id else [],
            ),
            key,
        )
    with st.popover(say("case_cards.not_useful"), icon=":material/thumb_down:"):
        reason = st.text_input(say("case_cards.reason"), key=f"reason-{case.id}")
        if st.button(say("case_cards.send"), key=f"not-useful-{case.id}"):
            _tell(
                FeedbackRequest(
                    case_id=case.id,
                    kind="not_useful",
                    customer_id=customer_id,
                    lead_id=lead_id,
                    reason=reason or None,
                ),
                key,
            )


def _tell(feedback: FeedbackRequest, key: str) -> None:
    with told_problems():
        client().post("/api/recommendations/feedback", FeedbackFacts, feedback)
        st.session_state[key] = feedback.kind
        st.rerun()


def _badges(names: Sequence[str]) -> None:
    with st.container(horizontal=True, gap="small"):
        for name in names:
            st.badge(name, color="green", icon=":material/lightbulb:")
