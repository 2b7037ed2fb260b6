"""Which version of the playbook holds."""

from pydantic import ValidationError
from sqlalchemy import String, literal_column, select
from sqlalchemy.orm import Session

from crm_core.foundation import clock
from crm_core.process.errors import PlaybookDamaged, PlaybookMissing
from crm_core.process.playbook import Playbook
from crm_core.process.playbook_files import default_playbook
from crm_core.process.problems import problems_of, told
from crm_core.process.tables import PlaybookVersion

#: where PostgreSQL keeps a row and which transaction wrote it there: any change of the row, by whatever means, is a
#: new pair
_ROW_STATE = (
    literal_column("playbook_versions.xmin::text", String),
    literal_column("playbook_versions.ctid::text", String),
)
#: of the process that every company starts with; its own versions come after it
BUILT_IN_NUMBER = 1
#: the parsed form of the version in force, by its row's state; of two databases in one process, two entries
_parsed: dict[tuple[str, ...], Playbook] = {}
_MOST_PARSED = 8


def published_playbook(session: Session) -> Playbook:
    """The playbook in force; one small query when this process has seen it before.

    Content that a patch changes in the database is seen at the next request. Raises PlaybookMissing, PlaybookDamaged.
    """
    state = session.execute(
        select(PlaybookVersion.id, *_ROW_STATE).where(PlaybookVersion.status == "published")
    ).one_or_none()
    if state is None:
        raise PlaybookMissing
    key = tuple(str(part) for part in state)
    playbook = _parsed.get(key)
    if playbook is None:
        version = session.get_one(PlaybookVersion, state.id, populate_existing=True)
        playbook = _playbook_of(version)
        while len(_parsed) >= _MOST_PARSED:
            _parsed.pop(next(iter(_parsed)))
        _parsed[key] = playbook
    return playbook


def _playbook_of(version: PlaybookVersion) -> Playbook:
    try:
        return Playbook.model_validate({**version.content, "version": version.number})
    except ValidationError as failure:
        problems = [problem.as_json(version.content) for problem in problems_of(failure)]
        raise PlaybookDamaged(
            version=version.number, problems=problems, told_zh=told(problems, "zh"), told_en=told(problems, "en")
        ) from failure


def has_playbook(session: Session) -> bool:
    """Whether the company has any version, in whatever state it is."""
    return session.scalar(select(PlaybookVersion.id).limit(1)) is not None


def publish_default(session: Session) -> Playbook:
    """Give a new company the default playbook; a company that has one keeps it."""
    if not has_playbook(session):
        session.add(
            PlaybookVersion(
                number=BUILT_IN_NUMBER,
                status="published",
                content=default_playbook().content(),
                published_at=clock.now(),
            )
        )
        session.flush()
    return published_playbook(session)
