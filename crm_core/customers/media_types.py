"""What a file is, told from its bytes and never from its name."""

import codecs
import zipfile
from pathlib import Path

import filetype

_OFFICE_PARTS = {
    "ppt/presentation.xml": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "xl/workbook.xml": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "word/document.xml": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
#: old office files share one container; the name of the main stream inside tells them apart
_OLD_OFFICE_STREAMS = {
    "Workbook".encode("utf-16-le"): "application/vnd.ms-excel",
    "PowerPoint Document".encode("utf-16-le"): "application/vnd.ms-powerpoint",
    "WordDocument".encode("utf-16-le"): "application/msword",
}
_OLD_OFFICE_START = bytes.fromhex("d0cf11e0a1b11ae1")
_BY_EXTENSION = {
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "ppt": "application/vnd.ms-powerpoint",
    "xls": "application/vnd.ms-excel",
    "doc": "application/msword",
    "pdf": "application/pdf",
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "gif": "image/gif",
    "webp": "image/webp",
    "bmp": "image/bmp",
    "tif": "image/tiff",
    "tiff": "image/tiff",
    "zip": "application/zip",
}
_TEXT_EXTENSIONS = {"csv": "text/csv", "txt": "text/plain", "md": "text/plain", "json": "application/json"}
_TEXT_ENCODINGS = ("utf-8-sig", "gb18030", "utf-16")
_LOOK_BYTES = 1 << 16
UNKNOWN = "application/octet-stream"


def media_type_of(path: Path, name: str) -> str:
    """The media type of a file; the name only decides between kinds of text."""
    with path.open("rb") as stream:
        start = stream.read(_LOOK_BYTES)
    if start.startswith(b"PK"):
        return _office_type(path)
    if start.startswith(_OLD_OFFICE_START):
        return _old_office_type(path)
    guess = filetype.guess(start)
    if guess is not None:
        return str(guess.mime)
    return _TEXT_EXTENSIONS.get(_extension(name), "text/plain") if _is_text(start) else UNKNOWN


def promised_media_type(name: str) -> str | None:
    """What a file's name says it is; None for a name that promises nothing we know."""
    extension = _extension(name)
    return _BY_EXTENSION.get(extension) or _TEXT_EXTENSIONS.get(extension)


def _office_type(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
    except zipfile.BadZipFile:
        return UNKNOWN
    return next((media_type for part, media_type in _OFFICE_PARTS.items() if part in names), "application/zip")


def _old_office_type(path: Path) -> str:
    content = path.read_bytes()
    return next((media_type for stream, media_type in _OLD_OFFICE_STREAMS.items() if stream in content), UNKNOWN)


def _is_text(start: bytes) -> bool:
    if b"\x00" in start and not start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return False
    return any(_decodes(start, encoding) for encoding in _TEXT_ENCODINGS)


def _decodes(start: bytes, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        # a longer file may have been cut within a character
        decoder.decode(start, final=len(start) < _LOOK_BYTES)
    except UnicodeError:
        return False
    return True


def _extension(name: str) -> str:
    return name.rpartition(".")[2].lower() if "." in name else ""
