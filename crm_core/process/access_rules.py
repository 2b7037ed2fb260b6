"""Shapes of the access part of the playbook; `crm_core.people.access` compiles and applies it."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator

from crm_core.process.sections import mistake

ROLE_NAMES = ("rep", "presales", "delivery", "finance", "trainer", "manager", "director", "operations", "admin")


def _known_role(name: str) -> str:
    if name not in ROLE_NAMES:
        raise mistake("role_unknown", role=name, allowed=", ".join(ROLE_NAMES))
    return name


RoleName = Annotated[str, AfterValidator(_known_role)]
Level = Literal["hidden", "read", "edit"]
Reach = Literal["none", "own", "team", "region", "all"]

#: record type → field ("*" = every other field of the record) → role → level; what is not listed is hidden
FieldMatrix = Mapping[str, Mapping[str, Mapping[RoleName, Level]]]
#: role → record type ("*" = every other record) → reach
RowScopes = Mapping[RoleName, Mapping[str, Reach]]
