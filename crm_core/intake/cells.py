"""Cells of other people's tables, read as values of our fields."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

from crm_core.intake.dates import DateOrder, read_day, read_moment
from crm_core.intake.errors import (
    CellBroken,
    CellChoicesMiscounted,
    CellChoiceUnknown,
    CellNotNumber,
    CellOutOfRange,
    CellPersonAmbiguous,
    CellPersonUnknown,
    CellRegionUnknown,
    CellTooLong,
)
from crm_core.intake.targets import Field, plain
from crm_core.process.sections import Choice

_NUMBER = re.compile(r"[¥$€]?\s*([-+]?(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d+)?)\s*(千|万|亿|k|m)?\s*(?:元|rmb|cny|usd)?")
_SCALES = {"千": 10**3, "k": 10**3, "万": 10**4, "m": 10**6, "亿": 10**8, None: 1}
_HIGHEST = Decimal(10) ** 12
_BETWEEN_CHOICES = re.compile(r"[、,，;；/|\n]+")
#: what a spreadsheet shows in place of a value that it cannot work out
_BROKEN = frozenset({"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!"})


@dataclass(frozen=True, slots=True)
class Named:
    """People and regions by the names that tables use for them."""

    #: on the roster today; name, number, e-mail → who
    people: Mapping[str, tuple[UUID, ...]]
    #: also those who have left
    everybody: Mapping[str, tuple[UUID, ...]]
    numbers: Mapping[UUID, str]
    regions: Mapping[str, UUID]
    region_names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CellReader:
    """Reads cells for one import; the same words again are not worked out again."""

    named: Named
    order: DateOrder
    #: field → {words of the file: what they mean here}
    meanings: Mapping[str, Mapping[str, str]]
    _seen: dict[tuple[str, str], Any] = field(default_factory=dict)

    def value(self, wanted: Field, text: str) -> Any:
        """The value of a cell that is not blank. Raises one of the errors of cells."""
        text = self.meanings.get(wanted.code, _NOTHING).get(text, text)
        if wanted.kind == "text":
            return _text(wanted, text)
        key = (wanted.code, text)
        if key not in self._seen:
            if len(self._seen) > _SEEN_AT_MOST:
                self._seen.clear()
            self._seen[key] = self._read(wanted, text)
        return self._seen[key]

    def _read(self, wanted: Field, text: str) -> Any:
        if text in _BROKEN:
            raise CellBroken(value=text)
        if wanted.kind in {"person", "anybody"}:
            return self._person(text, is_anybody=wanted.kind == "anybody")
        if wanted.kind == "region":
            return self._region(text)
        if wanted.kind == "date":
            return read_day(text, self.order)
        if wanted.kind == "moment":
            return read_moment(text, self.order)
        return _READERS[wanted.kind](wanted, text)

    def _person(self, text: str, *, is_anybody: bool) -> UUID:
        found = (self.named.everybody if is_anybody else self.named.people).get(person_key(text), ())
        if not found:
            raise CellPersonUnknown(value=text)
        if len(found) > 1:
            numbers = ", ".join(sorted(self.named.numbers.get(person_id, "—") for person_id in found))
            raise CellPersonAmbiguous(value=text, numbers=numbers)
        return found[0]

    def _region(self, text: str) -> UUID:
        found = self.named.regions.get(plain(text))
        if found is None:
            raise CellRegionUnknown(value=text, known=", ".join(self.named.region_names))
        return found


def person_key(words: str) -> str:
    """Names compare without width, case and doubled blanks."""
    return " ".join(unicodedata.normalize("NFKC", words).split()).casefold()


def _text(wanted: Field, text: str) -> str:
    if text in _BROKEN:
        raise CellBroken(value=text)
    if len(text) > wanted.longest:
        raise CellTooLong(length=len(text), limit=wanted.longest)
    return text


def _claim(wanted: Field, text: str) -> str:
    """Another system's stage: ours where it is called so, else its own words."""
    return (wanted.choices or {}).get(plain(text)) or _text(wanted, text)


def _number(wanted: Field, text: str) -> Decimal:
    found = _NUMBER.fullmatch(unicodedata.normalize("NFKC", text).strip().casefold())
    if found is None or not any(character.isdigit() for character in found[1]):
        raise CellNotNumber(value=text)
    number = Decimal(found[1].replace(",", "")) * _SCALES[found[2]]
    lowest = Decimal(0) if wanted.code == "amount" else -_HIGHEST
    if not lowest <= number < _HIGHEST:
        raise CellOutOfRange(value=text, lowest=f"{lowest:,}", highest=f"{_HIGHEST:,}")
    return number


def _share(wanted: Field, text: str) -> float:
    """35% and 0.35 are the same; more than 1 without a percent sign is refused."""
    words = unicodedata.normalize("NFKC", text).strip()
    share = float(_number(wanted, words.removesuffix("%"))) / (100 if words.endswith("%") else 1)
    if not -10 <= share <= 1:
        raise CellOutOfRange(value=text, lowest="-1000%", highest="100%")
    return share


def _choice(wanted: Field, text: str) -> str:
    found = (wanted.choices or {}).get(plain(text))
    if found is None:
        raise CellChoiceUnknown(
            value=text,
            allowed_zh="、".join(_told(wanted.options, "zh")),
            allowed_en=", ".join(_told(wanted.options, "en")),
        )
    return found


def _choices(wanted: Field, text: str) -> list[str]:
    parts = [part.strip() for part in _BETWEEN_CHOICES.split(text) if part.strip()]
    found = list(dict.fromkeys(_choice(wanted, part) for part in parts))
    if wanted.count is not None and len(found) != wanted.count:
        raise CellChoicesMiscounted(count=wanted.count, found=len(found))
    return found


def _told(options: tuple[Choice, ...], locale: str) -> list[str]:
    return [option.name.zh if locale == "zh" else option.name.en for option in options]


_NOTHING: Mapping[str, str] = {}
_SEEN_AT_MOST = 50_000
_READERS: Mapping[str, Callable[[Field, str], Any]] = {
    "number": _number,
    "share": _share,
    "choice": _choice,
    "choices": _choices,
    "claim": _claim,
}
