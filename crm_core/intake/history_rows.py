"""Rows that tell what happened to leads elsewhere.

Either one row an event (lead, what, when) or one row a lead (when it entered which stage, when and how it ended);
a table may also mix them. All rows of a lead make its past, which is taken whole or not at all.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, String, any_, bindparam, select

from crm_core.customers.acting import Acting
from crm_core.foundation import clock
from crm_core.foundation.errors import ProductError
from crm_core.intake.errors import (
    LeadHasMoved,
    LeadUnknown,
    PastDateMissing,
    PastInFuture,
    PastOutOfOrder,
    PastRowsRefused,
    RowBeyondReach,
)
from crm_core.intake.rows import TableRow
from crm_core.intake.targets import ENTERED
from crm_core.pipeline.adoption import Adoption, moved_here
from crm_core.pipeline.dwell.repository import among
from crm_core.pipeline.gate import Gate
from crm_core.pipeline.past import ENDS, PastEvent, standing_after
from crm_core.pipeline.repository import LEAD_COLUMNS
from crm_core.pipeline.tables import Lead, StageMove
from crm_core.process.playbook import Playbook

_LIMIT_ROWS = 200_000
_Step = tuple[str, str, datetime]


@dataclass(slots=True)
class _Told:
    """The rows of one lead."""

    rows: list[TableRow]
    events: list[PastEvent]


class HistoryRows:
    #: the rows of a lead may stand anywhere, so all are judged together
    batch_rows = _LIMIT_ROWS
    limit_rows: int | None = _LIMIT_ROWS

    def __init__(self, acting: Acting) -> None:
        acting.policy.require_right(acting.viewer, "import.history")
        self._adoptions: list[Adoption] = []
        self._here: set[UUID] = set()
        self._pasts: dict[UUID, list[_Step]] = {}

    def identity(self, _values: Mapping[str, Any], /) -> None:
        """A lead has many rows."""

    def judge(self, acting: Acting, rows: Sequence[TableRow]) -> None:
        self._adoptions = []
        told: dict[str, _Told] = {}
        for row in rows:
            if "external_number" not in row.values:
                continue
            group = told.setdefault(row.values["external_number"], _Told([], []))
            group.rows.append(row)
            if row.problems:
                continue
            try:
                group.events.extend(events_of(acting.playbook, row.values))
            except ProductError as refusal:
                row.refuse(refusal)
        leads = self._leads(acting, list(told))
        ids = [lead.id for lead, _ in leads.values()]
        self._here, self._pasts = moved_here(acting.session, ids), _pasts(acting, ids)
        for number, group in told.items():
            self._settle(acting.playbook, number, group, leads.get(number))

    def keep(self, acting: Acting) -> None:
        Gate(acting).adopt(self._adoptions)

    def _leads(self, acting: Acting, numbers: Sequence[str]) -> dict[str, tuple[Lead, bool]]:
        visible = acting.policy.visible(acting.viewer, "lead", LEAD_COLUMNS).label("is_visible")
        statement = select(Lead, visible).where(Lead.external_number == any_(bindparam(None, numbers, ARRAY(String))))
        return {str(lead.external_number): (lead, is_visible) for lead, is_visible in acting.session.execute(statement)}

    def _settle(self, playbook: Playbook, number: str, group: _Told, found: tuple[Lead, bool] | None) -> None:
        wrong = next((row.number for row in group.rows if row.problems), None)
        try:
            if found is None:
                raise LeadUnknown(number=number)
            lead, is_visible = found
            if not is_visible:
                raise RowBeyondReach(name=number)
            if wrong is not None:
                raise PastRowsRefused(row=wrong)
            self._take(playbook, lead, group)
        except ProductError as refusal:
            for row in group.rows:
                if not row.problems:
                    row.refuse(refusal)

    def _take(self, playbook: Playbook, lead: Lead, group: _Told) -> None:
        standing = standing_after(playbook, sorted(group.events, key=lambda event: event.happened_at))
        moves = [(move.kind, move.to_stage, move.moved_at) for move in standing.moves] if standing else []
        is_known = lead.id in self._here and self._pasts.get(lead.id, []) == moves
        if lead.id in self._here and moves and not is_known:
            raise LeadHasMoved(number=lead.external_number)
        is_new = standing is not None and not is_known
        if standing is not None and is_new:
            self._adoptions.append(Adoption(lead.id, lead.customer_id, lead.title, lead.owner_id, standing))
        for row in group.rows:
            row.settle("changed" if is_new else "unchanged", lead.id, lead.title)


def _pasts(acting: Acting, lead_ids: Sequence[UUID]) -> dict[UUID, list[_Step]]:
    """What was brought in before; what has happened here since does not matter."""
    statement = (
        select(StageMove.lead_id, StageMove.kind, StageMove.to_stage, StageMove.moved_at)
        .where(among(StageMove.lead_id, lead_ids), StageMove.is_imported)
        .order_by(StageMove.moved_at, StageMove.id)
    )
    found: dict[UUID, list[_Step]] = {}
    for row in acting.session.execute(statement):
        found.setdefault(row.lead_id, []).append((row.kind, row.to_stage, row.moved_at))
    return found


def events_of(playbook: Playbook, values: Mapping[str, Any]) -> list[PastEvent]:
    """What one row tells. Raises PastDateMissing, PastInFuture, PastOutOfOrder."""
    reason, moved_by = values.get("reason"), values.get("moved_by")
    dated = [
        (stage.code, values[f"{ENTERED}{stage.code}"][0])
        for stage in playbook.stages
        if f"{ENTERED}{stage.code}" in values
    ]
    event = values.get("event")
    happened = values.get("closed_at") if event in ENDS else None
    happened = happened or values.get("moved_at")
    if event is not None and happened is not None:
        dated.append((event, happened[0]))
    elif event is not None and not _goes_without_saying(playbook, event, dated):
        raise PastDateMissing(event=event)
    _demand_order(dated)
    return [PastEvent(code, at, reason if code == event else None, moved_by) for code, at in dated]


def _goes_without_saying(playbook: Playbook, event: str, dated: Sequence[tuple[str, datetime]]) -> bool:
    """The stage at which every lead begins, or one whose own column has its date."""
    return event == playbook.stages[0].code or any(code == event for code, _ in dated)


def _demand_order(dated: Sequence[tuple[str, datetime]]) -> None:
    now = clock.now()
    for code, at in dated:
        if at > now:
            raise PastInFuture(event=code, value=at.date().isoformat())
    ends = [(code, at) for code, at in dated if code in ENDS]
    for code, at in ends:
        late = next(((other, when) for other, when in dated if other not in ENDS and when > at), None)
        if late is not None:
            raise PastOutOfOrder(
                earlier=late[0], earlier_on=late[1].date().isoformat(), later=code, later_on=at.date().isoformat()
            )
