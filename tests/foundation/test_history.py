"""History is written by the database, whoever writes and however."""

from datetime import UTC, datetime, timedelta
from importlib import import_module

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from crm_core.foundation import clock, history
from crm_core.foundation.database import Origin
from crm_core.foundation.history import HistoryEntry
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


def test_one_statement_over_many_rows_keeps_what_changed_in_each(resources: Resources) -> None:
    with resources.database.transaction(Origin("screen")) as session:
        session.add_all([Region(code=f"r{number}", name="华东" if number % 2 else "华南") for number in range(6)])
        session.flush()
        session.execute(text("UPDATE regions SET name = '华南'"))
        session.execute(text("DELETE FROM regions WHERE code > 'r2'"))
    with resources.database.reading() as session:
        entries = session.scalars(select(HistoryEntry).where(HistoryEntry.table_name == "regions")).all()
    told = [(entry.operation, entry.record_id) for entry in entries]
    assert len(set(told)) == len(told) == 6 + 3 + 3
    assert {str(entry.old_values) for entry in entries if entry.operation == "update"} == {"{'name': '华东'}"}
    assert all(entry.new_values is None for entry in entries if entry.operation == "delete")


def test_inserting_or_updating_in_one_statement_keeps_both(resources: Resources) -> None:
    upsert = text(
        "INSERT INTO regions (id, created_at, code, name) VALUES "
        "(gen_random_uuid(), now(), 'one', '西南'), (gen_random_uuid(), now(), 'two', '西南') "
        "ON CONFLICT (code) DO UPDATE SET name = excluded.name"
    )
    with resources.database.transaction(Origin("screen")) as session:
        session.add(Region(code="one", name="西北"))
        session.flush()
        session.execute(upsert)
        told = text("SELECT operation FROM history WHERE table_name = 'regions' ORDER BY operation")
        assert session.scalars(told).all() == ["insert", "insert", "update"]


def test_another_identity_is_the_end_of_one_record_and_the_beginning_of_another(resources: Resources) -> None:
    with resources.database.transaction(Origin("screen")) as session:
        region = Region(code="east", name="华东")
        session.add(region)
        session.flush()
        session.execute(text("UPDATE regions SET id = :id"), {"id": (renamed := new_id())})
        assert history.state_as_of(session, "regions", region.id, clock.now() + timedelta(minutes=1)) is None
        after = history.state_as_of(session, "regions", renamed, clock.now() + timedelta(minutes=1))
    assert after is not None
    assert (after["name"], after["id"]) == ("华东", str(renamed))


def test_no_table_under_history_is_emptied_past_it(resources: Resources) -> None:
    with pytest.raises(DBAPIError, match="regions is under history"), resources.database.engine.begin() as connection:
        connection.execute(text("TRUNCATE regions CASCADE"))


def test_an_installation_that_kept_history_row_by_row_goes_on_by_statement(resources: Resources) -> None:
    migration = import_module("api.migrations.versions.0009_gate_and_history")
    with resources.database.engine.begin() as connection:
        for way in ("insert", "update", "delete", "truncate"):
            connection.execute(text(f"DROP TRIGGER record_history_{way} ON credentials"))
        connection.execute(
            text(
                "CREATE TRIGGER record_history AFTER INSERT OR UPDATE OR DELETE ON credentials "
                "FOR EACH ROW EXECUTE FUNCTION record_history('password_hash', 'login_name')"
            )
        )
        connection.exec_driver_sql(migration.FOLLOW_BY_STATEMENT)
    with resources.database.transaction(Origin("screen")) as session:
        person = Person(name="李静", name_pinyin="li jing")
        session.add(person)
        session.flush()
        credential = Credential(person_id=person.id, login_name="lijing", password_hash="argon2-first")
        session.add(credential)
        session.flush()
        (entry,) = history.changes(session, "credentials", credential.id)
    assert entry.new_values is not None
    assert (entry.new_values["password_hash"], entry.new_values["login_name"]) == ("•", "•")
