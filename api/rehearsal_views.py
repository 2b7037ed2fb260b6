"""A rehearsal's figures in the reader's words."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

from sqlalchemy import select

from api.contracts.rehearsals import (
    AccessCell,
    AlarmSide,
    AssignmentSide,
    Check,
    Flow,
    GateSide,
    PersonLoad,
    RehearsalFacts,
    RehearsalResult,
    ReviewRow,
    StageChange,
    TwoSided,
)
from api.presenting import Presenter
from crm_core.customers.acting import Acting
from crm_core.foundation.translations import Locale, has_sentence, translate
from crm_core.people.tables import Region, Team
from crm_core.process.drafts import content_digest
from crm_core.process.tables import PlaybookVersion, Rehearsal


@dataclass(frozen=True)
class RehearsalViews:
    """Shows rehearsals to one viewer."""

    acting: Acting
    locale: Locale

    @cached_property
    def _presenter(self) -> Presenter:
        return Presenter(self.acting, self.locale)

    def facts(self, rehearsal: Rehearsal, *, with_result: bool) -> RehearsalFacts:
        """One rehearsal; lists of them leave the result out."""
        names = self._presenter.people_names([rehearsal.started_by, rehearsal.seen_by])
        draft = self.acting.session.get_one(PlaybookVersion, rehearsal.draft_id)
        problem = rehearsal.result.get("problem")
        return RehearsalFacts(
            **{name: getattr(rehearsal, name) for name in _COLUMNS},
            started_by_name=names.get(rehearsal.started_by) if rehearsal.started_by else None,
            seen_by_name=names.get(rehearsal.seen_by) if rehearsal.seen_by else None,
            is_current=content_digest(draft) == rehearsal.content_sha256,
            problem=self._problem(problem) if problem else None,
            result=self.result(rehearsal) if with_result and rehearsal.status == "done" else None,
        )

    def result(self, rehearsal: Rehearsal) -> RehearsalResult:
        """The figures of a finished rehearsal."""
        kept, words = rehearsal.result, PlaybookWords(rehearsal.result["names"], self.locale)
        grown = kept["shares"]["load_growth_person_id"]
        names = self._people({*_people_in(kept["assignment"]), *([grown] if grown else [])})
        return RehearsalResult(
            window_start=kept["window"]["start"],
            window_end=kept["window"]["end"],
            base_version=kept["base_version"],
            is_thin=kept["is_thin"],
            passed=kept["verdict"]["passed"],
            checks=[self._check(check, names.get(grown)) for check in kept["verdict"]["checks"]],
            assignment=self._assignment(kept["assignment"], words, names),
            gates=self._gates(kept["gates"]),
            alarms=self._alarms(kept["alarms"], words),
            stages=[_stage(row, words) for row in kept["stages"]],
            access=[self._cell(row) for row in kept["access"]],
            reviews=self._reviews(kept["reviews"], words),
            sections=[self._word(f"playbook_word.{name}", name) for name in kept["sections"]],
        )

    def _problem(self, problem: Mapping[str, Any]) -> str:
        told = (translate(f"error.{problem['code']}.{part}", self.locale, **problem["parameters"]) for part in _TOLD)
        return " ".join(told)

    def _people(self, ids: Iterable[str]) -> Mapping[str, str]:
        found = self._presenter.people_names(UUID(person_id) for person_id in ids)
        return {str(person_id): name for person_id, name in found.items()}

    def _check(self, check: Mapping[str, Any], grown: str | None) -> Check:
        name = translate(f"rehearsal.check.{check['check']}", self.locale)
        return Check(**check, name=name, person_name=grown if check["check"] == "load_growth" else None)

    def _assignment(self, kept: Mapping[str, Any], words: "PlaybookWords", names: Mapping[str, str]) -> AssignmentSide:
        return AssignmentSide(
            **{name: kept[name] for name in _ASSIGNMENT_FIGURES},
            outcomes=[_sides("outcome", row, row["outcome"]) for row in kept["outcomes"]],
            rules=[_sides("rule", row, words.rule(row["rule"])) for row in kept["rules"]],
            people=[PersonLoad(**row, name=names.get(row["person_id"], row["person_id"])) for row in kept["people"]],
            flows=[
                Flow(
                    from_code=row["from"],
                    from_name=words.place(row["from"], names),
                    to_code=row["to"],
                    to_name=words.place(row["to"], names),
                    leads=row["leads"],
                )
                for row in kept["flows"]
            ],
        )

    def _gates(self, kept: Mapping[str, Any]) -> GateSide:
        items = [
            TwoSided(code=row["item"], name=item_name(row, self.locale), old=row["old"], new=row["new"])
            for row in kept["items"]
        ]
        return GateSide(**{name: kept[name] for name in _GATE_FIGURES}, items=items)

    def _alarms(self, kept: Mapping[str, Any], words: "PlaybookWords") -> AlarmSide:
        return AlarmSide(
            **{name: kept[name] for name in _ALARM_FIGURES},
            stages=[_sides("stage", row, words.stage(row["stage"])) for row in kept["stages"]],
            days=[_sides("day", row, row["day"]) for row in kept["days"]],
            receivers=[
                _sides("receiver", row, translate(f"rehearsal.receiver.{row['receiver']}", self.locale))
                for row in kept["receivers"]
            ],
        )

    def _cell(self, row: Mapping[str, Any]) -> AccessCell:
        vocabulary = {"field": "level", "scope": "reach", "right": "has"}[row["kind"]]
        return AccessCell(
            kind=row["kind"],
            role=row["role"],
            record=row["record"],
            record_name=self._record_name(row["record"]),
            field_name=self._field_name(row["record"], row["field"]) if row["field"] else "",
            old=translate(f"rehearsal.{vocabulary}.{row['old']}", self.locale),
            new=translate(f"rehearsal.{vocabulary}.{row['new']}", self.locale),
            is_more=row["is_more"],
            people=row["people"],
        )

    def _reviews(self, kept: Sequence[Mapping[str, Any]], words: "PlaybookWords") -> list[ReviewRow]:
        names = self._group_names({UUID(row["group_id"]) for row in kept if row["group_id"]})
        return [
            ReviewRow(
                **{name: row[name] for name in _REVIEW_COLUMNS},
                name=row["name"][self.locale],
                stage_name=words.stage(row["stage"]),
                group_name=names.get(row["group_id"]) if row["group_id"] else None,
            )
            for row in kept
        ]

    def _group_names(self, ids: set[UUID]) -> Mapping[str, str]:
        """Of teams and regions alike."""
        found: dict[str, str] = {}
        for table in (Team, Region):
            rows = self.acting.session.execute(select(table.id, table.name).where(table.id.in_(ids)))
            found |= {str(row.id): row.name for row in rows}
        return found

    def _record_name(self, record: str) -> str:
        return self._word(f"rehearsal.record.{'every' if record == '*' else record}", record)

    def _word(self, key: str, code: str) -> str:
        """The word for a code; the code itself for one that the product has no word for."""
        return translate(key, self.locale) if has_sentence(key, self.locale) else code

    def _field_name(self, record: str, field: str) -> str:
        if field == "*":
            return translate("rehearsal.field.every", self.locale)
        named = self._presenter.field_name(record, field)
        return field if named.startswith("field.") else named


class PlaybookWords:
    """Names of stages, rules and pools of both sides of a rehearsal."""

    def __init__(self, names: Mapping[str, Mapping[str, Mapping[str, str]]], locale: Locale) -> None:
        self._names = names
        self._locale = locale

    def stage(self, code: str) -> str:
        return self._name("stages", code)

    def rule(self, code: str) -> str:
        return translate("rehearsal.fallback", self._locale) if code == "fallback" else self._name("rules", code)

    def pool(self, code: str) -> str:
        return self._name("pools", code)

    def place(self, code: str, people: Mapping[str, str]) -> str:
        """A person, a pool or nobody."""
        kind, _, key = code.partition(":")
        if kind == "person":
            return people.get(key, key)
        if kind == "pool":
            return translate("rehearsal.pool", self._locale, pool=self.pool(key))
        return translate("rehearsal.nobody", self._locale)

    def _name(self, group: str, code: str) -> str:
        return self._names[group].get(code, {}).get(self._locale, code)


def item_name(item: Mapping[str, Any], locale: Locale) -> str:
    """A missing field, document or check."""
    return translate(f"rehearsal.item.{item['kind']}", locale, label=item["label"][locale])


def _sides(kind: str, row: Mapping[str, Any], name: str) -> TwoSided:
    return TwoSided(code=f"{kind}:{row[kind]}", name=name, old=row["old"], new=row["new"])


def _stage(row: Mapping[str, Any], words: PlaybookWords) -> StageChange:
    target = words.stage(row["target"]) if row["target"] else None
    return StageChange(
        stage=row["stage"],
        name=words.stage(row["stage"]),
        change=row["change"],
        target_name=target,
        leads=row["leads"],
    )


def _people_in(assignment: Mapping[str, Any]) -> set[str]:
    places = [place for flow in assignment["flows"] for place in (flow["from"], flow["to"])]
    in_flows = {place.removeprefix("person:") for place in places if place.startswith("person:")}
    return in_flows | {row["person_id"] for row in assignment["people"]}


_TOLD = ("what", "remedy")
_COLUMNS = (
    "id",
    "draft_id",
    "created_at",
    "days",
    "status",
    "leads_done",
    "leads_total",
    "finished_at",
    "seen_at",
)
_ASSIGNMENT_FIGURES = (
    "leads",
    "lead_days",
    "decided",
    "replayed_alike",
    "changes",
    "actual_outcomes",
    "people_total",
)
_GATE_FIGURES = ("moves", "old_blocked", "new_blocked", "changes")
_ALARM_FIGURES = ("stays", "old", "new", "changes")
_REVIEW_COLUMNS = ("trigger", "measure", "change", "value", "bound", "count")
