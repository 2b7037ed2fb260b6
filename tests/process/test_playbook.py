"""The playbook: the default one is whole, mistakes are named by file, line and field, versions never change."""

import shutil
from pathlib import Path
from uuid import uuid4

import pytest
import yaml

from crm_core.foundation.database import Origin
from crm_core.foundation.resources import Resources
from crm_core.people.access import AccessPolicy, Level
from crm_core.people.rights import access_policy
from crm_core.people.viewer import ROLES, Viewer
from crm_core.process import playbook_files
from crm_core.process.access_rules import ROLE_NAMES
from crm_core.process.errors import PlaybookInvalid, PlaybookMissing
from crm_core.process.playbook import Playbook
from crm_core.process.playbook_files import default_playbook, read_playbook
from crm_core.process.publication import publish_default, published_playbook
from crm_core.process.tables import PlaybookVersion

DEFAULT = Path(playbook_files.__file__).with_name("default")
STAGES = ["lead_assignment", "first_contact", "needs_diagnosis", "proposal_quote", "signing_payment"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(DEFAULT, tmp_path / "playbook"))


def test_the_default_process_is_the_one_the_product_describes() -> None:
    playbook = default_playbook()
    assert [stage.code for stage in playbook.stages] == STAGES
    quote = playbook.stage("proposal_quote")
    assert [document.title.zh for document in quote.documents] == ["《定制化方案PPT》", "《成本测算表》"]
    diagnosis = playbook.stage("needs_diagnosis").dwell_limit
    assert diagnosis is not None
    reminder, escalation = diagnosis.ladder
    assert reminder.task is not None
    assert (diagnosis.hours, reminder.receivers, reminder.task.due_hours) == (72, ("owner", "manager"), 24)
    assert escalation.receivers == ("director",)
    assert len(playbook.lexicon.pain_points) >= 40
    assert len(playbook.methods) >= 20
    assert (playbook.points.method_use, playbook.points.new_case) == (5, 20)
    assert playbook.certification.following_deals == 3


def test_the_roles_of_the_playbook_are_the_roles_of_the_roster() -> None:
    assert ROLE_NAMES == ROLES


def test_content_survives_the_way_through_json() -> None:
    playbook = default_playbook()
    again = Playbook.model_validate({**playbook.content(), "version": 7})
    assert (again.version, again.content()) == (7, playbook.content())


@pytest.mark.parametrize(
    ("role", "record", "name", "level"),
    [
        ("finance", "contract", "amount", Level.EDIT),
        ("finance", "payment", "due_on", Level.EDIT),
        ("finance", "customer", "invoice_qualification", Level.EDIT),
        ("finance", "lead", "incentive_policy", Level.HIDDEN),
        ("finance", "customer", "budget_range", Level.HIDDEN),
        ("presales", "customer", "technical_solution", Level.EDIT),
        ("presales", "customer", "budget_range", Level.READ),
        ("presales", "lead", "incentive_policy", Level.HIDDEN),
        ("delivery", "customer", "delivery_risks", Level.EDIT),
        ("delivery", "customer", "technical_solution", Level.READ),
        ("rep", "customer", "budget_range", Level.EDIT),
        ("rep", "lead", "incentive_policy", Level.READ),
        ("trainer", "lead", "amount", Level.HIDDEN),
        ("rep", "case", "margin", Level.HIDDEN),
    ],
)
def test_the_default_matrix_says_what_the_product_promises(role: str, record: str, name: str, level: Level) -> None:
    assert _policy().level(_viewer(role), record, name) == level


def test_every_role_has_a_reach_and_only_some_override_the_gate() -> None:
    policy = _policy()
    assert all(policy.scope(_viewer(role), "lead") != "none" for role in ROLES)
    assert {role for role in ROLES if policy.has_right(_viewer(role), "gate.override")} == {"director", "admin"}


