"""Who may give and take positions."""

from collections.abc import Iterable

from crm_core.foundation.errors import Forbidden
from crm_core.people.access import AccessPolicy
from crm_core.people.viewer import Viewer


class AdminRoleReserved(Forbidden):
    """Whoever keeps the roster must not make administrators, nor unmake them."""

    code = "admin_role_reserved"


def require_may_appoint(policy: AccessPolicy, viewer: Viewer, roles: Iterable[str]) -> None:
    """Raises RightMissing, AdminRoleReserved."""
    policy.require_right(viewer, "roster.edit")
    if "admin" in roles and not policy.has_right(viewer, "users.manage"):
        raise AdminRoleReserved()
