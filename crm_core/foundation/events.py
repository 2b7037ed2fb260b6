"""News that travels upwards: a lower floor says what happened, a higher one reacts in the same transaction.

Which reaction belongs to which event is decided in one table, `api/subscriptions.py`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened, named in the past tense; carries ids and plain values."""


Reaction = Callable[[Session, Any], None]

_reactions: dict[type[Event], tuple[Reaction, ...]] = {}


def install_reactions(table: Mapping[type[Event], Sequence[Reaction]]) -> None:
    """Called once, by the composition root, with the whole table."""
    _reactions.clear()
    _reactions.update({event: tuple(reactions) for event, reactions in table.items()})


def publish(session: Session, event: Event) -> None:
    """Run every reaction to an event now, in the caller's transaction: all of it is kept or none."""
    for reaction in _reactions.get(type(event), ()):
        reaction(session, event)
