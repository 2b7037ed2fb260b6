"""Decisions about leads in words: every rule that was tried, who could have had the lead, who not and why."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from api.contracts.assignment import CandidateFacts, DecisionFacts, DecisionStep, LeftOut
from api.presenting import Presenter
from crm_core.foundation.translations import translate
from crm_core.people.repository import all_regions
from crm_core.pipeline.assignment.tables import AssignmentDecision


class DecisionTeller:
    """Tells decisions to one viewer in one language."""

    def __init__(self, presenter: Presenter, *, with_people: bool) -> None:
        self._presenter = presenter
        self._locale = presenter.locale
        self._playbook = presenter.acting.playbook
        #: candidates with their numbers are for whoever may reassign leads
        self._with_people = with_people
        assignment = self._playbook.assignment
        self._pools = {pool.code: pool.name.spoken(self._locale) for pool in assignment.pools}
        self._rules = {rule.code: rule.name.spoken(self._locale) for rule in assignment.rules}
        self._names: Mapping[UUID, str] = {}
        self._values: dict[tuple[str, str], str] | None = None

    def decisions(
        self, decisions: Sequence[AssignmentDecision], titles: Mapping[UUID, str] | None = None
    ) -> list[DecisionFacts]:
        """Decisions with the names of everybody in them."""
        self._names = self._presenter.people_names(_people_of(decisions))
        return [self._decision(decision, (titles or {}).get(decision.lead_id)) for decision in decisions]

    def steps(self, record: Mapping[str, Any]) -> list[DecisionStep]:
        """The steps of a record of the rules, also of one that is not kept."""
        ids = {UUID(person_id) for person_id in _people_in(record)}
        self._names = {**self._names, **self._presenter.people_names(ids - self._names.keys())}
        return [self._step(trial) for trial in record.get("trials", ())]

    def pool_name(self, code: str | None) -> str | None:
        return None if code is None else self._pools.get(code, code)

    def person_name(self, person_id: UUID | None) -> str | None:
        return None if person_id is None else self._names.get(person_id)

    def summary(self, outcome: str, owner_id: UUID | None, pool: str | None) -> str:
        return self._say(f"summary.{outcome}", person=self.person_name(owner_id) or "", pool=self.pool_name(pool) or "")

    def why(self, reason: str | None, record: Mapping[str, Any]) -> str | None:
        """A reason code of the rules in words; what a person wrote stays as it is."""
        told = None if reason is None else self._say(f"why.{reason}", days=record.get("recycle_after_days", ""))
        return reason if told == f"assignment.why.{reason}" else told

    def reason(self, code: str, lacks: Iterable[str] = (), **parameters: Any) -> str:
        """Why somebody does not get a lead."""
        told = self._say(f"reason.{code}", **parameters)
        items = [self._item(code, item) for item in lacks]
        return self._say("lacking", reason=told, items=self._listed(items)) if items else told

    def _decision(self, decision: AssignmentDecision, title: str | None) -> DecisionFacts:
        return DecisionFacts(
            id=decision.id,
            lead_id=decision.lead_id,
            lead_title=title,
            decided_at=decision.decided_at,
            cause=decision.cause,
            cause_name=self._say(f"cause.{decision.cause}"),
            outcome=decision.outcome,
            text=self.summary(decision.outcome, decision.owner_id, decision.pool),
            rule=decision.rule,
            pool=decision.pool,
            pool_name=self.pool_name(decision.pool),
            owner_id=decision.owner_id,
            owner_name=self.person_name(decision.owner_id),
            previous_owner_name=self.person_name(decision.previous_owner_id),
            decided_by_name=self.person_name(decision.decided_by),
            reason=self.why(decision.reason, decision.record),
            playbook_version=decision.playbook_version,
            roster_digest=decision.roster_digest,
            steps=self.steps(decision.record),
            warnings=[self._warning(told) for told in decision.record.get("warnings", ())],
        )

    def _step(self, trial: Mapping[str, Any]) -> DecisionStep:
        outside, excluded = trial.get("outside", ()), trial.get("excluded", ())
        return DecisionStep(
            rule=trial["rule"],
            pool=trial["pool"],
            result=trial["result"],
            text=self._step_text(trial),
            candidates=[self._candidate(told, trial) for told in trial.get("candidates", ()) if self._with_people],
            left_out=[*self._left_out(excluded, outside)] if self._with_people else [],
            left_out_count=len(excluded) + sum(group["count"] for group in outside),
        )

    def _step_text(self, trial: Mapping[str, Any]) -> str:
        rule, result = trial["rule"], trial["result"]
        named = self._say("fallback") if rule is None else self._say("rule", rule=self._rules.get(rule, rule))
        if result == "condition_failed":
            condition = self._condition(trial["failed"])
            return self._say("step.condition_failed", rule=self._rules.get(rule, rule), condition=condition)
        told = self._say(
            f"step.{result}",
            rule=named,
            pool=self.pool_name(trial["pool"]),
            asked=trial.get("asked", 0),
            reasons=self._reasons(trial),
            count=len(trial.get("candidates", ())),
            person=self._names.get(UUID(trial["chosen"]), "") if "chosen" in trial else "",
            basis=self._basis(trial) if "candidates" in trial else "",
        )
        extra = []
        if trial.get("account_owner") not in {None, "kept"}:
            extra.append(self._say("account_owner", reason=self.reason(trial["account_owner"])))
        if result == "assigned" and self._reasons(trial):
            extra.append(self._say("also_excluded", reasons=self._reasons(trial)))
        return ("。" if self._locale == "zh" else ". ").join([told, *extra])

    def _reasons(self, trial: Mapping[str, Any]) -> str:
        """How many were left out for which reason."""
        counts: Counter[str] = Counter()
        for group in trial.get("outside", ()):
            counts[self.reason(group["reason"], group.get("lacks", ()))] += group["count"]
        for told in trial.get("excluded", ()):
            counts[self.reason(told["reason"])] += 1
        return self._listed([self._say("left_out", reason=reason, count=count) for reason, count in counts.items()])

    def _basis(self, trial: Mapping[str, Any]) -> str:
        """What put the chosen one first."""
        chosen = next(told for told in trial["candidates"] if told["person"] == trial["chosen"])
        strategy = trial["strategy"]
        if trial.get("account_owner") == "kept":
            code = "account_owner"
        else:
            code = "too_little_history" if "closed_known" in trial and strategy == "round_robin" else strategy
        told = self._say(
            f"basis.{code}",
            turns=chosen.get("starts_at", chosen["turns"]),
            weight=chosen.get("weight", 1),
            open_leads=chosen["open_leads"],
            rate=f"{chosen.get('rate', 0):.0%}",
            closed=trial.get("closed_known", 0),
        )
        return self._say("basis.limits_lifted", basis=told) if trial.get("limits_lifted") else told

    def _candidate(self, told: Mapping[str, Any], trial: Mapping[str, Any]) -> CandidateFacts:
        return CandidateFacts(
            person_id=UUID(told["person"]),
            person_name=self._names.get(UUID(told["person"]), ""),
            turns=told.get("starts_at", told["turns"]),
            open_leads=told["open_leads"],
            given_today=told["given_today"],
            rate=told.get("rate"),
            is_chosen=told["person"] == trial.get("chosen"),
        )

    def _left_out(
        self, excluded: Iterable[Mapping[str, Any]], outside: Iterable[Mapping[str, Any]]
    ) -> Iterable[LeftOut]:
        for told in excluded:
            yield self._left_out_person(told["person"], told["reason"], self.reason(told["reason"]))
        for group in outside:
            words = self.reason(group["reason"], group.get("lacks", ()))
            yield from (self._left_out_person(person, group["reason"], words) for person in group["people"])

    def _left_out_person(self, person: str, reason: str, words: str) -> LeftOut:
        name = self._names.get(UUID(person), "")
        return LeftOut(person_id=UUID(person), person_name=name, reason=reason, text=words)

    def _condition(self, failed: Mapping[str, Any]) -> str:
        fact, seen = failed["fact"], failed["seen"]
        values = self._listed([self._value(fact, value) for value in failed.get("values", ())])
        wanted = self._say(f"wanted.{failed['test']}", values=values, number=failed.get("number", ""))
        seen_words = self._say("nothing") if seen is None else self._value(fact, seen)
        return self._say("condition", fact=self._say(f"fact.{fact}"), seen=seen_words, wanted=wanted)

    def _value(self, fact: str, value: str) -> str:
        """A code of a region, a size or a source by its name."""
        if fact == "arrival":
            return self._say(f"arrival.{value}")
        if self._values is None:
            self._values = self._known_values()
        return self._values.get((fact, value), value)

    def _known_values(self) -> dict[tuple[str, str], str]:
        regions = {("region", region.code): region.name for region in all_regions(self._presenter.acting.session)}
        sizes = {("size", size.code): size.name.spoken(self._locale) for size in self._playbook.customer_sizes}
        source = self._playbook.required_field("source")
        choices = source.choices if source else ()
        return regions | sizes | {("source", choice.code): choice.name.spoken(self._locale) for choice in choices}

    def _warning(self, told: Mapping[str, Any]) -> str:
        items = self._listed([self._item("onboarding_incomplete", item) for item in told.get("items", ())])
        region = self._value("region", told["region"]) if "region" in told else ""
        words = {name: value for name, value in told.items() if name not in {"code", "items", "region"}}
        return self._say(f"warning.{told['code']}", items=items, region=region, **words)

    def _item(self, reason: str, item: str) -> str:
        return self._say(f"item.{item}") if reason == "onboarding_incomplete" else item

    def _listed(self, words: Sequence[str]) -> str:
        return ("、" if self._locale == "zh" else ", ").join(words)

    def _say(self, key: str, **parameters: Any) -> str:
        return translate(f"assignment.{key}", self._locale, **parameters)


def _people_of(decisions: Iterable[AssignmentDecision]) -> set[UUID]:
    found: set[UUID | None] = set()
    for decision in decisions:
        found |= {decision.owner_id, decision.previous_owner_id, decision.decided_by}
        found |= {UUID(person_id) for person_id in _people_in(decision.record)}
    return {person_id for person_id in found if person_id is not None}


def _people_in(record: Mapping[str, Any]) -> set[str]:
    found: set[str] = set()
    for trial in record.get("trials", ()):
        found |= {told["person"] for name in ("candidates", "excluded") for told in trial.get(name, ())}
        found |= {person_id for group in trial.get("outside", ()) for person_id in group["people"]}
    return found
