"""What people do with voice summaries: hand one in, type one, correct its words, have it tried again."""

from dataclasses import dataclass
from pathlib import PurePath
from typing import BinaryIO
from uuid import UUID

import filetype
from sqlalchemy import select
from sqlalchemy.orm import Session

from asr.audio import AudioLimits, inspect_audio
from asr.errors import TranscriptNotReady, TranscriptNotRetriable
from asr.events import TranscriptCorrected, TranscriptReady
from asr.jobs import note_ready, transcribe_recording
from asr.tables import Transcript
from crm_core.foundation import clock
from crm_core.foundation.events import publish
from crm_core.foundation.resources import Resources
from crm_core.foundation.settings import Settings
from crm_core.pipeline.tables import Lead

_LONGEST_FILE_NAME = 200


@dataclass(frozen=True, slots=True)
class Recording:
    """An uploaded file; the name is what the user's device called it and decides nothing."""

    name: str
    stream: BinaryIO


def audio_limits(settings: Settings) -> AudioLimits:
    """What a recording may cost this installation."""
    return AudioLimits(longest_seconds=settings.audio_limit_minutes * 60)


def submit_recording(
    session: Session, resources: Resources, lead: Lead, recording: Recording, uploader_id: UUID
) -> Transcript:
    """Keep a recording and promise its transcription; the same recording of the same lead is kept once.

    Raises the errors of `inspect_audio` and of the file store, before anything is kept.
    """
    summary = inspect_audio(recording.stream, audio_limits(resources.settings))
    recording.stream.seek(0)
    stored = resources.files.store(recording.stream, limit_bytes=resources.settings.upload_limit_megabytes << 20)
    earlier = session.scalar(
        select(Transcript).where(Transcript.lead_id == lead.id, Transcript.sha256 == stored.sha256).with_for_update()
    )
    if earlier is not None:
        return earlier
    transcript = Transcript(
        customer_id=lead.customer_id,
        lead_id=lead.id,
        uploaded_by=uploader_id,
        source="voice",
        status="queued",
        file_name=PurePath(recording.name).name[:_LONGEST_FILE_NAME] or None,
        sha256=stored.sha256,
        size_bytes=stored.size_bytes,
        duration_seconds=summary.declared_seconds,
    )
    session.add(transcript)
    session.flush()
    _promise(session, transcript)
    return transcript


def submit_typed(session: Session, lead: Lead, text: str, writer_id: UUID) -> Transcript:
    """A summary in writing, for whoever cannot record or has no speech model."""
    now = clock.now()
    transcript = Transcript(
        customer_id=lead.customer_id,
        lead_id=lead.id,
        uploaded_by=writer_id,
        source="typed",
        status="done",
        text=text.strip(),
        started_at=now,
        finished_at=now,
    )
    session.add(transcript)
    session.flush()
    note_ready(session, transcript)
    publish(session, TranscriptReady(transcript.id, transcript.lead_id, transcript.customer_id))
    return transcript


def correct(session: Session, transcript: Transcript, text: str, editor_id: UUID) -> None:
    """Put corrected words beside the original ones. Raises TranscriptNotReady."""
    if transcript.status != "done":
        raise TranscriptNotReady(state=transcript.status)
    transcript.edited_text, transcript.edited_by, transcript.edited_at = text.strip(), editor_id, clock.now()
    session.flush()
    publish(session, TranscriptCorrected(transcript.id, transcript.lead_id, transcript.customer_id))


def try_again(session: Session, transcript: Transcript) -> None:
    """Promise another run of what failed or waits for a model. Raises TranscriptNotRetriable."""
    if transcript.status not in {"failed", "waiting_for_model"}:
        raise TranscriptNotRetriable(state=transcript.status)
    transcript.status, transcript.error_code, transcript.error_parameters = "queued", None, {}
    session.flush()
    _promise(session, transcript)


def media_type_of(head: bytes) -> str:
    """What a browser is told that a recording is: some kind of sound or film, or bytes to save."""
    kind = filetype.guess(head)
    is_playable = kind is not None and kind.mime.startswith(("audio/", "video/"))
    return str(kind.mime) if is_playable else "application/octet-stream"


def _promise(session: Session, transcript: Transcript) -> None:
    transcribe_recording.defer(session, key=str(transcript.id), transcript_id=transcript.id)
