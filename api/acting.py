"""Who acts in a request, as endpoints hand it to the floors below."""

from typing import Annotated

from fastapi import Depends

from api.dependencies import PlaybookDep, PolicyDep, SessionDep, ViewerDep
from crm_core.customers.acting import Acting


def get_acting(session: SessionDep, viewer: ViewerDep, policy: PolicyDep, playbook: PlaybookDep) -> Acting:
    return Acting(session, viewer, policy, playbook)


ActingDep = Annotated[Acting, Depends(get_acting, scope="function")]
