"""What is in force is seen as it is, also when it was changed from outside; and there is always a way back."""

import json
import threading
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator
from sqlalchemy import text
from typer.testing import CliRunner

from api.cli import assemble
from crm_core.foundation.database import Origin
from crm_core.foundation.errors import ProductError
from crm_core.foundation.resources import Resources
from crm_core.people.tables import Person
from crm_core.process import drafts
from crm_core.process.edits import Edit, edited
from crm_core.process.errors import PlaybookDamaged, PlaybookInvalid
from crm_core.process.playbook_files import as_yaml, default_playbook, playbook_of_content, read_document
from crm_core.process.publication import published_playbook
from crm_core.process.schema import playbook_schema
from crm_core.process.tables import PlaybookVersion
from crm_core.process.wording import notification_sentences, notification_text
from crm_core.rehearsal.publishing import Order, publish, restore
from tests.factories.leads import acting_as
from tests.factories.people import make_person, make_region, make_team

ROOT = Path(__file__).resolve().parents[2]
TEST = Origin(channel="test")
SWITCH_OFF = "UPDATE playbook_versions SET content = jsonb_set(content, '{assignment,fallback,is_enabled}', 'false')"
SWITCH_ON = SWITCH_OFF.replace("'false'", "'true'")
DAMAGE = "UPDATE playbook_versions SET content = content - 'stages'"


def staff(resources: Resources) -> None:
    with resources.database.transaction(TEST) as session:
        team = make_team(session, region=make_region(session))
        manager = make_person(session, "manager", team=team)
        make_person(session, "rep", team=team, manager=manager)


def test_a_patch_from_outside_is_seen_at_once_and_so_is_its_undoing(resources: Resources) -> None:
    for statement, is_enabled in ((SWITCH_OFF, False), (SWITCH_ON, True)):
        with resources.database.transaction(TEST) as session:
            published_playbook(session)
            session.execute(text(statement))
            assert published_playbook(session).assignment.fallback.is_enabled == is_enabled
        with resources.database.reading() as session:
            seen = published_playbook(session)
            assert seen.assignment.fallback.is_enabled == is_enabled
            assert published_playbook(session) is seen


def test_a_patch_that_was_taken_back_is_not_seen(resources: Resources) -> None:
    with resources.database.reading() as session:
        session.execute(text(SWITCH_OFF))
        assert not published_playbook(session).assignment.fallback.is_enabled
    with resources.database.reading() as session:
        assert published_playbook(session).assignment.fallback.is_enabled


def test_damage_from_outside_is_told_and_mended_by_going_back(resources: Resources) -> None:
    staff(resources)
    with resources.database.transaction(TEST) as session:
        acting = acting_as(session, make_person(session, "admin"))
        content = edited(default_playbook().content(), [Edit(("points", "new_case"), value=30)])
        draft = drafts.create_draft(session, content, base_number=1, created_by=acting.person_id)
        publish(acting, draft, Order(draft.revision, 1, skip_reason="试"))
        session.execute(text(f"{DAMAGE} WHERE number = 2"))
    with resources.database.transaction(TEST) as session:
        with pytest.raises(PlaybookDamaged) as damage:
            published_playbook(session)
        assert (damage.value.parameters["version"], "stages" in damage.value.parameters["told_zh"]) == (2, True)
        with pytest.raises(PlaybookInvalid):
            restore(session, 2, "退到坏的版本")
        session.rollback()
    with resources.database.transaction(TEST) as session:
        assert restore(session, 1, "V2 被补丁改坏").number == 3
    with resources.database.reading() as session:
        assert published_playbook(session).points.new_case == 20
        assert session.query(PlaybookVersion).filter_by(number=3).one().skip_reason == "V2 被补丁改坏"


