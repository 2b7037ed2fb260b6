"""Regions by the names that people know; the process keeps their codes."""

from collections.abc import Iterable

from api.contracts.people import Regions
from ui.session import client


def region_names(codes: Iterable[str]) -> list[str]:
    """Names for codes; a code that no region has stays as it is."""
    names = {region.code: region.name for region in _regions().items}
    return [names.get(code, code) for code in codes]


def region_codes(names: Iterable[str]) -> list[str]:
    """Codes for what was typed, be it a name or a code; anything else stays as it is."""
    codes = {region.name: region.code for region in _regions().items}
    return [codes.get(name, name) for name in names]


def _regions() -> Regions:
    return client().get("/api/regions", Regions)
