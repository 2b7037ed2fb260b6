"""Each effect that docs/demo-company.md lists is in the data with the size it states, for other seeds too."""

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from datetime import timedelta
from statistics import fmean

import numpy as np
import pytest

from api.demo import planted
from api.demo.company import DemoCompany, generate_company
from api.demo.records import Account, Contract, Lead
from api.demo.skills import REQUIRED_LEVELS
from tests.demo.conftest import TODAY


def decided_quotes(leads: Iterable[Lead]) -> list[Lead]:
    """Leads whose quote was accepted or lost."""
    leads = list(leads)
    accepted = [lead for lead in leads if lead.stage == "signing_payment"]
    lost = [lead for lead in leads if lead.stage == "proposal_quote" and lead.outcome == "lost"]
    return accepted + lost


def conversion(leads: Iterable[Lead]) -> float:
    decided = decided_quotes(leads)
    return sum(lead.stage == "signing_payment" for lead in decided) / len(decided)


def regression(
    leads: list[Lead], outcome: Callable[[Lead], float], company: DemoCompany, *columns: Callable[[Lead], bool]
) -> np.ndarray:
    """Least-squares effect of each column on the wins' outcome, with industry, customer size and rep held fixed."""
    products = {product.code: product.industry for product in company.products}
    keys = sorted(
        {("p", products[lead.product_code]) for lead in leads} | {("r", lead.moves[0].moved_by) for lead in leads}
    )
    place = {key: index for index, key in enumerate(keys)}
    matrix = np.zeros((len(leads), len(columns) + len(keys)))
    for row, lead in enumerate(leads):
        matrix[row, : len(columns)] = [column(lead) for column in columns]
        matrix[row, len(columns) + place["p", products[lead.product_code]]] = 1
        matrix[row, len(columns) + place["r", lead.moves[0].moved_by]] = 1
    solution: np.ndarray = np.linalg.lstsq(matrix, np.array([outcome(lead) for lead in leads]), rcond=None)[0]
    return solution[: len(columns)]


def uses(*methods: str) -> Callable[[Lead], bool]:
    return lambda lead: lead.case is not None and set(methods) <= set(lead.case.methods)


def log_cycle(lead: Lead) -> float:
    assert lead.case is not None
    return math.log(lead.case.cycle_days)


@pytest.fixture(scope="module")
def won(leads: list[Lead]) -> list[Lead]:
    return [lead for lead in leads if lead.case is not None]


METHODS = (
    "bill_analysis",
    "blind_test",
    "reference_visit",
    "price_anchor",
    "executive_visit",
    "pilot_first",
    "service_promise",
)


def test_methods_shorten_the_cycle_as_planted_and_only_those(won: list[Lead], company: DemoCompany) -> None:
    columns = [uses(method) for method in METHODS]
    effects = regression(won, log_cycle, company, *columns, uses(*planted.COMBINATION))
    found = dict(zip((*METHODS, "combination"), np.exp(effects), strict=True))
    assert found["bill_analysis"] == pytest.approx(0.70, abs=0.05)
    assert found["blind_test"] == pytest.approx(0.80, abs=0.07)
    assert found["combination"] == pytest.approx(0.75, abs=0.10)
    for idle in ("reference_visit", "price_anchor", "executive_visit", "pilot_first", "service_promise"):
        assert found[idle] == pytest.approx(1.0, abs=0.08), idle


def test_methods_move_the_margin_as_planted_and_only_those(won: list[Lead], company: DemoCompany) -> None:
    names = (*METHODS, "rival_replacement", "instalments")
    effects = regression(won, lambda lead: lead.margin, company, *map(uses, names), uses(*planted.COMBINATION))
    found = dict(zip((*names, "combination"), effects, strict=True))
    assert found["rival_replacement"] == pytest.approx(0.04, abs=0.012)
    assert found["instalments"] == pytest.approx(-0.03, abs=0.012)
    assert found["combination"] == pytest.approx(0.06, abs=0.02)
    for idle in METHODS:
        assert found[idle] == pytest.approx(0.0, abs=0.012), idle


