"""Remarks above and below a table that say whether its values were measured."""

from __future__ import annotations

import re
from dataclasses import replace

from qa.documents import Cell, Document
from qa.names import features
from qa.quantities import normalise
from qa.verdicts import Reading, said

_OTHERS = re.compile(r"其[余他它]|(?:各|两|三)家|竞品|友商|对手|对方")
_MARK = re.compile(r"^\s*(?:\*|※|①|②|③|†|\[\d\]|注\s*[①②③\d])")


def remarked(reading: Reading, document: Document) -> Reading:
    """The reading, with measured or claimed taken from the table's remarks where the cell says nothing."""
    if reading.measured is not None or reading.verdict != "covered" or not reading.candidate.entry.group:
        return reading
    table = document.tables[reading.candidate.entry.group - 1]
    remarks = [*table.captions, *table.remarks]
    remarks += [cell.text for row in table.rows for cell in row if len(cell.text) > 5 and _is_remark(row)]
    label = features(reading.candidate.entry.label).content()
    others = frozenset().union(
        *(features(cell.text).content() for row in table.rows if not _is_remark(row) for cell in row[:2])
    )
    for remark in dict.fromkeys(remarks):
        verdict = _about(remark, label, others - label)
        if verdict is not None:
            return replace(reading, measured=verdict)
    return reading


def _is_remark(row: tuple[Cell, ...]) -> bool:
    """A row with one text only."""
    return len({cell.text for cell in row if cell.text.strip()}) == 1


def _about(remark: str, label: frozenset[str], others: frozenset[str]) -> bool | None:
    """What a remark says of one parameter: a marked one speaks of marked cells, one that names parameters of those."""
    if _MARK.match(normalise(remark)):
        return None
    for clause in re.split(r"[，,；;。]", remark):
        verdict = said(clause)
        if verdict is None:
            continue
        if _OTHERS.search(clause) and not re.search(r"其[余他它]\S{0,6}数据|其余", clause):
            continue
        named = features(clause).content()
        if named & others and not named & label:
            continue
        return verdict
    return None
