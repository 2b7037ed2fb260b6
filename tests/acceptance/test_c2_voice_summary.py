"""C2, the voice part: a rep hands in a voice summary in whatever form, and its words come back with their seconds."""

import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from api.app import create_app
from asr import jobs
from asr.tables import TranscribedPiece, Transcript
from crm_core.customers.tables import Customer, TimelineEntry
from crm_core.foundation import clock
from crm_core.foundation.database import Origin
from crm_core.foundation.history import HistoryEntry, changes
from crm_core.foundation.resources import Resources
from crm_core.people.names import pinyin
from crm_core.people.tables import Person
from crm_core.pipeline.tables import Lead
from tests.asr.recordings import FORMATS, encode, noise, tone
from tests.factories.moves import stand
from tests.factories.people import log_in, log_in_as
from tests.support.jobs import run_jobs

MICRO_WHISPER = Path(__file__).parent.parent / "asr" / "micro_whisper"
NOTES = {
    note["file"]: note["lines"]
    for note in json.loads((MICRO_WHISPER / "notes" / "notes.json").read_text(encoding="utf-8"))
}
SILENCE = encode(tone(3.0, level=0.0), FORMATS["wav"])


@pytest.fixture
def resources_with_model(resources: Resources) -> Resources:
    """An installation whose settings name the micro-Whisper."""
    return with_model(resources)


@pytest.fixture
def client(resources_with_model: Resources) -> Iterator[TestClient]:
    with TestClient(create_app(resources_with_model)) as client:
        yield client


@pytest.fixture
def rep(client: TestClient, resources: Resources) -> Person:
    return log_in_as(client, resources, "rep")


@pytest.fixture
def lead_id(resources: Resources, rep: Person) -> UUID:
    return make_lead(resources, rep)


def with_model(resources: Resources, model: str = str(MICRO_WHISPER / "model")) -> Resources:
    return replace(resources, settings=resources.settings.model_copy(update={"speech_model": model}))


def make_lead(resources: Resources, owner: Person) -> UUID:
    with resources.database.transaction(Origin(channel="test")) as session:
        name = f"华东精密仪器{owner.id.hex[:6]}"
        customer = Customer(name=name, name_pinyin=pinyin(name), owner_id=owner.id, products="响应式控制器，HX-200")
        session.add(customer)
        session.flush()
        lead = Lead(
            customer_id=customer.id,
            title="产线改造",
            owner_id=owner.id,
            stage="needs_diagnosis",
            stage_entered_at=clock.now(),
        )
        return stand(session, lead).id


def upload(client: TestClient, lead_id: UUID, content: bytes, name: str = "voice.bin") -> Any:
    return client.post(f"/api/leads/{lead_id}/transcripts", files={"file": (name, io.BytesIO(content))})


def note(name: str) -> bytes:
    return (MICRO_WHISPER / "notes" / name).read_bytes()


def test_voice_notes_of_every_format_become_their_exact_text(
    client: TestClient, resources_with_model: Resources, lead_id: UUID
) -> None:
    accepted = {name: upload(client, lead_id, note(name), name) for name in NOTES}
    assert {(answer.status_code, answer.json()["status"]) for answer in accepted.values()} == {(202, "queued")}

    run_jobs(resources_with_model)

    for name, lines in NOTES.items():
        found = client.get(f"/api/transcripts/{accepted[name].json()['id']}").json()
        assert (found["status"], found["progress"], found["text"]) == ("done", 1.0, "\n".join(lines)), name
        assert found["coverage"] > 0.8, name
        assert 0.5 < found["confidence"] <= 1.0, name
        starts = [segment["start_seconds"] for segment in found["segments"]]
        assert starts == sorted(starts), name
        assert found["segments"][-1]["end_seconds"] <= found["duration_seconds"], name


def test_the_name_of_the_file_decides_nothing(
    client: TestClient, resources_with_model: Resources, lead_id: UUID
) -> None:
    transcript_id = upload(client, lead_id, note("machine_stops.amr"), "报告.pdf").json()["id"]

    run_jobs(resources_with_model)

    assert client.get(f"/api/transcripts/{transcript_id}").json()["text"] == "\n".join(NOTES["machine_stops.amr"])


