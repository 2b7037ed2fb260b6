"""A page of a list."""

from pydantic import Field

from api.contracts.inputs import Input


class Page(Input):
    """Which part of a list is wanted."""

    limit: int = Field(default=50, ge=1, le=200)
    offset: int = Field(default=0, ge=0, le=100_000_000)
