"""Reads a document in a process of its own, with limits on time and memory, no network and nothing written."""

from __future__ import annotations

import importlib
import json
import os
import resource
import subprocess
import sys
from dataclasses import replace
from functools import cache
from pathlib import Path, PurePath

from pydantic import TypeAdapter

from qa.documents import Document
from qa.errors import REFUSALS, DocumentDamaged, DocumentRefused, DocumentTimeout, DocumentUnsupported
from qa.safety import READABLE, InspectedUpload, inspect_upload

OFFICE_SECONDS, PICTURE_SECONDS = 10.0, 30.0
_MEMORY = {"office": 1024 * 1024 * 1024, "picture": 3 * 1024 * 1024 * 1024}


@cache
def _documents() -> TypeAdapter[Document]:
    return TypeAdapter(Document)


def read_document(path: Path, claimed_name: str) -> Document:
    """Inspect and read an uploaded file; a DocumentRefused subclass says why it cannot be used."""
    inspected = inspect_upload(path, claimed_name)
    if inspected.kind not in READABLE:
        raise DocumentUnsupported(name=claimed_name, found=inspected.kind)
    document = _documents().validate_json(_ask_reader(path, inspected, claimed_name))
    return replace(
        document,
        name=PurePath(claimed_name).stem,
        warnings=tuple(dict.fromkeys((*document.warnings, *inspected.warnings))),
    )


def _ask_reader(path: Path, inspected: InspectedUpload, name: str) -> bytes:
    limit = PICTURE_SECONDS if _may_hold_pictures(inspected.kind) else OFFICE_SECONDS
    command = [sys.executable, "-X", "utf8", "-m", "qa.reading", inspected.kind, str(path)]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent), "OMP_NUM_THREADS": "2"}
    try:
        done = subprocess.run(command, capture_output=True, timeout=limit, env=environment, check=False)  # noqa: S603
    except subprocess.TimeoutExpired as fault:
        raise DocumentTimeout(name=name, seconds=limit) from fault
    if done.returncode == 0:
        return done.stdout
    try:
        refusal = json.loads(done.stdout)
        raised = REFUSALS[refusal["code"]](**{**refusal["parameters"], "name": name})
    except (ValueError, KeyError) as fault:
        raise DocumentDamaged(name=name) from fault
    raise raised


def _may_hold_pictures(kind: str) -> bool:
    return kind in ("image", "pdf", "pptx", "docx", "xlsx")


def _forbid(event: str, arguments: tuple[object, ...]) -> None:
    """Audit hook: a reader neither connects, nor starts programs, nor writes files."""
    if event in (
        "socket.connect",
        "socket.getaddrinfo",
        "subprocess.Popen",
        "os.system",
        "os.exec",
        "os.remove",
        "os.rename",
    ):
        raise PermissionError(event)
    if event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wax+"):
        raise PermissionError(event)


def _confine(kind: str) -> None:
    memory = _MEMORY["picture" if _may_hold_pictures(kind) else "office"]
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.addaudithook(_forbid)


def main(kind: str, path: str) -> int:
    """The reader process: the document as JSON on standard output, or the refusal and exit code 3."""
    sys.dont_write_bytecode = True
    _confine(kind)
    try:
        reader = importlib.import_module(f"qa.readers.{kind}")
        document = reader.read(Path(path))
    except DocumentRefused as refusal:
        sys.stdout.write(json.dumps({"code": refusal.code, "parameters": refusal.parameters}))
        return 3
    except MemoryError:
        sys.stdout.write(json.dumps({"code": "document_bomb", "parameters": {"reason": "memory"}}))
        return 3
    except Exception:  # noqa: BLE001  (whatever a parser of foreign files throws means that the file is damaged)
        sys.stdout.write(json.dumps({"code": "document_damaged", "parameters": {}}))
        return 3
    sys.stdout.buffer.write(_documents().dump_json(document))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2]))
