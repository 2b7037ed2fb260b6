"""Checks across the sections of a playbook: what its parts say of each other must hold together.

`broken_references` is part of every playbook, because the product could not run without it. `contradictions` is asked
of whatever people write: a version in force stays in force when a later release of the product finds more of them.
"""

from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crm_core.process.assignment_consistency import assignment_contradictions
from crm_core.process.problems import ContentProblem, Place
from crm_core.process.stages import RequiredField
from crm_core.process.wording import wording_problems
from crm_core.process.yaml_text import read_yaml

if TYPE_CHECKING:
    from crm_core.process.playbook import Playbook

#: columns of a lead that a stage may ask for, and what they are
_COLUMNS_ASKED_FOR = {
    "owner_id": {"person"},
    "presales_id": {"person"},
    "source": {"text", "choice"},
    "product": {"text", "choice"},
    "expected_sign_on": {"date"},
    "amount": {"number"},
    "margin": {"number"},
}
#: what a lead is, which no field of a stage may be called
_RESERVED = frozenset(
    {
        "id",
        "created_at",
        "customer_id",
        "title",
        "stage",
        "stage_entered_at",
        "outcome",
        "outcome_at",
        "outcome_reason",
        "payment_state",
        "region_id",
        "version",
        "back_moves",
        "received_at",
        "owned_since",
        "pool",
        "language",
        "external_number",
        "incentive_policy",
        "alarm_at",
        "alarm_step",
        "overdue_at",
        "fields",
        "is_overdue",
    }
)
_SHARES = frozenset({"conversion", "back_flow_share", "overdue_share"})
#: without somebody who may do this, nobody could change the process ever again
_NEEDED_RIGHTS = ("playbook.edit", "playbook.publish", "users.manage")


def broken_references(playbook: "Playbook") -> list[ContentProblem]:
    """Codes that stand twice, and codes that nothing is called."""
    return [*_repeated_codes(playbook), *_unknown_references(playbook)]


def contradictions(playbook: "Playbook") -> list[ContentProblem]:
    """What would never work as it is written."""
    return [
        *_unfit_fields(playbook),
        *_tasks_for_nobody(playbook),
        *_impossible_reviews(playbook),
        *_unknown_access(playbook),
        *_missing_rights(playbook),
        *assignment_contradictions(playbook),
        *wording_problems(playbook),
    ]


def _repeated_codes(playbook: "Playbook") -> Iterator[ContentProblem]:
    named: dict[Place, Iterable[Any]] = {
        ("stages",): playbook.stages,
        ("document_kinds",): playbook.document_kinds,
        ("task_chains",): playbook.task_chains,
        ("outcome_reasons", "lost"): playbook.outcome_reasons.lost,
        ("outcome_reasons", "parked"): playbook.outcome_reasons.parked,
        ("customer_sizes",): playbook.customer_sizes,
        ("decision_roles",): playbook.decision_roles,
        ("timeline_kinds",): playbook.timeline_kinds,
        ("lexicon", "pain_points"): playbook.lexicon.pain_points,
        ("methods",): playbook.methods,
        ("skills",): playbook.skills,
        ("courses",): playbook.courses,
        ("calendars",): playbook.calendars,
        ("assignment", "rules"): playbook.assignment.rules,
        ("assignment", "pools"): playbook.assignment.pools,
        ("health", "reviews"): playbook.health.reviews,
    }
    for place, entries in named.items():
        yield from _twice(place, [(index, entry.code) for index, entry in enumerate(entries)])
    yield from _repeated_fields(playbook)


def _repeated_fields(playbook: "Playbook") -> Iterator[ContentProblem]:
    """A field is asked for once in the whole process; what it holds stays with the lead."""
    seen: set[str] = set()
    for position, stage in enumerate(playbook.stages):
        for index, field in enumerate(stage.fields):
            place: Place = ("stages", position, "fields", index)
            if field.code in seen:
                yield ContentProblem(place, "code_repeated", {"code": field.code})
            seen.add(field.code)
            yield from _twice((*place, "choices"), [(at, choice.code) for at, choice in enumerate(field.choices)])


def _twice(place: Place, codes: Iterable[tuple[int, str]]) -> Iterator[ContentProblem]:
    seen: set[str] = set()
    for index, code in codes:
        if code in seen:
            yield ContentProblem((*place, index), "code_repeated", {"code": code})
        seen.add(code)


