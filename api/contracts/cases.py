"""Won cases: captured from a lead, proved, published, searched."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from api.contracts.inputs import Input
from api.contracts.paging import Page

CaseStatus = Literal["draft", "published", "retired"]
Code = Annotated[str, StringConstraints(min_length=1, max_length=40)]
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
_EXAMPLE_ID = "01936f2e-8d5b-7c1a-9b1e-0a2b3c4d5e6f"


def _example(**values: Any) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": [values]})


class Named(BaseModel):
    """A code with its name in the reader's language."""

    code: str
    name: str


class EvidenceFacts(BaseModel):
    id: UUID
    name: str
    media_type: str
    size_bytes: int


class CaseFacts(BaseModel):
    """A case as far as the viewer may read it: what is hidden is left out."""

    id: UUID
    created_at: datetime
    title: str | None = None
    status: CaseStatus | None = None
    industry: str | None = None
    size: str | None = None
    region: str | None = None
    situation: str | None = None
    pain_points: list[Named] = []
    methods: list[Named] = []
    products: list[str] = []
    key_actions: list[str] = []
    story: str | None = None
    cycle_days: int | None = None
    margin: float | None = None
    amount: Decimal | None = None
    signed_on: date | None = None
    lead_id: UUID | None = None
    customer_id: UUID | None = None
    rep_id: UUID | None = None
    rep_name: str | None = None
    owner_id: UUID | None = None
    published_at: datetime | None = None
    verified_on: date | None = None
    expires_on: date | None = None
    #: nobody has said lately that it still holds
    is_overdue: bool | None = None
    version: int | None = None


class CaseDetail(CaseFacts):
    """With its evidence, and what it lacks for being published."""

    evidence: list[EvidenceFacts] = []
    missing: list[str] = []
    times_shown: int = 0
    times_used: int = 0


class CasePage(BaseModel):
    items: list[CaseFacts]
    total: int


class CaseQuery(Page):
    status: CaseStatus | None = None
    industry: str | None = Field(default=None, max_length=80)
    method: str | None = Field(default=None, max_length=40)
    rep_id: UUID | None = None
    lead_id: UUID | None = None


class CaseTelling(Input):
    """What a person tells; amount, margin and cycle are taken from the lead."""

    model_config = _example(
        title="注塑厂峰谷储能",
        story="白天尖峰电价时段满负荷，老板说电费压得喘不过气。我把十二个月账单拆开给他看，当场就约了第二次。",
        key_actions=["拆解十二个月电费账单", "带老板看同行电站"],
        methods=["bill_analysis"],
        pain_points=["energy_cost"],
    )

    title: Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=200)]
    story: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=20_000)]
    key_actions: list[Line] = Field(default=[], max_length=20)
    methods: list[Code] = Field(default=[], max_length=10)
    situation: str | None = Field(default=None, max_length=2000)
    size: str | None = Field(default=None, max_length=80)
    industry: str | None = Field(default=None, max_length=80)
    #: absent: those of the lead's diagnosis
    pain_points: list[Code] | None = Field(default=None, max_length=10)


class MethodProposal(Input):
    """A way of winning that the library does not have yet."""

    model_config = _example(name="带客户算停机账", definition="把停机一小时的损失写在白板上，由客户自己填数。")

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=80)]
    definition: Annotated[str, StringConstraints(strip_whitespace=True, min_length=5, max_length=2000)]
    typical_situations: list[Line] = Field(default=[], max_length=10)


class CaseCapture(CaseTelling):
    """The telling of a lead's win, with a new method if the library lacks it."""

    model_config = _example(
        lead_id=_EXAMPLE_ID,
        title="注塑厂峰谷储能",
        story="白天尖峰电价时段满负荷，老板说电费压得喘不过气。我把十二个月账单拆开给他看，当场就约了第二次。",
        key_actions=["拆解十二个月电费账单"],
        methods=["bill_analysis"],
    )

    lead_id: UUID
    proposed_method: MethodProposal | None = None


class ReasonFacts(BaseModel):
    """Why a case was chosen: a code, its parameters, and the sentence in the reader's language."""

    code: str
    parameters: dict[str, Any]
    sentence: str


class PassageFacts(BaseModel):
    """A quoted stretch: characters start to end of the named part of the case."""

    part: str
    start: int
    end: int
    text: str


class FoundCase(BaseModel):
    """A case with why it was found."""

    case: CaseFacts
    score: float
    reasons: list[ReasonFacts]
    passages: list[PassageFacts]
    times_shown: int = 0
    times_used: int = 0


class CaseAnswers(BaseModel):
    """Cases that answer a question; none when the library holds nothing that fits."""

    items: list[FoundCase]
    methods: list[Named]
    confidence: float
    #: nothing fits well enough: items are empty unless weak ones were asked for
    not_in_library: bool
    #: no text model takes part, so paraphrases may be missed
    is_degraded: bool


class CaseQuestion(Input):
    """A question in plain words."""

    q: str = Field(min_length=1, max_length=10_000)
    limit: int = Field(default=10, ge=1, le=50)
    with_weak: bool = False
