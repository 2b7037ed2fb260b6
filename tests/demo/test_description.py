"""docs/demo-company.md names what there is."""

from pathlib import Path

from api.demo.catalogue import load_content
from api.demo.company import DemoCompany
from api.demo.roster import LOGINS
from tests.demo.conftest import TODAY

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "demo-company.md").read_text(encoding="utf-8")


def test_log_ins_and_scripted_customers_are_described(company: DemoCompany) -> None:
    assert company.today == TODAY
    for login_name, name in LOGINS.items():
        assert f"`{login_name}`" in TEXT
        assert name in TEXT
    for scene in company.scenes:
        assert scene.account.customer.name in TEXT


def test_every_method_is_described() -> None:
    for method in load_content().methods.values():
        assert method.name in TEXT