def test_of_many_who_publish_at_once_one_wins(resources: Resources) -> None:
    staff(resources)
    with resources.database.transaction(TEST) as session:
        person_id = make_person(session, "admin").id
        ids = [
            drafts.create_draft(session, default_playbook().content(), base_number=1, created_by=None).id
            for _ in range(4)
        ]
    barrier, told = threading.Barrier(len(ids)), []

    def run(draft_id: object) -> None:
        barrier.wait()
        try:
            with resources.database.transaction(TEST) as session:
                acting = acting_as(session, session.get_one(Person, person_id))
                draft = session.get_one(PlaybookVersion, draft_id)
                publish(acting, draft, Order(draft.revision, 1, skip_reason="同时"))
            told.append("published")
        except ProductError as refusal:
            told.append(refusal.code)

    threads = [threading.Thread(target=run, args=(draft_id,)) for draft_id in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told) == ["published", *["published_meanwhile"] * 3]
    with resources.database.reading() as session:
        assert [one.number for one in session.query(PlaybookVersion).filter_by(status="published")] == [2]


def test_the_digest_speaks_of_content_and_stage_map(resources: Resources) -> None:
    with resources.database.transaction(TEST) as session:
        draft = drafts.create_draft(session, default_playbook().content(), base_number=1, created_by=None)
        first = drafts.content_digest(draft)
        session.refresh(draft)
        assert drafts.content_digest(draft) == first
        draft.stage_map = {"old": "first_contact"}
        second = drafts.content_digest(draft)
        drafts.edit_draft(session, draft, [Edit(("points", "new_case"), value=30)], revision=draft.revision)
        assert len({first, second, drafts.content_digest(draft)}) == 3


def test_a_document_and_its_schema_say_the_same() -> None:
    document = yaml.safe_load(as_yaml(default_playbook().content()))
    Draft202012Validator(playbook_schema()).validate(document)
    assert json.loads((ROOT / "docs" / "playbook.schema.json").read_text(encoding="utf-8")) == playbook_schema()


def test_a_document_read_again_is_the_same_playbook() -> None:
    content = default_playbook().content()
    assert read_document("a.yaml", as_yaml(content).encode()).content() == content


def test_notifications_speak_the_companys_words() -> None:
    own = {"zh": "有新活儿：{title}，请尽快看", "en": "New work: {title}"}
    content = edited(default_playbook().content(), [Edit(("wording",), value={"task_assigned": own})])
    playbook = playbook_of_content(content)
    assert notification_text(playbook, "task_assigned", "zh", {"title": "回访"}) == "有新活儿：回访，请尽快看"
    assert "回访" in notification_text(playbook, "task_declined", "zh", {"title": "回访", "reason": "忙"})
    assert "task_assigned" in notification_sentences()


@pytest.mark.parametrize(
    ("code", "sentence", "problem"),
    [
        ("task_assigned", "请看 {password}", "wording_placeholder_unknown"),
        ("task_assigned", "请看 {title.__class__}", "wording_unsound"),
        ("task_assigned", "请看 {title!r}", "wording_unsound"),
        ("task_assigned", "请看 {0}", "wording_unsound"),
        ("task_assigned", "请看 {title", "wording_unsound"),
        ("no_such_news", "请看", "wording_unknown"),
    ],
)
def test_wording_names_only_what_can_be_filled_in(code: str, sentence: str, problem: str) -> None:
    wording = {code: {"zh": sentence, "en": "Look"}}
    with pytest.raises(PlaybookInvalid) as refusal:
        playbook_of_content(edited(default_playbook().content(), [Edit(("wording",), value=wording)]))
    assert [found["code"] for found in refusal.value.parameters["problems"]] == [problem]


def test_the_command_checks_documents_and_folders(tmp_path: Path) -> None:
    document = tmp_path / "own.yaml"
    document.write_text(as_yaml(default_playbook().content()), encoding="utf-8")
    done = CliRunner().invoke(assemble(), ["playbook", "check", str(document)])
    assert (done.exit_code, "sound" in done.output) == (0, True)
    document.write_text("stages: 3\n", encoding="utf-8")
    refused = CliRunner().invoke(assemble(), ["playbook", "check", str(document)])
    assert isinstance(refused.exception, PlaybookInvalid)
