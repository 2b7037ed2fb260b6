"""What every part of a playbook is made of."""

from typing import Annotated, Any, LiteralString

from pydantic import BaseModel, ConfigDict, StringConstraints
from pydantic_core import PydanticCustomError

Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{1,39}$")]


class Section(BaseModel):
    """A part of the playbook; never changed once read."""

    model_config = ConfigDict(frozen=True, extra="forbid", coerce_numbers_to_str=True, allow_inf_nan=False)


def mistake(code: LiteralString, **parameters: Any) -> PydanticCustomError:
    """A mistake of our own kind; its sentences stand in the catalogues as `playbook_problem.<code>`."""
    return PydanticCustomError(code, code, parameters)


class Label(Section):
    """Words on a screen, in both languages."""

    zh: str
    en: str

    def spoken(self, locale: str) -> str:
        return self.en if locale == "en" else self.zh


class Choice(Section):
    code: Code
    name: Label
