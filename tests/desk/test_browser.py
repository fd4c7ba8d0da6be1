"""The pages in a real Chromium: both languages, light and dark, phone and desk; keys; axe's rules.

Without Chromium these are skipped, except where `CI=true` says that it must be there. Pictures of
every page looked at lie in pytest's temporary folder.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.desk.conftest import House, make_house
from tests.desk.test_dealing_pages import fill_dealing
from tests.desk.test_law_pages import fill_law, refuse
from tests.desk.test_night_pages import fill_night
from tests.desk.test_payment_pages import fill_payments
from tests.desk.test_strategy_trials import RESULT, made_run
from tests.desk.test_text_pages import fill_texts

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1360, "height": 900}
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        CHROMIUM is None and os.environ.get("CI") != "true",
        reason="no `chromium` is on the PATH: install it to test the pages in a browser",
    ),
]


@pytest.fixture(scope="module")
def browser(months: None) -> Iterator[Browser]:
    """One for all tests, each of which opens a window without a past (a context) of its own.

    The driver runs a loop in this thread, which Django would take for ours.
    """
    from playwright.sync_api import sync_playwright

    with pytest.MonkeyPatch.context() as environment, sync_playwright() as driver:
        environment.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        assert CHROMIUM is not None, "CI=true asks for Chromium, and there is none on the PATH"
        opened = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture
def place(browser: Browser, live_server: Any) -> tuple[str, House]:
    """The served house."""
    return live_server.url, make_house()


@contextmanager
def signed_in(
    browser: Browser,
    url: str,
    *,
    who: str = "administrator",
    language: str = "en",
    colours: str = "light",
    size: dict[str, int] = DESK,
) -> Iterator[Page]:
    """A page of somebody who signed in by the form; whatever the browser complains of fails."""
    from tests.factories import PASSWORD

    context = browser.new_context(viewport=size, color_scheme=colours, locale=language)
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"{url}/accounts/login/")
    page.fill("#id_login", who)
    page.fill("#id_password", PASSWORD)
    page.click("main button")
    page.wait_for_url(f"{url}/")
    yield page
    context.close()
    assert complaints == []


def look_at(page: Page, path: str, picture: Path) -> None:
    """Open a page: nothing serious by axe's rules, nothing wider than the window; a picture."""
    from axe_playwright_python.sync_playwright import Axe

    response = page.goto(path)
    assert response is not None
    assert response.status == 200
    page.screenshot(path=picture, full_page=True)
    found = Axe().run(page).response["violations"]
    serious = [
        (each["id"], [node["html"] for node in each["nodes"]])
        for each in found
        if each["impact"] in ("serious", "critical")
    ]
    assert serious == [], picture.name
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, picture.name


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_signing_in_the_worklist_and_a_case_are_fit_for_everybody(
    language: str,
    colours: str,
    size: dict[str, int],
    place: tuple[str, House],
    browser: Browser,
    tmp_path: Path,
) -> None:
    url, house = place
    with signed_in(browser, url, language=language, colours=colours, size=size) as page:
        look_at(page, f"{url}/worklist/", tmp_path / "worklist.png")
        assert page.inner_text("h1") == ("Worklist" if language == "en" else "作业池")
        look_at(page, f"{url}/cases/{house.case.pk}/", tmp_path / "case.png")
        page.context.clear_cookies(name="sessionid")
        look_at(page, f"{url}/accounts/login/", tmp_path / "sign-in.png")


def fill_jobs(house: House) -> None:
    """One of everything that the page of jobs shows."""
    from tests import factories
    from tests.desk.test_jobs import make_job

    factories.make_failed_job(house.file)
    factories.make_failed_intent(house.creditor)
    factories.make_subscriber(house.creditor)
    make_job("nightly.run", "todo", creditor_id=house.creditor.pk, on="2026-11-22")
    make_job("intake.work_off_file", "doing", intake_file_id=house.file.pk)


