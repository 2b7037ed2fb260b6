"""A customer and a lead whose every field holds a value that stands nowhere else, and somebody in every role who may
see them. What a role may do with a field is read from the playbook's own data here, not through the policy."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy.orm import Session

from crm_core.customers.tables import Customer
from crm_core.foundation.database import Origin
from crm_core.foundation.resources import Resources
from crm_core.people.tables import Person, Region
from crm_core.people.viewer import ROLES
from crm_core.pipeline.tables import Lead
from crm_core.process.playbook import Playbook
from crm_core.process.publication import published_playbook
from crm_core.process.tables import PlaybookVersion
from tests.factories.moves import stand
from tests.factories.people import make_person, make_region, make_team

Matrix = Mapping[str, Mapping[str, Mapping[str, str]]]

RECORDS = ("customer", "lead")
#: what an answer adds beside a field, and must leave out with it
DERIVED = {
    "owner_id": "owner_name",
    "delivery_owner_id": "delivery_owner_name",
    "presales_id": "presales_name",
    "region_id": "region_name",
    "customer_id": "customer_name",
    "stage": "stage_name",
}
#: columns that serve the machinery: no answer holds them
_NO_FIELDS = {"id", "created_at", "name_pinyin", "fields", "alarm_at", "alarm_step", "overdue_at"}
#: texts that must be codes for the product to work
_CODES = {"stage": "needs_diagnosis", "outcome": "won", "payment_state": "invoiced"}


@dataclass(frozen=True, slots=True)
class Scene:
    """The planted records, who looks at them, and what the playbook says about whom."""

    ids: Mapping[str, UUID]
    people: Mapping[str, Person]
    #: record → field → its value now
    values: Mapping[str, Mapping[str, Any]]
    matrix: Matrix

    def level(self, role: str, record: str, name: str) -> str:
        fields = self.matrix[record]
        return fields.get(name, {}).get(role) or fields.get("*", {}).get(role, "hidden")

    def tells(self, record: str, name: str) -> tuple[str, ...]:
        """Texts that give a field's value of now or before away wherever they turn up; none for codes and people."""
        value = self.values[record][name]
        if name in _CODES or name == "version":
            return ()
        if name == "name":
            return (value[:-1], "shaobing")
        return next((shown(value) for kind, shown in _TELLING if isinstance(value, kind)), ())


#: by type, the part of a value's text that is the same before and now; what is not listed cannot be told by its text
_TELLING: tuple[tuple[Any, Callable[[Any], tuple[str, ...]]], ...] = (
    (str, lambda text: (text[:-1],) if text.startswith("哨兵") else ()),
    (list, lambda texts: (texts[0][:-1],)),
    (datetime, lambda instant: (instant.isoformat()[:18],)),
    (date, lambda day: (day.isoformat()[:9],)),
    (bool, lambda _flag: ()),
    (int | Decimal | float, lambda number: (str(number)[:-1],)),
)


class Cast(NamedTuple):
    people: Mapping[str, Person]
    region: Region
    playbook: Playbook


def fields_of(resources: Resources) -> dict[str, list[str]]:
    """Every field of customers and leads: the tables' columns, and what the playbook's stages ask for."""
    with resources.database.reading() as session:
        own = {field.code for stage in published_playbook(session).stages for field in stage.fields}
    return {
        "customer": sorted({*Customer.__table__.columns.keys()} - _NO_FIELDS),
        "lead": sorted({*Lead.__table__.columns.keys(), *own, "is_overdue"} - _NO_FIELDS),
    }


def plant(resources: Resources, matrix: Matrix | None = None) -> Scene:
    """Make the scene; a matrix replaces that of the published playbook for the records it names."""
    with resources.database.transaction(Origin(channel="test")) as session:
        if matrix is not None:
            _publish(session, matrix)
        region = make_region(session)
        team = make_team(session, "华东一队", region)
        people = {role: make_person(session, role, team=team, name=f"看客{role}") for role in ROLES}
        cast = Cast(people, region, published_playbook(session))
        customer, lead = Customer(), Lead()
        _fill(cast, customer, lead, "旧")
        session.add(customer)
        session.flush()
        lead.customer_id = customer.id
        stand(session, lead)
    with resources.database.transaction(Origin(channel="test")) as session:
        customer, lead = session.get_one(Customer, customer.id), session.get_one(Lead, lead.id)
        _fill(cast, customer, lead, "新")
    values = {
        "customer": {name: getattr(customer, name) for name in fields_of(resources)["customer"]},
        "lead": {
            name: lead.fields[name] if name in lead.fields else getattr(lead, name, False)
            for name in fields_of(resources)["lead"]
        },
    }
    return Scene({"customer": customer.id, "lead": lead.id}, people, values, cast.playbook.field_matrix)


def _fill(cast: Cast, customer: Customer, lead: Lead, age: str) -> None:
    """Every field gets a canary; its last character tells the old value from the new."""
    people, region, playbook = cast
    for record, row in (("customer", customer), ("lead", lead)):
        for column in row.__table__.columns:
            if column.type.python_type is str:
                setattr(row, column.name, _CODES.get(column.name, f"哨兵{record}.{column.name}:{age}"))
    is_new = age == "新"
    customer.name, customer.name_pinyin = f"哨兵公司{age}", f"shaobing gong si {age}"
    customer.owner_id, customer.delivery_owner_id = people["rep"].id, people["delivery"].id
    lead.owner_id, lead.presales_id = people["rep"].id, people["presales"].id
    customer.region_id = lead.region_id = region.id
    lead.stage_entered_at = datetime(2019, 2, 3, 4, 5, 6 + is_new, tzinfo=UTC)
    lead.outcome_at = datetime(2019, 3, 4, 5, 6, 7 + is_new, tzinfo=UTC)
    lead.received_at = datetime(2019, 1, 2, 3, 4, 5 + is_new, tzinfo=UTC)
    lead.owned_since = datetime(2019, 1, 4, 5, 6, 7 + is_new, tzinfo=UTC)
    lead.expected_sign_on = date(2031, 3, 17 + is_new)
    lead.amount = Decimal("7654321.98") + Decimal("0.01") * is_new
    lead.margin = 0.73172 if is_new else 0.73171
    lead.back_moves = 791930 + is_new
    own = [field for stage in playbook.stages for field in stage.fields if not hasattr(Lead, field.code)]
    lead.fields = {
        field.code: {"text": f"哨兵{field.code}:{age}", "choices": [f"哨兵{field.code}:{age}"]}.get(field.type)
        or field.choices[0].code
        for field in own
    }


def _publish(session: Session, matrix: Matrix) -> None:
    """What the playbook editor does: the version in force retires, the next takes its place."""
    current = session.query(PlaybookVersion).filter_by(status="published").one()
    current.status = "retired"
    session.flush()
    content = {**current.content, "field_matrix": {**current.content["field_matrix"], **matrix}}
    session.add(PlaybookVersion(number=current.number + 1, status="published", content=content, note="canaries"))
    session.flush()
