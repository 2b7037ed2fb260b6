"""What is searched, and what is asked: plain values, free of any storage."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property


@dataclass(frozen=True, slots=True)
class PainPointEntry:
    """One entry of the pain-point lexicon; an alias belongs to one entry only."""

    code: str
    name: str
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MethodEntry:
    """One sales method of the library."""

    code: str
    name: str
    definition: str = ""
    typical_situations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CaseDocument:
    """One won case, as the search sees it."""

    case_id: str
    title: str
    industry: str
    story: str
    size: str = ""
    region: str = ""
    situation: str = ""
    pain_points: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    rep_id: str = ""


@dataclass(frozen=True)
class Library:
    """Cases with the lexicon and the methods that their codes refer to."""

    cases: Sequence[CaseDocument]
    methods: Sequence[MethodEntry] = ()
    pain_points: Sequence[PainPointEntry] = ()

    def says_the_same(self, other: "Library") -> bool:
        """Whether the codes of cases stand for the same words in both."""
        return self.method_by_code == other.method_by_code and self.pain_point_by_code == other.pain_point_by_code

    @cached_property
    def method_by_code(self) -> Mapping[str, MethodEntry]:
        return {method.code: method for method in self.methods}

    @cached_property
    def pain_point_by_code(self) -> Mapping[str, PainPointEntry]:
        return {entry.code: entry for entry in self.pain_points}


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """A question in plain words, a customer's facts, or both.

    `industry` is whatever the customer's record says: it need not be one of the library's industries.
    """

    text: str = ""
    industry: str = ""
    size: str = ""
    region: str = ""
    pain_points: tuple[str, ...] = field(default=())

    @property
    def is_customer(self) -> bool:
        return bool(self.industry or self.size or self.pain_points)

    @property
    def full_text(self) -> str:
        return "；".join(part for part in (self.text, self.industry, self.size) if part)