def test_confounded_method_looks_good_until_the_rep_is_held_fixed(won: list[Lead], company: DemoCompany) -> None:
    visited = [lead.margin for lead in won if uses("executive_visit")(lead)]
    others = [lead.margin for lead in won if not uses("executive_visit")(lead)]
    tiers = {person.code: person.tier for person in company.people}
    top_share = fmean(uses("executive_visit")(lead) for lead in won if tiers[lead.moves[0].moved_by] == "top")
    share = fmean(uses("executive_visit")(lead) for lead in won if tiers[lead.moves[0].moved_by] == "solid")
    assert fmean(visited) > fmean(others)
    assert top_share == pytest.approx(planted.CONFOUNDED_SHARE_TOP, abs=0.08)
    assert share == pytest.approx(planted.CONFOUNDED_SHARE_OTHERS, abs=0.04)


def test_combination_wins_more_often_than_its_parts(leads: list[Lead]) -> None:
    elsewhere = [lead for lead in decided_quotes(leads) if lead.region_code not in {"south", "east"}]
    methods = {lead.code: {use.method for use in lead.methods} for lead in elsewhere}
    both = [lead for lead in elsewhere if methods[lead.code] >= set(planted.COMBINATION)]
    one = [lead for lead in elsewhere if len(methods[lead.code] & set(planted.COMBINATION)) == 1]
    assert conversion(both) - conversion(one) == pytest.approx(planted.COMBINATION_WIN_SHIFT, abs=0.09)


def test_bottleneck_region_signs_31_of_100_quotes(leads: list[Lead]) -> None:
    south = [lead for lead in leads if lead.region_code == planted.BOTTLENECK_REGION]
    assert conversion(south) == pytest.approx(0.31, abs=0.006)
    for region in {lead.region_code for lead in leads} - {planted.BOTTLENECK_REGION}:
        assert conversion(lead for lead in leads if lead.region_code == region) > 0.5


def test_one_team_signed_142_and_was_paid_for_23(leads: list[Lead], company: DemoCompany) -> None:
    team = {p.code for p in company.people if p.memberships[-1].team_code == planted.UNPAID_TEAM}
    signed = [lead for lead in leads if lead.owner_code in team and lead.outcome == "won"]
    states = Counter(lead.payment_state for lead in signed)
    assert len(signed) == 142
    assert states == {"contract": 119, "paid": 23}


def test_burdened_region_spends_65_percent_of_its_time_on_renewals(
    accounts: list[Account], company: DemoCompany
) -> None:
    minutes: Counter[tuple[str, str]] = Counter()
    for account in accounts:
        for activity in account.activities:
            minutes[account.customer.region_code, activity.work] += activity.minutes
    for region in company.regions:
        share = minutes[region.code, "renewal"] / (
            minutes[region.code, "renewal"] + minutes[region.code, "new_business"]
        )
        expected = 0.65 if region.code == planted.BURDENED_REGION else 0.20
        assert share == pytest.approx(expected, abs=0.01), region.code


def ended_contracts(accounts: list[Account]) -> list[tuple[Account, Contract]]:
    return [(account, contract) for account in accounts for contract in account.contracts if contract.status == "ended"]


def test_renewal_rate_falls_from_85_to_70_percent(accounts: list[Account]) -> None:
    middle = TODAY - timedelta(days=182)
    halves: dict[bool, list[bool]] = defaultdict(list)
    for _, contract in ended_contracts(accounts):
        halves[contract.ends_on >= middle].append(contract.renewed_by is not None)
    assert fmean(halves[False]) == pytest.approx(0.85, abs=0.01)
    assert fmean(halves[True]) == pytest.approx(0.70, abs=0.01)


