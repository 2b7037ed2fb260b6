"""What a decision rests on: the facts of a lead, and how loaded everybody is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Self
from uuid import UUID

#: industry and size of a customer: what past conversion is compared within
Facet = tuple[str | None, str | None]


@dataclass(frozen=True, slots=True)
class LeadFacts:
    """What rules may look at. The region is a code: the lead's own, else its customer's."""

    received_at: datetime
    region: str | None = None
    industry: str | None = None
    size: str | None = None
    city: str | None = None
    source: str | None = None
    product: str | None = None
    language: str | None = None
    amount: Decimal | None = None
    account_owner_id: UUID | None = None
    #: who must not get it: whoever hands it over or let it lie
    barred_ids: frozenset[UUID] = frozenset()

    @property
    def facet(self) -> Facet:
        return self.industry, self.size

    def as_json(self) -> dict[str, Any]:
        """What is known, in plain JSON values."""
        values = {
            "received_at": self.received_at.isoformat(),
            **{name: getattr(self, name) for name in _WORDS},
            "amount": None if self.amount is None else str(self.amount),
            "account_owner": str(self.account_owner_id) if self.account_owner_id else None,
            "barred": sorted(str(person_id) for person_id in self.barred_ids),
        }
        return {name: value for name, value in values.items() if value not in (None, [])}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """The facts that `as_json` told."""
        return cls(
            received_at=datetime.fromisoformat(values["received_at"]),
            **{name: values.get(name) for name in _WORDS},
            amount=Decimal(values["amount"]) if "amount" in values else None,
            account_owner_id=UUID(values["account_owner"]) if "account_owner" in values else None,
            barred_ids=frozenset(UUID(person_id) for person_id in values.get("barred", ())),
        )


_WORDS = ("region", "industry", "size", "city", "source", "product", "language")


@dataclass(frozen=True, slots=True)
class Conversion:
    """Closed leads of a person and facet, and how many of them were won."""

    won: int = 0
    closed: int = 0


@dataclass(slots=True)
class Loads:
    """How loaded everybody is; a run adds each decision before it takes the next."""

    #: (pool, person) → place in the pool's rotation
    turns: dict[tuple[str, UUID], int] = field(default_factory=dict)
    #: person → open leads
    open_leads: dict[UUID, int] = field(default_factory=dict)
    #: (pool, person) → leads of this pool got since midnight
    given_today: dict[tuple[str, UUID], int] = field(default_factory=dict)
    #: (person, facet) → past results
    conversions: dict[tuple[UUID, Facet], Conversion] = field(default_factory=dict)

    def add(self, pool: str, person_id: UUID, turns: Mapping[UUID, int]) -> None:
        """One more lead for a person, and where the pool's rotation stands after it."""
        self.open_leads[person_id] = self.open_leads.get(person_id, 0) + 1
        self.given_today[pool, person_id] = self.given_today.get((pool, person_id), 0) + 1
        self.turns.update({(pool, other_id): count for other_id, count in turns.items()})
