"""The one access policy: role × field × row scope, asked at every exit.

The matrix and the scopes are data of the playbook; here they are compiled to dictionaries once per published version,
so that masking a whole record costs a few lookups.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from sqlalchemy import ColumnElement, false, or_, true

from crm_core.foundation.errors import Forbidden
from crm_core.people.pool_reach import PoolColumns, waiting_within_reach
from crm_core.people.viewer import Viewer
from crm_core.process.access_rules import FieldMatrix, RowScopes
from crm_core.process.assignment_rules import Pool


class Level(IntEnum):
    """What a role may do with a field; of several roles the highest counts."""

    HIDDEN = 0
    READ = 1
    EDIT = 2


class FieldForbidden(Forbidden):
    code = "field_forbidden"


class RightMissing(Forbidden):
    code = "right_missing"


@dataclass(frozen=True, slots=True)
class RecordColumns:
    """The columns of a table that row scope looks at."""

    owner_id: Any
    region_id: Any
    #: further people to whom the row is theirs: presales, delivery owner
    assigned_ids: tuple[Any, ...] = ()
    #: where rows may wait for whoever takes them: also those of the viewer's claim pools
    waiting: PoolColumns | None = None


class AccessPolicy:
    """Compiled from the playbook.

    matrix: record type → field → role → "hidden" | "read" | "edit"; the field "*" is the default of its record type
    and a role or record that is not listed is hidden.
    scopes: role → record type (or "*") → "own" | "team" | "region" | "all".
    rights: role → names of things the role may do, such as "gate.override".
    pools: whose members see what waits in them, where a list asks for that.
    """

    def __init__(
        self,
        matrix: FieldMatrix,
        scopes: RowScopes,
        rights: Mapping[str, Iterable[str]],
        pools: Iterable[Pool] = (),
    ) -> None:
        self._levels: dict[tuple[str, str, str], Level] = {
            (record, name, role): Level[level.upper()]
            for record, fields in matrix.items()
            for name, roles in fields.items()
            for role, level in roles.items()
        }
        self._scopes: dict[tuple[str, str], str] = {
            (role, record): scope for role, records in scopes.items() for record, scope in records.items()
        }
        self._rights = {role: frozenset(names) for role, names in rights.items()}
        self._pools = tuple(pools)

    def level(self, viewer: Viewer, record: str, name: str) -> Level:
        """What this viewer may do with one field of one kind of record."""
        return max((self._role_level(role, record, name) for role in viewer.roles), default=Level.HIDDEN)

    def present(self, viewer: Viewer, record: str, values: Mapping[str, Any]) -> dict[str, Any]:
        """The part of a record that this viewer may see; identifiers and times of making are always part of it."""
        return {
            name: value
            for name, value in values.items()
            if name in _ALWAYS_READABLE or self.level(viewer, record, name) >= Level.READ
        }

    def editable(self, viewer: Viewer, record: str, names: Iterable[str]) -> list[str]:
        """Which of these fields the viewer may change; screens enable just those."""
        return [name for name in names if self.level(viewer, record, name) >= Level.EDIT]

    def require_editable(self, viewer: Viewer, record: str, names: Iterable[str]) -> None:
        """Raises FieldForbidden naming every field of the change that the viewer may not edit."""
        refused = sorted(name for name in names if self.level(viewer, record, name) < Level.EDIT)
        if refused:
            raise FieldForbidden(record=record, fields=", ".join(refused))

    def require_readable(self, viewer: Viewer, record: str, names: Iterable[str]) -> None:
        """Sort and filter keys pass here too: an order by a hidden field would tell it."""
        refused = sorted(
            name for name in names if name not in _ALWAYS_READABLE and self.level(viewer, record, name) < Level.READ
        )
        if refused:
            raise FieldForbidden(record=record, fields=", ".join(refused))

    def rights(self, viewer: Viewer) -> frozenset[str]:
        """Everything that the viewer's roles may do."""
        return frozenset().union(*(self._rights.get(role, frozenset()) for role in viewer.roles))

    def has_right(self, viewer: Viewer, right: str) -> bool:
        return right in self.rights(viewer)

    def require_right(self, viewer: Viewer, right: str) -> None:
        """Raises RightMissing unless one of the viewer's roles has the right."""
        if not self.has_right(viewer, right):
            raise RightMissing(right=right)

    def scope(self, viewer: Viewer, record: str) -> str:
        """The widest reach of the viewer's roles: none, own, team, region or all."""
        reaches = (self._scopes.get((role, record), self._scopes.get((role, "*"), "none")) for role in viewer.roles)
        return max(reaches, key=_REACHES.index, default="none")

    def visible(self, viewer: Viewer, record: str, columns: RecordColumns) -> ColumnElement[bool]:
        """The condition that every list of this record starts from."""
        reach = self.scope(viewer, record)
        if reach == "all":
            return true()
        if reach == "none":
            return false()
        mine = [columns.owner_id == viewer.person_id, *(column == viewer.person_id for column in columns.assigned_ids)]
        if reach in {"team", "region"}:
            mine.append(columns.owner_id.in_(viewer.team_member_ids))
        if reach == "region":
            mine.append(columns.region_id.in_(viewer.region_ids))
        if columns.waiting is not None:
            mine.append(waiting_within_reach(viewer, self._pools, columns.waiting))
        return or_(*mine)

    def _role_level(self, role: str, record: str, name: str) -> Level:
        level = self._levels.get((record, name, role))
        return level if level is not None else self._levels.get((record, "*", role), Level.HIDDEN)


_ALWAYS_READABLE = frozenset({"id", "created_at"})
_REACHES = ("none", "own", "team", "region", "all")
