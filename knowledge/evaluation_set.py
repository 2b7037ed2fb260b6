"""Reads a labelled retrieval set: a corpus folder beside split folders with queries.

Only what a user would type is read into a query. The answers are kept apart, for scoring alone.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crm_core.foundation.errors import Invalid
from knowledge.retrieval.library import CaseDocument, Library, MethodEntry, PainPointEntry, SearchQuery


class EvaluationSetUnreadable(Invalid):
    """The folder does not hold a labelled set of the expected layout."""

    code = "evaluation_set_unreadable"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a good answer to one query holds, as its readers graded it."""

    kind: str
    grades: Mapping[str, int]
    methods: frozenset[str]
    is_near_miss: bool

    @property
    def is_positive(self) -> bool:
        return self.kind != "negative"


@dataclass(frozen=True, slots=True)
class LabelledQuery:
    """A query with its answer."""

    query_id: str
    query: SearchQuery
    answer: Answer


@dataclass(frozen=True, slots=True)
class EvaluationSet:
    """A library and queries against it."""

    library: Library
    queries: tuple[LabelledQuery, ...]


def read_evaluation_set(folder: Path) -> EvaluationSet:
    """Return the library and the queries of every split in the folder.

    Raises `EvaluationSetUnreadable`, naming the file, when something is missing or is not of the layout.
    """
    corpus = folder / "corpus"
    try:
        library = Library(
            cases=tuple(read_case(row) for row in json_lines(corpus / "cases.jsonl")),
            methods=tuple(read_method(row) for row in json_list(corpus / "methods.json")),
            pain_points=tuple(read_pain_point(row) for row in json_list(corpus / "pain_points.json")),
        )
        files = sorted([*folder.glob("queries.jsonl"), *folder.glob("*/queries.jsonl")])
        queries = tuple(read_query(row) for file in files for row in json_lines(file))
    except (OSError, ValueError, KeyError, TypeError) as cause:
        raise EvaluationSetUnreadable(folder=folder.name, reason=str(cause)) from cause
    if not queries:
        raise EvaluationSetUnreadable(folder=folder.name, reason="queries.jsonl")
    return EvaluationSet(library, queries)


def json_lines(file: Path) -> Iterator[dict[str, Any]]:
    for line in file.read_text("utf-8").splitlines():
        if line.strip():
            yield json.loads(line)


def json_list(file: Path) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(file.read_text("utf-8"))
    return rows


def read_case(row: Mapping[str, Any]) -> CaseDocument:
    profile = row["customer_profile"]
    return CaseDocument(
        case_id=row["id"],
        title=row["title"],
        industry=row["industry"],
        story=row["story"],
        size=profile["size"],
        region=profile["region"],
        situation=profile["situation"],
        pain_points=tuple(row["pain_points"]),
        methods=tuple(row["methods"]),
        products=tuple(row["products"]),
        rep_id=row["rep_id"],
    )


def read_method(row: Mapping[str, Any]) -> MethodEntry:
    return MethodEntry(row["id"], row["name"], row["definition"], tuple(row["typical_situations"]))


def read_pain_point(row: Mapping[str, Any]) -> PainPointEntry:
    return PainPointEntry(row["id"], row["name"], tuple(row["aliases"]))


def read_query(row: Mapping[str, Any]) -> LabelledQuery:
    answer = Answer(
        kind=row["type"],
        grades={graded["case_id"]: graded["grade"] for graded in row["relevance"]},
        methods=frozenset(row["methods"]),
        is_near_miss=bool(row.get("near_miss")),
    )
    return LabelledQuery(row["id"], asked(row), answer)


def asked(row: Mapping[str, Any]) -> SearchQuery:
    """Return the query as a user would put it: a customer's record, or words."""
    customer = row.get("customer")
    if row["form"] != "customer" or not customer:
        return SearchQuery(text=row["text"])
    return SearchQuery(
        text=customer.get("note") or "",
        industry=customer.get("industry") or "",
        size=customer.get("size") or "",
        region=customer.get("region") or "",
        pain_points=tuple(customer.get("pain_points") or ()),
    )
