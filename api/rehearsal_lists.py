"""The lists behind a rehearsal's figures, in the reader's words; what of a lead is shown passes the access policy."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from openpyxl import Workbook

from api.contracts.rehearsals import Finding
from api.presenting import Presenter
from api.rehearsal_views import PlaybookWords, item_name
from crm_core.customers.acting import Acting
from crm_core.foundation.clock import BUSINESS_ZONE
from crm_core.foundation.translations import Locale, translate
from crm_core.intake.error_files import kept_by_workbooks
from crm_core.process.tables import Rehearsal
from crm_core.rehearsal.reading import FoundLead
from crm_core.rehearsal.tables import RehearsalFinding

_TABLE_COLUMNS = ("happened_at", "lead_id", "title", "customer", "region", "change", "actual", "old", "new")


class FindingLists:
    """Shows findings of one rehearsal to one viewer."""

    def __init__(self, acting: Acting, locale: Locale, rehearsal: Rehearsal) -> None:
        self._presenter = Presenter(acting, locale)
        self._locale = locale
        self._words = PlaybookWords(rehearsal.result.get("names", {}), locale)

    def findings(self, found: Sequence[FoundLead]) -> list[Finding]:
        """Each with the lead's title and customer where they may be read."""
        leads = {facts.id: facts for facts in self._presenter.leads([one.lead for one in found])}
        names = self._presenter.people_names(_people_of([one.finding for one in found]))
        people = {str(person_id): name for person_id, name in names.items()}
        return [
            Finding(
                lead_id=one.lead.id,
                title=leads[one.lead.id].title,
                customer_name=leads[one.lead.id].customer_name,
                happened_at=one.finding.happened_at,
                change=one.finding.change,
                change_name=translate(f"rehearsal.change.{one.finding.change}", self._locale),
                details=one.finding.details,
                **self._told(one.finding, people),
            )
            for one in found
        ]

    def _told(self, finding: RehearsalFinding, people: Mapping[str, str]) -> dict[str, str | None]:
        tell = {"assignment": self._assignment, "move": self._move, "alarm": self._alarm, "stage": self._stage}
        return tell[finding.kind](finding, people)

    def _assignment(self, finding: RehearsalFinding, people: Mapping[str, str]) -> dict[str, str | None]:
        actual = finding.details["actual"]
        return {
            "about": finding.details["region"] or "",
            "actual": self._place(actual["outcome"], actual["owner_id"], actual["pool"], people),
            "old": self._placement(finding.details["old"], finding.old_owner_id, people),
            "new": self._placement(finding.details["new"], finding.new_owner_id, people),
        }

    def _place(self, outcome: str, owner_id: str | None, pool: str | None, people: Mapping[str, str]) -> str:
        if outcome == "assigned" and owner_id:
            return self._words.place(f"person:{owner_id}", people)
        return self._words.place(f"pool:{pool}" if outcome == "pooled" else "nobody", people)

    def _placement(self, side: Mapping[str, Any], owner_id: UUID | None, people: Mapping[str, str]) -> str:
        rule = self._say("by_rule", rule=self._words.rule(side["rule"])) if side["rule"] else self._say("by_fallback")
        if side["outcome"] == "assigned":
            return self._say("assigned", person=people.get(str(owner_id), str(owner_id)), rule=rule)
        if side["outcome"] == "pooled":
            return self._say("pooled", pool=self._words.pool(side["pool"]), rule=rule)
        return self._say("unassigned", reason=translate(f"assignment.why.{side['reason']}", self._locale))

    def _move(self, finding: RehearsalFinding, _: Mapping[str, str]) -> dict[str, str | None]:
        told = finding.details
        stages = {name: self._words.stage(told[name]) for name in ("from_stage", "to_stage")}
        return {
            "about": self._say(f"move.{told['kind']}", **stages),
            "old": self._judgement(told["old"], []),
            "new": self._judgement(told["new"], told["more_steps"]),
        }

    def _judgement(self, missing: Sequence[Mapping[str, Any]], more_steps: Sequence[str]) -> str:
        if missing:
            return self._say("lacks", items=self._joined(item_name(item, self._locale) for item in missing))
        if more_steps:
            return self._say("passes_with_steps", stages=self._joined(self._words.stage(code) for code in more_steps))
        return self._say("passes")

    def _alarm(self, finding: RehearsalFinding, _: Mapping[str, str]) -> dict[str, str | None]:
        told = finding.details
        return {
            "about": self._say("step", step=told["step"] + 1),
            "old": self._ring(told["old"]),
            "new": self._ring(told["new"]),
        }

    def _ring(self, side: Mapping[str, Any] | None) -> str:
        if side is None:
            return self._say("silent")
        moment = datetime.fromisoformat(side["due_at"]).astimezone(BUSINESS_ZONE).strftime("%m-%d %H:%M")
        receivers = self._joined(self._say(f"receiver.{receiver}") for receiver in side["receivers"])
        return self._say("rings", moment=moment, receivers=receivers, stage=self._words.stage(side["stage"]))

    def _stage(self, finding: RehearsalFinding, _: Mapping[str, str]) -> dict[str, str | None]:
        target = finding.details["new"]
        goes = self._say("stage_goes_to", stage=self._words.stage(target)) if target else self._say("stage_unmapped")
        stage = self._words.stage(finding.details["old"])
        return {"about": stage, "old": stage, "new": goes}

    def _joined(self, words: Iterable[str]) -> str:
        return ("、" if self._locale == "zh" else ", ").join(words)

    def _say(self, key: str, **parameters: Any) -> str:
        return translate(f"rehearsal.{key}", self._locale, **parameters)


def table_of(findings: Iterable[Finding], locale: Locale) -> list[list[str]]:
    """A header and a row for each lead; no cell is taken for a formula."""
    header = [translate(f"rehearsal.column.{name}", locale) for name in _TABLE_COLUMNS]
    return [header, *([kept_by_workbooks(cell) for cell in _cells(finding)] for finding in findings)]


def as_csv(table: Iterable[Sequence[str]]) -> bytes:
    """With the mark by which spreadsheet programs know UTF-8."""
    stream = io.StringIO()
    csv.writer(stream).writerows(table)
    return stream.getvalue().encode("utf-8-sig")


def as_workbook(table: Iterable[Sequence[str]]) -> bytes:
    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet()
    for row in table:
        sheet.append(row)
    stream = io.BytesIO()
    workbook.save(stream)
    return stream.getvalue()


def _people_of(findings: Iterable[RehearsalFinding]) -> set[UUID]:
    found: set[UUID] = set()
    for finding in findings:
        actual = finding.details.get("actual") or {}
        owner_ids = (finding.old_owner_id, finding.new_owner_id)
        found |= {owner_id for owner_id in owner_ids if owner_id is not None}
        found |= {UUID(actual["owner_id"])} if actual.get("owner_id") else set()
    return found


def _cells(finding: Finding) -> list[str]:
    return [
        finding.happened_at.astimezone(BUSINESS_ZONE).strftime("%Y-%m-%d %H:%M"),
        str(finding.lead_id),
        finding.title or "",
        finding.customer_name or "",
        finding.about,
        finding.change_name,
        finding.actual or "",
        finding.old,
        finding.new,
    ]
