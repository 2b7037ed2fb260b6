"""A row of numbers, each with the way to the list behind it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import streamlit as st

from api.contracts.leads import BoardStage
from ui.elements.display import money
from ui.session import say


@dataclass(frozen=True, slots=True)
class Number:
    """What is counted, how many, and a remark under it."""

    code: str
    name: str
    value: str | int
    remark: str = ""
    warning: str = ""
    explanation: str | None = None


def show_numbers(name: str, numbers: Sequence[Number], choose: Callable[[str], None] | None = None) -> None:
    """Cards that share a row, two a row on a phone; `choose` is called with the code of the list that is wanted."""
    with st.container(horizontal=True, gap="small", key=f"numbers-{name}"):
        for number in numbers:
            with st.container(border=True, gap="xsmall", height="stretch"):
                st.metric(number.name, number.value, help=number.explanation)
                if number.remark:
                    st.caption(number.remark)
                if number.warning:
                    st.badge(number.warning, color="red", icon=":material/schedule:")
                if choose:
                    st.button(
                        say("numbers.list", name=number.name),
                        key=f"list-{name}-{number.code}",
                        type="tertiary",
                        icon=":material/list:",
                        on_click=choose,
                        args=(number.code,),
                    )


def stage_number(stage: BoardStage) -> Number:
    """How many leads stand in a stage, how many of them too long, what they are worth."""
    overdue = say("leads.overdue_count", count=stage.overdue) if stage.overdue else ""
    worth = money(stage.amount) if stage.amount is not None else ""
    return Number(stage.stage, stage.name, stage.count, worth, overdue)