@pytest.mark.parametrize(
    ("language", "colours", "size"),
    [("en", "dark", PHONE), ("zh-CN", "light", DESK)],
    ids=["phone", "desk"],
)
def test_the_other_pages_are_fit_for_everybody(
    language: str,
    colours: str,
    size: dict[str, int],
    place: tuple[str, House],
    browser: Browser,
    tmp_path: Path,
) -> None:
    from tests import factories

    url, house = place
    factories.make_approval(
        creditor=house.creditor,
        case=house.case,
        kind="approval_policy",
        amount_minor=123_456,
        currency="CNY",
        levels=[["administrator"], ["manager"]],
        result={"details": {"account": "ACC-1", "effective_on": "2026-11-20"}},
    )
    account_id = house.case.case_accounts.get().account_id
    fill_jobs(house)
    fill_law(house)
    refuse(house)
    fill_dealing(house)
    fill_night(house)
    trial = made_run(house, "done", result=RESULT)
    fill_texts("Hello {debtor}, we will tell your boss. {creditr}")
    paid = fill_payments(house)
    with signed_in(browser, url, language=language, colours=colours, size=size) as page:
        for name, path in (
            ("approvals", "/approvals/"),
            ("approval-policies", "/approvals/policies/"),
            ("accesses", "/accesses/"),
            ("entries", f"/cases/{house.case.pk}/accounts/{account_id}/"),
            ("today", "/"),
            ("search", "/search/?q=王"),
            ("intake", "/intake/"),
            ("file", f"/intake/{house.file.pk}/"),
            ("rejects", f"/intake/{house.file.pk}/rejects/"),
            ("hand-in", "/intake/hand-in/"),
            ("health", "/health/"),
            ("jobs", "/jobs/"),
            ("law", "/law/?text=CN"),
            ("law-trial", f"/law/try/?case={house.other_case.pk}&channel=call&at=2026-11-24T23:00"),
            ("plain-trial", "/law/try/?place=US&channel=call&actor_type=debt_collector"),
            ("refusals", "/law/refusals/"),
            ("history", "/law/history/"),
            ("contacts", "/law/contacts/?days=30"),
            ("contact-days", f"/law/contacts/{house.other_case.pk}/"),
            ("lights", f"/cases/{house.other_case.pk}/"),
            ("interface", "/api/"),
            ("timeliness", "/timeliness/?by=team"),
            ("payments", "/payments/"),
            ("suspense", "/payments/suspense/"),
            ("payment", f"/payments/{paid.pk}/"),
            ("promises", "/promises/?by=collector"),
            ("nights", "/nights/"),
            ("seats", "/seats/"),
            ("seat", f"/seats/{house.seat.pk}/"),
            ("dealings", f"/dealing/?creditor={house.case.creditor.code}"),
            ("pile", "/dealing/cases/"),
            ("move_case", f"/cases/{house.case.pk}/move/"),
            ("dealing_policies", "/dealing/policy/"),
            ("capacities", "/dealing/capacities/"),
            ("conflicts", "/dealing/conflicts/"),
            ("night_groups", "/nights/groups/"),
            ("strategies", "/strategies/"),
            ("strategy", "/strategies/default:1/"),
            ("try", "/strategies/default:1/try/"),
            ("trial", f"/strategies/trials/{trial.pk}/"),
            ("text", "/texts/early_call/"),
            ("text-version", "/texts/early_call:en:2/"),
            ("night", f"/nights/{house.night.pk}/"),
            ("password", "/accounts/password/change/"),
            ("settings", "/operators/"),
        ):
            look_at(page, f"{url}{path}", tmp_path / f"{name}.png")


@pytest.mark.parametrize(
    ("language", "colours", "size"),
    [("en", "dark", PHONE), ("zh-CN", "light", DESK)],
    ids=["phone", "desk"],
)
def test_a_note_with_forbidden_speech_is_shown_first(
    language: str,
    colours: str,
    size: dict[str, int],
    place: tuple[str, House],
    browser: Browser,
    tmp_path: Path,
) -> None:
    url, house = place
    with signed_in(browser, url, language=language, colours=colours, size=size) as page:
        page.goto(f"{url}/cases/{house.case.pk}/")
        page.click(".close-task summary")
        page.fill("#reason", "Told her: we will tell your boss, 不还就打断你的腿")
        page.click("button[value=cancelled]")
        page.wait_for_selector("mark")
        page.screenshot(path=tmp_path / "note.png", full_page=True)
        assert page.inner_text("mark >> nth=0") == "we will tell your boss"
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.click("button[name=state]")
        page.wait_for_url(lambda address: "/close/" not in address)
    house.task.refresh_from_db()
    assert house.task.state == "cancelled"


