"""What a document check found: for each parameter the verdict, the value, the place, and what to do."""

import streamlit as st

from api.contracts.document_checks import CheckOverride, CheckRequest, DocumentCheckFacts, FindingFacts, ParameterAsked
from ui.elements.display import plain
from ui.elements.frame import told_problems
from ui.session import client, me, say

_COLORS = {"covered": "green", "missing": "red", "unreadable": "red"}
_LOCATION_KEYS = ("sheet", "cell", "slide", "table", "row", "col", "paragraph", "page")


def show_check(check: DocumentCheckFacts) -> None:
    """The check of one document."""
    if check.status != "done":
        _watch(str(check.id))
        return
    for reason in check.reasons:
        st.markdown(f":material/error: {plain(reason.sentence)}")
    told = {reason.sentence for reason in check.reasons}
    for finding in check.findings:
        _show_finding(finding, told)
    _show_again(check)
    if check.verdict == "failed" and not check.overridden_at and "document_check.override" in me().rights:
        _show_override(check)


def _show_finding(finding: FindingFacts, told: set[str]) -> None:
    """Verdict, value, place; what to do unless it has been told already."""
    value = f"{finding.value} {finding.unit or ''}".strip() if finding.value else ""
    claimed = say("findings.claimed") if finding.measured is False else ""
    st.markdown(
        f":{_COLORS.get(finding.verdict, 'orange')}-badge[{say(f'findings.{finding.verdict}')}] "
        f"**{plain(finding.name)}** {plain(value)} {claimed}"
    )
    place = "；".join(_place(location) for location in finding.locations)
    said = " · ".join(part for part in (finding.sentence, place) if part and part not in told)
    if said:
        st.caption(plain(said))
    if finding.excerpt:
        with st.expander(say("findings.excerpt")):
            st.code("\n".join(finding.excerpt), language=None)


def _place(location: dict[str, object]) -> str:
    return " ".join(f"{say(f'findings.place_{key}')} {location[key]}" for key in _LOCATION_KEYS if key in location)


def _show_again(check: DocumentCheckFacts) -> None:
    """Check for other parameters, or tell what the document calls our product."""
    with st.popover(say("findings.again"), icon=":material/refresh:"), st.form(f"again-{check.id}", border=False):
        asked = "\n".join(str(one.get("name", "")) for one in check.requested)
        names = st.text_area(say("findings.parameters"), asked, help=say("findings.parameters_hint"))
        own = st.text_input(say("findings.own_product"), check.own_product or "")
        if st.form_submit_button(say("findings.check")):
            parameters = [ParameterAsked(name=line.strip()) for line in names.splitlines() if line.strip()]
            request = CheckRequest(parameters=_unless_same(parameters, check), own_product=own or None)
            with told_problems():
                client().post(f"/api/documents/{check.document_id}/checks", DocumentCheckFacts, request)
                st.rerun()


def _unless_same(parameters: list[ParameterAsked], check: DocumentCheckFacts) -> list[ParameterAsked] | None:
    """Units of the first request are kept for the names that stay."""
    units = {str(one.get("name")): one.get("unit") for one in check.requested}
    if not parameters:
        return None
    return [ParameterAsked(name=one.name, unit=units.get(one.name)) for one in parameters]


def _show_override(check: DocumentCheckFacts) -> None:
    with st.popover(say("findings.override")), st.form(f"override-{check.id}", border=False):
        reason = st.text_input(say("lead.reason"))
        names = [finding.name for finding in check.findings if finding.verdict != "covered"]
        parameter = st.selectbox(say("findings.teach"), names, index=None, placeholder=say("frame.choose"))
        label = st.text_input(say("findings.label"), help=say("findings.label_hint"))
        if st.form_submit_button(say("lead.confirm")) and reason:
            override = CheckOverride(reason=reason, parameter=parameter, label=label or None)
            with told_problems():
                client().post(f"/api/document-checks/{check.id}/override", DocumentCheckFacts, override)
                st.rerun()


@st.fragment(run_every=1.0)
def _watch(check_id: str) -> None:
    """Asked for each second until the check is done."""
    with told_problems():
        check = client().get(f"/api/document-checks/{check_id}", DocumentCheckFacts)
        if check.status == "done":
            st.rerun()
        st.progress(0.3 if check.status == "running" else 0.0, say("findings.at_work"))
