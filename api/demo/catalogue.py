"""The content files, read once and typed."""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from api.demo.records import Product, Requirement


@dataclass(frozen=True, slots=True)
class Situation:
    title: str
    pains: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Obstacle:
    pain: str
    text: str


@dataclass(frozen=True, slots=True)
class Industry:
    code: str
    name: str
    company_suffixes: tuple[str, ...]
    customer_types: tuple[str, ...]
    #: by part in the decision: decides, uses, tech, buys, pays
    titles: dict[str, str]
    base_cycle_days: int
    base_margin: float
    base_amount: int
    evidence: tuple[str, ...]
    sites: tuple[str, ...]
    rivals: tuple[str, ...]
    products: tuple[Product, ...]
    situations: tuple[Situation, ...]
    obstacles: tuple[Obstacle, ...]
    results: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Method:
    code: str
    name: str
    definition: str
    situations: tuple[str, ...]
    #: industries in which it can be used; empty for all
    industries: tuple[str, ...]
    #: how often it is picked, relative to the others; 0 where a planted rule decides
    weight: int
    moves: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Content:
    industries: dict[str, Industry]
    methods: dict[str, Method]
    #: Chinese name → code
    pain_codes: dict[str, str]
    phrases: dict[str, tuple[str, ...]]
    names: dict[str, Any]

    def product(self, code: str) -> Product:
        return next(p for industry in self.industries.values() for p in industry.products if p.code == code)


@cache
def load_content() -> Content:
    """All content files."""
    folder = files("api.demo.content")
    industries = [
        _industry(yaml.safe_load(path.read_text(encoding="utf-8")))
        for path in sorted((folder / "industries").iterdir(), key=lambda path: path.name)
        if path.name.endswith(".yaml")
    ]
    methods = [_method(row) for row in _read("methods")]
    return Content(
        industries={industry.code: industry for industry in industries},
        methods={method.code: method for method in methods},
        pain_codes={name: code for code, name in _read("pain_points").items()},
        phrases={key: tuple(value) for key, value in _read("phrases").items()},
        names=_read("names"),
    )


@cache
def load_scenes() -> tuple[dict[str, Any], ...]:
    """The scripted customers, as content/scenes.yaml has them."""
    return tuple(_read("scenes"))


def _read(name: str) -> Any:
    return yaml.safe_load((files("api.demo.content") / f"{name}.yaml").read_text(encoding="utf-8"))


def _industry(row: dict[str, Any]) -> Industry:
    return Industry(
        code=row["code"],
        name=row["name"],
        company_suffixes=tuple(row["company_suffixes"]),
        customer_types=tuple(row["customer_types"]),
        titles=row["titles"],
        base_cycle_days=row["base_cycle_days"],
        base_margin=row["base_margin"],
        base_amount=row["base_amount"],
        evidence=tuple(row["evidence"]),
        sites=tuple(row["sites"]),
        rivals=tuple(row["rivals"]),
        products=tuple(_product(row["code"], product) for product in row["products"]),
        situations=tuple(Situation(s["title"], tuple(s["pains"]), s["text"]) for s in row["situations"]),
        obstacles=tuple(Obstacle(o["pain"], o["text"]) for o in row["obstacles"]),
        results=tuple(row["results"]),
    )


def _product(industry: str, row: dict[str, Any]) -> Product:
    parameters = tuple(Requirement(str(n), str(c), float(v), str(u)) for n, c, v, u in row["parameters"])
    return Product(row["code"], row["name"], industry, int(row["price"]), parameters)


def _method(row: dict[str, Any]) -> Method:
    return Method(
        code=row["code"],
        name=row["name"],
        definition=row["definition"],
        situations=tuple(row["situations"]),
        industries=tuple(row["industries"]),
        weight=row["weight"],
        moves=tuple(row["moves"]),
    )
