"""From sound to transcript: find the speech, recognise it piece by piece, clean the words, account for the seconds."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from asr.audio import SAMPLE_RATE, Audio, Waveform
from asr.errors import AudioSilent
from asr.hallucinations import HallucinationFilter
from asr.recogniser import Hints, Segment, Span, SpeechRecogniser, Transcription
from asr.script import simplify, written_form

# Below this peak (-60 dB of full scale) nothing in a file can be speech.
_SILENT_PEAK = 0.001


@dataclass(frozen=True, slots=True)
class TranscriptionOptions:
    """How speech is cut into pieces for the model."""

    hints: Hints = field(default_factory=Hints)
    #: silence inside a piece invites invention, so a longer pause ends the piece
    longest_pause_seconds: float = 2.0


@dataclass(frozen=True, slots=True)
class Piece:
    """Some stretches of speech that the model hears together."""

    channel: int
    speech: tuple[Span, ...]

    @property
    def span(self) -> Span:
        return Span(self.speech[0].start_seconds, self.speech[-1].end_seconds)

    @property
    def speech_seconds(self) -> float:
        return sum(span.seconds for span in self.speech)


@dataclass(frozen=True, slots=True)
class Progress:
    """Reported after each piece: what it said, and how much speech is done."""

    segments: tuple[Segment, ...]
    seconds_done: float
    seconds_total: float

    @property
    def share(self) -> float:
        return self.seconds_done / self.seconds_total if self.seconds_total else 1.0


class TranscriptionCancelled(Exception):
    """The caller's `is_cancelled` said so between two pieces."""


def transcribe(
    audio: Audio,
    recogniser: SpeechRecogniser,
    options: TranscriptionOptions,
    *,
    report: Callable[[Progress], None] = lambda _progress: None,
    is_cancelled: Callable[[], bool] = lambda: False,
    finished: Sequence[Sequence[Segment]] = (),
) -> Transcription:
    """Transcribe a recording; `finished` holds the segments of the pieces that an earlier run has reported.

    Raises AudioSilent when nobody speaks, TranscriptionCancelled.
    """
    waveforms = audio.speaker_channels()
    pieces = plan_pieces(waveforms, recogniser, options)
    total = sum(piece.speech_seconds for piece in pieces)
    if not pieces:
        raise AudioSilent()
    heard = [tuple(segments) for segments in finished[: len(pieces)]]
    done = sum(piece.speech_seconds for piece in pieces[: len(heard)])
    for piece in pieces[len(heard) :]:
        if is_cancelled():
            raise TranscriptionCancelled
        heard.append(_recognised(piece, waveforms[piece.channel], recogniser, options))
        done += piece.speech_seconds
        report(Progress(heard[-1], done, total))
    cleaned = _cleaned(heard, len(waveforms), options)
    return Transcription(
        segments=cleaned,
        model=recogniser.model,
        duration_seconds=audio.duration_seconds,
        speech_seconds=total,
        transcribed_seconds=_transcribed_seconds(pieces, cleaned),
    )


def plan_pieces(
    waveforms: Sequence[Waveform], recogniser: SpeechRecogniser, options: TranscriptionOptions
) -> list[Piece]:
    """Cut every channel into pieces; the same sound always gives the same plan, so a run can be resumed."""
    pieces = []
    for channel, waveform in enumerate(waveforms):
        if float(np.abs(waveform).max(initial=0.0)) >= _SILENT_PEAK:
            speech = recogniser.find_speech(waveform)
            packs = _packed(speech, recogniser.longest_piece_seconds, options.longest_pause_seconds)
            pieces += [Piece(channel, spans) for spans in packs]
    return pieces


def _packed(speech: Sequence[Span], longest_seconds: float, longest_pause_seconds: float) -> list[tuple[Span, ...]]:
    """Neighbouring stretches of speech together, as long as the model can hear them at once."""
    packs: list[list[Span]] = []
    for span in speech:
        fits = (
            packs
            and span.start_seconds - packs[-1][-1].end_seconds <= longest_pause_seconds
            and span.end_seconds - packs[-1][0].start_seconds <= longest_seconds
        )
        if fits:
            packs[-1].append(span)
        else:
            packs.append([span])
    return [tuple(pack) for pack in packs]


def _recognised(
    piece: Piece, waveform: Waveform, recogniser: SpeechRecogniser, options: TranscriptionOptions
) -> tuple[Segment, ...]:
    """The segments of one piece, with times of the whole recording and 简体 characters."""
    offset = piece.span.start_seconds
    samples = waveform[int(offset * SAMPLE_RATE) : int(piece.span.end_seconds * SAMPLE_RATE)]
    return tuple(
        replace(
            segment,
            start_seconds=round(offset + segment.start_seconds, 2),
            end_seconds=round(min(offset + segment.end_seconds, piece.span.end_seconds), 2),
            text=written_form(segment.text),
            words=tuple(
                replace(
                    word,
                    start_seconds=round(offset + word.start_seconds, 2),
                    end_seconds=round(offset + word.end_seconds, 2),
                    text=simplify(word.text),
                )
                for word in segment.words
            ),
            channel=piece.channel,
        )
        for segment in recogniser.recognise(samples, options.hints)
    )


def _cleaned(
    heard: Sequence[Sequence[Segment]], channel_count: int, options: TranscriptionOptions
) -> tuple[Segment, ...]:
    """Every channel without invented lines, then all in the order in which they were said."""
    everything = [segment for segments in heard for segment in segments]
    cleaned: list[Segment] = []
    for channel in range(channel_count):
        lines = HallucinationFilter(options.hints.prompt).clean(one for one in everything if one.channel == channel)
        cleaned += [line if channel_count > 1 else replace(line, channel=None) for line in lines]
    return tuple(sorted(cleaned, key=lambda segment: segment.start_seconds))


def _transcribed_seconds(pieces: Sequence[Piece], segments: Sequence[Segment]) -> float:
    """Seconds of detected speech that lie within a segment of the same channel."""
    covered = 0.0
    for piece in pieces:
        lines = [segment for segment in segments if segment.channel in {None, piece.channel}]
        for span in piece.speech:
            covered += min(span.seconds, sum(span.overlap_seconds(line.span) for line in lines))
    return covered
