"""What every shape that comes from outside has in common."""

from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator


class Input(BaseModel):
    """Nothing that is not asked for, and no text with a zero character, which no database keeps."""

    model_config = ConfigDict(extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _no_zero_characters(cls, values: Any) -> Any:
        if _has_zero(values):
            raise ValueError("text with a zero character")
        return values


def _has_zero(value: Any) -> bool:
    if isinstance(value, str):
        return "\x00" in value
    if isinstance(value, dict):
        return any(_has_zero(part) for pair in value.items() for part in pair)
    return isinstance(value, list | tuple) and any(map(_has_zero, value))
