"""The process and its versions: what holds, what is being prepared, what has changed, and back again."""

from uuid import UUID

import streamlit as st

from api.contracts.playbook_drafts import DraftContent, DraftFacts, NewDraft, RollBack, Versions
from api.contracts.playbook_templates import Templates
from ui.elements.display import moment, plain
from ui.elements.frame import told_problems
from ui.elements.links import asked_id, go, link
from ui.elements.process_changes import show_changes
from ui.elements.process_draft import show_draft
from ui.session import client, me, say

_ICONS = {
    "draft": ":material/edit_note:",
    "published": ":material/check_circle:",
    "retired": ":material/history:",
    "discarded": ":material/delete:",
}


def show() -> None:
    """One version when the address names it, else all of them."""
    version_id = asked_id()
    if version_id:
        _show_version(version_id)
        return
    st.title(say("process.title"))
    st.caption(say("process.intro"))
    versions = client().get("/api/playbook/versions", Versions).items
    _show_list(say("process.drafts"), [one for one in versions if one.status == "draft"], say("process.no_draft"))
    _show_new(versions)
    _show_list(say("process.versions"), [one for one in versions if one.number], "")


def name_of(version: DraftFacts) -> str:
    if version.number:
        return f"V{version.number}"
    return say("process.draft_of", time=moment(version.created_at))


def _title(version: DraftFacts) -> str:
    """A draft says what it is by its name."""
    name = name_of(version)
    return name if version.status == "draft" else f"{name} · {say(f'process.status_{version.status}')}"


def _show_list(title: str, versions: list[DraftFacts], empty: str) -> None:
    st.subheader(title)
    if not versions and empty:
        st.caption(empty)
    for version in versions:
        with st.container(border=True):
            link(
                "process",
                _title(version),
                version.id,
                icon=_ICONS[version.status],
            )
            st.caption(_about(version))


def _about(version: DraftFacts) -> str:
    """Who, when and why, in one line."""
    who, when = version.created_by_name, version.created_at
    if version.published_at:
        who, when = version.published_by_name, version.published_at
    parts = [moment(when), who or say("process.by_product"), version.note]
    if version.base_number and not version.number:
        parts.append(say("process.made_from", number=version.base_number))
    if version.skip_reason:
        parts.append(say("process.skipped", reason=version.skip_reason))
    return plain(" · ".join(part for part in parts if part))


def _show_new(versions: list[DraftFacts]) -> None:
    """A draft from the version in force, an older one, a template, or a file."""
    sources: dict[str, str] = {"": say("process.from_in_force")}
    sources |= {
        f"version:{one.number}": say("process.from_version", number=one.number) for one in versions if one.number
    }
    templates = client().get("/api/playbook/templates", Templates).items
    sources |= {f"template:{one.code}": say("process.from_template", name=one.name) for one in templates}
    with st.expander(say("process.new"), icon=":material/add:"), st.form("new_draft", border=False):
        source = st.selectbox(say("process.source"), list(sources), format_func=lambda one: sources[one])
        note = st.text_input(say("process.note"), max_chars=200)
        if st.form_submit_button(say("process.make"), type="primary"):
            with told_problems():
                kind, _, value = str(source or "").partition(":")
                wish = NewDraft(note=note)
                if kind == "version":
                    wish = NewDraft(version=int(value), note=note)
                elif kind == "template":
                    wish = NewDraft(template=value, note=note)
                go("process", client().post("/api/playbook/drafts", DraftFacts, wish).id)


def _show_version(version_id: UUID) -> None:
    facts = client().get(f"/api/playbook/versions/{version_id}", DraftContent).facts
    st.title(_title(facts))
    link("process", say("process.all"), icon=":material/arrow_back:")
    st.caption(_about(facts))
    if facts.status == "draft":
        show_draft(facts)
        return
    _show_download(facts)
    if facts.status == "retired":
        _show_roll_back(facts)
    before = _before(facts)
    if before:
        show_changes(facts.id, old=before.id, title=say("process.changes_since", name=name_of(before)))


def _before(facts: DraftFacts) -> DraftFacts | None:
    """The version that this one replaced."""
    versions = client().get("/api/playbook/versions", Versions).items
    return next((one for one in versions if one.number and facts.number and one.number == facts.number - 1), None)


def _show_download(facts: DraftFacts) -> None:
    content = client().download(f"/api/playbook/document?version_id={facts.id}")
    st.download_button(
        say("process.download"),
        content,
        f"playbook-v{facts.number}.yaml",
        "application/yaml",
        icon=":material/download:",
    )


def _show_roll_back(facts: DraftFacts) -> None:
    """Its content in force again, as a new version; without a rehearsal it needs a reason."""
    if "playbook.publish" not in me().rights:
        return
    versions = client().get("/api/playbook/versions", Versions).items
    in_force = next(one for one in versions if one.status == "published")
    with st.expander(say("process.roll_back", number=facts.number), icon=":material/undo:"):
        show_changes(facts.id, old=in_force.id, title=say("process.roll_back_changes", name=name_of(in_force)))
        with st.form("roll_back", border=False):
            reason = st.text_input(say("process.reason"), max_chars=400)
            if st.form_submit_button(say("process.roll_back_now"), type="primary", disabled=facts.number is None):
                with told_problems():
                    wish = RollBack(replaces=in_force.number or 0, reason=reason)
                    made = client().post(f"/api/playbook/versions/{facts.number}/restoration", DraftFacts, wish)
                    go("process", made.id)


show()
