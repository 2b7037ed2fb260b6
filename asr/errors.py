"""Why a recording is refused, and what speech recognition may lack."""

from crm_core.foundation.errors import Conflict, Invalid, Misconfigured, NotFound, TooLarge, Unavailable, Unsupported


class AudioEmpty(Invalid):
    code = "audio_empty"


class AudioUnreadable(Unsupported):
    """No container or codec that we know, or too damaged to give any sound."""

    code = "audio_unreadable"


class AudioTruncated(Invalid):
    """The file begins well and ends before its sound does."""

    code = "audio_truncated"


class AudioEncrypted(Unsupported):
    """Copy protection (DRM): only the shop's own player may decode it."""

    code = "audio_encrypted"


class AudioTooLong(TooLarge):
    code = "audio_too_long"


class AudioWithoutSoundTrack(Unsupported):
    """A picture, or a film without sound."""

    code = "audio_without_sound_track"


class AudioSilent(Invalid):
    """Decodable, and nobody speaks in it."""

    code = "audio_silent"


class AudioDecodingTimeout(Invalid):
    """Decoding took longer than any honest recording of the permitted length would."""

    code = "audio_decoding_timeout"


class SpeechModelAbsent(Unavailable):
    """No speech model on this machine: recordings are kept and wait for one."""

    code = "speech_model_absent"


class SpeechModelBroken(Misconfigured):
    """The model's folder is there and cannot be used."""

    code = "speech_model_broken"


class TranscriptNotFound(NotFound):
    code = "transcript_not_found"


class TranscriptNotReady(Conflict):
    """There are no words yet that could be corrected."""

    code = "transcript_not_ready"


class TranscriptNotRetriable(Conflict):
    """Only what failed or waits can be tried again."""

    code = "transcript_not_retriable"


class TranscriptTyped(NotFound):
    """A typed summary has no sound."""

    code = "transcript_typed"
