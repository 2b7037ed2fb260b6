"""What our pipeline costs over bare faster-whisper, on the same model and recording.

Bare: faster-whisper decodes the file, filters by voice activity and recognises with word times. Ours adds the cut into
pieces, the guards against invention, the script conversion and the account of seconds. The micro-Whisper is the hardest
case: the smaller the model, the more everything else weighs.
"""

import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from faster_whisper import WhisperModel

from asr.audio import AudioLimits, read_audio
from asr.faster_whisper_recogniser import FasterWhisperRecogniser
from asr.recogniser import Hints
from asr.transcription import TranscriptionOptions, transcribe

_ROUNDS = 7
_MICRO_WHISPER = Path(__file__).parent.parent / "tests" / "asr" / "micro_whisper"
_RECORDING = _MICRO_WHISPER / "notes" / "visit_summary.mp3"
_HINTS = Hints()


def bare(whisper: Any) -> str:
    """The library alone, with the settings that our adapter gives it."""
    segments, _ = whisper.transcribe(
        str(_RECORDING),
        condition_on_previous_text=False,
        initial_prompt=_HINTS.prompt,
        word_timestamps=True,
        hallucination_silence_threshold=2.0,
        vad_filter=True,
        vad_parameters={"min_silence_duration_ms": 500},
    )
    return "".join(segment.text for segment in segments)


def ours(recogniser: FasterWhisperRecogniser) -> str:
    with _RECORDING.open("rb") as stream:
        audio = read_audio(stream, AudioLimits())
    return transcribe(audio, recogniser, TranscriptionOptions(hints=_HINTS)).text


def seconds_of(run: Callable[[], str]) -> float:
    started = time.perf_counter()
    run()
    return time.perf_counter() - started


def main() -> None:
    folder = str(_MICRO_WHISPER / "model")
    whisper = WhisperModel(folder, device="cpu", compute_type="int8")
    recogniser = FasterWhisperRecogniser(Path(folder), "micro-whisper")
    rounds = [(seconds_of(lambda: bare(whisper)), seconds_of(lambda: ours(recogniser))) for _ in range(_ROUNDS + 1)][1:]
    bare_seconds, our_seconds = (statistics.median(times) for times in zip(*rounds, strict=True))
    print(
        f"34 s of speech: bare {bare_seconds:.3f} s, ours {our_seconds:.3f} s, ratio {our_seconds / bare_seconds:.2f}"
    )


if __name__ == "__main__":
    main()
