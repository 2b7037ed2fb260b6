"""Points: one's statement and the leaderboard."""

import pandas as pd
import streamlit as st

from api.contracts.points import Leaderboard, Listing, Statement
from ui.elements.display import moment
from ui.elements.frame import told_problems
from ui.session import client, say

_PERIODS = ("month", "quarter", "year", "all")


def show() -> None:
    """What one has and why; who earned most, for those who want to be listed."""
    st.title(say("points.title"))
    own, board = st.columns([3, 2], gap="large")
    with own:
        _show_statement()
    with board:
        _show_board()


def _show_statement() -> None:
    statement = client().get("/api/points/statement", Statement, limit=50)
    st.metric(say("points.balance"), statement.balance)
    st.caption(say("points.rule"))
    for booking in statement.items:
        st.markdown(f"**{booking.points:+d}** :gray[{moment(booking.booked_at)}]")
        st.caption(booking.text)
    if not statement.items:
        st.caption(say("points.none"))
    listed = st.toggle(say("points.listed"), value=statement.is_listed)
    if listed != statement.is_listed:
        with told_problems():
            client().call("PUT", "/api/points/listing", Listing(listed=listed))
            st.rerun()


def _show_board() -> None:
    st.subheader(say("points.board"))
    period = st.segmented_control(
        say("points.period"), _PERIODS, default="quarter", format_func=lambda code: say(f"points.period_{code}")
    )
    board = client().get("/api/points/leaderboard", Leaderboard, period=period or "quarter")
    if not board.items:
        st.caption(say("points.nobody"))
        return
    rows = pd.DataFrame(
        {
            say("points.rank"): [row.rank for row in board.items],
            say("points.person"): [row.person_name for row in board.items],
            say("points.points"): [row.points for row in board.items],
        }
    )
    st.dataframe(rows, hide_index=True)


show()
