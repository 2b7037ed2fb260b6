"""Customers and the people in them."""

from datetime import datetime, timedelta
from random import Random

from api.demo.catalogue import Content, Industry
from api.demo.naming import NameBook
from api.demo.records import Contact, Customer, CustomerSize

#: part in the industry's list of titles, role in the decision chain
_PARTS = (("decides", "decider"), ("uses", "user"), ("tech", "influencer"), ("buys", "purchaser"))
_BUDGETS: dict[CustomerSize, str] = {
    "small": "50-100万",
    "medium": "100-200万",
    "large": "200-500万",
    "group": "500万以上",
}


class CompanyWriter:
    """Invents the customers of one block."""

    def __init__(self, content: Content, rng: Random, block: int) -> None:
        self._sources = content.phrases["sources"]
        self._rng = rng
        self._block = block
        self._names = NameBook(content, rng, block=block)
        self._count = 0

    def write(
        self, industry: Industry, region: str, owner: str, size: CustomerSize, created_at: datetime
    ) -> tuple[Customer, str]:
        """A new customer and its brand, the two characters by which people call it."""
        self._count += 1
        province, city = self._names.place(region)
        name, brand = self._names.company(industry, city)
        customer = Customer(
            code=f"C{self._block:02d}-{self._count:05d}",
            name=name,
            customer_type=self._rng.choice(industry.customer_types),
            industry=industry.code,
            size=size,
            region_code=region,
            city=province + city,
            owner_code=owner,
            source=self._rng.choice(self._sources),
            situation="",
            budget_range=_BUDGETS[size],
            invoice_qualification=None,
            delivery_owner_code=None,
            products=None,
            created_at=created_at,
        )
        return customer, brand

    def contacts(self, customer: Customer, industry: Industry) -> tuple[Contact, ...]:
        """Two to four people of the decision chain, the decider first."""
        interviewed = self._rng.random() < 0.45
        return tuple(
            Contact(
                code=f"{customer.code}-K{place}",
                customer_code=customer.code,
                name=self._names.person(),
                title=industry.titles[part],
                decision_role=role,
                mobile=self._names.mobile(),
                email=f"{customer.code.lower()}-{place}@customer.example",
                interviewed_at=customer.created_at + timedelta(days=9, hours=place) if interviewed else None,
            )
            for place, (part, role) in enumerate(_PARTS[: self._rng.choice((2, 3, 3, 4))])
        )
