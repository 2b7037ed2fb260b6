"""What every shape that comes from outside has in common."""

import math
import re
from collections.abc import Iterable
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

#: a code of the playbook or the library, in an address
Code = Annotated[str, Field(max_length=80, pattern=r"^\w+$")]

#: nothing that is asked for is nested deeper; walking what is would exhaust the stack
_DEEPEST = 40
_UNKEPT_CHARACTER = re.compile("[\x00\ud800-\udfff]")


class Input(BaseModel):
    """Nothing that is not asked for, and nothing that no database keeps.

    That is text with a zero character or half of a surrogate pair, numbers that are not finite, and endless nesting.
    """

    model_config = ConfigDict(extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _only_what_can_be_kept(cls, values: Any) -> Any:
        level, depth = [values], 0
        while level:
            if depth > _DEEPEST or not all(map(_can_be_kept, level)):
                raise ValueError("a value that no database keeps")
            level, depth = [part for value in level for part in _parts(value)], depth + 1
        return values


def _parts(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return (*value.keys(), *value.values())
    return value if isinstance(value, list | tuple) else ()


def _can_be_kept(value: Any) -> bool:
    if isinstance(value, str):
        return _UNKEPT_CHARACTER.search(value) is None
    return not isinstance(value, float) or math.isfinite(value)
