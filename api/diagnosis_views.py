"""A diagnosis of assignment in sentences: what a reader of one page needs to know, in their language."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from api.contracts.assignment_health import (
    ChangeFacts,
    DiagnosisView,
    FindingFacts,
    IncidentFacts,
    ReasonFacts,
    RepairFacts,
    RunFacts,
)
from api.presenting import Presenter
from crm_core.customers.acting import Acting
from crm_core.foundation.clock import BUSINESS_ZONE
from crm_core.foundation.translations import Locale, has_sentence, translate
from crm_core.pipeline.health.assignment_break import RuleFinding, Run
from crm_core.pipeline.health.diagnosis import Diagnosis, Repair, Suspect
from crm_core.pipeline.health.tables import AssignmentIncident

_MOST_NAMES = 10
_MOST_DETAILS = 8
_LONGEST_VALUE = 80


def incident_facts(incident: AssignmentIncident) -> IncidentFacts:
    return IncidentFacts.model_validate(incident, from_attributes=True)


def diagnosis_view(
    acting: Acting, locale: Locale, incident: AssignmentIncident | None, found: Diagnosis
) -> DiagnosisView:
    """The whole page."""
    return _Page(acting, locale, found).view(incident)


class _Page:
    def __init__(self, acting: Acting, locale: Locale, found: Diagnosis) -> None:
        self._locale = locale
        self._found = found
        presenter = Presenter(acting, locale)
        self._names = presenter.people_names(_everybody(found))
        assignment = acting.playbook.assignment
        self._rules = {rule.code: rule.name.spoken(locale) for rule in assignment.rules}
        self._pools = {pool.code: pool.name.spoken(locale) for pool in assignment.pools}

    def view(self, incident: AssignmentIncident | None) -> DiagnosisView:
        found = self._found
        changes = [self._change(one) for one in found.suspects]
        causes = [self._change(one) for one in found.causes]
        broken = found.found
        return DiagnosisView(
            incident=incident_facts(incident) if incident else None,
            until=found.until,
            last_good=_run(broken.last_good) if broken and broken.last_good else None,
            first_empty=_run(broken.first_empty) if broken else None,
            empty=broken.empty if broken else 0,
            good=broken.good if broken else 0,
            undecided=found.undecided,
            summary=self._summary(causes),
            findings=[self._finding(one) for one in found.findings],
            changes=changes,
            causes=causes,
            repairs=[RepairFacts(code=one.code, text=self._repair(one)) for one in found.repairs],
        )

    def _summary(self, causes: Sequence[ChangeFacts]) -> list[str]:
        sentences = [
            self._say(
                "cause",
                moment=_moment(one.at),
                what=one.text,
                who=one.actor_name or self._say("somebody"),
                channel=one.channel_name,
            )
            for one in causes
        ]
        broken = self._found.found
        if broken is not None:
            last = _moment(broken.last_good.decided_at) if broken.last_good else self._say("never")
            first = _moment(broken.first_empty.decided_at)
            told = "break" if broken.is_sudden else "steady"
            sentences.append(self._say(told, first=first, last=last, empty=broken.empty, good=broken.good))
        if self._found.undecided:
            sentences.append(self._say("undecided", count=self._found.undecided))
        return sentences or [self._say("healthy")]

    def _finding(self, one: RuleFinding) -> FindingFacts:
        name = self._rules.get(one.rule, one.rule) if one.rule else self._say("fallback")
        pool = self._pools.get(one.pool, one.pool)
        return FindingFacts(
            rule=one.rule,
            name=name,
            pool=pool,
            result=one.result,
            text=self._say(f"result.{one.result}", rule=name, pool=pool, count=one.decisions),
            decisions=one.decisions,
            reasons=[
                ReasonFacts(
                    code=reason,
                    lacks=list(lacks),
                    text=self._reason(reason, lacks),
                    decisions=count,
                    people=self._people(one.people[reason, lacks]),
                )
                for (reason, lacks), count in one.reasons.most_common()
            ],
        )

    def _reason(self, reason: str, lacks: Iterable[str]) -> str:
        if reason == "condition_failed":
            facts = [translate(f"assignment.fact.{fact}", self._locale) for fact in lacks]
            return self._say("condition_failed", facts=self._listed(facts))
        text = translate(f"assignment.reason.{reason}", self._locale)
        items = [self._item(item) for item in lacks]
        return translate("assignment.lacking", self._locale, reason=text, items=self._listed(items)) if items else text

    def _item(self, item: str) -> str:
        key = f"assignment.item.{item}"
        return translate(key, self._locale) if has_sentence(key, self._locale) else item

    def _change(self, one: Suspect) -> ChangeFacts:
        change, broken = one.change, self._found.found
        assert broken is not None
        people = self._people(change.people)
        kind = change.channel.split(":")[0]
        key = f"channel.{kind}"
        channel = self._say(key) if has_sentence(f"assignment_health.{key}", self._locale) else change.channel
        words: Mapping[str, Any] = {"version": "", "count": len(people), **change.parameters}
        return ChangeFacts(
            code=change.code,
            text=self._say(f"change.{change.code}", **{**words, "people": self._listed(people), "count": len(people)}),
            at=change.at,
            actor_id=change.actor_id,
            actor_name=self._names.get(change.actor_id) if change.actor_id else None,
            channel=change.channel,
            channel_name=channel,
            hours_before_break=(broken.first_empty.decided_at - change.at).total_seconds() / 3600,
            is_suspected=one.is_suspected,
            people=people,
            details=[f"{path}: {_short(old)} → {_short(new)}" for path, old, new in change.paths[:_MOST_DETAILS]],
        )

    def _repair(self, repair: Repair) -> str:
        return self._say(
            f"repair.{repair.code}", people=self._listed(self._people(repair.people)), version=repair.version
        )

    def _people(self, ids: Iterable[UUID]) -> list[str]:
        return sorted(self._names[one] for one in ids if one in self._names)

    def _listed(self, words: Sequence[str]) -> str:
        joined = ("、" if self._locale == "zh" else ", ").join(words[:_MOST_NAMES])
        return joined if len(words) <= _MOST_NAMES else f"{joined} …"

    def _say(self, key: str, **parameters: Any) -> str:
        return translate(f"assignment_health.{key}", self._locale, **parameters)


def _everybody(found: Diagnosis) -> set[UUID | None]:
    people: set[UUID | None] = {one.change.actor_id for one in found.suspects}
    for suspect in found.suspects:
        people.update(suspect.change.people)
    for finding in found.findings:
        people.update(*finding.people.values())
    return people | {person for repair in found.repairs for person in repair.people}


def _run(run: Run) -> RunFacts:
    return RunFacts(decision_id=run.id, lead_id=run.lead_id, decided_at=run.decided_at)


def _moment(instant: datetime) -> str:
    return instant.astimezone(BUSINESS_ZONE).strftime("%Y-%m-%d %H:%M")


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}…"
