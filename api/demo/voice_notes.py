"""Recordings that a demo user can upload, and the words in them."""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import yaml


@dataclass(frozen=True, slots=True)
class VoiceNote:
    file: str
    title: str
    #: the sentences that are said
    lines: tuple[str, ...]

    def content(self) -> bytes:
        return (files("api.demo.content") / "voice" / self.file).read_bytes()


@cache
def voice_notes() -> tuple[VoiceNote, ...]:
    """All recordings, the fullest first."""
    rows = yaml.safe_load((files("api.demo.content") / "voice" / "notes.yaml").read_text(encoding="utf-8"))
    return tuple(VoiceNote(row["file"], row["title"], tuple(row["lines"])) for row in rows)
