"""The customer's voice: a transcript with its seconds, or a typed summary."""

from dataclasses import dataclass, replace
from uuid import UUID

from asr.recogniser import Segment
from asr.repository import find_transcript, transcripts_of_lead
from asr.stored_segments import segments_from_json
from asr.tables import Transcript
from crm_core.customers.acting import Acting
from crm_core.pipeline.tables import Lead
from knowledge.diagnosis.errors import TranscriptNotReady, TranscriptOfAnotherLead, VoiceSummaryMissing
from knowledge.diagnosis.spoken_text import Quote, SpokenSegment, SpokenText

LATEST = 20


@dataclass(frozen=True, slots=True)
class VoiceSummary:
    """Words to look for evidence in. Corrected words have lost their seconds; the original gives them back."""

    words: SpokenText
    transcript_id: UUID | None = None
    original: SpokenText | None = None

    def timed(self, quote: Quote) -> Quote:
        """The quote with the seconds of the same words in the original, where they were left as they are."""
        if self.original is None or quote.start_seconds is not None:
            return quote
        start = self.original.text.find(quote.text)
        if start < 0:
            return quote
        spoken = self.original.quote(start, start + len(quote.text))
        return replace(quote, start_seconds=spoken.start_seconds, end_seconds=spoken.end_seconds)


def voice_summary_of(acting: Acting, lead: Lead, transcript_id: UUID | None, typed: str) -> VoiceSummary:
    """A transcript of this lead, or what was typed. Raises TranscriptNotFound, TranscriptNotReady, and others."""
    if transcript_id is not None:
        transcript = find_transcript(acting.session, acting.viewer, acting.policy, transcript_id)
        if transcript.lead_id != lead.id:
            raise TranscriptOfAnotherLead(transcript_id=transcript_id)
        if not transcript.best_text.strip():
            raise TranscriptNotReady(state=transcript.status)
        return summary_from(transcript)
    if not typed.strip():
        raise VoiceSummaryMissing
    return VoiceSummary(SpokenText.of(typed))


def latest_voice_summary(acting: Acting, lead: Lead) -> VoiceSummary:
    """The newest transcript of a lead that has words. Raises VoiceSummaryMissing."""
    session, viewer, policy = acting.session, acting.viewer, acting.policy
    transcripts, _ = transcripts_of_lead(session, viewer, policy, lead.id, limit=LATEST, offset=0)
    for transcript in transcripts:
        if transcript.best_text.strip():
            return summary_from(transcript)
    raise VoiceSummaryMissing


def summary_from(transcript: Transcript) -> VoiceSummary:
    """A transcript's words as corrected, with the seconds of the recording."""
    segments = segments_from_json(transcript.segments)
    original = SpokenText.of([_segment(segment) for segment in segments]) if segments else None
    if transcript.edited_text is None and original is not None:
        return VoiceSummary(original, transcript.id)
    return VoiceSummary(SpokenText.of(transcript.best_text), transcript.id, original)


def _segment(segment: Segment) -> SpokenSegment:
    return SpokenSegment(segment.text, segment.start_seconds, segment.end_seconds)
