"""Office files without the time of their making, so that the same company has the same files."""

import io
import zipfile

_EPOCH = (2026, 1, 1, 0, 0, 0)


def repeatable_archive(content: bytes) -> bytes:
    """The same zip archive with every entry dated alike."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for entry in source.infolist():
            archive.writestr(zipfile.ZipInfo(entry.filename, _EPOCH), source.read(entry), zipfile.ZIP_DEFLATED)
    return target.getvalue()
