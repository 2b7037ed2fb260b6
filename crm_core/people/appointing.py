"""Who may give and take positions."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from crm_core.foundation import clock
from crm_core.foundation.errors import Forbidden
from crm_core.people.access import AccessPolicy
from crm_core.people.tables import Membership, Person
from crm_core.people.viewer import Viewer


class AdminRoleReserved(Forbidden):
    """Whoever keeps the roster must not make administrators, nor unmake them."""

    code = "admin_role_reserved"


def require_may_appoint(policy: AccessPolicy, viewer: Viewer, roles: Iterable[str]) -> None:
    """Raises RightMissing, AdminRoleReserved."""
    policy.require_right(viewer, "roster.edit")
    if "admin" in roles and not policy.has_right(viewer, "users.manage"):
        raise AdminRoleReserved()


def require_may_change(session: Session, policy: AccessPolicy, viewer: Viewer, person_id: UUID) -> None:
    """Whoever can write an administrator's address can log in as one. Raises RightMissing, AdminRoleReserved."""
    found = session.scalar(select(Person.id).where(Person.id == person_id, is_administrator()))
    require_may_appoint(policy, viewer, ["admin"] if found else [])


def is_administrator() -> ColumnElement[bool]:
    """The condition that a person is an administrator, will be one, or would come back as one."""
    lasting = or_(Membership.until.is_(None), Membership.until > clock.today(), Person.left_on.is_not(None))
    held = select(Membership.id).where(and_(Membership.person_id == Person.id, Membership.role == "admin", lasting))
    return held.correlate(Person).exists()
