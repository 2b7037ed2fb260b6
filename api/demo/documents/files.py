"""Which documents lie in which customer's file."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.resources import files

from api.demo.catalogue import Content
from api.demo.documents import spreadsheets, texts
from api.demo.records import Account, Lead
from api.demo.voice_notes import voice_notes

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_PPTX = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
_PNG = "image/png"
_DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@dataclass(frozen=True, slots=True)
class DemoDocument:
    """A file in a customer's file."""

    customer_code: str
    lead_code: str
    #: code of the playbook
    kind: str
    name: str
    media_type: str
    uploaded_by: str
    uploaded_at: datetime
    content: bytes


@dataclass(frozen=True, slots=True)
class _Form:
    kind: str
    title: str
    suffix: str
    media_type: str
    write: Callable[[Content, Account, Lead], bytes]


def documents_of(
    content: Content, account: Account, names: tuple[str, ...], lead: Lead | None = None
) -> Iterator[DemoDocument]:
    """The named documents of a lead (an account's last if none is named), uploaded minutes after its first quote."""
    lead = lead or account.leads[-1]
    start = next((use.quoted_at for use in lead.quotes), lead.stage_entered_at)
    for place, name in enumerate(names):
        form = FORMS[name]
        yield DemoDocument(
            customer_code=account.customer.code,
            lead_code=lead.code,
            kind=form.kind,
            name=f"{form.title}-{account.customer.name}.{form.suffix}",
            media_type=form.media_type,
            uploaded_by=lead.owner_code,
            uploaded_at=start + timedelta(minutes=7 * place),
            content=form.write(content, account, lead),
        )


def _deck(content: Content, account: Account, lead: Lead) -> bytes:
    names = {code: name for name, code in content.pain_codes.items()}
    pains = tuple(names[code] for code in lead.diagnosis.pain_points) if lead.diagnosis else ()
    return texts.solution_deck(account.customer, lead, content.product(lead.product_code), pains)


def _cost_sheet(content: Content, account: Account, lead: Lead) -> bytes:
    return spreadsheets.cost_sheet(account.customer, lead, content.product(lead.product_code))


def _comparison(content: Content, account: Account, lead: Lead) -> bytes:
    """Covers all parameters that the customer named but the last."""
    covered = lead.diagnosis.parameters[:-1] if lead.diagnosis else ()
    rival = content.industries[account.customer.industry].rivals[0]
    return spreadsheets.comparison_sheet(account.customer, content.product(lead.product_code), rival, covered)


def _comparison_text(content: Content, account: Account, lead: Lead) -> bytes:
    rival = content.industries[account.customer.industry].rivals[0]
    return texts.comparison_document(account.customer, content.product(lead.product_code), rival)


def _contract(content: Content, account: Account, lead: Lead) -> bytes:
    assert lead.contract is not None
    return texts.contract_file(account.customer, lead, lead.contract, content.product(lead.product_code))


def _estimate(content: Content, account: Account, lead: Lead) -> bytes:
    del content
    return spreadsheets.savings_estimate(account.customer, lead)


def _picture(name: str) -> Callable[[Content, Account, Lead], bytes]:
    return lambda *_: (files("api.demo.content") / "images" / name).read_bytes()


def _voice_note(*_: object) -> bytes:
    return voice_notes()[0].content()


FORMS = {
    "solution_deck": _Form("solution_deck", "定制化方案", "pptx", _PPTX, _deck),
    "cost_sheet": _Form("cost_sheet", "成本测算表", "xlsx", _XLSX, _cost_sheet),
    "comparison_sheet": _Form("comparison_sheet", "产品对比表", "xlsx", _XLSX, _comparison),
    "comparison_table": _Form("comparison_sheet", "产品对比说明", "docx", _DOCX, _comparison_text),
    "comparison_scan": _Form("comparison_sheet", "产品对比表（扫描）", "png", _PNG, _picture("comparison_scan.png")),
    "contract": _Form("contract", "合同", "pdf", "application/pdf", _contract),
    "estimate": _Form("evidence", "节省测算", "csv", "text/csv", _estimate),
    "bill": _Form("evidence", "电费账单截图", "png", _PNG, _picture("bill.png")),
    "voice_note": _Form("other", "拜访小结录音", "m4a", "audio/mp4", _voice_note),
    "bill_masked": _Form("evidence", "电费账单截图（脱敏）", "png", _PNG, _picture("bill_masked.png")),
}
