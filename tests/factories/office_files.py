"""Small real office files in memory."""

from io import BytesIO

from openpyxl import Workbook
from pptx import Presentation


def deck(*lines: str) -> bytes:
    """A pptx with one slide for each line."""
    presentation = Presentation()
    for line in lines:
        slide = presentation.slides.add_slide(presentation.slide_layouts[5])
        slide.shapes.title.text = line
    return _bytes_of(presentation)


def sheet(*rows: tuple[object, ...]) -> bytes:
    """An xlsx with these rows."""
    workbook = Workbook()
    assert workbook.active is not None
    for row in rows:
        workbook.active.append(row)
    return _bytes_of(workbook)


def _bytes_of(document: object) -> bytes:
    stream = BytesIO()
    document.save(stream)  # type: ignore[attr-defined]
    return stream.getvalue()
