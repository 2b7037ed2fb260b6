"""Takes the pictures of docs/screens: `make screens`. Each in both languages, wide and as wide as a phone."""

import io
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page

from tests.journeys.product import VOICE_NOTES, Product, enter, open_browser, open_context, running_product

_FOLDER = Path(__file__).resolve().parents[2] / "docs" / "screens"
_WIDTHS = {"wide": 1280, "phone": 390}
_TALLEST = {"wide": 1500, "phone": 2000}
_LARGEST_BYTES = 120_000
_LANGUAGES = {"zh": "zh-CN", "en": "en-US"}


@dataclass(frozen=True)
class Shot:
    """A picture: its name, who sees it, the address, and what to do before it is taken."""

    name: str
    login_name: str
    screen: str
    prepare: Callable[[Page], None] = lambda page: None
    #: what to find by name; its id is the one in the address
    list_path: str | None = None


def open_tab(place: int) -> Callable[[Page], None]:
    return lambda page: page.locator("[role=tab]").nth(place).click()


def transcribe(page: Page) -> None:
    """Hand in the recording, unless it has been."""
    open_tab(1)(page)
    page.wait_for_timeout(1500)
    if page.locator(".st-key-transcript").count() == 0:
        page.locator("[role=tabpanel]:visible [role=tab]").nth(1).click()
        page.locator("input[type=file]").first.set_input_files(VOICE_NOTES / "visit_summary.m4a")
        page.locator(".st-key-send-upload button").click()
    page.locator(".st-key-transcript").wait_for(timeout=120_000)


def check_sheet(page: Page) -> None:
    """Have the comparison sheet on file checked, unless it has been."""
    open_tab(2)(page)
    sheet = page.locator("[class*=st-key-document-]", has_text=re.compile("产品对比表-.*xlsx"))
    sheet.wait_for()
    start = sheet.locator("[class*=st-key-check-] button")
    if start.count():
        start.click()
    sheet.get_by_text("质保期").first.wait_for(timeout=90_000)


def ask(page: Page) -> None:
    question = page.locator("input[type=text]").first
    question.fill("客户嫌贵，一直压价怎么谈")
    question.press("Enter")
    page.locator("h4").first.wait_for()


def draft_process(page: Page) -> None:
    """A draft with a shorter limit, opened; made unless it is there."""
    address, draft_id = origin(page), find_draft(page)
    page.goto(f"{address}/ui/process?id={draft_id}")
    page.locator("h3").first.wait_for()


def rehearse_draft(page: Page) -> None:
    """The draft replayed, unless it has been; the part about reminders."""
    address, draft_id = origin(page), find_draft(page)
    rehearsals = f"{address}/api/playbook/drafts/{draft_id}/rehearsals"
    if not page.request.get(rehearsals).json()["items"]:
        page.request.post(rehearsals, data={"days": 30})
    page.goto(f"{address}/ui/rehearsal?id={draft_id}")
    page.locator("[role=tab]").first.wait_for(timeout=120_000)
    open_tab(2)(page)


def find_draft(page: Page) -> str:
    drafts = f"{origin(page)}/api/playbook/drafts"
    versions = page.request.get(f"{origin(page)}/api/playbook/versions").json()["items"]
    for version in versions:
        if version["status"] == "draft":
            return str(version["id"])
    draft = page.request.post(drafts, data={"note": "需求诊断收紧到两天，超时当天上报"}).json()
    edits = [{"path": ["stages", "needs_diagnosis", "dwell_limit", "hours"], "value": 48}]
    edited = page.request.patch(f"{drafts}/{draft['id']}", data={"revision": draft["revision"], "edits": edits})
    return str(edited.json()["id"])


def origin(page: Page) -> str:
    return page.url.partition("/ui/")[0]


