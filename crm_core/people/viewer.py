"""Whoever looks: the person behind a request, with the roles and reach of today."""

from dataclasses import dataclass, field
from typing import Literal, get_args
from uuid import UUID

Role = Literal["rep", "presales", "delivery", "finance", "trainer", "manager", "director", "operations", "admin"]
ROLES: tuple[Role, ...] = get_args(Role)


@dataclass(frozen=True, slots=True)
class Viewer:
    """The facts that every access decision rests on."""

    person_id: UUID
    roles: frozenset[str]
    #: teams the person belongs to, or leads
    team_ids: frozenset[UUID] = field(default_factory=frozenset)
    region_ids: frozenset[UUID] = field(default_factory=frozenset)
    #: everyone in those teams, and the person
    team_member_ids: frozenset[UUID] = field(default_factory=frozenset)
    #: somebody answers to the person today
    leads_others: bool = False
    #: set for an API token, which may do less than its owner
    token_scopes: frozenset[str] | None = None
