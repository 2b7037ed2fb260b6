"""How values look: money, days, moments, shares; the same on every screen."""

import re
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import streamlit as st

from ui.session import current_locale, say

_DEFAULT_ZONE = "Asia/Shanghai"


def money(amount: Decimal | None) -> str:
    """Yuan, in 万 where Chinese readers expect it."""
    if amount is None:
        return "—"
    if current_locale() == "zh" and abs(amount) >= 10_000:
        return f"{amount / 10_000:,.1f} 万元"
    return f"¥{amount:,.0f}"


def share(value: float | None) -> str:
    return "—" if value is None else f"{value:.0%}"


def day(value: date | None) -> str:
    return "—" if value is None else value.isoformat()


def moment(value: datetime | None, *, with_seconds: bool = False) -> str:
    """A time of day in the reader's own zone."""
    if value is None:
        return "—"
    return value.astimezone(_zone()).strftime("%Y-%m-%d %H:%M:%S" if with_seconds else "%m-%d %H:%M")


def age(value: datetime | None) -> str:
    """How long ago, in hours up to two days and in days after that."""
    if value is None:
        return "—"
    hours = (datetime.now(UTC) - value).total_seconds() / 3600
    return say("display.hours", count=int(hours)) if hours < 48 else say("display.days", count=int(hours // 24))


def clock_time(seconds: float) -> str:
    """A place in a recording: minutes and seconds."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


def _zone() -> ZoneInfo:
    return ZoneInfo(st.context.timezone or _DEFAULT_ZONE)


def plain(text: str | None) -> str:
    """Somebody's own words inside a line of markdown: shown as typed, never as markup, links or pictures."""
    return _MARKUP.sub(r"\\\1", text or "")


_MARKUP = re.compile(r"([\\`*_{}\[\]()#+\-!|<>~$:])")


def local_instant(chosen: date, moment: time) -> datetime:
    """A time of a day where the reader is."""
    return datetime.combine(chosen, moment, _zone())


def today() -> date:
    """The date where the reader is."""
    return datetime.now(_zone()).date()


def next_minute() -> datetime:
    """The minute that begins next, in UTC: what is asked up to it is asked the same by a rerun."""
    return datetime.now(UTC).replace(second=0, microsecond=0) + timedelta(minutes=1)
