"""What other people's tables and systems call our roles."""

from functools import cache
from pathlib import Path

import yaml

from crm_core.people.viewer import ROLES

_NAMES_FILE = Path(__file__).with_name("role_names.yaml")


def role_called(words: str) -> str | None:
    """The role of this code or name in Chinese or English; None when nobody calls a role so."""
    return _roles_by_name().get(" ".join(words.split()).casefold())


@cache
def _roles_by_name() -> dict[str, str]:
    named: dict[str, list[str]] = yaml.safe_load(_NAMES_FILE.read_text(encoding="utf-8"))
    return {name.casefold(): role for role in ROLES for name in (role, *named.get(role, ()))}
