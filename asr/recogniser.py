"""What a speech recogniser does, whatever model is behind it, and the values it speaks in."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from asr.audio import Waveform

#: 简体 characters and punctuation, for the model to go on in the same way; it must itself end with a full stop
MANDARIN_PROMPT = "以下是普通话的句子，请使用简体中文和标点。"


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a waveform."""

    start_seconds: float
    end_seconds: float

    @property
    def seconds(self) -> float:
        return self.end_seconds - self.start_seconds

    def overlap_seconds(self, other: "Span") -> float:
        """How much of another span lies within this one."""
        return max(0.0, min(self.end_seconds, other.end_seconds) - max(self.start_seconds, other.start_seconds))


@dataclass(frozen=True, slots=True)
class Word:
    """One word, or one character where the language has no spaces."""

    start_seconds: float
    end_seconds: float
    text: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Segment:
    """A sentence or phrase. `channel` numbers the speakers of a two-channel recording; None when they are mixed."""

    start_seconds: float
    end_seconds: float
    text: str
    confidence: float
    language: str
    words: tuple[Word, ...] = ()
    channel: int | None = None

    @property
    def span(self) -> Span:
        return Span(self.start_seconds, self.end_seconds)


@dataclass(frozen=True, slots=True)
class Transcription:
    """A recording in words. Seconds of speech are those in which somebody was heard to speak."""

    segments: tuple[Segment, ...]
    model: str
    duration_seconds: float
    speech_seconds: float
    transcribed_seconds: float

    @property
    def text(self) -> str:
        return "\n".join(segment.text for segment in self.segments)

    @property
    def language(self) -> str | None:
        """The language of most of the speech; None without words."""
        seconds: Counter[str] = Counter()
        for segment in self.segments:
            seconds[segment.language] += round(segment.span.seconds * 100)
        return seconds.most_common(1)[0][0] if seconds else None

    @property
    def coverage(self) -> float:
        """Share of the detected speech that has words, 0 to 1; 1 when there was no speech."""
        return min(1.0, self.transcribed_seconds / self.speech_seconds) if self.speech_seconds else 1.0

    @property
    def confidence(self) -> float:
        """Mean confidence of the segments, weighted by their length; 0 without segments."""
        weights = [max(segment.span.seconds, 0.01) for segment in self.segments]
        weighted = sum(weight * segment.confidence for weight, segment in zip(weights, self.segments, strict=True))
        return weighted / sum(weights) if weights else 0.0


@dataclass(frozen=True, slots=True)
class Hints:
    """What the recogniser may know beforehand: the language (None = find out) and names that are likely to occur."""

    language: str | None = "zh"
    hotwords: tuple[str, ...] = ()

    @property
    def prompt(self) -> str:
        """Text that shows the model the style to write in, and that it sometimes repeats."""
        return MANDARIN_PROMPT if self.language == "zh" else ""


class SpeechRecogniser(Protocol):
    """A loaded model. Times are relative to the waveform that is passed in, at 16 kHz."""

    @property
    def model(self) -> str:
        """The name by which users know the model."""

    @property
    def longest_piece_seconds(self) -> float:
        """How much sound the model hears at once."""

    def find_speech(self, waveform: Waveform) -> Sequence[Span]:
        """Where somebody speaks, in order and without overlap."""

    def recognise(self, waveform: Waveform, hints: Hints) -> Sequence[Segment]:
        """The words of at most `longest_piece_seconds` of sound."""
