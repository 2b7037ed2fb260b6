"""Dates as other people's tables write them; what can be read in two ways is refused, not guessed."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal

from crm_core.foundation import clock
from crm_core.intake.errors import CellDateAmbiguous, CellDayUnreal, CellNotDate

#: how the numbers of 03/04/2026 follow each other, where somebody has said so
DateOrder = Literal["year_first", "month_first", "day_first"]

_YEAR_FIRST = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_YEAR_LAST = re.compile(r"(\d{1,2})\s*[-/.]\s*(\d{1,2})\s*[-/.]\s*(\d{4}|\d{2})")
_DAY_WORD = re.compile(r"(\d{1,2})[\s-]*([a-z]{3,9})\.?[\s,-]*(\d{4})")
_WORD_DAY = re.compile(r"([a-z]{3,9})\.?\s*(\d{1,2})(?:st|nd|rd|th)?[\s,]+(\d{4})")
_TIME = re.compile(
    r"[T\s]+(上午|下午)?\s*(\d{1,2})[:时](\d{1,2})(?:[:分](\d{1,2})(?:\.\d+)?)?秒?\s*(am|pm|z)?$", re.IGNORECASE
)
#: days since 1899-12-30, as spreadsheets count: from 1954 to 2119
_SERIAL = re.compile(r"([2-7]\d{4})(\.\d+)?")
_SERIAL_ORIGIN = date(1899, 12, 30)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
#: two-digit years from here on are of the last century
_LAST_CENTURY_FROM = 70


def read_day(text: str, order: DateOrder = "year_first") -> date:
    """Raises CellNotDate, CellDateAmbiguous, CellDayUnreal."""
    return read_moment(text, order)[0].date()


def read_moment(text: str, order: DateOrder = "year_first") -> tuple[datetime, bool]:
    """The instant in the business's zone, and whether a time of day was told. Raises as `read_day`."""
    words = unicodedata.normalize("NFKC", text).strip()
    serial = _SERIAL.fullmatch(words)
    if serial:
        moment = datetime.combine(_SERIAL_ORIGIN + timedelta(days=int(serial[1])), time())
        moment += timedelta(seconds=round(float(serial[2] or 0) * 86400))
        return moment.replace(tzinfo=clock.BUSINESS_ZONE), bool(serial[2])
    told = _TIME.search(words)
    day = _day(words[: told.start()] if told else words, text, order)
    return _at(day, told, text), told is not None


def likely_order(texts: Iterable[str]) -> DateOrder | None:
    """What the dates of a column give away by a number that is no month; None where none does."""
    for text in texts:
        found = _YEAR_LAST.match(unicodedata.normalize("NFKC", text).strip())
        if found and int(found[1]) > 12:
            return "day_first"
        if found and int(found[2]) > 12:
            return "month_first"
    return None


def _day(words: str, text: str, order: DateOrder) -> date:
    words = words.strip().casefold()
    found = _YEAR_FIRST.fullmatch(words) or _COMPACT.fullmatch(words)
    if found:
        return _date(int(found[1]), int(found[2]), int(found[3]), text)
    found = _YEAR_LAST.fullmatch(words)
    if found:
        return _ordered(int(found[1]), int(found[2]), found[3], text, order)
    found = _DAY_WORD.fullmatch(words)
    if found:
        return _date(int(found[3]), _month(found[2], text), int(found[1]), text)
    found = _WORD_DAY.fullmatch(words)
    if found:
        return _date(int(found[3]), _month(found[1], text), int(found[2]), text)
    raise CellNotDate(value=text)


def _ordered(first: int, second: int, year: str, text: str, order: DateOrder) -> date:
    if order == "year_first":
        if len(year) == 2 or (first <= 12 and second <= 12 and first != second):
            raise CellDateAmbiguous(value=text)
        order = "day_first" if first > 12 else "month_first"
    full = int(year) if len(year) == 4 else int(year) + (1900 if int(year) >= _LAST_CENTURY_FROM else 2000)
    month, day = (first, second) if order == "month_first" else (second, first)
    return _date(full, month, day, text)


def _month(word: str, text: str) -> int:
    if word[:3] not in _MONTHS:
        raise CellNotDate(value=text)
    return _MONTHS.index(word[:3]) + 1


def _date(year: int, month: int, day: int, text: str) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise CellDayUnreal(value=text) from None


def _at(day: date, told: re.Match[str] | None, text: str) -> datetime:
    if told is None:
        return datetime.combine(day, time(), clock.BUSINESS_ZONE)
    half, zone = told[1], (told[5] or "").casefold()
    hour = int(told[2])
    if (half == "下午" or zone == "pm") and hour < 12:
        hour += 12
    elif (half == "上午" or zone == "am") and hour == 12:
        hour = 0
    try:
        moment = time(hour, int(told[3]), int(told[4] or 0))
    except ValueError:
        raise CellDayUnreal(value=text) from None
    return datetime.combine(day, moment, UTC if zone == "z" else clock.BUSINESS_ZONE)
