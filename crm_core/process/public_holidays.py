"""China's public holidays and make-up working days, as far as the State Council has announced them.

The table is that of the library chinesecalendar, which gets a new year each autumn.
"""

from datetime import date
from functools import cache

from chinese_calendar import Holiday, constants

from crm_core.process.sections import Label


@cache
def announced_years() -> range:
    """The years whose holidays are known; of any other the weekdays decide."""
    days = constants.holidays
    return range(min(days).year, max(days).year + 1)


def holiday_on(day: date) -> Label | None:
    """The public holiday that makes a day free."""
    return _label(constants.holidays.get(day))


def make_up_on(day: date) -> Label | None:
    """The public holiday for which a day of the weekend is worked."""
    return _label(constants.workdays.get(day))


def _label(name: str | None) -> Label | None:
    return Label(zh=Holiday(name).chinese, en=name) if name else None
