"""Retakes the pictures of the README: worklist and case page, in Chinese and in English.

    python -m kept.bench.screenshots docs/pictures

Without `--url` it makes a demo of its own in a temporary folder, serves it, and clears it away.
With `--url`, `--user` and `--password` it looks at a house that is served already. Needs Chromium
and the development tools; nothing else does.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

__all__ = ["main", "take_pictures"]

USER = "manager"
DEBTORS = "2000"
WINDOW: Any = {"width": 1360, "height": 850}
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run"]
START_SECONDS = 60
# For each language: the browser's tag, and which creditor of the list (sorted by code) to show.
LANGUAGES = {"zh": ("zh-CN", -1), "en": ("en-US", 1)}


@dataclass(frozen=True, slots=True)
class House:
    """Where the pages are, and how to sign in."""

    url: str
    user: str
    password: str


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--url", help="A house that is served already.")
@click.option("--user", default=USER, show_default=True)
@click.option("--password", default="", help="Of that user.")
def main(folder: Path, url: str | None, user: str, password: str) -> None:
    """Write worklist-zh.png, case-zh.png, worklist-en.png and case-en.png into FOLDER."""
    folder.mkdir(parents=True, exist_ok=True)
    if url is not None:
        take_pictures(House(url.rstrip("/"), user, password), folder)
        return
    with demo_house() as house:
        take_pictures(house, folder)


def take_pictures(house: House, folder: Path) -> None:
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=FLAGS)
        for language, (tag, creditor) in LANGUAGES.items():
            _take(browser, house, folder, language, tag, creditor)
        browser.close()


def _take(
    browser: Browser, house: House, folder: Path, language: str, tag: str, creditor: int
) -> None:
    context = browser.new_context(viewport=WINDOW, locale=tag, color_scheme="light")
    page = context.new_page()
    page.goto(f"{house.url}/accounts/login/?next=/worklist/")
    page.fill("#id_login", house.user)
    page.fill("#id_password", house.password)
    page.click("main button")
    page.click(f"button[name=language][lang^={language}]")  # whatever the user chose before
    page.wait_for_selector(f"html[lang^={language}]")
    _narrow(page, creditor)
    page.screenshot(path=folder / f"worklist-{language}.png")
    page.locator(".row-link").first.click()
    page.wait_for_selector(".case-grid")
    page.screenshot(path=folder / f"case-{language}.png")
    context.close()


def _narrow(page: Page, creditor: int) -> None:
    """To one creditor, where there are several: their debtors speak the language of the picture."""
    page.wait_for_selector("#results")
    choice = page.locator("select[name=creditor] option")
    if choice.count() > 1:
        value = choice.nth(creditor).get_attribute("value")
        page.select_option("select[name=creditor]", value)
        page.wait_for_url("**creditor=*")
        page.wait_for_load_state("networkidle")
    page.mouse.move(0, 0)


@contextmanager
def demo_house() -> Iterator[House]:
    """A demo in a temporary home, served on a free port until the block ends."""
    home = Path(tempfile.mkdtemp(prefix="kept-pictures-"))
    home.chmod(0o711)  # the account that runs PostgreSQL goes through it
    port = _free_port()
    environment = {**os.environ, "KEPT_HOME": str(home), "KEPT_WEB_PORT": str(port)}
    environment.pop("DATABASE_URL", None)
    kept = [sys.executable, "-m", "kept.cli"]
    try:
        made = subprocess.run(
            [*kept, "demo", "--debtors", DEBTORS, "--no-serve"],
            env=environment,
            check=True,
            capture_output=True,
            text=True,
        )
        web = subprocess.Popen([*kept, "web"], env=environment)
        try:
            url = f"http://127.0.0.1:{port}"
            _wait_for(url, web)
            yield House(url, USER, _password_in(made.stdout))
        finally:
            web.terminate()
            web.wait()
    finally:
        subprocess.run([*kept, "stop"], env=environment, check=False)
        shutil.rmtree(home, ignore_errors=True)


def _password_in(said: str) -> str:
    found = re.search(rf"^\s+{USER}\s+(\S+)", said, re.MULTILINE)
    if found is None:
        raise click.ClickException("the demo printed no password: its output has changed")
    return found[1]


def _free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return int(asked.getsockname()[1])


def _wait_for(url: str, web: subprocess.Popen[bytes]) -> None:
    """Until the pages answer, or the server has ended."""
    for _ in range(START_SECONDS * 4):
        try:
            urllib.request.urlopen(f"{url}/accounts/login/", timeout=30).close()
            return
        except OSError:
            if _ended(web):
                break
    raise click.ClickException("the web server did not start; the reason is above")


def _ended(web: subprocess.Popen[bytes]) -> bool:
    """Whether the server ends within a quarter of a second."""
    try:
        web.wait(timeout=0.25)
    except subprocess.TimeoutExpired:
        return False
    return True


if __name__ == "__main__":
    main()
