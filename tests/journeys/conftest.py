"""One running product and one browser for all journeys; a context, and so a log-in, for each person."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.journeys.product import VOICE_NOTES, Product, enter, open_browser, open_context, running_product


@pytest.fixture(scope="session")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    with running_product(tmp_path_factory.mktemp("product"), scale=0.1) as product:
        yield product


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with open_browser() as browser:
        yield browser


@pytest.fixture
def log_in(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Callable[..., Page]]:
    """Logs somebody in through the log-in page and hands over their first screen; into the demo company by default."""
    contexts: list[BrowserContext] = []

    def open_first_screen(
        login_name: str, *, into: Product | None = None, width: int = 1280, height: int = 900
    ) -> Page:
        context = open_context(browser, width=width, height=height)
        contexts.append(context)
        page = context.new_page()
        enter(into or request.getfixturevalue("product"), page, login_name)
        return page

    yield open_first_screen
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def voice_notes() -> Path:
    return VOICE_NOTES
