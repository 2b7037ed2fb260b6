"""The product as a stranger starts it, with the demo company in it, and a browser in front of it."""

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

_ROOT = Path(__file__).resolve().parents[2]
_MICRO_WHISPER = _ROOT / "tests" / "asr" / "micro_whisper"
#: recordings whose sentences the small test model knows
VOICE_NOTES = _MICRO_WHISPER / "notes"
_BROWSER_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
_START_SECONDS = 240


@dataclass(frozen=True)
class Product:
    """A running product and how to get in."""

    address: str
    password: str


@contextmanager
def running_product(folder: Path, scale: float) -> Iterator[Product]:
    """`dojo demo` in processes of its own: database, server with screens, workers, and a demo company."""
    with _running(folder, ["demo", "--scale", str(scale)]) as (address, _):
        log_ins = json.loads((folder / "demo-logins.json").read_text(encoding="utf-8"))
        yield Product(address, log_ins["password"])


@contextmanager
def running_company(folder: Path, login_name: str) -> Iterator[Product]:
    """`dojo up` on a folder that may be empty, with somebody of operations put on the roster by `dojo user add`."""
    password = secrets.token_urlsafe(12)
    with _running(folder, ["up"]) as (address, environment):
        position = ["--name", "周运营", "--role", "operations", "--password-stdin"]
        command = [sys.executable, "-m", "api", "user", "add", login_name, *position]
        subprocess.run(command, env=environment, cwd=_ROOT, input=f"{password}\n", text=True, check=True, timeout=120)
        yield Product(address, password)


@contextmanager
def _running(folder: Path, arguments: list[str]) -> Iterator[tuple[str, dict[str, str]]]:
    """Any of the commands that serve; its address, and the environment that commands beside it need."""
    port = _free_port()
    environment = {
        **os.environ,
        "SALESDOJO_DATA_FOLDER": str(folder),
        "SALESDOJO_PORT": str(port),
        "SALESDOJO_SPEECH_MODEL": str(_MICRO_WHISPER / "model"),
        "SALESDOJO_LOG_LEVEL": "warning",
    }
    address = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "api", *arguments]
    with (folder / "product.log").open("wb") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=subprocess.STDOUT, cwd=_ROOT)
        try:
            _wait_until_ready(address, process, Path(log.name))
            yield address, environment
        finally:
            process.terminate()
            process.wait(timeout=60)


@contextmanager
def open_browser() -> Iterator[Browser]:
    """Debian's Chromium, without a window."""
    executable = shutil.which("chromium") or shutil.which("chromium-browser")
    if executable is None:
        raise AssertionError("the journeys need chromium: run tests/journeys/install-browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=_BROWSER_FLAGS)
        yield browser
        browser.close()


def open_context(browser: Browser, *, locale: str = "zh-CN", width: int = 1280, height: int = 900) -> BrowserContext:
    return browser.new_context(viewport={"width": width, "height": height}, locale=locale, timezone_id="Asia/Shanghai")


def enter(product: Product, page: Page, login_name: str) -> None:
    """Log in through the log-in page and wait for the first screen."""
    page.set_default_timeout(30_000)
    page.goto(f"{product.address}/login")
    page.fill("#login_name", login_name)
    page.fill("#password", product.password)
    page.click("button")
    page.wait_for_url("**/ui/**")
    page.locator("h1").first.wait_for()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_ready(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"{address}/ready", timeout=2):
                return
        except OSError:
            time.sleep(0.5)
    raise AssertionError("the product did not start:\n" + log.read_text(errors="replace")[-4000:])
