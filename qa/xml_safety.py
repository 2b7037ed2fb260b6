"""Refuses XML that is dangerous to parse: document types (and so entities), very deep or very wide elements."""

from __future__ import annotations

from typing import IO
from xml.parsers import expat

from qa.errors import DocumentDamaged, DocumentRefused, DocumentUnsafe

_MAX_DEPTH = 200
_MAX_ELEMENTS = 6_000_000
_CHUNK = 1 << 18


class _Guard:
    def __init__(self, name: str) -> None:
        self._name = name
        self._depth = 0
        self._elements = 0

    def start(self, _tag: str, _attributes: list[str]) -> None:
        self._depth += 1
        self._elements += 1
        if self._depth > _MAX_DEPTH:
            raise DocumentUnsafe(name=self._name, reason="nesting", limit=_MAX_DEPTH)
        if self._elements > _MAX_ELEMENTS:
            raise DocumentUnsafe(name=self._name, reason="elements", limit=_MAX_ELEMENTS)

    def end(self, _tag: str) -> None:
        self._depth -= 1

    def doctype(self, _root: str, _system: str | None, _public: str | None, _internal: bool) -> None:  # noqa: FBT001
        raise DocumentUnsafe(name=self._name, reason="entities")


def check_xml_part(stream: IO[bytes], name: str) -> None:
    """Read an XML part once without building it; DocumentUnsafe or DocumentDamaged."""
    guard = _Guard(name)
    parser = expat.ParserCreate()
    parser.StartElementHandler = guard.start
    parser.EndElementHandler = guard.end
    parser.StartDoctypeDeclHandler = guard.doctype
    try:
        while chunk := stream.read(_CHUNK):
            parser.Parse(chunk, False)  # noqa: FBT003  (expat takes it by position)
        parser.Parse(b"", True)  # noqa: FBT003
    except DocumentRefused:
        raise
    except expat.ExpatError as fault:
        raise DocumentDamaged(name=name) from fault
    except Exception as fault:
        raise DocumentDamaged(name=name) from fault
