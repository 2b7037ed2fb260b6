"""How cases leave the server: masked for the viewer, with names for codes and sentences for reasons."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from api.contracts.cases import CaseFacts, EvidenceFacts, FoundCase, Named, PassageFacts, ReasonFacts
from crm_core.customers.acting import Acting
from crm_core.foundation import clock
from crm_core.foundation.translations import Locale, translate
from crm_core.people.repository import names_of_people
from knowledge.cases.repository import methods_of
from knowledge.cases.tables import Case, CaseEvidence
from knowledge.methods.library import LibraryMethod, library_methods
from knowledge.recommendation.feedback import UseCount, use_counts
from knowledge.recommendation.top_reps import MINIMUM_CLOSED_DEALS
from knowledge.retrieval.results import Hit, Reason

_COLUMNS = (
    "id", "created_at", "title", "status", "industry", "size", "region", "situation", "products", "key_actions",
    "story", "cycle_days", "margin", "amount", "signed_on", "lead_id", "customer_id", "rep_id", "owner_id",
    "published_at", "verified_on", "expires_on", "version",
)  # fmt: skip


class CaseViews:
    """Presents cases to one viewer in one language."""

    def __init__(self, acting: Acting, locale: Locale) -> None:
        self._acting = acting
        self._locale = locale
        self._methods = library_methods(acting.session, acting.playbook, with_proposals=True)
        self._pain_points = {
            entry.code: entry.name if locale == "zh" else entry.name_en for entry in acting.playbook.lexicon.pain_points
        }

    def method(self, code: str) -> Named:
        return Named(code=code, name=self._method_name(self._methods.get(code), code))

    def pain_point(self, code: str) -> Named:
        return Named(code=code, name=self._pain_points.get(code, code))

    def facts(self, cases: Sequence[Case]) -> list[CaseFacts]:
        """What the viewer may see of each case."""
        methods = methods_of(self._acting.session, [case.id for case in cases])
        names = names_of_people(self._acting.session, {case.rep_id for case in cases if case.rep_id})
        return [CaseFacts(**self._presented(case, methods.get(case.id, ()), names)) for case in cases]

    def found(self, hits: Sequence[Hit]) -> list[FoundCase]:
        """Cases of a search in its order, each with why."""
        ids = [UUID(hit.case_id) for hit in hits]
        cases = {case.id: case for case in self._acting.session.scalars(select(Case).where(Case.id.in_(ids)))}
        kept = [(hit, cases[UUID(hit.case_id)]) for hit in hits if UUID(hit.case_id) in cases]
        counts = use_counts(self._acting.session, ids)
        facts = self.facts([case for _, case in kept])
        return [
            self._found(hit, shown, counts.get(case.id, UseCount()))
            for (hit, case), shown in zip(kept, facts, strict=True)
        ]

    def reason(self, reason: Reason) -> ReasonFacts:
        parameters = dict(reason.parameters)
        return ReasonFacts(
            code=reason.code.value,
            parameters=parameters,
            sentence=translate(f"case_reason.{reason.code.value}", self._locale, **self._worded(parameters)),
        )

    def top_rep_rule(self) -> str:
        return translate("case_reason.top_rep_rule", self._locale, minimum=MINIMUM_CLOSED_DEALS)

    @staticmethod
    def evidence(rows: Iterable[CaseEvidence]) -> list[EvidenceFacts]:
        return [
            EvidenceFacts(id=row.id, name=row.name, media_type=row.media_type, size_bytes=row.size_bytes)
            for row in rows
        ]

    def _found(self, hit: Hit, facts: CaseFacts, counts: UseCount) -> FoundCase:
        return FoundCase(
            case=facts,
            score=round(hit.score, 4),
            reasons=[self.reason(reason) for reason in hit.reasons],
            passages=[
                PassageFacts(part=passage.part, start=passage.start, end=passage.end, text=passage.text)
                for passage in hit.passages
            ],
            times_shown=counts.shown,
            times_used=counts.used,
        )

    def _presented(self, case: Case, methods: Sequence[str], names: Mapping[UUID, str]) -> dict[str, Any]:
        values = {name: getattr(case, name) for name in _COLUMNS}
        values |= {
            "methods": [self.method(code) for code in methods],
            "pain_points": [self.pain_point(code) for code in case.pain_points],
        }
        shown = self._acting.policy.present(self._acting.viewer, "case", values)
        if "rep_id" in shown and case.rep_id:
            shown["rep_name"] = names.get(case.rep_id)
        if "expires_on" in shown:
            shown["is_overdue"] = case.expires_on is not None and case.expires_on < clock.today()
        return shown

    def _method_name(self, method: LibraryMethod | None, code: str) -> str:
        if method is None:
            return code
        return method.name if self._locale == "zh" else method.name_en

    def _worded(self, parameters: Mapping[str, Any]) -> dict[str, str]:
        """Parameters as they stand in a sentence: codes by their names, shares as percentages, lists joined."""
        joint = "、" if self._locale == "zh" else ", "
        worded = {}
        for name, value in parameters.items():
            if name == "pain_points":
                worded[name] = joint.join(self._pain_points.get(code, code) for code in value)
            elif isinstance(value, list):
                worded[name] = joint.join(value)
            elif name in {"win_rate", "similarity"}:
                worded[name] = f"{value:.0%}"
            else:
                worded[name] = f"{value:g}" if isinstance(value, float) else str(value)
        return worded
