"""The engine, the base of every mapped class, and the one place that commits."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

import psycopg.errors
from sqlalchemy import DateTime, Engine, MetaData, create_engine, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker

from crm_core.foundation import clock
from crm_core.foundation.errors import Unavailable
from crm_core.foundation.identifiers import new_id


class DatabaseUnreachable(Unavailable):
    code = "database_unreachable"


class DatabaseFull(Unavailable):
    code = "disk_full"


class Base(DeclarativeBase):
    """Base of every mapped class; constraint names are the same on every machine."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_N_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: DateTime(timezone=True),
        dict[str, Any]: JSONB,
        list[dict[str, Any]]: JSONB,
    }


class Record(Base):
    """A row with an identity of its own and the time it was made."""

    __abstract__ = True

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)


@dataclass(frozen=True, slots=True)
class Origin:
    """Who changes something and through what; the history trigger copies it beside every change.

    `occurred_at` dates an imported change to when it really happened; history keeps the time of recording as well.
    """

    channel: str
    actor_id: UUID | None = None
    request_id: str | None = None
    playbook_version: int | None = None
    occurred_at: datetime | None = None

    def as_json(self) -> str:
        values = {
            "channel": self.channel,
            "actor_id": str(self.actor_id) if self.actor_id else None,
            "request_id": self.request_id,
            "playbook_version": self.playbook_version,
            "occurred_at": self.occurred_at.isoformat() if self.occurred_at else None,
        }
        return json.dumps({key: value for key, value in values.items() if value is not None})


def state_origin(session: Session, origin: Origin) -> None:
    """Tell history who writes from here to the end of the transaction; a clock that is held dates history as well."""
    session.info["origin"] = origin
    dated = replace(origin, occurred_at=origin.occurred_at or clock.held_at())
    session.execute(text("SELECT set_config('salesdojo.origin', :origin, true)"), {"origin": dated.as_json()})


class Database:
    """A pool of connections and the transactions made on it."""

    def __init__(self, url: str, *, pool_size: int = 10) -> None:
        self.url = sqlalchemy_url(url)
        # parameters are people's data; a failure can be logged when its message lacks them
        self.engine: Engine = create_engine(
            self.url,
            hide_parameters=True,
            pool_size=pool_size,
            max_overflow=5,
            pool_pre_ping=True,
            pool_recycle=1800,
            pool_timeout=15,
        )
        self._sessions = sessionmaker(self.engine, expire_on_commit=False)

    @contextmanager
    def transaction(self, origin: Origin) -> Iterator[Session]:
        """All or nothing: commits when the block ends, rolls back when it raises.

        Raises DatabaseUnreachable when the server cannot be reached or the connection is cut, DatabaseFull when
        its disk is full; in both cases nothing of the block has been kept.
        """
        with translated_failures(), self._sessions() as session:
            state_origin(session, origin)
            yield session
            session.commit()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A read-only look; anything written is discarded."""
        with translated_failures(), self._sessions() as session:
            yield session

    def dispose(self) -> None:
        self.engine.dispose()


@contextmanager
def translated_failures() -> Iterator[None]:
    """Turn failures of the server itself into errors that a user can act on."""
    try:
        yield
    except DBAPIError as failure:
        if isinstance(failure.orig, psycopg.errors.DiskFull):
            raise DatabaseFull(place="database") from failure
        if isinstance(failure, OperationalError) or failure.connection_invalidated:
            raise DatabaseUnreachable() from failure
        raise


def sqlalchemy_url(url: str) -> str:
    """The same address with the one driver that the product uses."""
    scheme, separator, rest = url.partition("://")
    return f"postgresql+psycopg://{rest}" if separator and scheme.startswith("postgres") else url


def driver_url(url: str) -> str:
    """The same address as psycopg and procrastinate read it."""
    return url.replace("postgresql+psycopg://", "postgresql://", 1)
