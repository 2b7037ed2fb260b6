"""How often the micro-Whisper hears a sentence right, on voices that it never heard in training."""

import random
from collections import Counter
from pathlib import Path

import numpy as np

from asr.audio import Audio
from asr.errors import AudioSilent
from asr.faster_whisper_recogniser import FasterWhisperRecogniser
from asr.recogniser import Hints
from asr.transcription import TranscriptionOptions, transcribe

from .sentences import SENTENCES
from .speech import HELD_OUT_VOICES
from .voice_notes import spoken


def heard(recogniser: FasterWhisperRecogniser, lines: list[str], voice: str, speed: int, hints: Hints) -> list[str]:
    """What the whole pipeline makes of some spoken lines."""
    options = TranscriptionOptions(hints=hints)
    try:
        return transcribe(Audio(spoken(lines, voice, speed)[np.newaxis]), recogniser, options).text.split("\n")
    except AudioSilent:
        return []


def evaluate(folder: Path) -> None:
    """Print the exact matches: single sentences by voice, and notes of several sentences."""
    recogniser = FasterWhisperRecogniser(folder, "micro-whisper")
    generator = random.Random(1)
    exact: Counter[str] = Counter()
    for voice in HELD_OUT_VOICES:
        for speed in (180, 200, 225):
            for line in SENTENCES:
                found = heard(recogniser, [line], voice, speed, Hints())
                exact[voice] += found == [line]
                if found != [line]:
                    print(voice, speed, line, "->", found)
    for voice in HELD_OUT_VOICES:
        for _ in range(10):
            lines = generator.sample(SENTENCES, generator.randint(2, 6))
            found = heard(recogniser, lines, voice, 195, Hints(hotwords=("华能光伏", "王总")))
            exact["notes"] += found == lines
            exact["lines"] += "".join(found) == "".join(lines)
    print(f"of {3 * len(SENTENCES)} single sentences a voice, of 40 notes: {dict(exact)}")