def _unknown_references(playbook: "Playbook") -> Iterator[ContentProblem]:
    """Each place that names something, the name, and what there is."""
    kinds = [kind.code for kind in playbook.document_kinds]
    calendars = [calendar.code for calendar in playbook.calendars]
    pools = [pool.code for pool in playbook.assignment.pools]
    named: list[tuple[Place, str | None, list[str], str]] = []
    for position, stage in enumerate(playbook.stages):
        here: Place = ("stages", position)
        named += [
            ((*here, "documents", index, "kind"), document.kind, kinds, "document_kinds")
            for index, document in enumerate(stage.documents)
        ]
        calendar = stage.dwell_limit.calendar if stage.dwell_limit else None
        named.append(((*here, "dwell_limit", "calendar"), calendar, calendars, "calendars"))
    skills = [skill.code for skill in playbook.skills]
    named += [
        (("courses", index, "skill"), course.skill, skills, "skills") for index, course in enumerate(playbook.courses)
    ]
    rules = enumerate(playbook.assignment.rules)
    named += [(("assignment", "rules", index, "pool"), rule.pool, pools, "assignment.pools") for index, rule in rules]
    named.append((("assignment", "fallback", "pool"), playbook.assignment.fallback.pool, pools, "assignment.pools"))
    stages = [stage.code for stage in playbook.stages]
    reviews = enumerate(playbook.health.reviews)
    named += [(("health", "reviews", index, "stage"), review.stage, stages, "stages") for index, review in reviews]
    for place, code, known, section in named:
        if code is not None and code not in known:
            yield ContentProblem(
                place, "reference_unknown", {"code": code, "section": section, "allowed": ", ".join(known)}
            )


def _unfit_fields(playbook: "Playbook") -> Iterator[ContentProblem]:
    """Fields of the lead itself keep their type, and what the lead is cannot be asked for."""
    for position, stage in enumerate(playbook.stages):
        for index, field in enumerate(stage.fields):
            place: Place = ("stages", position, "fields", index)
            if field.code in _RESERVED:
                yield ContentProblem((*place, "code"), "field_reserved", {"code": field.code})
            allowed = _COLUMNS_ASKED_FOR.get(field.code)
            if allowed and field.type not in allowed:
                parameters = {"code": field.code, "type": field.type, "allowed": ", ".join(sorted(allowed))}
                yield ContentProblem((*place, "type"), "field_type_fixed", parameters)
            yield from _unfit_count(playbook, field, place)


def _unfit_count(playbook: "Playbook", field: RequiredField, place: Place) -> Iterator[ContentProblem]:
    offered = len(playbook.choice_codes(field))
    if field.count is not None and field.type != "choices":
        yield ContentProblem((*place, "count"), "count_without_choices", {"type": field.type})
    elif field.count is not None and field.count > offered:
        yield ContentProblem((*place, "count"), "count_beyond_choices", {"count": field.count, "offered": offered})


def _tasks_for_nobody(playbook: "Playbook") -> Iterator[ContentProblem]:
    """A task made by the clock was asked for by nobody."""
    for position, stage in enumerate(playbook.stages):
        for index, step in enumerate(stage.dwell_limit.ladder if stage.dwell_limit else ()):
            place: Place = ("stages", position, "dwell_limit", "ladder", index)
            if step.task is not None and step.task.assignee == "requester":
                yield ContentProblem((*place, "task", "assignee"), "nobody_requested")
            if len(set(step.receivers)) < len(step.receivers):
                yield ContentProblem((*place, "receivers"), "receiver_repeated")


def _impossible_reviews(playbook: "Playbook") -> Iterator[ContentProblem]:
    for index, review in enumerate(playbook.health.reviews):
        for name in ("below", "above"):
            bound = getattr(review, name)
            if bound is not None and bound > 1 and review.measure in _SHARES:
                parameters = {"measure": review.measure, "bound": f"{bound:g}", "meant": f"{bound / 100:g}"}
                yield ContentProblem(("health", "reviews", index, name), "share_beyond_one", parameters)


def _unknown_access(playbook: "Playbook") -> Iterator[ContentProblem]:
    """A mistyped record or right would be without effect, and nobody would notice."""
    records, rights = _known_access()
    for record in playbook.field_matrix:
        if record not in records:
            yield ContentProblem(("field_matrix", record), "record_unknown", _named(record, records))
    for role, reaches in playbook.row_scopes.items():
        for record in set(reaches) - records - {"*"}:
            yield ContentProblem(("row_scopes", role, record), "record_unknown", _named(record, records))
    for role, held in playbook.rights.items():
        for index, right in enumerate(held):
            if right not in rights:
                yield ContentProblem(("rights", role, index), "right_unknown", _named(right, rights))


def _named(code: str, known: Iterable[str]) -> dict[str, str]:
    return {"code": code, "allowed": ", ".join(sorted(known))}


def _missing_rights(playbook: "Playbook") -> Iterator[ContentProblem]:
    held = {right for rights in playbook.rights.values() for right in rights}
    for right in _NEEDED_RIGHTS:
        if right not in held:
            yield ContentProblem(("rights",), "right_held_by_nobody", {"right": right})


@cache
def _known_access() -> tuple[frozenset[str], frozenset[str]]:
    """The records and rights that the product has: the default document grants every one of them to somebody."""
    path = Path(__file__).with_name("default") / "access.yaml"
    content = read_yaml(path.name, path.read_bytes()).content
    return frozenset(content["field_matrix"]), frozenset(
        right for rights in content["rights"].values() for right in rights
    )
