"""Whatever the packages offer is wired in."""

from pathlib import Path

from api.bootstrap import JOB_MODULES, TABLE_MODULES
from api.cli import MODULES
from api.cli.evaluate import MEASURES
from api.routes import AREAS

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("asr", "coaching", "crm_core", "knowledge", "qa")


def modules_called(name: str) -> set[str]:
    """Dotted names of the modules of this name below api; foundation provides the means and declares nothing."""
    found = (path.relative_to(ROOT) for package in PACKAGES for path in (ROOT / package).rglob(f"{name}.py"))
    return {".".join(path.with_suffix("").parts) for path in found if "foundation" not in path.parts}


def test_every_module_with_tables_is_registered() -> None:
    assert set(TABLE_MODULES) == modules_called("tables")


def test_every_module_with_jobs_is_registered() -> None:
    assert set(JOB_MODULES) == modules_called("jobs") | {"api.housekeeping"}


def test_every_area_of_the_interface_is_offered() -> None:
    assert set(AREAS) == {path.stem for path in (ROOT / "api" / "routes").glob("[a-z]*.py")}


def test_every_command_is_offered() -> None:
    files = {path.stem for path in (ROOT / "api" / "cli").glob("[a-z]*.py")} - {"running"}
    assert files == {*MODULES, *MEASURES}
