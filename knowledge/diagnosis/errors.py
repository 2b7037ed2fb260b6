"""What can go wrong with a needs diagnosis."""

from crm_core.foundation.errors import Conflict, Invalid, NotFound


class DiagnosisNotFound(NotFound):
    """The lead has no report yet."""

    code = "diagnosis_not_found"


class PainPointCountWrong(Invalid):
    """Parameters: required, given, missing (how many more), surplus."""

    code = "diagnosis_pain_point_count"


class PainPointRepeated(Invalid):
    """Parameters: repeated, the names that stand there twice."""

    code = "diagnosis_pain_point_repeated"


class PainPointUnknown(Invalid):
    """Parameters: unknown, the codes that the lexicon does not have."""

    code = "diagnosis_pain_point_unknown"


class VoiceSummaryMissing(Invalid):
    """Neither a transcript with words nor a typed summary."""

    code = "diagnosis_summary_missing"


class TranscriptNotReady(Conflict):
    """The transcript has no words yet; parameters: state."""

    code = "diagnosis_transcript_not_ready"


class TranscriptOfAnotherLead(Invalid):
    code = "diagnosis_transcript_of_another_lead"
