"""Who reacts to what: the one table of it. Reactions run in the transaction of the event."""

from collections.abc import Mapping, Sequence

from crm_core.foundation.events import Event, Reaction

REACTIONS: Mapping[type[Event], Sequence[Reaction]] = {}
