"""Leads that wait for whoever takes them: pools with what waits and for how long, and the button that takes one."""

import streamlit as st

from api.contracts.leads import LeadFacts
from api.contracts.pools import PooledLead, PooledLeads, PoolFacts, Pools
from ui.elements.display import age, money, plain
from ui.elements.frame import told_problems
from ui.elements.links import go
from ui.elements.numbers import Number, show_numbers
from ui.elements.paging import page_offset, show_pager
from ui.session import client, say

_PAGE_LENGTH = 20
#: hours after which a waiting lead is marked
_LONG_HOURS = 2
_POOL = "pool_code"


def show() -> None:
    """A number a pool; the chosen one's leads below, the longest waiting first."""
    st.title(say("pools.title"))
    pools = client().get("/api/pools", Pools).items
    if not pools:
        st.info(say("pools.none"))
        return
    show_numbers("pools", [_number(pool) for pool in pools], _choose)
    chosen = next((pool for pool in pools if pool.code == st.session_state.get(_POOL)), pools[0])
    _show_pool(chosen)


def _number(pool: PoolFacts) -> Number:
    oldest = say("pools.oldest", age=age(pool.oldest_received_at)) if pool.oldest_received_at else ""
    return Number(pool.code, pool.name, pool.waiting, say("pools.members", count=pool.members), oldest)


def _choose(code: str) -> None:
    st.session_state[_POOL] = code


def _show_pool(pool: PoolFacts) -> None:
    st.subheader(plain(pool.name))
    st.caption(plain(" · ".join(_rules(pool))))
    if pool.refusal:
        st.warning(say("pools.refused", reason=plain(pool.refusal)), icon=":material/block:")
    offset = page_offset("pool_leads", pool.code)
    path = f"/api/pools/{pool.code}/leads"
    waiting = client().get(path, PooledLeads, limit=_PAGE_LENGTH, offset=offset)
    if not waiting.items:
        st.caption(say("pools.empty"))
    for lead in waiting.items:
        _show_lead(pool, lead)
    show_pager("pool_leads", waiting.total, _PAGE_LENGTH)


def _rules(pool: PoolFacts) -> list[str]:
    """What may be taken, in words."""
    rules = []
    if pool.daily_limit is not None:
        rules.append(say("pools.daily", taken=pool.taken_today, limit=pool.daily_limit))
    if pool.cooling_off_days:
        rules.append(say("pools.cooling_off", days=pool.cooling_off_days))
    if pool.recycle_after_days:
        rules.append(say("pools.recycle", days=pool.recycle_after_days))
    return rules


def _show_lead(pool: PoolFacts, waiting: PooledLead) -> None:
    """A card that fits a phone: what it is, whose, how long it waits, why it is here."""
    lead = waiting.lead
    with st.container(border=True, gap="xsmall"):
        st.markdown(f"**{plain(lead.title) or '—'}**")
        known = [lead.customer_name, waiting.industry, waiting.size, waiting.city, waiting.region_name, lead.product]
        st.caption(plain(" · ".join(part for part in known if part)))
        with st.container(horizontal=True, gap="small", vertical_alignment="center"):
            is_long = waiting.waiting_hours > _LONG_HOURS
            waited = say("pools.waits", age=age(waiting.received_at))
            st.badge(waited, color="red" if is_long else "gray", icon=":material/schedule:")
            if lead.amount is not None:
                st.caption(plain(money(lead.amount)))
            if waiting.why:
                st.caption(plain(waiting.why))
        if pool.is_member:
            _offer_claim(pool, lead)


def _offer_claim(pool: PoolFacts, lead: LeadFacts) -> None:
    label, key = say("pools.claim"), f"claim-{lead.id}"
    if st.button(label, key=key, type="primary", icon=":material/back_hand:", disabled=bool(pool.refusal)):
        with told_problems():
            client().post(f"/api/pools/{pool.code}/leads/{lead.id}/claim", LeadFacts)
            go("lead", lead.id)


show()
