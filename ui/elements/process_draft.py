"""A draft of the process: edit → rehearse → publish, what it changes, and where leads of removed stages go."""

import streamlit as st

from api.contracts.playbook_drafts import (
    DraftFacts,
    Publication,
    Readiness,
    StageMapInput,
    StageMapView,
    StrandedLeadView,
)
from ui.elements.display import plain
from ui.elements.frame import told_problems
from ui.elements.links import go, link
from ui.elements.paging import page_offset, show_pager
from ui.elements.process_changes import show_changes
from ui.session import client, me, say

_LEADS_SHOWN = 20


def show_draft(draft: DraftFacts) -> None:
    """The way from here to publication, first what is left to do."""
    readiness = client().get(f"/api/playbook/drafts/{draft.id}/readiness", Readiness)
    with st.container(horizontal=True):
        link("process_edit", say("process.edit"), draft.id, icon=":material/edit:")
        link("rehearsal", say("process.rehearse"), draft.id, icon=":material/fact_check:")
    _show_obstacles(readiness)
    _show_stage_map(draft)
    if "playbook.publish" in me().rights:
        _show_publication(draft, readiness)
    show_changes(draft.id, title=say("process.changes_from", name=f"V{readiness.replaces}"))
    _show_document(draft)
    _show_discard(draft)


def _show_obstacles(readiness: Readiness) -> None:
    if readiness.is_ready:
        st.success(say("process.ready"), icon=":material/check_circle:")
    for obstacle in readiness.obstacles:
        where = f"\n\n{plain(obstacle.where)}" if obstacle.where else ""
        st.warning(f"**{plain(obstacle.what)}**{where}\n\n{plain(obstacle.remedy)}", icon=":material/block:")


def _show_publication(draft: DraftFacts, readiness: Readiness) -> None:
    """With a rehearsal that was passed, or for a reason that stays with the version."""
    if not (readiness.is_ready or readiness.is_skippable):
        return
    title = say("process.publish") if readiness.is_ready else say("process.publish_unrehearsed")
    with st.expander(title, expanded=readiness.is_ready, icon=":material/publish:"), st.form("publish", border=False):
        note = st.text_input(say("process.note"), draft.note, max_chars=400)
        reason = None
        if not readiness.is_ready:
            reason = st.text_input(say("process.skip_reason"), max_chars=400, help=say("process.skip_help"))
        if st.form_submit_button(say("process.publish_now", number=readiness.replaces + 1), type="primary"):
            with told_problems():
                wish = Publication(revision=draft.revision, replaces=readiness.replaces, note=note, skip_reason=reason)
                client().post(f"/api/playbook/drafts/{draft.id}/publication", DraftFacts, wish)
                go("process", draft.id)


def _show_stage_map(draft: DraftFacts) -> None:
    """Each removed stage with leads, and where they go on; a stage of the same name is offered first."""
    address = f"/api/playbook/drafts/{draft.id}/stage-map"
    view = client().get(address, StageMapView, limit=_LEADS_SHOWN, offset=page_offset("stranded", draft.revision))
    if not view.stages:
        return
    st.subheader(say("process.stage_map"))
    st.caption(say("process.stage_map_hint"))
    codes, by_name = list(view.targets), {name: code for code, name in view.targets.items()}
    with st.form("stage_map"):
        chosen = {}
        for gone in view.stages:
            target = gone.to_stage or by_name.get(gone.name)
            chosen[gone.stage] = st.selectbox(
                say("process.leads_of", name=gone.name, count=gone.leads),
                codes,
                index=codes.index(target) if target in codes else None,
                format_func=lambda code: view.targets[code],
                placeholder=say("frame.choose"),
            )
        if st.form_submit_button(say("process.save"), type="primary"):
            with told_problems():
                mapping = {stage: target for stage, target in chosen.items() if target}
                wish = StageMapInput(revision=draft.revision, stage_map=mapping)
                client().put(address, DraftFacts, wish)
                st.rerun()
    with st.expander(say("process.stranded", total=view.total), icon=":material/list:"):
        for item in view.items:
            _show_stranded(item)
        show_pager("stranded", view.total, _LEADS_SHOWN)


def _show_stranded(item: StrandedLeadView) -> None:
    """One lead: from where to where, and what it would lack there."""
    link("lead", f"{item.lead.customer_name or ''} {item.lead.title or ''}", item.lead.id)
    said = f"{item.from_name} → {item.to_name or say('process.undecided')}"
    if item.to_stage:
        lacks = "、".join(thing.label for thing in item.missing) or say("process.lacks_nothing")
        said += f" · {say('process.lacks', names=lacks)}"
    st.caption(plain(said))


def _show_document(draft: DraftFacts) -> None:
    """The whole draft as YAML, out and in."""
    with st.expander(say("process.as_document"), icon=":material/description:"):
        content = client().download(f"/api/playbook/document?version_id={draft.id}")
        st.download_button(say("process.download"), content, "playbook-draft.yaml", "application/yaml")
        with st.form("upload", border=False, clear_on_submit=True):
            file = st.file_uploader(say("process.upload"), type=["yaml", "yml"])
            if st.form_submit_button(say("process.upload_now")) and file:
                with told_problems():
                    address = f"/api/playbook/drafts/{draft.id}/document"
                    client().upload(address, DraftFacts, file.name, file.getvalue(), {"revision": draft.revision})
                    st.rerun()


def _show_discard(draft: DraftFacts) -> None:
    with st.popover(say("process.discard"), icon=":material/delete:"):
        st.markdown(say("process.discard_hint"))
        if st.button(say("process.discard_now"), type="primary"):
            with told_problems():
                client().call("DELETE", f"/api/playbook/drafts/{draft.id}?revision={draft.revision}")
                go("process")
