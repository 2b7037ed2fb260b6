"""The library of won cases: ask in plain words, or browse."""

import streamlit as st

from api.contracts.cases import CaseAnswers, CaseFacts, CasePage
from api.contracts.playbook import PlaybookView
from ui.elements.case_cards import show_answer
from ui.elements.display import day, plain
from ui.elements.links import link
from ui.elements.paging import page_offset, show_pager
from ui.session import client, me, say

_PAGE_LENGTH = 15


def show() -> None:
    """A question first; without one, the newest cases."""
    st.title(say("cases.title"))
    question = st.text_input(say("cases.question"), placeholder=say("cases.question_hint"))
    if question.strip():
        _show_answers(question)
    else:
        _show_library()


def _show_answers(question: str) -> None:
    found = client().get("/api/cases/search", CaseAnswers, q=question, limit=5)
    if found.not_in_library:
        st.info(say("cases.not_in_library"), icon=":material/search_off:")
    if found.is_degraded:
        st.caption(say("cases.degraded"))
    for place, one in enumerate(found.items, start=1):
        show_answer(one, place)
    if found.methods:
        names = "、".join(method.name for method in found.methods)
        st.markdown(f"**{say('case_cards.methods_to_try')}** {plain(names)}")


def _show_library() -> None:
    status = _choose_status()
    methods = {method.code: method.name for method in client().get("/api/playbook", PlaybookView).methods}
    method = st.selectbox(
        say("cases.method"),
        list(methods),
        index=None,
        format_func=lambda code: methods[code],
        placeholder=say("cases.any"),
    )
    offset = page_offset("cases", status, method)
    page = client().get("/api/cases", CasePage, status=status, method=method, limit=_PAGE_LENGTH, offset=offset)
    if not page.items:
        st.info(say("cases.none"), icon=":material/menu_book:")
    for case in page.items:
        _show_line(case)
    show_pager("cases", page.total, _PAGE_LENGTH)


def _choose_status() -> str:
    """The library, or what waits to enter it: everybody's for those who publish, else one's own."""
    drafts = "publisher" if "case.publish" in me().rights else "own"
    labels = {"published": "cases.view_published", "draft": f"cases.view_draft_{drafts}"}
    totals = {status: client().get("/api/cases", CasePage, status=status, limit=1).total for status in labels}
    chosen = st.segmented_control(
        say("cases.view"),
        list(labels),
        default="published",
        required=True,
        key="case_status",
        format_func=lambda status: say(labels[status], total=totals[status]),
        label_visibility="collapsed",
    )
    return chosen or "published"


def _show_line(case: CaseFacts) -> None:
    with st.container(border=True, gap="xsmall"):
        link("case", case.title or "—", case.id, icon=":material/article:")
        known = [case.industry, case.region, case.rep_name, day(case.signed_on) if case.signed_on else None]
        st.caption(plain(" · ".join(part for part in known if part)))
        st.caption(plain("、".join(method.name for method in case.methods)))


show()
