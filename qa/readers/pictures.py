"""Text in pictures: recognised lines with their boxes, put back into tables and paragraphs (RapidOCR, offline)."""

from __future__ import annotations

import io
import os
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any

from PIL import Image

from qa.documents import Address, Paragraph, Table
from qa.readers.layout import TextBox, arrange

if TYPE_CHECKING:
    import numpy as np

MIN_WIDTH, MIN_HEIGHT = 160, 60
MAX_PIXELS = 40_000_000
_LONGEST_SIDE = 2000
_MIN_SCORE = 0.6


@dataclass(frozen=True, slots=True)
class RecognisedText:
    tables: list[Table]
    paragraphs: list[Paragraph]
    confidence: float


@cache
def _engine() -> Any:
    """The recogniser with the models of its own wheel; nothing is ever fetched."""
    from rapidocr import RapidOCR

    threads = min(2, os.cpu_count() or 1)
    return RapidOCR(
        params={
            "Global.log_level": "error",
            # these three keep a page within 512 MB and, at two threads, within a few seconds
            "Rec.rec_batch_num": 2,
            "Det.limit_type": "max",
            "Det.limit_side_len": 1216,
            "EngineConfig.onnxruntime.intra_op_num_threads": threads,
        }
    )


def read_picture(content: bytes, address: Address) -> RecognisedText:
    """Tables and paragraphs of a picture that is part of `address`; nothing for icons and unreadable formats."""
    try:
        image = Image.open(io.BytesIO(content))
        if image.width < MIN_WIDTH or image.height < MIN_HEIGHT or image.width * image.height > MAX_PIXELS:
            return RecognisedText([], [], 0.0)
        found = recognise(image)
    except (OSError, Image.DecompressionBombError):
        return RecognisedText([], [], 0.0)
    tables = [
        replace(table, rows=tuple(tuple(_moved(cell, address) for cell in row) for row in table.rows))
        for table in found.tables
    ]
    paragraphs = [replace(paragraph, address=address) for paragraph in found.paragraphs]
    return RecognisedText(tables, paragraphs, found.confidence)


def _moved(cell: Any, address: Address) -> Any:
    return replace(cell, address=address)


def recognise(image: Image.Image, page: int = 1) -> RecognisedText:
    """The text of a whole page picture, addresses in its own pixels."""
    shrink = min(1.0, _LONGEST_SIDE / max(image.size))
    picture = image.convert("RGBA") if image.mode in ("P", "LA", "PA") else image
    if picture.mode == "RGBA":
        backdrop = Image.new("RGBA", picture.size, "white")
        picture = Image.alpha_composite(backdrop, picture)
    picture = picture.convert("RGB")
    if shrink < 1.0:
        picture = picture.resize((round(image.width * shrink), round(image.height * shrink)))
    lines = _lines(picture, shrink)
    kept = [box for box, score in lines if score >= _MIN_SCORE]
    tables, paragraphs = arrange(kept, page)
    scores = [score for _, score in lines]
    return RecognisedText(tables, paragraphs, sum(scores) / len(scores) if scores else 0.0)


def _lines(picture: Image.Image, shrink: float) -> list[tuple[TextBox, float]]:
    import numpy as np

    pixels: np.ndarray[Any, Any] = np.asarray(picture)[:, :, ::-1]
    result = _engine()(pixels)
    if result.boxes is None:
        return []
    lines = []
    for corners, text, score in zip(result.boxes, result.txts, result.scores, strict=True):
        points = tuple((float(x) / shrink, float(y) / shrink) for x, y in corners)
        lines.append((TextBox(text, points), float(score)))
    return lines
