"""The demo company is the same each time, large enough, and reads like a company."""

from collections import Counter
from datetime import timedelta
from itertools import islice

import numpy as np
import pytest

from api.demo.company import DemoCompany, generate_company
from api.demo.lead_plan import STAGES
from api.demo.records import Account, Lead
from api.demo.working_days import CHINA, is_working_day
from tests.demo.conftest import TODAY


def test_same_seed_same_company(company: DemoCompany, accounts: list[Account]) -> None:
    again = generate_company(today=TODAY)
    assert again.people == company.people
    assert list(islice(again.accounts(), 400)) == accounts[:400]
    assert next(generate_company(1, today=TODAY).accounts()) != accounts[0]


def test_size(company: DemoCompany, leads: list[Lead]) -> None:
    assert len(company.rosters[0].active_reps) >= 40
    assert len(company.regions) == 5
    assert len(leads) >= 3000
    assert sum(lead.case is not None for lead in leads) >= 1000
    assert len({product.industry for product in company.products}) >= 8


def test_every_part_is_played(company: DemoCompany) -> None:
    roles = Counter(person.role for person in company.people)
    assert set(roles) == {
        "rep", "presales", "delivery", "finance", "trainer", "manager", "director", "operations", "admin",
    }  # fmt: skip
    logins = [person.login_name for person in company.people if person.login_name]
    assert len(logins) == len(set(logins)) == 10


def test_codes_and_names_are_unique(company: DemoCompany, accounts: list[Account]) -> None:
    for values in (
        [account.customer.code for account in accounts],
        [account.customer.name for account in accounts],
        [contract.number for a in accounts for contract in a.contracts]
        + [lead.contract.number for a in accounts for lead in a.leads if lead.contract],
        [ticket.number for a in accounts for ticket in a.tickets],
        [activity.code for a in accounts for activity in a.activities],
        [person.code for person in company.people],
        [person.email for person in company.people],
    ):
        assert len(values) == len(set(values))


def test_leads_walk_the_stages_in_order(leads: list[Lead]) -> None:
    for lead in leads:
        assert lead.moves[0].kind == "created"
        for move, following in zip(lead.moves, lead.moves[1:], strict=False):
            assert move.moved_at <= following.moved_at
            step = STAGES.index(following.to_stage) - STAGES.index(move.to_stage)
            assert step == {"forward": 1, "back": -1}.get(following.kind, 0)
        assert lead.moves[-1].to_stage == lead.stage
        assert lead.moves[-1].moved_at.date() <= TODAY


def test_nothing_lies_in_the_future_and_people_work_in_office_hours(accounts: list[Account]) -> None:
    for account in accounts:
        for activity in account.activities:
            assert activity.at.date() < TODAY
    instants = [move.moved_at.astimezone(CHINA) for a in accounts for lead in a.leads for move in lead.moves]
    assert all(is_working_day(instant.date()) for instant in instants)
    assert all(8 <= instant.hour <= 18 for instant in instants)


def test_history_covers_twelve_months(leads: list[Lead]) -> None:
    created = [lead.created_at.date() for lead in leads]
    assert min(created) <= TODAY - timedelta(days=355)
    assert max(created) >= TODAY - timedelta(days=7)


def test_leads_of_a_rep_who_left_went_to_a_colleague(company: DemoCompany, leads: list[Lead]) -> None:
    leaver = next(rep for rep in company.rosters[0].reps if rep.left_on)
    assert leaver.left_on is not None
    handed_over = [lead for lead in leads if any(change.from_code == leaver.code for change in lead.owner_changes)]
    assert handed_over
    assert not [lead for lead in leads if lead.owner_code == leaver.code and lead.outcome == "open"]


def test_stories_read_like_stories(leads: list[Lead]) -> None:
    stories = [lead.case.story for lead in leads if lead.case]
    assert all(100 <= len(story) <= 250 for story in stories)
    assert not [story for story in stories if "{" in story or "  " in story]
    assert largest_similarity(stories) < 0.5


def test_a_case_tells_the_same_everywhere(leads: list[Lead]) -> None:
    for lead in leads:
        if lead.case and lead.diagnosis:
            assert lead.case.situation in lead.case.story
            assert lead.case.situation in lead.diagnosis.voice_summary
            quoted = [quote for quote in lead.diagnosis.quotes if quote]
            assert quoted
            assert all(quote in lead.diagnosis.voice_summary for quote in quoted)


def largest_similarity(stories: list[str]) -> float:
    """The largest Jaccard similarity of character pairs between any two stories."""
    pairs = [{story[i : i + 2] for i in range(len(story) - 1)} for story in stories]
    columns = {pair: column for column, pair in enumerate(sorted(set().union(*pairs)))}
    matrix = np.zeros((len(stories), len(columns)), dtype=np.float32)
    for row, story in enumerate(pairs):
        matrix[row, [columns[pair] for pair in story]] = 1
    common = matrix @ matrix.T
    sizes = matrix.sum(axis=1)
    similarity = common / (sizes[:, None] + sizes[None, :] - common)
    np.fill_diagonal(similarity, 0)
    return float(similarity.max())


def test_scale_adds_branches_without_holding_them_in_memory() -> None:
    company = generate_company(scale=100, today=TODAY)
    stream = company.accounts()
    assert len(list(islice(stream, 50))) == 50
    assert len(company.rosters) == 100
    small = list(generate_company(scale=0.05, today=TODAY).accounts())
    assert 150 < sum(len(account.leads) for account in small) < 210


def test_branches_do_not_clash() -> None:
    accounts = list(generate_company(scale=1.2, today=TODAY).accounts())
    names = [account.customer.name for account in accounts]
    assert len(names) == len(set(names))
    codes = [account.customer.code for account in accounts]
    assert len(codes) == len(set(codes))


@pytest.mark.parametrize("scale", [0.0, 0.001, 5000])
def test_absurd_scales_are_refused(scale: float) -> None:
    with pytest.raises(ValueError, match="scale"):
        generate_company(scale=scale, today=TODAY)


def test_telephone_numbers_are_fictitious(company: DemoCompany, accounts: list[Account]) -> None:
    numbers = [person.mobile for person in company.people] + [c.mobile for a in accounts for c in a.contacts]
    assert all(number.startswith("1990000") and len(number) == 11 for number in numbers)
