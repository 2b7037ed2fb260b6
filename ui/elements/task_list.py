"""Tasks that can be done, declined with a reason, or left."""

import streamlit as st

from api.contracts.tasks import Decline, TaskCompleted, TaskFacts, Tasks
from ui.elements.display import plain
from ui.elements.frame import told_problems
from ui.elements.links import link
from ui.elements.record_cards import task_caption
from ui.session import client, say


def show_tasks(tasks: Tasks) -> None:
    """Overdue ones are marked in words; the order is the server's, by due time."""
    if not tasks.items:
        st.caption(say("tasks.none"))
    for task in tasks.items:
        _show_task(task)
    if tasks.total > len(tasks.items):
        st.caption(say("record_cards.latest_of", shown=len(tasks.items), total=tasks.total))


def _show_task(task: TaskFacts) -> None:
    with st.container(border=True, key=f"task-{task.id}"):
        overdue = f":red-badge[{say('record_cards.overdue')}] " if task.is_overdue else ""
        st.markdown(f"{overdue}**{plain(task.title)}**")
        st.caption(plain(task_caption(task)))
        with st.container(horizontal=True, vertical_alignment="center"):
            if st.button(say("tasks.complete"), key=f"complete-{task.id}", icon=":material/check:"):
                _complete(task)
            with st.popover(say("tasks.decline")), st.form(f"decline-{task.id}", border=False):
                reason = st.text_input(say("lead.reason"))
                if st.form_submit_button(say("lead.confirm")) and reason:
                    with told_problems():
                        client().post(f"/api/tasks/{task.id}/refusal", TaskFacts, Decline(reason=reason))
                        st.rerun()
            if task.lead_id:
                link("lead", say("tasks.open_lead"), task.lead_id)
            elif task.customer_id:
                link("customer", say("tasks.open_customer"), task.customer_id)


def _complete(task: TaskFacts) -> None:
    with told_problems():
        done = client().post(f"/api/tasks/{task.id}/completion", TaskCompleted)
        if done.next_task:
            st.toast(say("tasks.next_made", title=done.next_task.title, name=done.next_task.assignee_name or ""))
        st.rerun()
