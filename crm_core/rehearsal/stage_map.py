"""Where leads go whose stage a draft no longer has."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, select, text
from sqlalchemy.orm import Session

from crm_core.foundation.translations import translate
from crm_core.pipeline.requirements import MissingItem, missing_items
from crm_core.pipeline.tables import Lead
from crm_core.process.drafts import require_draft
from crm_core.process.playbook import Playbook
from crm_core.process.tables import PlaybookVersion
from crm_core.rehearsal.errors import StageMapInvalid, StageMapNeeded

#: a parked lead comes back where it stood; a lost one is found its stage when it does
_COMING_BACK = ("open", "parked")


@dataclass(frozen=True, slots=True)
class StrandedLead:
    """A lead whose stage is gone, where the map takes it, and what it would lack there for its next move."""

    lead: Lead
    to_stage: str | None
    missing: tuple[MissingItem, ...]


def set_stage_map(session: Session, draft: PlaybookVersion, mapping: Mapping[str, str], *, revision: int) -> None:
    """Raises NotADraft, DraftChangedMeanwhile, StageMapInvalid; a stage without leads needs no line."""
    require_draft(draft, revision)
    _require_sound(mapping, [stage["code"] for stage in draft.content["stages"]])
    draft.stage_map = dict(mapping)
    session.flush()


def stranded_counts(session: Session, playbook: Playbook) -> dict[str, int]:
    """Stage that the playbook lacks → how many open and parked leads stand in it."""
    counted = select(Lead.stage, func.count()).where(_stranded(playbook)).group_by(Lead.stage).order_by(Lead.stage)
    return dict(session.execute(counted).all())


def stranded_leads(
    session: Session, draft: PlaybookVersion, playbook: Playbook, visible: ColumnElement[bool], page: tuple[int, int]
) -> tuple[list[StrandedLead], int]:
    """A page (limit, offset) of the leads that the map moves or still has to, by stage; and how many there are."""
    condition = _stranded(playbook) & visible
    total = session.scalar(select(func.count()).select_from(Lead).where(condition)) or 0
    limit, offset = page
    ordered = select(Lead).where(condition).order_by(Lead.stage, Lead.stage_entered_at, Lead.id)
    leads = session.scalars(ordered.limit(limit).offset(offset)).all()
    return [_seen_under(session, lead, draft.stage_map.get(lead.stage), playbook) for lead in leads], total


def require_complete(session: Session, draft: PlaybookVersion, playbook: Playbook, names: Mapping[str, Any]) -> None:
    """Every lead must have a stage to stand in; `names` has the stages in force in their order.

    Raises StageMapNeeded, StageMapInvalid.
    """
    stages = [stage.code for stage in playbook.stages]
    _require_sound(draft.stage_map, stages)
    _require_no_lift(draft.stage_map, list(names), stages)
    counts = stranded_counts(session, playbook)
    left = {stage: count for stage, count in counts.items() if stage not in draft.stage_map}
    if left:
        raise StageMapNeeded(
            stages=[{"stage": stage, "leads": count} for stage, count in left.items()],
            told_zh="、".join(f"「{_name(names, stage, 'zh')}」{count} 条" for stage, count in left.items()),
            told_en=", ".join(f"'{_name(names, stage, 'en')}': {count}" for stage, count in left.items()),
        )


def stages_gone(in_force: Playbook, playbook: Playbook) -> frozenset[str]:
    """Stages of the one that the other no longer has."""
    return frozenset(stage.code for stage in in_force.stages) - {stage.code for stage in playbook.stages}


def await_lead_writers(session: Session) -> None:
    """Leads that are being written by the old process are kept first, so that none is left in a stage that goes."""
    session.execute(text("LOCK TABLE leads IN SHARE ROW EXCLUSIVE MODE"))


def leads_to_move(session: Session, playbook: Playbook) -> Sequence[Lead]:
    """In the order of their ids, locked, so that two who move them cannot block each other."""
    return session.scalars(select(Lead).where(_stranded(playbook)).order_by(Lead.id).with_for_update()).all()


def _stranded(playbook: Playbook) -> ColumnElement[bool]:
    return Lead.outcome.in_(_COMING_BACK) & Lead.stage.not_in([stage.code for stage in playbook.stages])


def _seen_under(session: Session, lead: Lead, to_stage: str | None, playbook: Playbook) -> StrandedLead:
    if to_stage is None or to_stage not in {stage.code for stage in playbook.stages}:
        return StrandedLead(lead, None, ())
    reached = playbook.stages[: playbook.stage_position(to_stage) + 1]
    return StrandedLead(lead, to_stage, tuple(missing_items(session, lead, playbook, reached)))


def _require_no_lift(mapping: Mapping[str, str], old_stages: Sequence[str], stages: Sequence[str]) -> None:
    """A map is no way past the gate: nobody comes further than the next stage that stays."""
    for gone, target in mapping.items():
        after = old_stages[old_stages.index(gone) + 1 :] if gone in old_stages else []
        staying = [stages.index(stage) for stage in after if stage in stages]
        if staying and stages.index(target) > staying[0]:
            raise _invalid(gone, target, "lifts")


def _require_sound(mapping: Mapping[str, str], stages: Sequence[str]) -> None:
    for gone, target in mapping.items():
        problem = _problem(mapping, gone, target, stages)
        if problem:
            raise _invalid(gone, target, problem)


def _invalid(gone: str, target: str, problem: str) -> StageMapInvalid:
    return StageMapInvalid(
        from_stage=gone,
        to_stage=target,
        problem=problem,
        problem_zh=translate(f"stage_map_problem.{problem}", "zh"),
        problem_en=translate(f"stage_map_problem.{problem}", "en"),
    )


def _problem(mapping: Mapping[str, str], gone: str, target: str, stages: Sequence[str]) -> str | None:
    if gone in stages:
        return "still_there"
    if target in stages:
        return None
    seen = {gone}
    while target in mapping:
        if target in seen:
            return "cycle"
        seen.add(target)
        target = mapping[target]
    return "target_gone" if target in stages else "target_unknown"


def _name(names: Mapping[str, Any], stage: str, locale: str) -> str:
    return str(names[stage].spoken(locale)) if stage in names else stage
