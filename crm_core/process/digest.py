"""Tells whether two playbooks say the same."""

import hashlib
import json

from crm_core.process.tables import PlaybookVersion


def content_digest(version: PlaybookVersion) -> str:
    """SHA-256 of a version's content and stage map, whatever order its keys are kept in."""
    said = {"content": version.content, "stage_map": version.stage_map or {}}
    text = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
