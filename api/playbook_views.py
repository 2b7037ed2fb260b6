"""Versions of the playbook as the interface shows them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from api.contracts.leads import MissingThing
from api.contracts.playbook_drafts import (
    ChangeView,
    Comparison,
    DraftFacts,
    GoneStage,
    Obstacle,
    PlaybookProblem,
    Readiness,
    StageMapView,
    StrandedLeadView,
    Versions,
)
from api.presenting import Presenter
from api.problems import problem
from crm_core.customers.acting import Acting
from crm_core.foundation.errors import ProductError
from crm_core.foundation.translations import Locale
from crm_core.pipeline.requirements import MissingItem
from crm_core.process.comparison import compare
from crm_core.process.comparison_words import ComparisonWords
from crm_core.process.playbook import Playbook
from crm_core.process.tables import PlaybookVersion
from crm_core.rehearsal.errors import RehearsalNeeded
from crm_core.rehearsal.stage_map import StrandedLead

_COLUMNS = tuple(name for name in DraftFacts.model_fields if not name.endswith("_name"))


@dataclass(frozen=True, slots=True)
class VersionViews:
    """Shows versions to one viewer in one language."""

    acting: Acting
    locale: Locale

    def facts(self, version: PlaybookVersion) -> DraftFacts:
        return self.versions([version]).items[0]

    def versions(self, versions: Sequence[PlaybookVersion]) -> Versions:
        people = {person for version in versions for person in (version.created_by, version.published_by)}
        names = Presenter(self.acting, self.locale).people_names(people)
        return Versions(items=[_facts(version, names) for version in versions], total=len(versions))

    def comparison(self, old: PlaybookVersion, new: PlaybookVersion) -> Comparison:
        words = ComparisonWords(old.content, new.content, self.locale)
        items = [
            ChangeView(
                section=change.path[0],
                path=".".join(change.path),
                kind=change.kind,
                old=change.old,
                new=change.new,
                sentence=words.sentence(change),
            )
            for change in compare(old.content, new.content)
        ]
        return Comparison(old=self.facts(old), new=self.facts(new), items=items, total=len(items))

    def readiness(self, obstacles: Sequence[ProductError], replaces: int) -> Readiness:
        return Readiness(
            is_ready=not obstacles,
            is_skippable=all(isinstance(obstacle, RehearsalNeeded) for obstacle in obstacles),
            obstacles=[self._obstacle(obstacle) for obstacle in obstacles],
            replaces=replaces,
        )

    def stage_map(
        self,
        draft: PlaybookVersion,
        playbook: Playbook,
        counts: Mapping[str, int],
        page: tuple[Sequence[StrandedLead], int],
    ) -> StageMapView:
        targets = {stage.code: stage.name.spoken(self.locale) for stage in playbook.stages}
        presenter = Presenter(self.acting, self.locale)
        stranded, total = page
        facts = presenter.leads([one.lead for one in stranded])
        return StageMapView(
            stages=[
                GoneStage(
                    stage=stage,
                    name=presenter.stage_name(stage),
                    leads=count,
                    to_stage=draft.stage_map.get(stage),
                    to_name=targets.get(draft.stage_map.get(stage, "")),
                )
                for stage, count in counts.items()
            ],
            items=[
                StrandedLeadView(
                    lead=fact,
                    from_name=presenter.stage_name(one.lead.stage),
                    to_stage=one.to_stage,
                    to_name=targets.get(one.to_stage or ""),
                    missing=[self._missing(item) for item in one.missing],
                )
                for one, fact in zip(stranded, facts, strict=True)
            ],
            total=total,
            targets=targets,
        )

    def problems(self, problems: Sequence[Mapping[str, Any]]) -> list[PlaybookProblem]:
        return [
            PlaybookProblem(**{**found, "what": found["what"][self.locale], "remedy": found["remedy"][self.locale]})
            for found in problems
        ]

    def _obstacle(self, obstacle: ProductError) -> Obstacle:
        said = problem(obstacle.code, self.locale, obstacle.parameters)
        return Obstacle(**{name: said.get(name) for name in Obstacle.model_fields})

    def _missing(self, item: MissingItem) -> MissingThing:
        return MissingThing(
            kind=item.kind,
            code=item.code,
            stage=item.stage,
            label=item.label.spoken(self.locale),
            how=item.how.spoken(self.locale),
            reasons=list(item.reasons),
        )


def _facts(version: PlaybookVersion, names: Mapping[UUID, str]) -> DraftFacts:
    columns = {name: getattr(version, name) for name in _COLUMNS}
    return DraftFacts(
        **columns,
        created_by_name=names.get(version.created_by) if version.created_by else None,
        published_by_name=names.get(version.published_by) if version.published_by else None,
    )
