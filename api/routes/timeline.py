"""The timeline of a customer."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response, status

from api.acting import ActingDep
from api.contracts.timeline import EntryAdded, NewEntry, Timeline, TimelineQuery
from api.dependencies import LocaleDep
from api.presenting import Presenter
from crm_core.customers.repository import find_customer
from crm_core.customers.timeline import Happening, log_contact, timeline_page
from crm_core.pipeline.leads import require_lead_of

router = APIRouter(prefix="/api/customers/{customer_id}/timeline", tags=["timeline"])


@router.get("", response_model_exclude_unset=True)
def show_timeline(
    customer_id: UUID, wanted: Annotated[TimelineQuery, Query()], acting: ActingDep, locale: LocaleDep
) -> Timeline:
    """What happened with a customer, latest first, from every channel."""
    find_customer(acting.session, acting.viewer, acting.policy, customer_id)
    entries, total = timeline_page(
        acting, customer_id, lead_id=wanted.lead_id, limit=wanted.limit, offset=wanted.offset
    )
    return Timeline(items=Presenter(acting, locale).entries(entries), total=total)


@router.post("", status_code=status.HTTP_201_CREATED, response_model_exclude_unset=True)
def add_entry(customer_id: UUID, new: NewEntry, acting: ActingDep, locale: LocaleDep, response: Response) -> EntryAdded:
    """Note a call, message, visit or quote; the same external message again answers 200 with the entry there is."""
    find_customer(acting.session, acting.viewer, acting.policy, customer_id)
    if new.lead_id is not None:
        require_lead_of(acting, customer_id, new.lead_id)
    happening = Happening(customer_id=customer_id, actor_id=acting.person_id, **new.model_dump())
    entry, is_new = log_contact(acting, happening)
    if not is_new:
        response.status_code = status.HTTP_200_OK
    return EntryAdded(entry=Presenter(acting, locale).entries([entry])[0], is_new=is_new)
