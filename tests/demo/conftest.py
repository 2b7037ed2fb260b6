"""One company for all tests of its content."""

from datetime import date

import pytest

from api.demo.company import DemoCompany, generate_company
from api.demo.records import Account, Lead

TODAY = date(2026, 11, 23)


@pytest.fixture(scope="session")
def company() -> DemoCompany:
    return generate_company(today=TODAY)


@pytest.fixture(scope="session")
def accounts(company: DemoCompany) -> list[Account]:
    return list(company.accounts())


@pytest.fixture(scope="session")
def leads(accounts: list[Account]) -> list[Lead]:
    return [lead for account in accounts for lead in account.leads]
