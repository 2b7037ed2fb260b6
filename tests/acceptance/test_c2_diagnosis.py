"""C2: the customer's voice suggests pain points and parameters; a report has exactly three, each with its evidence."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient

from asr.recogniser import Segment
from asr.stored_segments import segments_as_json
from asr.tables import Transcript
from crm_core.foundation.database import Origin
from crm_core.foundation.history import changes
from crm_core.foundation.resources import Resources
from crm_core.people.tables import Person
from crm_core.pipeline.tables import Lead
from knowledge.diagnosis.tables import DiagnosisReport
from tests.factories.deals import make_deal
from tests.factories.people import log_in, log_in_as

SPOKEN = ("今天见了设备科的王科长", "他们的灌装线三天两头停机，一停就等配件", "质保至少要三年")
REPORT = {
    "voice_summary": "他嫌我们贵，灌装线三天两头停机，老师傅学不会新系统。",
    "pain_points": ["price_too_high", "downtime_loss", "hard_to_learn"],
    "parameters": [{"name": "响应时间", "op": "<=", "value": 200, "unit": "ms"}],
}


@pytest.fixture
def rep(client: TestClient, resources: Resources) -> Person:
    return log_in_as(client, resources, "rep")


@pytest.fixture
def lead_id(resources: Resources, rep: Person) -> UUID:
    with resources.database.transaction(Origin(channel="test")) as session:
        return make_deal(session, rep.id).id


def keep_transcript(resources: Resources, lead_id: UUID, **values: Any) -> UUID:
    segments = [
        Segment(start, start + 4.0, text, 0.9, "zh") for start, text in zip((0.0, 5.0, 12.0), SPOKEN, strict=True)
    ]
    with resources.database.transaction(Origin(channel="test")) as session:
        lead = session.get_one(Lead, lead_id)
        stated = {"status": "done", "text": "\n".join(SPOKEN), "segments": segments_as_json(segments), **values}
        transcript = Transcript(
            lead_id=lead_id,
            customer_id=lead.customer_id,
            uploaded_by=lead.owner_id,
            source="voice",
            sha256="0" * 64,
            **stated,
        )
        session.add(transcript)
        session.flush()
        return transcript.id


def diagnosis(lead_id: UUID) -> str:
    return f"/api/leads/{lead_id}/diagnosis"


def test_a_transcript_suggests_pain_points_and_parameters_with_words_and_seconds(
    client: TestClient, resources: Resources, lead_id: UUID
) -> None:
    transcript_id = keep_transcript(resources, lead_id)
    found = client.get(f"{diagnosis(lead_id)}/suggestions").json()
    assert found["transcript_id"] == str(transcript_id)
    suggested = {entry["code"]: entry for entry in found["pain_points"]}
    assert set(suggested) == {"downtime_loss", "spare_parts"}
    assert suggested["downtime_loss"]["name"] == "停机损失大"
    quote = suggested["downtime_loss"]["quotes"][0]
    assert quote["text"] in SPOKEN[1]
    assert 5.0 <= quote["start_seconds"] < quote["end_seconds"] <= 9.0
    assert found["voice_summary"][quote["start"] : quote["end"]] == quote["text"]
    parameter = found["parameters"][0]
    assert (parameter["name"], parameter["op"], parameter["value"], parameter["unit"]) == ("质保期", ">=", 3, "年")
    assert parameter["quote"]["start_seconds"] >= 12.0


def test_corrected_words_are_used_and_keep_their_seconds(
    client: TestClient, resources: Resources, lead_id: UUID
) -> None:
    corrected = "\n".join(SPOKEN).replace("一停就等配件", "老师傅还学不会操作")
    keep_transcript(resources, lead_id, edited_text=corrected)
    found = client.get(f"{diagnosis(lead_id)}/suggestions").json()["pain_points"]
    assert {entry["code"] for entry in found} == {"downtime_loss", "hard_to_learn"}
    seconds = {entry["code"]: entry["quotes"][0]["start_seconds"] for entry in found}
    assert seconds["downtime_loss"] >= 5.0
    assert seconds["hard_to_learn"] is None


def test_typed_words_are_enough_and_small_talk_suggests_nothing(client: TestClient, lead_id: UUID) -> None:
    address = f"{diagnosis(lead_id)}/suggestions"
    found = client.post(address, json={"text": REPORT["voice_summary"]}).json()
    assert {entry["code"] for entry in found["pain_points"]} == set(REPORT["pain_points"])
    assert client.post(address, json={"text": "送了盒茶叶，聊了聊天气。"}).json()["pain_points"] == []
    assert client.post(address, json={"text": "  "}).status_code == 422


def test_a_confirmed_report_holds_evidence_and_satisfies_the_lead(
    client: TestClient, resources: Resources, lead_id: UUID, rep: Person
) -> None:
    answer = client.put(diagnosis(lead_id), json=REPORT)
    assert answer.status_code == 200, answer.text
    kept = client.get(diagnosis(lead_id)).json()
    assert kept == answer.json()
    assert [entry["code"] for entry in kept["pain_points"]] == REPORT["pain_points"]
    assert all(entry["is_supported"] and entry["quotes"] for entry in kept["pain_points"])
    assert kept["confirmed_by"] == str(rep.id)
    with resources.database.reading() as session:
        assert session.get_one(Lead, lead_id).fields["pain_points"] == REPORT["pain_points"]


def test_a_pain_point_that_no_word_supports_is_flagged(client: TestClient, lead_id: UUID) -> None:
    wanted = {**REPORT, "pain_points": ["price_too_high", "downtime_loss", "late_delivery"]}
    kept = client.put(diagnosis(lead_id), json=wanted).json()["pain_points"]
    assert {entry["code"]: entry["is_supported"] for entry in kept} == {
        "price_too_high": True,
        "downtime_loss": True,
        "late_delivery": False,
    }
    assert kept[2]["quotes"] == []


@pytest.mark.parametrize(
    ("pain_points", "code", "says"),
    [
        (["price_too_high"], "diagnosis_pain_point_count", "还差 2 个"),
        ([*REPORT["pain_points"], "overstock"], "diagnosis_pain_point_count", "多出 1 个"),
        (["price_too_high", "price_too_high", "overstock"], "diagnosis_pain_point_repeated", "报价偏高"),
        (["price_too_high", "no_such_pain", "overstock"], "diagnosis_pain_point_unknown", "no_such_pain"),
    ],
)
def test_anything_but_three_different_pain_points_of_the_lexicon_is_refused(
    client: TestClient, lead_id: UUID, pain_points: list[str], code: str, says: str
) -> None:
    answer = client.put(diagnosis(lead_id), json={**REPORT, "pain_points": pain_points})
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert says in answer.json()["what"]
    assert client.get(diagnosis(lead_id)).json()["code"] == "diagnosis_not_found"


def test_a_report_needs_the_customers_voice(client: TestClient, resources: Resources, lead_id: UUID) -> None:
    silent = {**REPORT, "voice_summary": " "}
    assert client.put(diagnosis(lead_id), json=silent).json()["code"] == "diagnosis_summary_missing"
    assert client.get(f"{diagnosis(lead_id)}/suggestions").json()["code"] == "diagnosis_summary_missing"
    running = keep_transcript(resources, lead_id, status="running", text="", segments=[])
    answer = client.put(diagnosis(lead_id), json={**silent, "transcript_id": str(running)})
    assert (answer.status_code, answer.json()["code"]) == (409, "diagnosis_transcript_not_ready")


def test_the_recording_of_another_lead_is_no_evidence(
    client: TestClient, resources: Resources, lead_id: UUID, rep: Person
) -> None:
    with resources.database.transaction(Origin(channel="test")) as session:
        other = make_deal(session, rep.id).id
    foreign = keep_transcript(resources, other)
    answer = client.put(diagnosis(lead_id), json={**REPORT, "transcript_id": str(foreign)})
    assert answer.json()["code"] == "diagnosis_transcript_of_another_lead"


def test_confirming_again_replaces_the_report_and_history_keeps_the_first(
    client: TestClient, resources: Resources, lead_id: UUID
) -> None:
    first = client.put(diagnosis(lead_id), json=REPORT).json()
    changed = {**REPORT, "pain_points": ["overstock", *REPORT["pain_points"][:2]]}
    second = client.put(diagnosis(lead_id), json=changed).json()
    assert first["id"] == second["id"]
    with resources.database.reading() as session:
        kept = changes(session, "diagnosis_reports", UUID(first["id"]))
        assert [entry.operation for entry in kept] == ["update", "insert"]


def test_strangers_and_readers_cannot_confirm(client: TestClient, resources: Resources, lead_id: UUID) -> None:
    log_in_as(client, resources, "rep", team="华南一队")
    assert client.put(diagnosis(lead_id), json=REPORT).status_code == 404
    log_in_as(client, resources, "trainer")
    answer = client.put(diagnosis(lead_id), json=REPORT)
    assert (answer.status_code, answer.json()["code"]) == (403, "field_forbidden")


def test_finance_sees_no_diagnosis(client: TestClient, resources: Resources, lead_id: UUID, rep: Person) -> None:
    client.put(diagnosis(lead_id), json=REPORT)
    log_in_as(client, resources, "finance")
    assert client.get(diagnosis(lead_id)).status_code == 403
    log_in(client, resources, rep)
    assert client.get(diagnosis(lead_id)).status_code == 200


def test_whoever_sees_the_lead_alone_does_not_read_what_its_customer_said(
    client: TestClient, resources: Resources, lead_id: UUID
) -> None:
    assert client.put(f"/api/leads/{lead_id}/diagnosis", json=REPORT).status_code == 200
    # presales reach every lead, and the reports of those alone that they work on
    log_in_as(client, resources, "presales")
    assert client.get(f"/api/leads/{lead_id}").status_code == 200
    assert client.get(f"/api/leads/{lead_id}/diagnosis").json()["code"] == "diagnosis_not_found"


def test_two_who_confirm_at_once_leave_one_report(client: TestClient, resources: Resources, lead_id: UUID) -> None:
    def confirm(_: int) -> int:
        return client.put(f"/api/leads/{lead_id}/diagnosis", json=REPORT).status_code

    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(confirm, range(3))) == [200, 200, 200]
    with resources.database.transaction(Origin(channel="test")) as session:
        assert session.query(DiagnosisReport).filter_by(lead_id=lead_id).count() == 1
