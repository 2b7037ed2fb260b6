"""Which encoding a text file is in: UTF-8, UTF-16 or GB18030, or none that we know."""

import codecs
from pathlib import Path

from crm_core.intake.errors import ImportUndecodable

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
#: tried in this order; GB18030 accepts much that it should not, so it comes last
_CANDIDATES = ("utf-8", "gb18030")
_CHUNK_BYTES = 1 << 20
_CONTROL_CHARACTERS = frozenset(map(chr, range(32))) - frozenset("\t\n\r\f") | {"\x7f"}


def detect_encoding(path: Path) -> str:
    """The encoding in which the whole file is text. Raises ImportUndecodable with the first byte that is not."""
    with path.open("rb") as stream:
        start = stream.read(_CHUNK_BYTES)
    marked = next((encoding for mark, encoding in _BYTE_ORDER_MARKS if start.startswith(mark)), None)
    candidates = (marked,) if marked else (*_CANDIDATES, *_unmarked_utf16(start))
    furthest = 0
    for encoding in candidates:
        failed_at = _first_failure(path, encoding)
        if failed_at is None:
            return encoding
        furthest = max(furthest, failed_at)
    raise ImportUndecodable(byte_position=furthest, encodings="UTF-8, UTF-16, GB18030")


def _unmarked_utf16(start: bytes) -> tuple[str, ...]:
    """Zeros beside plain letters give UTF-16 away, and their places its byte order."""
    low_first, high_first = start[1::2].count(0), start[::2].count(0)
    if low_first == high_first:
        return ()
    return ("utf-16-le",) if low_first > high_first else ("utf-16-be",)


def _first_failure(path: Path, encoding: str) -> int | None:
    """About where the file stops being text in this encoding; None if it is text to its end."""
    decoder = codecs.getincrementaldecoder(encoding)()
    position = 0
    with path.open("rb") as stream:
        while True:
            chunk = stream.read(_CHUNK_BYTES)
            try:
                text = decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as failure:
                return position + failure.start
            if not _CONTROL_CHARACTERS.isdisjoint(text):
                return position
            if not chunk:
                return None
            position += len(chunk)