REFUSED = {
    "nothing at all": (b"", 422, "audio_empty"),
    "text named like a recording": ("客户的录音".encode() * 99, 415, "audio_unreadable"),
    "an m4a that lost its end": (note("machine_stops.m4a")[:20_000], 422, "audio_truncated"),
    "a recording under copy protection": (
        note("machine_stops.m4a").replace(b"mp4a", b"drms"),
        415,
        "audio_encrypted",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_no_recording_is_refused_at_once_and_nothing_is_kept(
    what: str, client: TestClient, resources: Resources, lead_id: UUID
) -> None:
    content, status, code = REFUSED[what]

    refusal = upload(client, lead_id, content, "voice.m4a")

    assert (refusal.status_code, refusal.json()["code"]) == (status, code)
    assert refusal.json()["remedy"]
    assert client.get(f"/api/leads/{lead_id}/transcripts").json() == {"items": [], "total": 0}
    assert list(resources.files.hashes()) == []


def test_more_bytes_or_minutes_than_the_limits_are_refused(resources: Resources) -> None:
    small = resources.settings.model_copy(update={"upload_limit_megabytes": 1, "audio_limit_minutes": 1})
    limited = replace(resources, settings=small)
    with TestClient(create_app(limited)) as client:
        lead_id = make_lead(resources, log_in_as(client, resources, "rep"))
        large = upload(client, lead_id, encode(noise(50, 0.1, seed=1), FORMATS["wav"]))
        long = upload(client, lead_id, encode(tone(70), FORMATS["m4a"]))

    assert (large.status_code, large.json()["code"]) == (413, "file_too_large")
    assert (long.status_code, long.json()["code"]) == (413, "audio_too_long")
    assert list(resources.files.hashes()) == []


def test_nobody_speaking_fails_with_what_to_do(
    client: TestClient, resources_with_model: Resources, lead_id: UUID
) -> None:
    transcript_id = upload(client, lead_id, SILENCE).json()["id"]

    run_jobs(resources_with_model)

    found = client.get(f"/api/transcripts/{transcript_id}").json()
    assert (found["status"], found["text"], found["segments"]) == ("failed", "", [])
    assert found["problem"]["code"] == "audio_silent"
    assert "文字摘要" in found["problem"]["remedy"]


def test_without_a_model_the_recording_waits_and_is_transcribed_once_there_is_one(
    client: TestClient, resources: Resources, lead_id: UUID
) -> None:
    transcript_id = upload(client, lead_id, note("machine_stops.ogg")).json()["id"]

    run_jobs(resources)

    waiting = client.get(f"/api/transcripts/{transcript_id}").json()
    assert (waiting["status"], waiting["text"]) == ("waiting_for_model", "")
    assert waiting["problem"]["code"] == "speech_model_absent"
    assert "dojo models pull speech" in waiting["problem"]["remedy"]

    with_one = with_model(resources)
    jobs.resume_waiting_transcripts.run(with_one)
    run_jobs(with_one)

    done = client.get(f"/api/transcripts/{transcript_id}").json()
    assert (done["status"], done["problem"]) == ("done", None)
    assert done["text"] == "\n".join(NOTES["machine_stops.ogg"])


def test_a_typed_summary_serves_without_any_model(client: TestClient, lead_id: UUID) -> None:
    typed = client.post(f"/api/leads/{lead_id}/typed-summaries", json={"text": "客户抱怨停机时间太长。"})

    assert typed.status_code == 201
    assert (typed.json()["source"], typed.json()["status"]) == ("typed", "done")
    assert typed.json()["best_text"] == "客户抱怨停机时间太长。"
    assert client.get(f"/api/transcripts/{typed.json()['id']}/audio").json()["code"] == "transcript_typed"
    assert client.post(f"/api/leads/{lead_id}/typed-summaries", json={"text": " \n"}).status_code == 422


def test_corrections_stand_beside_the_original_words(
    client: TestClient, resources_with_model: Resources, lead_id: UUID, rep: Person
) -> None:
    transcript_id = upload(client, lead_id, note("machine_stops.mp3")).json()["id"]
    corrected = {"text": "客户抱怨二号设备经常停机。"}
    too_early = client.put(f"/api/transcripts/{transcript_id}/text", json=corrected)
    assert (too_early.status_code, too_early.json()["code"]) == (409, "transcript_not_ready")
    run_jobs(resources_with_model)

    found = client.put(f"/api/transcripts/{transcript_id}/text", json=corrected).json()

    assert found["edited_text"] == found["best_text"] == corrected["text"]
    assert found["text"] == "\n".join(NOTES["machine_stops.mp3"])
    assert found["edited_by"] == str(rep.id)


def test_the_recording_can_be_heard_again(client: TestClient, lead_id: UUID) -> None:
    transcript_id = upload(client, lead_id, note("machine_stops.mp3"), "二号线.mp3").json()["id"]

    whole = client.get(f"/api/transcripts/{transcript_id}/audio")
    part = client.get(f"/api/transcripts/{transcript_id}/audio", headers={"Range": "bytes=100-199"})

    assert whole.content == note("machine_stops.mp3")
    assert whole.headers["content-type"] == "audio/mpeg"
    assert (part.status_code, part.content) == (206, note("machine_stops.mp3")[100:200])


def test_the_same_recording_twice_is_one_transcript(client: TestClient, lead_id: UUID) -> None:
    first = upload(client, lead_id, note("machine_stops.amr")).json()
    second = upload(client, lead_id, note("machine_stops.amr"), "again.amr").json()

    assert first["id"] == second["id"]
    assert client.get(f"/api/leads/{lead_id}/transcripts").json()["total"] == 1


RUN_ONE_JOB = """
import sys
from api.bootstrap import open_resources, register_jobs
from crm_core.foundation.jobs import REGISTRY
from crm_core.foundation.settings import Settings

register_jobs()
with open_resources(Settings(_env_file=None)) as resources:
    REGISTRY["transcribe_recording"].run(resources, sys.argv[1])
"""


def test_a_killed_run_is_taken_up_after_its_last_finished_piece(
    client: TestClient, resources_with_model: Resources, lead_id: UUID
) -> None:
    transcript_id = upload(client, lead_id, note("visit_summary.mp3")).json()["id"]
    settings = resources_with_model.settings
    environment = {
        **os.environ,
        "SALESDOJO_DATABASE_URL": resources_with_model.database.url,
        "SALESDOJO_DATA_FOLDER": str(settings.data_folder),
        "SALESDOJO_SPEECH_MODEL": str(settings.speech_model),
    }
    worker = subprocess.Popen([sys.executable, "-c", RUN_ONE_JOB, transcript_id], env=environment)
    deadline = time.monotonic() + 120
    while not (finished := _finished_pieces(resources_with_model)) and worker.poll() is None:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    worker.kill()
    assert worker.wait() == -signal.SIGKILL
    halfway = client.get(f"/api/transcripts/{transcript_id}").json()
    assert halfway["status"] == "running"
    assert 0.0 < halfway["progress"] < 1.0

    run_jobs(resources_with_model)

    done = client.get(f"/api/transcripts/{transcript_id}").json()
    assert done["text"] == "\n".join(NOTES["visit_summary.mp3"])
    assert finished < 8
    assert _finished_pieces(resources_with_model) == 0
    with resources_with_model.database.reading() as session:
        kept = select(func.count()).where(
            HistoryEntry.table_name == "transcribed_pieces", HistoryEntry.operation == "insert"
        )
        assert session.scalar(kept) == 8, "no piece was done twice"


def _finished_pieces(resources: Resources) -> int:
    with resources.database.reading() as session:
        return session.scalar(select(func.count()).select_from(TranscribedPiece)) or 0


def test_running_a_finished_job_again_changes_nothing(
    client: TestClient, resources_with_model: Resources, lead_id: UUID
) -> None:
    transcript_id = upload(client, lead_id, note("machine_stops.wav")).json()["id"]
    run_jobs(resources_with_model)
    before = client.get(f"/api/transcripts/{transcript_id}").json()

    jobs.transcribe_recording.run(resources_with_model, transcript_id)

    assert client.get(f"/api/transcripts/{transcript_id}").json() == before
    with resources_with_model.database.reading() as session:
        told = select(TimelineEntry).where(TimelineEntry.code == "transcript_ready")
        assert len(session.scalars(told).all()) == 1


def test_what_failed_can_be_tried_again_and_what_is_done_cannot(
    client: TestClient, resources_with_model: Resources, lead_id: UUID
) -> None:
    failed = upload(client, lead_id, SILENCE).json()["id"]
    done = upload(client, lead_id, note("machine_stops.wav")).json()["id"]
    run_jobs(resources_with_model)

    again = client.post(f"/api/transcripts/{failed}/retry")
    refused = client.post(f"/api/transcripts/{done}/retry")

    assert (again.status_code, again.json()["status"]) == (202, "queued")
    assert (refused.status_code, refused.json()["code"]) == (409, "transcript_not_retriable")


def test_transcripts_are_their_leads_peoples_and_their_managers(
    client: TestClient, resources: Resources, lead_id: UUID, rep: Person
) -> None:
    transcript_id = upload(client, lead_id, note("machine_stops.ogg")).json()["id"]
    address = f"/api/transcripts/{transcript_id}"

    log_in_as(client, resources, "rep", team="华北一队")
    assert client.get(address).json()["code"] == "transcript_not_found"
    assert client.get(f"{address}/audio").status_code == 404
    assert upload(client, lead_id, note("machine_stops.ogg")).status_code == 404
    log_in_as(client, resources, "finance")
    assert client.get(address).status_code in {403, 404}
    log_in_as(client, resources, "manager", team="华东一队")
    assert client.get(address).status_code == 200
    assert client.put(f"{address}/text", json={"text": "改"}).json()["code"] == "field_forbidden"
    log_in(client, resources, rep)
    assert client.get(address).status_code == 200


def test_history_tells_who_corrected_what(
    client: TestClient, resources_with_model: Resources, lead_id: UUID, rep: Person
) -> None:
    transcript_id = upload(client, lead_id, note("machine_stops.wav")).json()["id"]
    run_jobs(resources_with_model)
    client.put(f"/api/transcripts/{transcript_id}/text", json={"text": "设备停机。"})

    with resources_with_model.database.reading() as session:
        latest = changes(session, Transcript.__tablename__, UUID(transcript_id))[0]
    assert (latest.actor_id, (latest.new_values or {})["edited_text"]) == (rep.id, "设备停机。")