@pytest.mark.parametrize(
    ("language", "colours", "size"),
    [("en", "dark", PHONE), ("zh-CN", "light", DESK)],
    ids=["phone", "desk"],
)
def test_a_strategy_is_written_and_submitted_in_the_editor(
    language: str,
    colours: str,
    size: dict[str, int],
    place: tuple[str, House],
    browser: Browser,
    tmp_path: Path,
) -> None:
    from kept.core.actors import Role
    from kept.store.models import StrategyVersion
    from tests import factories

    url, _house = place
    factories.make_user("writer", roles={Role.MANAGER: None})
    with signed_in(
        browser, url, who="writer", language=language, colours=colours, size=size
    ) as page:
        page.goto(f"{url}/strategies/")
        page.select_option("[name=copied_from]", "default:1")
        page.click("main .stacked button.primary >> nth=-1")
        page.wait_for_url(f"{url}/strategies/default:2/edit/")
        look_at(page, page.url, tmp_path / "editor.png")
        text = page.input_value("#text")
        page.fill("#text", text.replace("skill: letter", "skill: letter\n    text: no_such_letter"))
        page.wait_for_selector("#checked [data-line] >> nth=0")
        page.wait_for_selector("#checked .ladder")  # it lacks a text, yet it is drawn
        page.screenshot(path=tmp_path / "editor-no-text.png", full_page=True)
        page.fill("#text", text.replace("6 <= dpd <= 17", "6 <= ddp <= 17"))
        page.wait_for_selector("#checked:not(:has(.ladder)) [data-line]")
        page.screenshot(path=tmp_path / "editor-wrong.png", full_page=True)
        assert page.is_visible("[data-unsaved]")
        page.click("#checked [data-line]")
        line = "document.activeElement.value.slice(...['Start', 'End'].map(n =>"
        line += " document.activeElement[`selection${n}`]))"
        assert page.evaluate(line).strip() == "when: 6 <= ddp <= 17 and not has_open_promise"
        assert page.inner_text(".gutter .fault").strip() == page.inner_text(
            "#checked [data-line]"
        ).strip(" Line第行")
        page.keyboard.press("Control+s")
        page.wait_for_selector("[name=revision][value='2']", state="attached")
        assert not page.is_visible("[data-unsaved]")
        page.fill("#text", text.replace("6 <= dpd <= 17", "6 <= dpd <= 16"))
        page.wait_for_selector("#checked .ladder")
        look = page.inner_text("#checked .ladder-row >> nth=2")
        assert "6–16" in look
        page.focus("#text")
        page.keyboard.press("Control+Enter")
        page.wait_for_url(f"{url}/strategies/default:2/")
        look_at(page, page.url, tmp_path / "version.png")
    row = StrategyVersion.objects.get()
    assert (row.state, row.revision) == ("review", 3)
    assert "6 <= dpd <= 16" in row.text


@pytest.mark.parametrize(
    ("language", "colours", "size"),
    [("en", "dark", PHONE), ("zh-CN", "light", DESK)],
    ids=["phone", "desk"],
)
def test_a_text_is_written_and_submitted_in_the_editor(
    language: str,
    colours: str,
    size: dict[str, int],
    place: tuple[str, House],
    browser: Browser,
    tmp_path: Path,
) -> None:
    from kept.core.actors import Role
    from kept.store.models import TextVersion
    from tests import factories

    url, _house = place
    factories.make_user("writer", roles={Role.MANAGER: None})
    with signed_in(
        browser, url, who="writer", language=language, colours=colours, size=size
    ) as page:
        page.goto(f"{url}/texts/")
        page.fill("main [name=code]", "polite_call")
        page.fill("main [name=language]", "en")
        page.click("form[action$='/one/'] button.primary")
        page.wait_for_url(f"{url}/texts/polite_call:en:1/edit/")
        look_at(page, page.url, tmp_path / "text-editor.png")
        page.fill("#text", "Good day, {debtor}.\nWe will tell your boss, {creditor}.")
        page.wait_for_selector("#checked mark")
        page.screenshot(path=tmp_path / "text-wrong.png", full_page=True)
        page.click("#checked [data-start]")
        selected = "document.activeElement.value.slice(...['Start', 'End'].map(n =>"
        selected += " document.activeElement[`selection${n}`]))"
        assert page.evaluate(selected) == "We will tell your boss"
        page.keyboard.type("I am calling for ")
        page.click("[data-figure=creditor]")
        page.wait_for_selector("#checked:not(:has(mark))")
        page.fill("#text", "Good day, {debtor}. I am calling for {creditor}.")
        page.wait_for_selector("#checked .banner.tone-good")
        assert "Example" in page.inner_text("#checked .text-paper")
        page.focus("#text")
        page.keyboard.press("Control+Enter")
        page.wait_for_url(f"{url}/texts/polite_call:en:1/")
        look_at(page, page.url, tmp_path / "text-version.png")
        look_at(page, f"{url}/texts/", tmp_path / "texts.png")
        look_at(page, f"{url}/texts/polite_call/", tmp_path / "text.png")
    row = TextVersion.objects.get()
    assert (row.state, row.revision) == ("review", 2)


