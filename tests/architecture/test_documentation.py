"""The documentation says what the code does."""

from pathlib import Path

from api.bootstrap import TABLE_MODULES
from api.error_reference import error_reference
from crm_core.people.viewer import ROLES

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"


def test_every_error_code_is_documented() -> None:
    assert (DOCS / "errors.md").read_text(encoding="utf-8") == error_reference(), "run: make docs"


def test_every_package_with_tables_stands_in_the_architecture() -> None:
    page = (DOCS / "architecture.md").read_text(encoding="utf-8")
    packages = {module.split(".")[0] if "crm_core" not in module else module.split(".")[1] for module in TABLE_MODULES}
    assert {package for package in packages if package not in page} == set()


def test_every_role_is_explained() -> None:
    page = (DOCS / "access.md").read_text(encoding="utf-8")
    assert {role for role in ROLES if f"`{role}`" not in page} == set()


def test_the_readme_names_the_verbs() -> None:
    for page in ("README.md", "README.zh.md"):
        text = (ROOT / page).read_text(encoding="utf-8")
        assert "make demo" in text
        assert "make test" in text
