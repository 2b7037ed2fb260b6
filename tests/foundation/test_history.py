"""History is written by the database, whoever writes and however."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from crm_core.foundation import history
from crm_core.foundation.database import Origin
from crm_core.foundation.identifiers import new_id
from crm_core.foundation.resources import Resources
from crm_core.people.tables import Credential, Person, Region


def test_each_change_keeps_who_old_new_and_through_what(resources: Resources) -> None:
    actor = new_id()
    with resources.database.transaction(Origin("screen", actor_id=actor, request_id="r1")) as session:
        region = Region(code="east", name="华东")
        session.add(region)
        session.flush()
        region.name = "华东大区"
    with resources.database.reading() as session:
        update, insert = history.changes(session, "regions", region.id)
    assert (insert.operation, insert.new_values["code"] if insert.new_values else None) == ("insert", "east")
    assert (update.old_values, update.new_values) == ({"name": "华东"}, {"name": "华东大区"})
    assert (update.actor_id, update.channel, update.request_id) == (actor, "screen", "r1")


def test_a_statement_past_the_mapped_classes_is_recorded_too(resources: Resources) -> None:
    with resources.database.engine.begin() as connection:
        connection.execute(
            text("INSERT INTO regions (id, created_at, code, name) VALUES (:id, now(), 'north', '华北')"),
            {"id": (identity := new_id())},
        )
        connection.execute(text("UPDATE regions SET name = '华北大区' WHERE code = 'north'"))
    with resources.database.reading() as session:
        entries = history.changes(session, "regions", identity)
    assert [entry.operation for entry in entries] == ["update", "insert"]
    assert entries[0].channel.startswith("sql:")


@pytest.mark.parametrize("statement", ["UPDATE history SET channel = 'x'", "DELETE FROM history", "TRUNCATE history"])
def test_nobody_rewrites_history(resources: Resources, statement: str) -> None:
    with resources.database.transaction(Origin("screen")) as session:
        session.add(Region(code="south", name="华南"))
    with pytest.raises(DBAPIError, match="append-only"), resources.database.engine.begin() as connection:
        connection.execute(text(statement))


def test_a_change_that_is_rolled_back_leaves_no_history(resources: Resources) -> None:
    class Interruption(Exception):
        pass

    def interrupted() -> None:
        with resources.database.transaction(Origin("screen")) as session:
            session.add(Region(code="west", name="西部"))
            session.flush()
            raise Interruption

    with pytest.raises(Interruption):
        interrupted()
    with resources.database.reading() as session:
        assert session.scalar(text("SELECT count(*) FROM history WHERE table_name = 'regions'")) == 0


def test_secrets_are_noted_as_changed_and_not_copied(resources: Resources) -> None:
    with resources.database.transaction(Origin("screen")) as session:
        person = Person(name="李静", name_pinyin="li jing")
        session.add(person)
        session.flush()
        credential = Credential(person_id=person.id, login_name="lijing", password_hash="argon2-first")
        session.add(credential)
        session.flush()
        credential.password_hash = "argon2-second"
    with resources.database.reading() as session:
        update, insert = history.changes(session, "credentials", credential.id)
    assert update.new_values == {"password_hash": "•"}
    assert "argon2" not in str(insert.new_values)


def test_any_past_state_can_be_rebuilt(resources: Resources) -> None:
    start = datetime(2026, 3, 1, tzinfo=UTC)
    identity = new_id()
    for day, name in enumerate(("华中", "华中区", "华中大区")):
        origin = Origin("import", occurred_at=start + timedelta(days=day))
        with resources.database.transaction(origin) as session:
            session.merge(Region(id=identity, code="central", name=name))
    with resources.database.reading() as session:
        names = [
            (history.state_as_of(session, "regions", identity, start + timedelta(days=day, hours=1)) or {}).get("name")
            for day in (-1, 0, 1, 2)
        ]
    assert names == [None, "华中", "华中区", "华中大区"]
