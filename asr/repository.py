"""Finds and keeps transcripts."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Select, delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from asr.errors import TranscriptNotFound
from asr.recogniser import Segment
from asr.stored_segments import segments_as_json, segments_from_json
from asr.tables import TranscribedPiece, Transcript
from crm_core.foundation.identifiers import new_id
from crm_core.people.access import AccessPolicy, RecordColumns
from crm_core.people.viewer import Viewer
from crm_core.pipeline.tables import Lead

#: a transcript is its lead's people's, and its uploader's
TRANSCRIPT_COLUMNS = RecordColumns(Lead.owner_id, Lead.region_id, (Lead.presales_id, Transcript.uploaded_by))


def find_transcript(session: Session, viewer: Viewer, policy: AccessPolicy, transcript_id: UUID) -> Transcript:
    """A transcript that the viewer may see. Raises TranscriptNotFound."""
    transcript = session.scalar(_visible(viewer, policy).where(Transcript.id == transcript_id))
    if transcript is None:
        raise TranscriptNotFound(transcript_id=transcript_id)
    policy.require_readable(viewer, "transcript", ["text"])
    return transcript


def transcripts_of_lead(
    session: Session, viewer: Viewer, policy: AccessPolicy, lead_id: UUID, *, limit: int, offset: int
) -> tuple[Sequence[Transcript], int]:
    """A page of a lead's transcripts that the viewer may see, latest first, and how many there are in all."""
    policy.require_readable(viewer, "transcript", ["text"])
    statement = _visible(viewer, policy).where(Transcript.lead_id == lead_id)
    total = session.scalar(select(func.count()).select_from(statement.subquery())) or 0
    newest_first = statement.order_by(Transcript.created_at.desc(), Transcript.id.desc())
    return session.scalars(newest_first.limit(limit).offset(offset)).all(), total


def waiting_transcripts(session: Session) -> Sequence[UUID]:
    """Those that wait for a model to be installed, and those whose promise was lost on the way; oldest first."""
    unfinished = ("waiting_for_model", "queued", "running")
    statement = select(Transcript.id).where(Transcript.status.in_(unfinished)).order_by(Transcript.created_at)
    return session.scalars(statement).all()


def share_done(session: Session, transcript: Transcript) -> float:
    """Progress of a transcription, 0 to 1."""
    if transcript.status == "done":
        return 1.0
    statement = select(func.max(TranscribedPiece.share_done)).where(TranscribedPiece.transcript_id == transcript.id)
    return session.scalar(statement) or 0.0


def finished_pieces(session: Session, transcript_id: UUID) -> list[tuple[Segment, ...]]:
    """The segments of the pieces that earlier runs finished, in order and without a gap."""
    statement = (
        select(TranscribedPiece).where(TranscribedPiece.transcript_id == transcript_id).order_by(TranscribedPiece.place)
    )
    pieces = session.scalars(statement).all()
    return [segments_from_json(piece.segments) for place, piece in enumerate(pieces) if piece.place == place]


def keep_piece(session: Session, transcript_id: UUID, place: int, segments: Sequence[Segment], share: float) -> None:
    """Remember a finished piece; a second run of the same job finds it there and changes nothing."""
    row = {
        "id": new_id(),
        "transcript_id": transcript_id,
        "place": place,
        "segments": segments_as_json(segments),
        "share_done": share,
    }
    session.execute(insert(TranscribedPiece).values(row).on_conflict_do_nothing())


def forget_pieces(session: Session, transcript_id: UUID) -> None:
    """The whole is kept, so its pieces are no longer needed."""
    session.execute(delete(TranscribedPiece).where(TranscribedPiece.transcript_id == transcript_id))


def _visible(viewer: Viewer, policy: AccessPolicy) -> Select[Transcript]:
    """Transcripts within the viewer's reach; other people's need a right of their own."""
    own = (Lead.owner_id == viewer.person_id) | (Lead.presales_id == viewer.person_id)
    statement = (
        select(Transcript)
        .join(Lead, Lead.id == Transcript.lead_id)
        .where(policy.visible(viewer, "transcript", TRANSCRIPT_COLUMNS))
    )
    if policy.has_right(viewer, "transcript.read_team"):
        return statement
    return statement.where(own | (Transcript.uploaded_by == viewer.person_id))
