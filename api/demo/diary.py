"""The log of who did what with a customer when, and for how many minutes."""

from datetime import datetime, timedelta
from random import Random
from typing import Literal

from api.demo.journeys import Journey
from api.demo.records import Activity
from api.demo.stories import Scene, Storyteller
from api.demo.working_days import in_office_hours

Kind = Literal["call", "visit", "message", "email", "quote_sent"]
_CHANNELS: dict[Kind, tuple[str, ...]] = {
    "call": ("phone",),
    "visit": ("screen",),
    "message": ("wecom", "wecom", "wechat", "dingtalk", "feishu"),
    "email": ("email",),
    "quote_sent": ("wecom", "email"),
}
_MINUTES: dict[Kind, tuple[int, int]] = {
    "call": (8, 30),
    "visit": (60, 150),
    "message": (5, 15),
    "email": (10, 30),
    "quote_sent": (20, 45),
}
_TEXTS: dict[Kind, str] = {
    "call": "log_call",
    "visit": "log_visit",
    "message": "log_message",
    "email": "log_email",
    "quote_sent": "log_quote",
}
#: what is done in each stage, and how far into it
_STAGE_DIARY: dict[str, tuple[tuple[Kind, float], ...]] = {
    "first_contact": (("call", 0.1), ("message", 0.6)),
    "needs_diagnosis": (("visit", 0.4),),
    "proposal_quote": (("email", 0.05), ("quote_sent", 0.15), ("visit", 0.35), ("message", 0.55), ("call", 0.8)),
    "signing_payment": (("visit", 0.5),),
}


class Diarist:
    """Writes the activities of one block."""

    def __init__(self, teller: Storyteller, rng: Random, now: datetime) -> None:
        self._teller = teller
        self._rng = rng
        self._now = now

    def of_lead(self, journey: Journey, scene: Scene, lead_code: str) -> list[Activity]:
        """What was done for new business, stage by stage."""
        activities: list[Activity] = []
        for stage, entries in _STAGE_DIARY.items():
            start = journey.reached_at(stage)
            if start is None:
                continue
            end = min(journey.left_at(stage) or self._now, self._now)
            for kind, share in entries:
                at = in_office_hours(start + (end - start) * min(0.97, share * self._rng.uniform(0.8, 1.2)), self._rng)
                if start <= at < self._now and self._rng.random() < 0.9:
                    code = f"{lead_code}-A{len(activities) + 1}"
                    activities.append(self._entry(code, at, kind, scene, by=journey.owner_at(at), lead_code=lead_code))
        return activities

    def _entry(self, code: str, at: datetime, kind: Kind, scene: Scene, *, by: str, lead_code: str) -> Activity:
        return Activity(
            code=code,
            at=at,
            kind=kind,
            channel=self._rng.choice(_CHANNELS[kind]),
            by=by,
            minutes=self._minutes(kind),
            work="new_business",
            summary=self._teller.log(_TEXTS[kind], scene),
            lead_code=lead_code,
        )

    def of_renewal(self, code: str, owner: str, scene: Scene, last_contact: datetime, minutes: int) -> list[Activity]:
        """About `minutes` of renewal work, ending with the last contact."""
        activities: list[Activity] = []
        at, left = last_contact, minutes
        while left > 0 and len(activities) < 40:
            kind: Kind = self._rng.choice(("visit", "visit", "call", "message"))
            spent = min(left, self._minutes(kind) * 2 if kind == "visit" else self._minutes(kind))
            activities.append(
                Activity(
                    code=f"{code}-A{len(activities) + 1}",
                    at=at,
                    kind=kind,
                    channel=self._rng.choice(_CHANNELS[kind]),
                    by=owner,
                    minutes=spent,
                    work="renewal",
                    summary=self._teller.log("log_renewal", scene),
                )
            )
            left -= spent
            earlier = at - timedelta(days=self._rng.uniform(1, 12))
            at = in_office_hours(earlier, self._rng) if in_office_hours(earlier, self._rng) < at else earlier
        return activities[::-1]

    def _minutes(self, kind: Kind) -> int:
        low, high = _MINUTES[kind]
        return self._rng.randrange(low, high + 1)
