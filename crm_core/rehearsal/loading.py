"""Reads the material of a rehearsal, in a number of queries that does not depend on how much there is."""

from sqlalchemy.orm import Session

from crm_core.people.snapshots import rosters_between
from crm_core.rehearsal.arrivals import load_arrivals
from crm_core.rehearsal.lead_pasts import lead_pasts
from crm_core.rehearsal.material import Material, Sides, Window
from crm_core.rehearsal.moves import load_moves
from crm_core.rehearsal.stays import load_stays, load_stranded
from crm_core.rehearsal.workloads import load_shifts, loads_at_start


def load_material(session: Session, window: Window, sides: Sides) -> Material:
    """Everything that happened in the window, and the leads that stand in stages which the new side gives up."""
    pasts = lead_pasts(session, window)
    arrivals = load_arrivals(session, window, pasts)
    return Material(
        window=window,
        rosters=rosters_between(session, *window.days()),
        arrivals=tuple(arrivals),
        shifts=tuple(load_shifts(window, pasts, arrivals)),
        loads=loads_at_start(session, window, pasts, with_results=_asks_for_results(sides)),
        moves=tuple(load_moves(session, window, pasts)),
        stays=tuple(load_stays(session, window)),
        stranded=tuple(load_stranded(session, [stage.code for stage in sides.new.stages])),
    )


def _asks_for_results(sides: Sides) -> bool:
    pools = (*sides.old.assignment.pools, *sides.new.assignment.pools)
    return any(pool.strategy == "best_fit" for pool in pools)
