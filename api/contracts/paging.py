"""A page of a list."""

from typing import Annotated

from pydantic import Field

from api.contracts.inputs import Input

Offset = Annotated[int, Field(ge=0, le=100_000_000)]


class Page(Input):
    """Which part of a list is wanted."""

    limit: int = Field(default=50, ge=1, le=200)
    offset: Offset = 0
