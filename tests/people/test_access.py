"""The access policy itself, on a small matrix."""

from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from crm_core.foundation.database import Origin
from crm_core.foundation.resources import Resources
from crm_core.people.access import AccessPolicy, FieldForbidden, RightMissing
from crm_core.people.repository import PERSON_COLUMNS
from crm_core.people.tables import Person
from crm_core.people.viewer import Viewer
from tests.factories.people import make_person, make_region, make_team, viewer_with_role

POLICY = AccessPolicy(
    matrix={
        "lead": {
            "*": {"rep": "read", "finance": "read", "manager": "edit"},
            "amount": {"rep": "hidden", "finance": "edit"},
            "incentive_policy": {"finance": "hidden", "rep": "edit"},
        }
    },
    scopes={
        "rep": {"*": "own"},
        "finance": {"*": "none", "person": "all"},
        "manager": {"*": "team"},
        "director": {"*": "region"},
    },
    rights={"manager": ["lead.reassign"], "finance": ["import.run"]},
)


def viewer(*roles: str) -> Viewer:
    return Viewer(person_id=uuid4(), roles=frozenset(roles))


def test_a_record_shows_only_what_the_role_may_see() -> None:
    lead = {"id": 1, "created_at": 2, "title": "光伏", "amount": 3, "incentive_policy": "x"}
    assert POLICY.present(viewer("rep"), "lead", lead).keys() == {"id", "created_at", "title", "incentive_policy"}
    assert POLICY.present(viewer("finance"), "lead", lead).keys() == {"id", "created_at", "title", "amount"}
    assert POLICY.present(viewer(), "lead", lead).keys() == {"id", "created_at"}
    assert POLICY.present(viewer("manager"), "unheard_of", lead).keys() == {"id", "created_at"}


def test_of_several_roles_the_highest_counts() -> None:
    both = viewer("rep", "finance")
    assert POLICY.editable(both, "lead", ["title", "amount", "incentive_policy"]) == ["amount", "incentive_policy"]
    assert POLICY.rights(viewer("manager", "finance")) == {"lead.reassign", "import.run"}


def test_a_change_is_refused_with_every_field_at_fault() -> None:
    with pytest.raises(FieldForbidden) as refused:
        POLICY.require_editable(viewer("rep"), "lead", ["incentive_policy", "title", "amount"])
    assert refused.value.parameters == {"record": "lead", "fields": "amount, title"}


def test_sorting_by_a_hidden_field_is_refused() -> None:
    POLICY.require_readable(viewer("rep"), "lead", ["title", "created_at"])
    with pytest.raises(FieldForbidden):
        POLICY.require_readable(viewer("rep"), "lead", ["amount"])


def test_a_right_is_had_or_missing() -> None:
    POLICY.require_right(viewer("manager"), "lead.reassign")
    with pytest.raises(RightMissing) as refused:
        POLICY.require_right(viewer("rep"), "lead.reassign")
    assert refused.value.parameters == {"right": "lead.reassign"}


@pytest.mark.parametrize(
    ("roles", "reach"),
    [
        (["rep"], "own"),
        (["manager"], "team"),
        (["rep", "director"], "region"),
        (["finance"], "none"),
        ([], "none"),
        (["trainer"], "none"),
    ],
)
def test_the_widest_reach_of_the_roles_counts(roles: list[str], reach: str) -> None:
    assert POLICY.scope(viewer(*roles), "lead") == reach


@pytest.fixture
def session(resources: Resources) -> Iterator[Session]:
    with resources.database.transaction(Origin(channel="test")) as session:
        yield session


def test_lists_hold_the_rows_of_the_viewers_reach(session: Session) -> None:
    here, there = make_team(session, "东一队"), make_team(session, "东二队")
    far = make_team(session, "北一队", make_region(session, "north", "华北大区"))
    colleague = make_person(session, "rep", team=here).id
    neighbour = make_person(session, "rep", team=there).id
    stranger = make_person(session, "rep", team=far).id

    def seen(role: str) -> set[UUID]:
        looking = viewer_with_role(session, role, team=here)
        condition = POLICY.visible(looking, "person", PERSON_COLUMNS)
        wanted = {colleague, neighbour, stranger, looking.person_id}
        return set(session.scalars(select(Person.id).where(condition, Person.id.in_(wanted)))) - {looking.person_id}

    assert seen("rep") == set()
    assert seen("manager") == {colleague}
    assert seen("director") == {colleague, neighbour}
    assert seen("finance") == {colleague, neighbour, stranger}
    assert seen("trainer") == set()
