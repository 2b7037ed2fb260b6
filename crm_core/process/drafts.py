"""Drafts of the playbook: made from a version or a template, changed place by place, thrown away.

A saved draft is always a whole playbook that may be published as far as its content goes; a change that would break
it is refused with everything that is wrong.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm_core.process.edits import Edit, edited
from crm_core.process.errors import DraftChangedMeanwhile, NotADraft, PlaybookMissing, VersionNotFound
from crm_core.process.playbook import Playbook
from crm_core.process.playbook_files import playbook_of_content
from crm_core.process.tables import PlaybookVersion


def find_version(session: Session, version_id: UUID) -> PlaybookVersion:
    """Raises VersionNotFound."""
    version = session.get(PlaybookVersion, version_id)
    if version is None:
        raise VersionNotFound(version=version_id)
    return version


def numbered_version(session: Session, number: int) -> PlaybookVersion:
    """V1, V2, … Raises VersionNotFound."""
    version = session.scalar(select(PlaybookVersion).where(PlaybookVersion.number == number))
    if version is None:
        raise VersionNotFound(version=f"V{number}")
    return version


def version_in_force(session: Session) -> PlaybookVersion:
    """Raises PlaybookMissing."""
    version = session.scalar(select(PlaybookVersion).where(PlaybookVersion.status == "published"))
    if version is None:
        raise PlaybookMissing
    return version


def list_versions(session: Session) -> Sequence[PlaybookVersion]:
    """Drafts, latest first, then the numbered ones, latest first; discarded drafts are history's."""
    kept = select(PlaybookVersion).where(PlaybookVersion.status != "discarded")
    return session.scalars(
        kept.order_by(PlaybookVersion.number.desc().nulls_first(), PlaybookVersion.created_at.desc())
    ).all()


def playbook_of(version: PlaybookVersion) -> Playbook:
    """The playbook of any version, numbered where the version is. Raises PlaybookInvalid."""
    return playbook_of_content({**version.content, "version": version.number or 0})


def content_digest(version: PlaybookVersion) -> str:
    """SHA-256 of what a rehearsal speaks of: the content and the stage map."""
    spoken_of = {"content": version.content, "stage_map": version.stage_map or {}}
    text = json.dumps(spoken_of, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def create_draft(
    session: Session, content: Mapping[str, Any], *, base_number: int | None, note: str = "", created_by: UUID | None
) -> PlaybookVersion:
    """Nothing of it holds until it is published. The content is taken as it is; the first change of it is checked."""
    draft = PlaybookVersion(
        number=None,
        status="draft",
        content=dict(content),
        note=note.strip(),
        base_number=base_number,
        stage_map={},
        created_by=created_by,
    )
    session.add(draft)
    session.flush()
    return draft


def edit_draft(session: Session, draft: PlaybookVersion, edits: Sequence[Edit], *, revision: int) -> None:
    """All of the edits or none. Raises NotADraft, DraftChangedMeanwhile, PathUnknown, PlaybookInvalid."""
    require_draft(draft, revision)
    draft.content = playbook_of_content(edited(draft.content, edits)).content()
    session.flush()


def replace_content(session: Session, draft: PlaybookVersion, playbook: Playbook, *, revision: int) -> None:
    """The whole document anew, which has been read and checked. Raises NotADraft, DraftChangedMeanwhile."""
    require_draft(draft, revision)
    draft.content = playbook.content()
    session.flush()


def discard(session: Session, draft: PlaybookVersion, *, revision: int) -> None:
    """Raises NotADraft, DraftChangedMeanwhile."""
    require_draft(draft, revision)
    draft.status = "discarded"
    session.flush()


def require_draft(draft: PlaybookVersion, revision: int | None = None) -> None:
    """Raises NotADraft, and DraftChangedMeanwhile where the caller has seen an older state of it."""
    if draft.status != "draft":
        raise NotADraft(status=draft.status)
    if revision is not None and draft.revision != revision:
        raise DraftChangedMeanwhile(revision=draft.revision)
