"""Voice summaries: uploaded, transcribed by a job, corrected; or typed."""

from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, File, Query, UploadFile, status
from fastapi.responses import FileResponse
from sqlalchemy.orm import Session

from api.contracts.paging import Offset
from api.contracts.transcripts import (
    CorrectedText,
    TranscriptDetail,
    TranscriptPage,
    TranscriptProblem,
    TranscriptSummary,
    TypedSummary,
)
from api.dependencies import LocaleDep, PolicyDep, ResourcesDep, SessionDep, ViewerDep
from asr import submissions
from asr.errors import TranscriptTyped
from asr.repository import find_transcript, share_done, transcripts_of_lead
from asr.tables import Transcript
from crm_core.foundation.translations import Locale, translate
from crm_core.people.access import AccessPolicy
from crm_core.people.viewer import Viewer
from crm_core.pipeline.repository import find_lead
from crm_core.pipeline.tables import Lead

router = APIRouter(prefix="/api", tags=["transcripts"])

_COLUMNS = tuple(column.key for column in Transcript.__table__.columns if column.key != "error_parameters")


@dataclass(frozen=True, slots=True)
class Asking:
    """Somebody asking about voice summaries: who, in which transaction, under which policy, in which language."""

    session: Session
    viewer: Viewer
    policy: AccessPolicy
    locale: Locale

    def lead(self, lead_id: UUID) -> Lead:
        return find_lead(self.session, self.viewer, self.policy, lead_id)

    def transcript(self, transcript_id: UUID) -> Transcript:
        return find_transcript(self.session, self.viewer, self.policy, transcript_id)

    def require_editable(self, name: str) -> None:
        self.policy.require_editable(self.viewer, "transcript", [name])

    def shown(self, transcript: Transcript) -> dict[str, Any]:
        """What this person sees of a transcript."""
        values = {name: getattr(transcript, name) for name in _COLUMNS}
        values |= {"best_text": transcript.best_text, "is_edited": transcript.edited_text is not None}
        presented = self.policy.present(self.viewer, "transcript", values)
        presented |= {"status": transcript.status, "progress": share_done(self.session, transcript)}
        if transcript.error_code is not None:
            presented["problem"] = _problem(transcript, self.locale)
        return presented


def get_asking(session: SessionDep, viewer: ViewerDep, policy: PolicyDep, locale: LocaleDep) -> Asking:
    return Asking(session, viewer, policy, locale)


AskingDep = Annotated[Asking, Depends(get_asking, scope="function")]


@router.post("/leads/{lead_id}/transcripts", status_code=status.HTTP_202_ACCEPTED)
def upload_recording(
    lead_id: UUID,
    file: Annotated[UploadFile, File(description="wav, mp3, m4a, amr, ogg, webm, aac, flac, wma, aiff, mp4 …")],
    asking: AskingDep,
    resources: ResourcesDep,
) -> TranscriptSummary:
    """Hand in a voice summary; a job transcribes it, or it waits until there is a speech model."""
    lead = asking.lead(lead_id)
    asking.require_editable("file_name")
    recording = submissions.Recording(file.filename or "", file.file)
    transcript = submissions.submit_recording(asking.session, resources, lead, recording, asking.viewer.person_id)
    return TranscriptSummary(**asking.shown(transcript))


@router.post("/leads/{lead_id}/typed-summaries", status_code=status.HTTP_201_CREATED)
def type_summary(lead_id: UUID, summary: TypedSummary, asking: AskingDep) -> TranscriptDetail:
    """Hand in a summary in writing; it serves wherever a transcript does."""
    lead = asking.lead(lead_id)
    asking.require_editable("text")
    transcript = submissions.submit_typed(asking.session, lead, summary.text, asking.viewer.person_id)
    return TranscriptDetail(**asking.shown(transcript))


@router.get("/leads/{lead_id}/transcripts")
def list_transcripts(
    lead_id: UUID,
    asking: AskingDep,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    offset: Offset = 0,
) -> TranscriptPage:
    """The voice summaries of a lead, latest first."""
    lead = asking.lead(lead_id)
    rows, total = transcripts_of_lead(asking.session, asking.viewer, asking.policy, lead.id, limit=limit, offset=offset)
    return TranscriptPage(items=[TranscriptSummary(**asking.shown(row)) for row in rows], total=total)


@router.get("/transcripts/{transcript_id}")
def read_transcript(transcript_id: UUID, asking: AskingDep) -> TranscriptDetail:
    """One voice summary: progress while it is transcribed, then its words with their seconds."""
    transcript = asking.transcript(transcript_id)
    return TranscriptDetail(**asking.shown(transcript))


@router.put("/transcripts/{transcript_id}/text")
def correct_text(
    transcript_id: UUID,
    corrected: CorrectedText,
    asking: AskingDep,
) -> TranscriptDetail:
    """Correct the words; the original ones stay beside them."""
    transcript = asking.transcript(transcript_id)
    asking.require_editable("edited_text")
    submissions.correct(asking.session, transcript, corrected.text, asking.viewer.person_id)
    return TranscriptDetail(**asking.shown(transcript))


@router.post("/transcripts/{transcript_id}/retry", status_code=status.HTTP_202_ACCEPTED)
def retry(transcript_id: UUID, asking: AskingDep) -> TranscriptSummary:
    """Try again what failed or waits for a model."""
    transcript = asking.transcript(transcript_id)
    asking.require_editable("file_name")
    submissions.try_again(asking.session, transcript)
    return TranscriptSummary(**asking.shown(transcript))


@router.get("/transcripts/{transcript_id}/audio", response_class=FileResponse)
def listen(transcript_id: UUID, asking: AskingDep, resources: ResourcesDep) -> FileResponse:
    """The recording as it was uploaded; parts of it by Range."""
    transcript = asking.transcript(transcript_id)
    if transcript.sha256 is None:
        raise TranscriptTyped()
    path = resources.files.path(transcript.sha256)
    with path.open("rb") as stream:
        media_type = submissions.media_type_of(stream.read(8192))
    return FileResponse(
        path,
        media_type=media_type,
        filename=transcript.file_name or "recording",
        content_disposition_type="inline" if media_type.startswith("audio/") else "attachment",
        headers={"X-Content-Type-Options": "nosniff"},
    )


def _problem(transcript: Transcript, locale: Locale) -> TranscriptProblem:
    code = transcript.error_code or ""
    told = transcript.error_parameters
    return TranscriptProblem(
        code=code,
        what=translate(f"error.{code}.what", locale, **told),
        remedy=translate(f"error.{code}.remedy", locale, **told),
    )
