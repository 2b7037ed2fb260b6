"""Judges moves that were made by the gates of one playbook."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from crm_core.pipeline.requirements import OWN_COLUMNS, MissingItem, lacking_items
from crm_core.process.playbook import Playbook
from crm_core.rehearsal.material import PastMove


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a move lacked; and the stages that it would have had to pass on the way, where there are more now."""

    missing: tuple[MissingItem, ...] = ()
    more_steps: tuple[str, ...] = ()

    @property
    def is_blocked(self) -> bool:
        return bool(self.missing)


class GateJudge:
    """The gates of a playbook; stages that it has no more stand for those that they are mapped to."""

    def __init__(self, playbook: Playbook, stage_map: Mapping[str, Any]) -> None:
        self._playbook = playbook
        self._positions = {stage.code: position for position, stage in enumerate(playbook.stages)}
        self._stage_map = stage_map

    def judge(self, move: PastMove) -> Judgement:
        """A move into a stage that is gone and mapped nowhere asks for nothing."""
        here, target = self._position(move.from_stage), self._position(move.to_stage)
        if move.kind == "won":
            target = len(self._playbook.stages)
        if target is None or (here is not None and target <= here):
            return Judgement()
        missing = lacking_items(
            _Values(move.values).get, move.documents, self._playbook, self._playbook.stages[:target]
        )
        between = self._playbook.stages[here + 1 : target] if here is not None else ()
        return Judgement(tuple(missing), tuple(stage.code for stage in between))

    def _position(self, code: str) -> int | None:
        return self._positions.get(code, self._positions.get(str(self._stage_map.get(code))))


class _Values:
    """What a lead held under the code of a required field."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._columns = values
        self._fields: Mapping[str, Any] = values["fields"] or {}

    def get(self, code: str) -> Any:
        return self._columns[code] if code in OWN_COLUMNS else self._fields.get(code)
