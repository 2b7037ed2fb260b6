"""Speech is cut into pieces, recognised, cleaned and accounted for, whatever model does the recognising."""

from collections.abc import Sequence

import numpy as np
import pytest

from asr.audio import SAMPLE_RATE, Audio, Waveform
from asr.errors import AudioSilent
from asr.recogniser import Hints, Segment, Span, Word
from asr.transcription import Progress, TranscriptionCancelled, TranscriptionOptions, transcribe
from tests.asr.recordings import tone


class ScriptedRecogniser:
    """Hears speech where it is told to, and in each piece the next line of its script."""

    model = "scripted"
    longest_piece_seconds = 28.0

    def __init__(self, speech: Sequence[Span], lines: Sequence[str]) -> None:
        self.speech = speech
        self.lines = list(lines)
        self.heard_seconds: list[float] = []

    def find_speech(self, waveform: Waveform) -> Sequence[Span]:
        return self.speech

    def recognise(self, waveform: Waveform, hints: Hints) -> Sequence[Segment]:
        seconds = len(waveform) / SAMPLE_RATE
        self.heard_seconds.append(seconds)
        text = self.lines.pop(0)
        return [Segment(0.0, seconds, text, 0.9, "zh", (Word(0.0, seconds, text, 0.9),))] if text else []


def _sound(seconds: float, channels: int = 1) -> Audio:
    tones = [tone(seconds, hertz) for hertz in (300.0, 1000.0)]
    return Audio(np.concatenate(tones[:channels]))


APART = [Span(1.0, 3.0), Span(10.0, 12.0), Span(20.0, 24.0)]


def test_speech_is_recognised_piece_by_piece_at_its_own_time() -> None:
    recogniser = ScriptedRecogniser(APART, ["客户抱怨停机。", "响应太慢。", "下周演示。"])

    transcript = transcribe(_sound(30), recogniser, TranscriptionOptions())

    assert [(one.start_seconds, one.end_seconds, one.text) for one in transcript.segments] == [
        (1.0, 3.0, "客户抱怨停机。"),
        (10.0, 12.0, "响应太慢。"),
        (20.0, 24.0, "下周演示。"),
    ]
    assert transcript.text == "客户抱怨停机。\n响应太慢。\n下周演示。"
    assert (transcript.speech_seconds, transcript.duration_seconds) == (8.0, 30.0)
    assert transcript.coverage == 1.0
    assert transcript.language == "zh"
    assert transcript.segments[1].words[0].start_seconds == 10.0


def test_neighbouring_sentences_are_heard_together_up_to_the_limit() -> None:
    close = [Span(float(start), start + 4.0) for start in range(0, 60, 5)]
    recogniser = ScriptedRecogniser(close, ["一", "二", "三"])

    transcribe(_sound(60), recogniser, TranscriptionOptions())

    assert recogniser.heard_seconds == [24.0, 24.0, 9.0]


def test_the_same_sentence_of_both_speakers_stays_with_its_channel() -> None:
    recogniser = ScriptedRecogniser([Span(0.0, 2.0)], ["报价多少？", "八十万。"])

    transcript = transcribe(_sound(4, channels=2), recogniser, TranscriptionOptions())

    assert [(one.channel, one.text) for one in transcript.segments] == [(0, "报价多少？"), (1, "八十万。")]


def test_traditional_characters_come_out_simplified_and_punctuated() -> None:
    recogniser = ScriptedRecogniser([Span(0.0, 4.0)], [" 客戶對我們的服務很滿意,下週簽約."])

    transcript = transcribe(_sound(4), recogniser, TranscriptionOptions())

    assert transcript.text == "客户对我们的服务很满意，下周签约。"


def test_what_the_model_leaves_out_lowers_the_coverage() -> None:
    recogniser = ScriptedRecogniser(APART, ["客户抱怨停机。", "", "谢谢观看"])

    transcript = transcribe(_sound(30), recogniser, TranscriptionOptions())

    assert transcript.text == "客户抱怨停机。"
    assert transcript.coverage == pytest.approx(2 / 8)


@pytest.mark.parametrize("level", [0.0, 0.0005])
def test_silence_never_reaches_the_model(level: float) -> None:
    recogniser = ScriptedRecogniser([Span(0.0, 5.0)], ["请不吝点赞"])

    with pytest.raises(AudioSilent):
        transcribe(Audio(tone(5.0, level=level)), recogniser, TranscriptionOptions())

    assert recogniser.heard_seconds == []


def test_sound_without_speech_is_told_as_such() -> None:
    with pytest.raises(AudioSilent):
        transcribe(_sound(5), ScriptedRecogniser([], []), TranscriptionOptions())


def test_progress_grows_with_the_speech_that_is_done() -> None:
    reports: list[Progress] = []
    recogniser = ScriptedRecogniser(APART, ["一。", "二。", "三。"])

    transcribe(_sound(30), recogniser, TranscriptionOptions(), report=reports.append)

    assert [report.share for report in reports] == [0.25, 0.5, 1.0]
    assert [report.segments[0].text for report in reports] == ["一。", "二。", "三。"]


def test_an_interrupted_run_is_resumed_after_its_last_finished_piece() -> None:
    reports: list[Progress] = []
    first = ScriptedRecogniser(APART, ["一。", "二。", "三。"])
    with pytest.raises(TranscriptionCancelled):
        transcribe(
            _sound(30),
            first,
            TranscriptionOptions(),
            report=reports.append,
            is_cancelled=lambda: len(reports) == 2,
        )
    second = ScriptedRecogniser(APART, ["三。"])

    transcript = transcribe(
        _sound(30), second, TranscriptionOptions(), finished=[report.segments for report in reports]
    )

    assert [one.text for one in transcript.segments] == ["一。", "二。", "三。"]
    assert second.heard_seconds == [4.0]
