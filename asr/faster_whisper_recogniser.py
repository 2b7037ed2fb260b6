"""Whisper models by faster-whisper and CTranslate2, with its bundled Silero voice detector.

The only file that imports them, and only when a model is used. Settings for Mandarin: no conditioning on earlier text
(it feeds loops), a punctuated prompt in 简体 characters, names as hotwords, silence inside a piece skipped.
"""

import math
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from asr.audio import SAMPLE_RATE, Waveform
from asr.errors import SpeechModelBroken
from asr.recogniser import Hints, Segment, Span, Word

# The decoder takes some 220 tokens of hints, and long lists harm the other words.
_MOST_HOTWORDS = 40
_MOST_HOTWORD_CHARACTERS = 160

_VOICE_DETECTION = {
    "threshold": 0.5,
    "min_speech_duration_ms": 100,
    "min_silence_duration_ms": 500,
    "speech_pad_ms": 200,
}


class FasterWhisperRecogniser:
    """One loaded model; int8 on the processor, half precision on a CUDA device."""

    def __init__(self, folder: Path, name: str) -> None:
        """Load the CTranslate2 model in a folder. Raises SpeechModelBroken."""
        import ctranslate2
        from faster_whisper import WhisperModel

        has_cuda = ctranslate2.get_cuda_device_count() > 0
        try:
            self._whisper: Any = WhisperModel(
                str(folder),
                device="cuda" if has_cuda else "cpu",
                compute_type="int8_float16" if has_cuda else "int8",
                cpu_threads=os.cpu_count() or 4,
                local_files_only=True,
            )
        except (RuntimeError, ValueError, OSError) as failure:
            raise SpeechModelBroken(place=str(folder), reason=str(failure)) from failure
        self._name = name

    @property
    def model(self) -> str:
        return self._name

    @property
    def longest_piece_seconds(self) -> float:
        """The model's window: 30 s for Whisper, unless its `preprocessor_config.json` says less."""
        return float(self._whisper.feature_extractor.chunk_length)

    def find_speech(self, waveform: Waveform) -> Sequence[Span]:
        from faster_whisper.vad import VadOptions, get_speech_timestamps

        options = VadOptions(**_VOICE_DETECTION, max_speech_duration_s=self.longest_piece_seconds)
        found = get_speech_timestamps(waveform, options, sampling_rate=SAMPLE_RATE)
        return [Span(chunk["start"] / SAMPLE_RATE, chunk["end"] / SAMPLE_RATE) for chunk in found]

    def recognise(self, waveform: Waveform, hints: Hints) -> Sequence[Segment]:
        # A model of one language has no language tokens, and faster-whisper takes it for English: it would look for
        # words between spaces and give a whole Chinese sentence the times of one word.
        is_multilingual = self._whisper.model.is_multilingual
        language = hints.language if is_multilingual else None
        has_words = is_multilingual or hints.language == "en"
        found, information = self._whisper.transcribe(
            waveform,
            language=language,
            beam_size=5,
            condition_on_previous_text=False,
            initial_prompt=hints.prompt or None,
            hotwords=_joined_hotwords(hints.hotwords),
            word_timestamps=has_words,
            hallucination_silence_threshold=2.0 if has_words else None,
        )
        spoken = language or hints.language or information.language
        return [_segment(one, spoken) for one in found]


def _joined_hotwords(hotwords: Sequence[str]) -> str | None:
    """The first names that fit, each once."""
    joined = ""
    for word in list(dict.fromkeys(hotwords))[:_MOST_HOTWORDS]:
        if len(joined) + len(word) + 1 > _MOST_HOTWORD_CHARACTERS:
            break
        joined = f"{joined} {word}".strip()
    return joined or None


def _segment(found: Any, language: str) -> Segment:
    return Segment(
        start_seconds=float(found.start),
        end_seconds=float(found.end),
        text=found.text,
        confidence=min(1.0, math.exp(found.avg_logprob)),
        language=language,
        words=tuple(
            Word(float(word.start), float(word.end), word.word, float(word.probability)) for word in found.words or ()
        ),
    )
