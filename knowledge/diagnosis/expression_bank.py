"""The product's own knowledge of how customers put generic pain points into words."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType

import yaml

from knowledge.diagnosis.cues import Cue, parse_cue


@cache
def bundled_expressions() -> Mapping[str, tuple[Cue, ...]]:
    """Cues by the name of the pain point they betray."""
    bank: dict[str, tuple[Cue, ...]] = {}
    for page in sorted(files("knowledge.diagnosis").joinpath("expressions").iterdir(), key=lambda page: page.name):
        if page.name.endswith(".yaml"):
            for name, lines in yaml.safe_load(page.read_text(encoding="utf-8")).items():
                bank[name] = tuple(parse_cue(line) for line in lines)
    return MappingProxyType(bank)
