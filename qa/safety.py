"""What an uploaded file really is, and whether it is safe to open: decided before any parser sees it."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Literal

from PIL import Image, UnidentifiedImageError

from qa.errors import (
    DocumentBomb,
    DocumentDamaged,
    DocumentEmpty,
    DocumentEncrypted,
    DocumentTooLarge,
    DocumentTruncated,
    DocumentTypeMismatch,
    DocumentUnsafe,
    DocumentUnsupported,
)
from qa.xml_safety import check_xml_part

UploadKind = Literal["xlsx", "xls", "csv", "pptx", "docx", "pdf", "image", "doc", "ppt"]
READABLE: frozenset[str] = frozenset({"xlsx", "xls", "csv", "pptx", "docx", "pdf", "image"})
MAX_BYTES = 50 * 1024 * 1024
_EXTENSIONS: dict[str, frozenset[str]] = {
    "xlsx": frozenset({".xlsx", ".xlsm", ".xltx", ".xltm"}),
    "docx": frozenset({".docx", ".docm", ".dotx", ".dotm"}),
    "pptx": frozenset({".pptx", ".pptm", ".potx", ".potm", ".ppsx", ".ppsm"}),
    "xls": frozenset({".xls", ".xlt", ".et"}),
    "doc": frozenset({".doc", ".dot", ".wps"}),
    "ppt": frozenset({".ppt", ".pot", ".pps", ".dps"}),
    "pdf": frozenset({".pdf"}),
    "csv": frozenset({".csv", ".tsv", ".txt"}),
    "image": frozenset({".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".webp", ".gif"}),
}
_IMAGE_MAGIC = re.compile(rb"\x89PNG\r\n\x1a\n|\xff\xd8\xff|BM|II\*\x00|MM\x00\*|GIF8[79]a|RIFF....WEBP", re.DOTALL)
_MAIN_PARTS = {"xl/workbook.xml": "xlsx", "word/document.xml": "docx", "ppt/presentation.xml": "pptx"}
_MAX_ENTRIES = 5_000
_MAX_UNPACKED = 400 * 1024 * 1024
_MAX_RATIO = 120
_RATIO_FROM = 8 * 1024 * 1024
_MAX_PART = 120 * 1024 * 1024
MAX_PIXELS = 60_000_000


@dataclass(frozen=True, slots=True)
class InspectedUpload:
    """A file that may be opened: what it is, and what is worth telling (macros, embedded_files, external_links)."""

    kind: UploadKind
    warnings: tuple[str, ...] = ()


def inspect_upload(path: Path, claimed_name: str, max_bytes: int = MAX_BYTES) -> InspectedUpload:
    """The kind of the file by its content; a DocumentRefused subclass when it must not or cannot be used."""
    size = path.stat().st_size
    if size == 0:
        raise DocumentEmpty(name=claimed_name)
    if size > max_bytes:
        raise DocumentTooLarge(name=claimed_name, megabytes=size // 1024 // 1024, limit=max_bytes // 1024 // 1024)
    with path.open("rb") as stream:
        head = stream.read(4096)
    inspected = _inspector_for(head)(path, head, claimed_name)
    _check_extension(inspected.kind, claimed_name)
    return inspected


def _inspector_for(head: bytes) -> Callable[[Path, bytes, str], InspectedUpload]:
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _inspect_zip
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return _inspect_compound
    if b"%PDF-" in head[:1024]:
        return _inspect_pdf
    if _IMAGE_MAGIC.match(head):
        return _inspect_image
    return _inspect_text


def _check_extension(kind: str, claimed_name: str) -> None:
    extension = PurePath(claimed_name).suffix.lower()
    if extension not in _EXTENSIONS[kind]:
        raise DocumentTypeMismatch(name=claimed_name, found=kind, extension=extension or "-")


def _inspect_zip(path: Path, _head: bytes, name: str) -> InspectedUpload:
    try:
        with zipfile.ZipFile(path) as archive:
            return _inspect_package(archive, name)
    except zipfile.BadZipFile as fault:
        raise DocumentTruncated(name=name) from fault
    except (OSError, EOFError, RuntimeError) as fault:
        raise DocumentDamaged(name=name) from fault


def _inspect_package(archive: zipfile.ZipFile, name: str) -> InspectedUpload:
    entries = archive.infolist()
    _check_sizes(entries, name)
    names = {entry.filename for entry in entries}
    if any(entry.flag_bits & 0x1 for entry in entries):
        raise DocumentEncrypted(name=name)
    if any(part.startswith(("/", "\\")) or ".." in PurePath(part.replace("\\", "/")).parts for part in names):
        raise DocumentUnsafe(name=name, reason="path")
    kind = next((kind for part, kind in _MAIN_PARTS.items() if part in names), None)
    if kind is None:
        kind = _kind_by_content_type(archive, names, name)
    for entry in entries:
        if entry.filename.lower().endswith((".xml", ".rels", ".vml")):
            with archive.open(entry) as stream:
                check_xml_part(stream, name)
        else:
            _drain(archive, entry, name)
    return InspectedUpload(kind, _package_warnings(names))  # type: ignore[arg-type]


def _kind_by_content_type(archive: zipfile.ZipFile, names: set[str], name: str) -> str:
    """Packages whose main part has an unusual name; encrypted OpenDocument files are told apart."""
    if "[Content_Types].xml" in names:
        types = archive.read("[Content_Types].xml").decode("utf-8", "replace")
        for word, kind in (("spreadsheetml", "xlsx"), ("wordprocessingml", "docx"), ("presentationml", "pptx")):
            if f"{word}." in types and ".main+xml" in types:
                return kind
    if "META-INF/manifest.xml" in names and b"encryption-data" in archive.read("META-INF/manifest.xml"):
        raise DocumentEncrypted(name=name)
    raise DocumentUnsupported(name=name)


def _check_sizes(entries: list[zipfile.ZipInfo], name: str) -> None:
    if len(entries) > _MAX_ENTRIES:
        raise DocumentBomb(name=name, reason="entries", found=len(entries), limit=_MAX_ENTRIES)
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > _MAX_UNPACKED:
        raise DocumentBomb(name=name, reason="size", found=unpacked, limit=_MAX_UNPACKED)
    for entry in entries:
        if entry.file_size > _RATIO_FROM and entry.file_size > _MAX_RATIO * max(entry.compress_size, 1):
            raise DocumentBomb(name=name, reason="ratio", found=entry.file_size // max(entry.compress_size, 1))
        if entry.file_size > _MAX_PART:
            raise DocumentBomb(name=name, reason="part", found=entry.file_size, limit=_MAX_PART)


def _drain(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, name: str) -> None:
    """Unpack to nowhere, so that a wrong checksum or a false size shows now."""
    read = 0
    try:
        with archive.open(entry) as stream:
            while chunk := stream.read(1 << 20):
                read += len(chunk)
                if read > entry.file_size:
                    raise DocumentBomb(name=name, reason="size", found=read)
    except zipfile.BadZipFile as fault:
        raise DocumentDamaged(name=name) from fault


def _package_warnings(names: set[str]) -> tuple[str, ...]:
    lowered = [part.lower() for part in names]
    found = {
        "macros": any("vbaproject" in part or "macrosheets/" in part for part in lowered),
        "external_links": any("externallinks/" in part for part in lowered),
        "embedded_files": any("/embeddings/" in part for part in lowered),
    }
    return tuple(warning for warning, is_there in found.items() if is_there)


_COMPOUND_STREAMS = (
    ("EncryptedPackage", "encrypted"),
    ("Workbook", "xls"),
    ("Book", "xls"),
    ("WordDocument", "doc"),
    ("PowerPoint Document", "ppt"),
)


def _inspect_compound(path: Path, _head: bytes, name: str) -> InspectedUpload:
    """The old binary formats, and the envelope that password-protected new ones come in."""
    content = path.read_bytes()
    found = next((kind for stream, kind in _COMPOUND_STREAMS if stream.encode("utf-16-le") in content), None)
    if found == "encrypted":
        raise DocumentEncrypted(name=name)
    if found is None:
        raise DocumentUnsupported(name=name)
    if (found == "xls" and _is_encrypted_xls(content)) or (found == "doc" and _is_encrypted_doc(content)):
        raise DocumentEncrypted(name=name)
    if found in ("doc", "ppt"):
        _check_extension(found, name)
        raise DocumentUnsupported(name=name, found=found)
    has_macros = "_VBA_PROJECT".encode("utf-16-le") in content
    return InspectedUpload("xls", ("macros",) if has_macros else ())


def _is_encrypted_xls(content: bytes) -> bool:
    """A FILEPASS record right after the beginning of the workbook stream (BOF, 8 or 16 bytes long)."""
    for start in (match.start() for match in re.finditer(rb"\x09\x08[\x08\x10]\x00\x00[\x05\x06]", content)):
        length = int.from_bytes(content[start + 2 : start + 4], "little")
        following = content[start + 4 + length :]
        if following.startswith(b"\x2f\x00") or b"\x2f\x00\x36\x00" in following[:64]:
            return True
    return False


def _is_encrypted_doc(content: bytes) -> bool:
    """The fEncrypted flag of the File Information Block."""
    start = content.find(b"\xec\xa5")
    return start >= 0 and bool(content[start + 11] & 0x01)


def _inspect_pdf(path: Path, _head: bytes, name: str) -> InspectedUpload:
    content = path.read_bytes()
    if b"%%EOF" not in content[-2048:] and b"startxref" not in content[-4096:]:
        raise DocumentTruncated(name=name)
    if re.search(rb"/Encrypt\s*(?:\d+\s+\d+\s+R|<<)", content) and not _opens_without_password(path):
        raise DocumentEncrypted(name=name)
    warnings = [
        word for mark, word in ((b"/JavaScript", "scripts"), (b"/EmbeddedFile", "embedded_files")) if mark in content
    ]
    return InspectedUpload("pdf", tuple(warnings))


def _opens_without_password(path: Path) -> bool:
    """Many protected PDF files only forbid printing; those can be read."""
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(path)
        pages = len(document)
        document.close()
    except pypdfium2.PdfiumError:
        return False
    return bool(pages)


def _inspect_image(path: Path, _head: bytes, name: str) -> InspectedUpload:
    try:
        with Image.open(path) as image:
            if image.width * image.height > MAX_PIXELS:
                raise DocumentBomb(name=name, reason="pixels", found=image.width * image.height, limit=MAX_PIXELS)
            image.verify()
    except Image.DecompressionBombError as fault:
        raise DocumentBomb(name=name, reason="pixels", limit=MAX_PIXELS) from fault
    except UnidentifiedImageError as fault:
        raise DocumentUnsupported(name=name) from fault
    except (OSError, SyntaxError, ValueError, EOFError) as fault:
        raise DocumentTruncated(name=name) from fault
    return InspectedUpload("image")


def _inspect_text(_path: Path, head: bytes, name: str) -> InspectedUpload:
    extension = PurePath(name).suffix.lower()
    is_utf16 = head.startswith((b"\xff\xfe", b"\xfe\xff"))
    if b"\x00" in head and not is_utf16:
        raise (DocumentDamaged if extension in _all_extensions() else DocumentUnsupported)(name=name)
    if extension not in _EXTENSIONS["csv"]:
        raise (DocumentTypeMismatch if extension in _all_extensions() else DocumentUnsupported)(
            name=name, found="text", extension=extension or "-"
        )
    return InspectedUpload("csv")


def _all_extensions() -> frozenset[str]:
    return frozenset().union(*_EXTENSIONS.values())