SHOTS = (
    Shot("new-rep-today", "newrep", "today"),
    Shot("new-rep-similar-wins", "newrep", "customer", open_tab(1), "/api/customers?search=沐岚光伏"),
    Shot("rep-today", "rep", "today"),
    Shot("rep-voice-summary", "rep", "lead", transcribe, "/api/leads?search=崧野"),
    Shot("rep-document-check", "rep", "lead", check_sheet, "/api/leads?search=翊澄"),
    Shot("rep-win-capture", "rep", "capture", list_path="/api/leads?search=澄霁&outcome=won"),
    Shot("rep-case-search", "rep", "cases", ask),
    Shot("manager-team", "manager", "team"),
    Shot("manager-certification", "manager", "certification"),
    Shot("trainer-skills", "trainer", "skills"),
    Shot("operations-setup", "operations", "setup"),
    Shot("operations-process", "operations", "process", draft_process),
    Shot("operations-rehearsal", "operations", "rehearsal", rehearse_draft),
    Shot("operations-stage-health", "operations", "stage-health"),
    Shot("operations-assignment-health", "operations", "assignment-health"),
    Shot("rep-pools", "rep", "pools"),
)


def main() -> None:
    """Start a product with the whole demo company and walk through it four times."""
    _FOLDER.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        running_product(Path(folder), scale=1) as product,
        open_browser() as browser,
    ):
        for login_name in dict.fromkeys(shot.login_name for shot in SHOTS):
            for language in _LANGUAGES:
                for width in _WIDTHS:
                    take(product, browser, login_name, language, width)


def take(product: Product, browser: Browser, login_name: str, language: str, width: str) -> None:
    """All pictures of one person in one language at one width."""
    with logged_in(product, browser, login_name, language, width) as page:
        for shot in SHOTS:
            if shot.login_name != login_name:
                continue
            page.goto(f"{product.address}/ui/{shot.screen}{record_of(product, page, shot)}")
            page.locator("h1").first.wait_for()
            shot.prepare(page)
            path = _FOLDER / f"{shot.name}.{language}.{width}.png"
            save(photograph(page, _TALLEST[width]), path)
            print(path.name, path.stat().st_size // 1024, "kB", flush=True)


@contextmanager
def logged_in(product: Product, browser: Browser, login_name: str, language: str, width: str) -> Iterator[Page]:
    context = open_context(browser, locale=_LANGUAGES[language], width=_WIDTHS[width])
    page = context.new_page()
    enter(product, page, login_name)
    page.request.put(f"{product.address}/api/me/locale", data={"locale": language})
    yield page
    context.close()


def record_of(product: Product, page: Page, shot: Shot) -> str:
    if shot.list_path is None:
        return ""
    return f"?id={page.request.get(product.address + shot.list_path).json()['items'][0]['id']}"


def photograph(page: Page, tallest: int) -> bytes:
    """The whole screen without scrolling, as far as the tallest picture reaches."""
    viewport = page.viewport_size
    assert viewport is not None
    page.set_viewport_size({"width": viewport["width"], "height": tallest})
    page.evaluate("document.querySelector('[data-testid=stMain]').scrollTo(0, 0)")
    page.wait_for_timeout(1500)
    page.locator("[data-test-script-state=notRunning]").wait_for()
    page.wait_for_timeout(700)
    bottom = page.evaluate(
        "Math.max(...[...document.querySelectorAll('[data-testid=stMainBlockContainer] > *')]"
        ".map(part => part.getBoundingClientRect().bottom))"
    )
    height = min(tallest, max(int(bottom) + 32, 600))
    taken = page.screenshot(clip={"x": 0, "y": 0, "width": viewport["width"], "height": height})
    page.set_viewport_size(viewport)
    return taken


def save(picture: bytes, path: Path) -> None:
    """With as many colours as the size allows."""
    whole = Image.open(io.BytesIO(picture)).convert("RGB")
    for colours in (128, 64, 32, 16):
        whole.quantize(colours, dither=Image.Dither.NONE).save(path, optimize=True)
        if path.stat().st_size < _LARGEST_BYTES:
            return


if __name__ == "__main__":
    main()
