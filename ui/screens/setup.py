"""From nothing to V1 on one page: template, own data, trial run, publish; each step says what is there."""

import streamlit as st

from api.contracts.playbook_drafts import DraftFacts, NewDraft
from api.contracts.playbook_templates import Templates, TemplateView
from api.contracts.setup import SetupProgress, SetupStep
from ui.elements.display import plain
from ui.elements.frame import told_problems
from ui.elements.links import go, link
from ui.session import client, say

_ICONS = {True: ":material/check_circle:", False: ":material/radio_button_unchecked:"}
_IMPORTED = frozenset({"people", "customers", "leads", "history"})


def show() -> None:
    """The steps in their order; the next one stands open."""
    progress = client().get("/api/setup", SetupProgress)
    st.title(say("setup.title"))
    st.caption(say("setup.intro"))
    needed = [step for step in progress.steps if not step.is_optional]
    done = sum(step.is_done for step in needed)
    st.progress(done / len(needed), say("setup.progress", done=done, total=len(needed)))
    if progress.next_step is None:
        st.success(say("setup.all_done", number=progress.published_number), icon=":material/rocket_launch:")
    for position, step in enumerate(progress.steps, start=1):
        _show_step(position, step, progress)


def _show_step(position: int, step: SetupStep, progress: SetupProgress) -> None:
    label = f"{position}. {say(f'setup.step_{step.code}')}"
    if step.is_optional:
        label += f" · {say('setup.optional')}"
    if step.code == progress.next_step:
        label += f" · :orange[{say('setup.next')}]"
    with st.expander(label, expanded=step.code == progress.next_step, icon=_ICONS[step.is_done]):
        st.caption(say(f"setup.about_{step.code}"))
        if step.figures:
            st.markdown(" · ".join(say(f"setup.figure_{name}", count=count) for name, count in step.figures.items()))
        if step.code == "template":
            _show_templates(progress)
        elif step.code in _IMPORTED:
            link("imports", say("setup.import"), icon=":material/upload_file:")
        elif step.code == "trial":
            _show_trial(progress)
        elif progress.draft_id:
            link("process", say("setup.publish"), progress.draft_id, icon=":material/publish:")


def _show_templates(progress: SetupProgress) -> None:
    if progress.draft_id:
        st.markdown(say("setup.chosen"))
        link("process", say("setup.edit_draft"), progress.draft_id, icon=":material/edit:")
    templates = client().get("/api/playbook/templates", Templates).items
    for left, right in zip(templates[::2], [*templates[1::2], None], strict=False):
        columns = st.columns(2)
        for column, template in zip(columns, (left, right), strict=True):
            if template:
                with column.container(border=True, height="stretch"):
                    _show_template(template)


def _show_template(template: TemplateView) -> None:
    st.markdown(f"**{plain(template.name)}**")
    st.caption(plain(template.description))
    st.caption(plain(say("setup.suits", text=template.suits)))
    st.caption(plain(say("setup.stages", names=" → ".join(template.stages))))
    if st.button(say("setup.choose"), key=f"choose_{template.code}"):
        with told_problems():
            draft = client().post("/api/playbook/drafts", DraftFacts, NewDraft(template=template.code))
            go("process", draft.id)


def _show_trial(progress: SetupProgress) -> None:
    if progress.draft_id is None:
        return
    if progress.trial_problem:
        st.markdown(say(f"setup.trial_{progress.trial_problem}"))
    link("rehearsal", say("setup.rehearse"), progress.draft_id, icon=":material/science:")


show()
