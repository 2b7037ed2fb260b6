"""What a draft would change in access and reviews, row by row."""

import pandas as pd
import streamlit as st

from api.contracts.rehearsals import RehearsalResult
from ui.session import say


def show_access(result: RehearsalResult) -> None:
    """Every cell of the matrix, scope and right that differs, and how many people it concerns today."""
    if not result.access:
        st.info(say("rehearsal.no_access"))
        return
    gained = sum(cell.is_more for cell in result.access)
    st.caption(say("rehearsal.access_hint", more=gained, less=len(result.access) - gained))
    rows = [
        {
            say("rehearsal.role"): say(f"role.{cell.role}"),
            say("rehearsal.what"): " · ".join(part for part in (cell.record_name, cell.field_name) if part),
            say("rehearsal.kind"): say(f"rehearsal.access_{cell.kind}"),
            say("rehearsal.column_old"): cell.old,
            say("rehearsal.column_new"): cell.new,
            say("rehearsal.direction"): say("rehearsal.more" if cell.is_more else "rehearsal.less"),
            say("rehearsal.people"): cell.people,
        }
        for cell in result.access
    ]
    st.dataframe(pd.DataFrame(rows), hide_index=True)


def show_reviews(result: RehearsalResult) -> None:
    """The reviews that the triggers of either side call for."""
    if not result.reviews:
        st.info(say("rehearsal.no_reviews"))
        return
    rows = [
        {
            say("rehearsal.review"): review.name,
            say("rehearsal.stage"): review.stage_name,
            say("rehearsal.group"): review.group_name or say("rehearsal.company"),
            say("rehearsal.column_change"): say(f"rehearsal.review_{review.change}"),
            say("rehearsal.value"): _told(review.measure, review.value),
            say("rehearsal.bound"): _told(review.measure, review.bound),
            say("rehearsal.rests_on_leads"): review.count,
        }
        for review in result.reviews
    ]
    st.dataframe(pd.DataFrame(rows), hide_index=True)


def _told(measure: str, value: float | None) -> str:
    if value is None:
        return "—"
    return say("rehearsal.hours", count=f"{value:.1f}") if measure.endswith("_hours") else f"{value:.1%}"