@pytest.mark.parametrize(
    ("language", "colours", "size"),
    [("zh-CN", "light", DESK), ("en", "dark", PHONE)],
    ids=["desk", "phone"],
)
def test_a_document_is_looked_at_printed_and_checked(
    language: str,
    colours: str,
    size: dict[str, int],
    place: tuple[str, House],
    browser: Browser,
    tmp_path: Path,
) -> None:
    from kept.core.documents.codes import code_hash, code_of
    from kept.store.models import Document

    url, house = place
    house.creditor.phone = "010-5550 0100"
    house.creditor.save()
    with signed_in(browser, url, language=language, colours=colours, size=size) as page:
        page.goto(f"{url}/cases/{house.case.pk}/documents/")
        page.select_option("select[name=kind]", "statement_of_account")
        page.click("button[hx-post]")
        page.wait_for_selector("#preview img.sheet")
        page.screenshot(path=tmp_path / "preview.png", full_page=True)
        page.click("form.stacked button.primary")
        page.wait_for_selector("td.number")
        look_at(page, f"{url}/cases/{house.case.pk}/documents/", tmp_path / "documents.png")
        code = code_of("K7QD9M3X4T0P12A")
        Document.objects.update(code_hash=code_hash(code))
        look_at(page, f"{url}/verify/", tmp_path / "verify.png")
        page.fill("#code", code.lower())
        page.click("form.stacked button")
        page.wait_for_selector("dl.pairs")
        look_at(page, page.url, tmp_path / "valid.png")
        assert "Own Bank" in page.inner_text("main")
        assert "王小明" not in page.inner_text("main")


def test_the_desk_by_keys_alone(place: tuple[str, House], browser: Browser) -> None:
    url, house = place
    with signed_in(browser, url) as page:
        for key in ("g", "w"):
            page.keyboard.press(key)
        page.wait_for_url(f"{url}/worklist/")
        page.keyboard.press("j")
        first = page.evaluate("document.activeElement.textContent")
        page.keyboard.press("j")
        second = page.evaluate("document.activeElement.textContent")
        assert {first, second} == {"王小明", "Other Debtor"}
        page.keyboard.press("k")
        assert page.evaluate("document.activeElement.textContent") == first
        page.keyboard.press("Enter")
        page.wait_for_url(f"{url}/cases/**")
        page.keyboard.press("u")
        page.wait_for_url(f"{url}/worklist/")
        page.keyboard.press("?")
        assert page.is_visible("dialog#keys")
        page.keyboard.press("Escape")
        page.keyboard.press("/")
        page.keyboard.type("138 0013 8000")
        page.keyboard.press("Enter")
        page.wait_for_url(f"{url}/cases/{house.case.pk}/")
        page.keyboard.press("d")
        page.wait_for_url(f"{url}/cases/{house.other_case.pk}/**")
        assert "The task is closed." in page.inner_text("main")
    house.task.refresh_from_db()
    assert house.task.state == "done"


