"""Invented names of people and companies, and numbers that cannot ring."""

from random import Random

from api.demo.catalogue import Content, Industry


class NameBook:
    """Draws names; companies never twice within one book."""

    def __init__(self, content: Content, rng: Random, *, block: int = 0) -> None:
        self._names = content.names
        self._rng = rng
        self._block = block
        self._companies: set[str] = set()
        self._people: set[str] = set()
        self._mobiles = 0

    def person(self, *, unique: bool = False) -> str:
        """A Chinese name of two or three characters."""
        for _ in range(200):
            surname = self._rng.choice(self._names["surnames"])
            first = self._rng.choice(self._names["given_first"]) if self._rng.random() < 0.8 else ""
            last = self._rng.choice(self._names["given_last"])
            name: str = surname + first + (last if last != first else "明")
            if not unique or name not in self._people:
                self._people.add(name)
                return name
        return f"{name}{len(self._people)}"

    def place(self, region: str) -> tuple[str, str]:
        """A province and one of its cities."""
        province, cities = self._rng.choice(self._names["cities"][region])
        return province, self._rng.choice(cities)

    def company(self, industry: Industry, city: str) -> tuple[str, str]:
        """A full name and the two-character brand in it."""
        while True:
            brand = self._rng.choice(self._names["brand_first"]) + self._rng.choice(self._names["brand_second"])
            name = city + brand + self._block_mark() + self._rng.choice(industry.company_suffixes)
            if name not in self._companies:
                self._companies.add(name)
                return name, brand

    def _block_mark(self) -> str:
        """Characters that keep the companies of one block apart from those of every other."""
        letters, mark, rest = self._names["brand_first"], "", self._block
        while rest:
            rest, digit = divmod(rest, len(letters))
            mark += letters[digit]
        return mark

    def mobile(self) -> str:
        """A number of the segment 199-0000, which no carrier has handed out."""
        self._mobiles += 1
        return f"1990000{(self._mobiles * 37 + self._block * 11) % 10000:04d}"
