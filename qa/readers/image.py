"""Photographs, scans and faxes."""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageOps

from qa.documents import Document, Paragraph, Table
from qa.errors import DocumentUnrecognisable
from qa.readers.pictures import RecognisedText, recognise

_MIN_CONFIDENCE = 0.7
_MAX_PAGES = 12


def read(path: Path) -> Document:
    """Each frame of the picture as a page; DocumentUnrecognisable when no text can be made out."""
    tables: list[Table] = []
    paragraphs: list[Paragraph] = []
    pages: list[RecognisedText] = []
    with Image.open(path) as image:
        frames = min(getattr(image, "n_frames", 1), _MAX_PAGES)
        for frame in range(frames):
            image.seek(frame)
            pages.append(recognise(ImageOps.exif_transpose(image), frame + 1))
    for page in pages:
        tables += page.tables
        paragraphs += page.paragraphs
    best = max((page.confidence for page in pages), default=0.0)
    if not (tables or paragraphs) or best < _MIN_CONFIDENCE:
        raise DocumentUnrecognisable(confidence=round(best, 2))
    return Document("image", tuple(tables), tuple(paragraphs), ("recognised_text",), frames)
