"""Somebody doing something: the four facts that every action of a person needs."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from crm_core.people.access import AccessPolicy
from crm_core.people.viewer import Viewer
from crm_core.process.playbook import Playbook


@dataclass(frozen=True, slots=True)
class Acting:
    """Who acts, in which transaction, under which policy and playbook."""

    session: Session
    viewer: Viewer
    policy: AccessPolicy
    playbook: Playbook

    @property
    def person_id(self) -> UUID:
        return self.viewer.person_id
