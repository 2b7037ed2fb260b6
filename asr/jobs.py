"""Transcribing what has been handed in, on the queue `speech`."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from asr.audio import AudioLimits, read_audio
from asr.errors import SpeechModelAbsent, SpeechModelBroken
from asr.events import TranscriptReady
from asr.hotwords import hotwords_of
from asr.models import load_recogniser, locate_model
from asr.recogniser import Hints, Segment, SpeechRecogniser, Transcription
from asr.repository import finished_pieces, forget_pieces, keep_piece, waiting_transcripts
from asr.stored_segments import segments_as_json
from asr.tables import Transcript
from asr.transcription import Progress, TranscriptionOptions, transcribe
from crm_core.customers.timeline import Happening, append, channel_of
from crm_core.foundation import clock
from crm_core.foundation.database import Origin
from crm_core.foundation.errors import ProductError, Unavailable
from crm_core.foundation.events import publish
from crm_core.foundation.jobs import job, periodic_job
from crm_core.foundation.resources import Resources

_ORIGIN = Origin(channel="job")
_UNFINISHED = ("queued", "running", "waiting_for_model")
#: set when a run ends in a way that nobody foresaw; the queue tries such a run again
_CRASHED = "transcription_failed"


@dataclass(frozen=True, slots=True)
class Assignment:
    """What a run needs to know, read at its start."""

    transcript_id: UUID
    sha256: str
    hotwords: tuple[str, ...]
    finished: list[tuple[Segment, ...]]


@job("transcribe_recording", queue="speech")
def transcribe_recording(resources: Resources, transcript_id: str) -> None:
    """Recognise one recording; what an interrupted run has finished is not done again."""
    assignment = _begin(resources, UUID(transcript_id))
    if assignment is None:
        return
    try:
        words = _transcribe(resources, load_recogniser(resources.settings), assignment)
    except (SpeechModelAbsent, SpeechModelBroken) as lacking:
        _leave(resources, assignment, "waiting_for_model", lacking)
    except Unavailable:
        raise
    except ProductError as refused:
        _leave(resources, assignment, "failed", refused)
    except Exception:
        with resources.database.transaction(_ORIGIN) as session:
            transcript = session.get_one(Transcript, assignment.transcript_id)
            transcript.status, transcript.error_code = "failed", _CRASHED
        raise
    else:
        _complete(resources, assignment, words)


@periodic_job("resume_waiting_transcripts", cron="*/5 * * * *")
def resume_waiting_transcripts(resources: Resources) -> None:
    """Once a speech model is there, everything unfinished is promised again; what is promised already stays so."""
    try:
        locate_model(resources.settings)
    except (SpeechModelAbsent, SpeechModelBroken):
        return
    with resources.database.transaction(_ORIGIN) as session:
        for waiting in waiting_transcripts(session):
            if not transcribe_recording.is_promised(session, str(waiting)):
                transcribe_recording.defer(session, key=str(waiting), transcript_id=waiting)


def note_ready(session: Session, transcript: Transcript) -> None:
    """Tell the customer's timeline, once."""
    append(
        session,
        Happening(
            customer_id=transcript.customer_id,
            lead_id=transcript.lead_id,
            kind="transcript",
            channel=channel_of(session),
            actor_id=transcript.uploaded_by,
            code="transcript_ready" if transcript.source == "voice" else "summary_typed",
            details={"transcript_id": str(transcript.id)},
            external_key=f"transcript:{transcript.id}",
        ),
    )


def _begin(resources: Resources, transcript_id: UUID) -> Assignment | None:
    """Mark the run as started; None when there is nothing left to do."""
    with resources.database.transaction(_ORIGIN) as session:
        statement = select(Transcript).where(Transcript.id == transcript_id).with_for_update()
        transcript = session.scalar(statement)
        if transcript is None or transcript.sha256 is None:
            return None
        if transcript.status not in _UNFINISHED and transcript.error_code != _CRASHED:
            return None
        transcript.status, transcript.error_code, transcript.error_parameters = "running", None, {}
        transcript.started_at = transcript.started_at or clock.now()
        return Assignment(
            transcript_id=transcript.id,
            sha256=transcript.sha256,
            hotwords=hotwords_of(session, transcript.lead_id),
            finished=finished_pieces(session, transcript.id),
        )


def _transcribe(resources: Resources, recogniser: SpeechRecogniser, assignment: Assignment) -> Transcription:
    limits = AudioLimits(longest_seconds=resources.settings.audio_limit_minutes * 60)
    with resources.files.path(assignment.sha256).open("rb") as stream:
        audio = read_audio(stream, limits)
    place = len(assignment.finished)

    def keep(progress: Progress) -> None:
        nonlocal place
        with resources.database.transaction(_ORIGIN) as session:
            keep_piece(session, assignment.transcript_id, place, progress.segments, progress.share)
        place += 1

    options = TranscriptionOptions(hints=Hints(hotwords=assignment.hotwords))
    return transcribe(audio, recogniser, options, report=keep, finished=assignment.finished)


def _complete(resources: Resources, assignment: Assignment, words: Transcription) -> None:
    """Keep the whole, tell the timeline and whoever reacts, and forget the pieces: all of it or nothing."""
    with resources.database.transaction(_ORIGIN) as session:
        transcript = session.get_one(Transcript, assignment.transcript_id, with_for_update=True)
        if transcript.status == "done":
            return
        transcript.segments, transcript.text = segments_as_json(words.segments), words.text
        transcript.model, transcript.language = words.model, words.language
        transcript.duration_seconds, transcript.speech_seconds = words.duration_seconds, words.speech_seconds
        transcript.coverage, transcript.confidence = words.coverage, words.confidence
        transcript.status, transcript.finished_at = "done", clock.now()
        forget_pieces(session, transcript.id)
        session.flush()
        note_ready(session, transcript)
        publish(session, TranscriptReady(transcript.id, transcript.lead_id, transcript.customer_id))


def _leave(resources: Resources, assignment: Assignment, status: str, reason: ProductError) -> None:
    """End a run that cannot give words, with the reason that the uploader is shown."""
    with resources.database.transaction(_ORIGIN) as session:
        transcript = session.get_one(Transcript, assignment.transcript_id)
        transcript.status, transcript.error_code, transcript.error_parameters = status, reason.code, reason.parameters
        if status == "failed":
            transcript.finished_at = clock.now()
