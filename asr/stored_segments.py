"""Segments as the database keeps them."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from asr.recogniser import Segment, Word


def segments_as_json(segments: Iterable[Segment]) -> list[dict[str, Any]]:
    return [asdict(segment) for segment in segments]


def segments_from_json(rows: Iterable[dict[str, Any]]) -> tuple[Segment, ...]:
    return tuple(Segment(**{**row, "words": tuple(Word(**word) for word in row["words"])}) for row in rows)
