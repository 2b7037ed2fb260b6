"""Voice notes by voices that the model never heard in training, in the formats that phones and browsers record."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tests.asr.recordings import FORMATS, encode

from .sentences import SENTENCES
from .speech import SAMPLE_RATE, Waveform, speak

ROOM_NOISE_LEVEL = 0.0005
EXTENSIONS = {
    "wav": "wav",
    "mp3": "mp3",
    "m4a": "m4a",
    "amr": "amr, narrow band",
    "ogg": "ogg with opus",
    "webm": "webm of a browser",
}


@dataclass(frozen=True)
class Note:
    """A note to be spoken: places in SENTENCES, and the formats it is kept in."""

    name: str
    voice: str
    words_per_minute: int
    sentences: tuple[int, ...]
    formats: tuple[str, ...]

    @property
    def lines(self) -> list[str]:
        return [SENTENCES[place] for place in self.sentences]


NOTES = (
    Note("machine_stops", "f3", 190, (1,), tuple(EXTENSIONS)),
    Note("visit_summary", "m7", 200, (0, 1, 2, 3, 6, 7, 8, 12), ("mp3", "m4a", "amr", "ogg", "webm")),
    Note("service_and_warranty", "f5", 190, (2, 8, 15), ("wav", "ogg")),
    Note("price_and_decision", "m5", 190, (5, 10, 13, 14), ("mp3", "amr")),
)


def spoken(lines: list[str], voice: str, words_per_minute: int) -> Waveform:
    """The lines with a second's pause between them, over faint room noise."""
    pause = np.zeros(SAMPLE_RATE, np.float32)
    pieces = [pause[: SAMPLE_RATE // 2]]
    for line in lines:
        pieces += [speak(line, voice, words_per_minute, 50), pause]
    samples = np.concatenate(pieces)
    noise = np.random.default_rng(len(samples)).standard_normal(len(samples)) * ROOM_NOISE_LEVEL
    return (samples * 0.8 + noise).astype(np.float32)


def write_notes(folder: Path) -> None:
    """Every note in its formats, and `notes.json` with the text of each."""
    folder.mkdir(parents=True, exist_ok=True)
    index = []
    for note in NOTES:
        samples = spoken(note.lines, note.voice, note.words_per_minute)
        for extension in note.formats:
            path = folder / f"{note.name}.{extension}"
            path.write_bytes(encode(samples[np.newaxis], FORMATS[EXTENSIONS[extension]]))
            index.append({"file": path.name, "voice": note.voice, "lines": note.lines})
    listed = json.dumps(index, ensure_ascii=False, indent=1)
    (folder / "notes.json").write_text(listed + "\n", encoding="utf-8")
