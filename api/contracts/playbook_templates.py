"""Processes to start from."""

from pydantic import BaseModel


class TemplateView(BaseModel):
    """A template in the reader's language, with the names of its stages in their order."""

    code: str
    name: str
    description: str
    #: whom it fits
    suits: str
    stages: list[str]


class Templates(BaseModel):
    items: list[TemplateView]
    total: int