def was_late(account: Account) -> bool:
    return any(
        t.kind == "delivery" and t.closed_at is not None and t.closed_at.date() > t.due_on for t in account.tickets
    )


def was_silent(account: Account, contract: Contract) -> bool:
    last = max(activity.at.date() for activity in account.activities)
    return (contract.ends_on - last).days > planted.SILENCE_DAYS


def test_delivery_was_late_for_73_percent_of_the_silent_lost_renewals(accounts: list[Account]) -> None:
    lost = [(a, c) for a, c in ended_contracts(accounts) if c.renewed_by is None]
    kept = [(a, c) for a, c in ended_contracts(accounts) if c.renewed_by is not None]
    silent = [account for account, contract in lost if was_silent(account, contract)]
    assert len(silent) / len(lost) == pytest.approx(0.60, abs=0.02)
    assert fmean(map(was_late, silent)) == pytest.approx(0.73, abs=0.01)
    assert fmean(was_late(account) for account, _ in kept) < 0.25
    assert fmean(was_silent(account, contract) for account, contract in kept) == pytest.approx(0.12, abs=0.02)


def test_83_percent_of_reps_lack_price_objection_handling(company: DemoCompany) -> None:
    seen: dict[str, list[float]] = defaultdict(list)
    for observation in company.skill_observations:
        if observation.skill == "price_objection":
            seen[observation.person_code].append(observation.level)
    active = company.rosters[0].active_reps
    latest = [fmean(seen[rep.code][-3:]) for rep in active if seen[rep.code]]
    lacking = sum(level < REQUIRED_LEVELS["price_objection"] for level in latest)
    assert len(active) == 48
    assert lacking / len(latest) == pytest.approx(0.83, abs=0.02)


@pytest.mark.parametrize(
    ("course", "skill", "gain"),
    [("price_negotiation", "price_objection", 0.6), ("presentation_course", "solution_presentation", 0.0)],
)
def test_course_gains_what_was_planted(company: DemoCompany, course: str, skill: str, gain: float) -> None:
    pupils = {
        attendance.person_code: attendance for attendance in company.course_attendances if attendance.course == course
    }
    done_on = next(iter(pupils.values())).completed_on
    assert done_on is not None
    change = {}
    for attended in (True, False):
        rows = [o for o in company.skill_observations if o.skill == skill and (o.person_code in pupils) == attended]
        after = fmean(o.level for o in rows if o.observed_on >= done_on)
        change[attended] = after - fmean(o.level for o in rows if o.observed_on < done_on)
    assert change[True] - change[False] == pytest.approx(gain, abs=0.2)


def test_weak_fit_of_two_months_in_one_region(leads: list[Lead]) -> None:
    scores: dict[bool, list[int]] = defaultdict(list)
    for lead in leads:
        if lead.diagnosis and lead.diagnosis.fit_score and lead.region_code == planted.WEAK_FIT_REGION:
            at = lead.diagnosis.submitted_at
            scores[(at.year, at.month) in {(2026, 9), (2026, 10)}].append(lead.diagnosis.fit_score)
    assert fmean(scores[True]) == pytest.approx(planted.WEAK_FIT_SCORE, abs=2)
    assert fmean(scores[False]) == pytest.approx(planted.USUAL_FIT_SCORE, abs=2)


@pytest.mark.parametrize("seed", [7, 99])
def test_exact_figures_hold_for_other_seeds(seed: int) -> None:
    leads = list(generate_company(seed, today=TODAY).leads())
    assert len(leads) >= 3000
    assert sum(lead.case is not None for lead in leads) >= 1000
    assert conversion(lead for lead in leads if lead.region_code == "south") == pytest.approx(0.31, abs=0.006)
    signed_unpaid = [
        lead for lead in leads if lead.outcome == "won" and lead.payment_state == "contract" and lead.case is None
    ]
    assert len(signed_unpaid) >= 119