def test_filters_change_the_list_and_the_address_without_a_new_page(
    place: tuple[str, House], browser: Browser
) -> None:
    url, _house = place
    with signed_in(browser, url) as page:
        page.goto(f"{url}/worklist/")
        page.evaluate("window.sameThroughout = true")
        page.select_option("select[name=bucket]", "2")
        page.wait_for_url("**/worklist/?bucket=2")
        assert page.locator(".row-link").all_inner_texts() == ["王小明"]
        assert str(page.get_attribute("a[data-next]", "href")).endswith("/next/?bucket=2")
        page.select_option("select[name=bucket]", "4")
        page.wait_for_selector("text=Nothing fits these filters")
        assert page.evaluate("window.sameThroughout") is True
        page.go_back()
        page.wait_for_selector(".row-link")
        assert page.locator(".row-link").all_inner_texts() == ["王小明"]


def test_a_number_is_shown_in_its_place_and_requests_are_decided_by_keys(
    place: tuple[str, House], browser: Browser, tmp_path: Path
) -> None:
    from playwright.sync_api import expect

    from kept.store.models import Approval
    from tests import factories

    url, house = place
    for number in (1, 2):
        factories.make_approval(
            creditor=house.creditor, case=house.case, subject=f"account:{number}"
        )
    with signed_in(browser, url, who="manager") as page:
        look_at(page, f"{url}/cases/{house.case.pk}/", tmp_path / "case-of-manager.png")
        eye = page.locator(".contacts .reveal").first
        eye.locator("summary").click()
        eye.locator("select").select_option("other")
        eye.locator("input[name=note]").fill("asked by the debtor")
        eye.locator("button").click()
        expect(page.locator(".contacts").first).to_contain_text("+8613800138000")
        expect(page.locator(".contacts .reveal")).to_have_count(1)  # that of the friend
        page.screenshot(path=tmp_path / "revealed.png")
        page.goto(f"{url}/approvals/")
        page.keyboard.press("j")
        page.keyboard.press("n")
        assert "Request" not in page.evaluate("document.activeElement.textContent")
        page.keyboard.press("x")
        page.keyboard.type("not this one")
        page.keyboard.press("Escape")
        page.keyboard.press("x")
        page.wait_for_url(f"{url}/approvals/")
        expect(page.locator("[data-request]")).to_have_count(1)
    assert list(Approval.objects.order_by("pk").values_list("state", flat=True)) == [
        "open",
        "refused",
    ]


def test_more_rows_come_below(place: tuple[str, House], browser: Browser) -> None:
    from playwright.sync_api import expect

    from tests import factories

    url, house = place
    run = factories.make_run()
    for n in range(60):
        debtor = factories.make_debtor(house.creditor, name=f"Debtor {n}")
        factories.make_task(factories.make_case(debtor), run=run, priority=n)
    with signed_in(browser, url) as page:
        page.goto(f"{url}/worklist/")
        assert page.locator(".row-link").count() == 50
        page.click("#more a")
        expect(page.locator(".row-link")).to_have_count(62)
        assert page.locator("#more").count() == 0
        page.goto(f"{url}/cases/{house.case.pk}/")
        assert page.locator(".timeline > li").count() == 1


def test_the_theme_and_the_language_are_switched_on_the_page(
    place: tuple[str, House], browser: Browser
) -> None:
    url, _house = place
    with signed_in(browser, url) as page:
        page.click("details.menu summary")
        page.click("button[name=theme][value=dark]")
        page.wait_for_selector("html[data-theme=dark]")
        assert page.evaluate("getComputedStyle(document.body.parentElement).backgroundColor") == (
            "rgb(15, 21, 20)"
        )
        page.click("button[name=language][value=zh-hans]")
        page.wait_for_selector("html[lang=zh-Hans]")
        assert "今天" in page.inner_text("nav")


def test_without_scripts_everything_is_still_there(
    place: tuple[str, House], browser: Browser
) -> None:
    from tests.factories import PASSWORD

    url, _house = place
    context = browser.new_context(java_script_enabled=False, locale="en", viewport=DESK)
    page = context.new_page()
    page.goto(f"{url}/accounts/login/?next=/worklist/")
    page.fill("#id_login", "manager")
    page.fill("#id_password", PASSWORD)
    page.click("main button")
    page.select_option("select[name=bucket]", "2")
    page.press("input[name=dpd_from]", "Enter")
    page.wait_for_url("**/worklist/?*bucket=2*")
    page.click(".row-link")
    assert page.inner_text("h1") == "王小明"
    context.close()