@pytest.mark.parametrize(
    ("file", "old", "new", "field"),
    [
        ("stages.yaml", "dwell_limit: {hours: 48}", "dwell_limit: {hours: -1}", "dwell_limit.hours"),
        ("stages.yaml", "type: person", "type: persom", "stages.lead_assignment.fields.owner_id.type"),
        ("stages.yaml", "count: 3", "cuont: 3", "stages.needs_diagnosis.fields.pain_points.cuont"),
        ("access.yaml", "amount: {delivery: hidden}", "amount: {delivery: hiden}", "contract.amount.delivery"),
        ("access.yaml", "margin: {rep: read", "margin: {reb: read", "lead.margin"),
        ("rewards.yaml", "posterior: 0.95", "posterior: 95", "certification.posterior"),
    ],
)
def test_a_mistake_is_named_by_file_line_and_field(folder: Path, file: str, old: str, new: str, field: str) -> None:
    text = (folder / file).read_text(encoding="utf-8")
    assert old in text
    mistaken = text.replace(old, new, 1)
    (folder / file).write_text(mistaken, encoding="utf-8")
    with pytest.raises(PlaybookInvalid) as refusal:
        read_playbook(folder)
    [problem] = refusal.value.parameters["problems"]
    assert problem["file"] == file
    assert new in mistaken.splitlines()[problem["line"] - 1]
    assert field in problem["field"]


def test_broken_yaml_repeated_keys_and_sections_are_named(folder: Path) -> None:
    broken = {
        "tabs.yaml": ("points:\n\tmethod_use: 5\n", 2),
        "twice.yaml": ("a: 1\nb: 2\na: 3\n", 3),
        "list.yaml": ("- 1\n", 1),
        "again.yaml": ("x: 1\npoints: {method_use: 1, new_case: 1}\n", 2),
    }
    for name, (text, line) in broken.items():
        (folder / name).write_text(text, encoding="utf-8")
        with pytest.raises(PlaybookInvalid) as refusal:
            read_playbook(folder)
        [problem] = refusal.value.parameters["problems"]
        assert {problem["file"]} <= {name, "rewards.yaml"}
        assert name == "again.yaml" or problem["line"] == line
        (folder / name).unlink()
    (folder / "latin.yaml").write_bytes("name: 中文".encode("gb18030"))
    with pytest.raises(PlaybookInvalid):
        read_playbook(folder)


def test_unknown_references_and_repeated_codes_are_refused(folder: Path) -> None:
    skills = yaml.safe_load((folder / "skills.yaml").read_text(encoding="utf-8"))
    skills["courses"][0]["skill"] = "juggling"
    skills["skills"].append(dict(skills["skills"][0]))
    (folder / "skills.yaml").write_text(yaml.safe_dump(skills, allow_unicode=True), encoding="utf-8")
    with pytest.raises(PlaybookInvalid) as refusal:
        read_playbook(folder)
    told = str(refusal.value.parameters["problems"])
    assert "juggling" in told
    assert "price_objection" in told


def test_publishing_the_default_twice_leaves_one_version(resources: Resources) -> None:
    with resources.database.transaction(Origin(channel="test")) as session:
        first, second = publish_default(session), publish_default(session)
        assert first is second is published_playbook(session)
        assert first.version == 1
        assert access_policy(first) is access_policy(second)
        assert session.query(PlaybookVersion).count() == 1


def test_a_new_version_is_seen_at_once_and_none_is_an_error(resources: Resources) -> None:
    with resources.database.transaction(Origin(channel="test")) as session:
        old = published_playbook(session)
        row = session.query(PlaybookVersion).one()
        row.status = "retired"
        session.flush()
        with pytest.raises(PlaybookMissing):
            published_playbook(session)
        content = {**old.content(), "points": {"method_use": 7, "new_case": 20}}
        session.add(PlaybookVersion(number=2, status="published", content=content))
        session.flush()
        assert (published_playbook(session).version, published_playbook(session).points.method_use) == (2, 7)


def _policy() -> AccessPolicy:
    return access_policy(default_playbook())


def _viewer(role: str) -> Viewer:
    return Viewer(uuid4(), frozenset({role}))
