"""Which version of the playbook holds."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm_core.foundation import clock
from crm_core.process.errors import PlaybookMissing
from crm_core.process.playbook import Playbook
from crm_core.process.playbook_files import default_playbook
from crm_core.process.tables import PlaybookVersion

#: a published version never changes, so its parsed form is kept by row id
_parsed: dict[UUID, Playbook] = {}


def published_playbook(session: Session) -> Playbook:
    """The playbook in force; one small query when this process has seen it before. Raises PlaybookMissing."""
    version_id = session.scalar(select(PlaybookVersion.id).where(PlaybookVersion.status == "published"))
    if version_id is None:
        raise PlaybookMissing
    playbook = _parsed.get(version_id)
    if playbook is None:
        version = session.get_one(PlaybookVersion, version_id)
        playbook = Playbook.model_validate({**version.content, "version": version.number})
        _parsed.clear()
        _parsed[version_id] = playbook
    return playbook


def publish_default(session: Session) -> Playbook:
    """Give a new company the default playbook; a company that has one keeps it."""
    if session.scalar(select(PlaybookVersion.id).limit(1)) is None:
        session.add(
            PlaybookVersion(
                number=1,
                status="published",
                content=default_playbook().content(),
                note="default",
                published_at=clock.now(),
            )
        )
        session.flush()
    return published_playbook(session)
