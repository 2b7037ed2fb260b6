"""The access policy of a playbook version."""

from functools import lru_cache

from crm_core.people.access import AccessPolicy
from crm_core.process.playbook import Playbook


@lru_cache(maxsize=8)
def access_policy(playbook: Playbook) -> AccessPolicy:
    """Compiled once for each version of the playbook."""
    pools = playbook.assignment.pools
    return AccessPolicy(playbook.field_matrix, playbook.row_scopes, playbook.rights, pools)
