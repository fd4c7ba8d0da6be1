"""Every page, for every kind of person: what they see, and what is not there for them."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from kept.store.models import Event, Task
from tests.desk.conftest import House, SignedIn

PAGES = [
    "today",
    "worklist",
    "case",
    "timeline",
    "search",
    "intake_files",
    "intake_file",
    "intake_rejects",
    "receive_file",
    "nights",
    "night",
    "timeliness",
]
STRANGER = {
    *("today", "worklist", "search", "intake_files", "receive_file", "nights", "timeliness"),
}
COLLECTOR = {"today", "worklist", "case", "timeline", "search"}


def address(name: str, house: House) -> str:
    arguments = {
        "case": [house.case.pk],
        "timeline": [house.case.pk],
        "intake_file": [house.file.pk],
        "intake_rejects": [house.file.pk],
        "night": [house.night.pk],
    }
    return reverse(name, args=arguments.get(name, []))


@pytest.mark.parametrize("name", PAGES)
def test_whoever_is_not_signed_in_is_sent_to_sign_in(name: str, house: House) -> None:
    response = Client().get(address(name, house))
    assert response.status_code == 302
    assert response["Location"].startswith("/accounts/login/?next=/")


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize(
    ("who", "seen"),
    [
        ("collector", COLLECTOR),
        ("manager", set(PAGES)),
        ("administrator", set(PAGES)),
        # A manager of another creditor has the pages, but nothing of this one on them.
        ("stranger", STRANGER),
        ("nobody", {"today"}),
    ],
)
def test_who_sees_which_page(
    name: str, who: str, seen: set[str], house: House, signed_in: SignedIn
) -> None:
    response = signed_in(who).get(address(name, house))
    assert response.status_code == (200 if name in seen else 404)
    if who == "stranger":
        assert "王小明" not in response.content.decode()
        assert "Own Bank" not in response.content.decode()


def test_a_collector_sees_own_work_only(house: House, signed_in: SignedIn) -> None:
    client = signed_in("collector")
    page = client.get(reverse("worklist")).content.decode()
    assert "王小明" in page
    assert "Other Debtor" not in page
    assert client.get(reverse("case", args=[house.other_case.pk])).status_code == 404
    seat = house.seat
    seat.active = False
    seat.save()
    assert client.get(reverse("case", args=[house.case.pk])).status_code == 404


def test_a_manager_of_another_creditor_finds_nothing(house: House, signed_in: SignedIn) -> None:
    client = signed_in("stranger")
    assert client.get(reverse("case", args=[house.case.pk])).status_code == 404
    for text in ("王小明", "ACC-1", "13800138000", "11010519491231002X"):
        page = client.get(reverse("search"), {"q": text}).content.decode()
        assert "Nothing found" in page


def test_the_case_page_tells_the_case(house: House, signed_in: SignedIn) -> None:
    page = signed_in("manager").get(reverse("case", args=[house.case.pk])).content.decode()
    for said in (
        "王小明",
        "Own Bank",
        "CN¥1,023.45",  # overdue and balance
        "110****002X",
        "138****8000",
        "complaint",
        "called in",
        "no contact",
        "Field visit",
        "The case stays with its seat.",
        "ACC-1",
        "Case opened",
        "Does not owe and never hears of the debt.",
    ):
        assert said in page, said
    for hidden in ("13800138000", "13900139000", "11010519491231002X"):
        assert hidden not in page


def test_no_page_stays_in_the_browser(house: House, signed_in: SignedIn) -> None:
    shown = signed_in("manager").get(reverse("case", args=[house.case.pk]))
    assert shown.headers["Cache-Control"] == "no-store, private"


def test_no_list_shows_a_whole_number(house: House, signed_in: SignedIn) -> None:
    client = signed_in("administrator")
    for name in PAGES:
        page = client.get(address(name, house)).content.decode()
        assert not re.search(r"1[38]900?138000|13900139000|11010519491231002X", page), name


def test_a_number_leads_straight_to_the_case_a_name_to_the_list(
    house: House, signed_in: SignedIn
) -> None:
    client = signed_in("manager")
    response = client.get(reverse("search"), {"q": "138 0013 8000"})
    assert response["Location"] == reverse("case", args=[house.case.pk])
    assert "王小明" in client.get(reverse("search"), {"q": "王"}).content.decode()


def test_the_languages(house: House, signed_in: SignedIn) -> None:
    client = signed_in("manager")
    english = client.get(reverse("worklist")).content.decode()
    assert '<html lang="en">' in english
    assert "Worklist" in english
    chosen = client.post(reverse("set_language"), {"language": "zh-hans", "next": "/worklist/"})
    assert chosen["Location"] == "/worklist/"
    chinese = client.get(reverse("worklist")).content.decode()
    assert '<html lang="zh-Hans">' in chinese
    assert "作业池" in chinese
    house.users["manager"].refresh_from_db()
    assert house.users["manager"].language == "zh-hans"


def test_the_language_of_a_person_comes_with_them(house: House) -> None:
    user = house.users["manager"]
    user.language = "zh-hans"
    user.save()
    client = Client(headers={"accept-language": "en"})
    from tests.factories import PASSWORD

    response = client.post(
        reverse("account_login"), {"login": "manager", "password": PASSWORD}, follow=True
    )
    assert '<html lang="zh-Hans">' in response.content.decode()


def test_light_and_dark(house: House, signed_in: SignedIn) -> None:
    client = signed_in("manager")
    assert "data-theme" not in client.get("/").content.decode()
    client.post(reverse("set_theme"), {"theme": "dark"})
    assert '<html lang="en" data-theme="dark">' in client.get("/").content.decode()
    client.post(reverse("set_theme"), {"theme": "system"})
    assert "data-theme" not in client.get("/").content.decode()
    client.cookies["kept_theme"] = '"><script>'
    assert "data-theme" not in client.get("/").content.decode()


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "javascript:1", ""])
@pytest.mark.parametrize("name", ["set_language", "set_theme"])
def test_a_choice_leads_back_to_this_house_only(name: str, target: str, house: House) -> None:
    response = Client().post(reverse(name), {"next": target, "language": "en", "theme": "dark"})
    assert response["Location"] == "/"


@pytest.mark.parametrize("name", PAGES)
def test_how_many_queries_a_page_takes(
    name: str, house: House, signed_in: SignedIn, django_assert_max_num_queries: Any
) -> None:
    client = signed_in("administrator")
    client.get("/")
    # The lights of all contact points of a case are five.
    with django_assert_max_num_queries(39 if name == "case" else 22):
        assert client.get(address(name, house)).status_code == 200


@pytest.mark.parametrize("name", [*PAGES, "account_login", "account_change_password", "mfa_index"])
def test_pages_hold_no_inline_script_or_style(name: str, house: House, signed_in: SignedIn) -> None:
    client = Client() if name == "account_login" else signed_in("administrator")
    response = client.get(address(name, house), follow=True)
    page = response.content.decode()
    assert not re.search(r"<script(?![^>]* src=)|<style|\sstyle=|\son[a-z]+=|javascript:", page)
    assert response["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self'")


@pytest.mark.parametrize(
    "query",
    [
        "bucket=x&dpd_from=-&dpd_to=1e9",
        "bucket=99999999999999999999",
        "treatment='; DROP TABLE tasks",
        "stage=%00",
        "seat=99999999999999999999&creditor=-1",
        "state=nonsense&due=never",
        "cursor=%00&cursor=1.2.3",
        "dpd_from=" + "9" * 500,
    ],
)
def test_odd_filters_narrow_nothing_or_find_nothing(
    query: str, house: House, signed_in: SignedIn
) -> None:
    client = signed_in("manager")
    assert client.get(f"{reverse('worklist')}?{query}").status_code == 200
    assert client.get(f"{reverse('next_task')}?{query}").status_code == 302
    assert client.get(f"{reverse('intake_files')}?{query}").status_code == 200
    assert client.get(f"{reverse('nights')}?{query}").status_code == 200


def test_the_worklist_gives_only_its_rows_when_only_they_are_asked_for(
    house: House, signed_in: SignedIn
) -> None:
    client = signed_in("manager")
    headers = {"hx-request": "true", "hx-target": "results"}
    part = client.get(reverse("worklist"), {"bucket": 2}, headers=headers).content.decode()
    assert "王小明" in part
    assert "<html" not in part
    empty = client.get(reverse("worklist"), {"bucket": 4}, headers=headers).content.decode()
    assert "Nothing fits these filters" in empty


def test_the_next_task_and_the_end_of_the_list(house: House, signed_in: SignedIn) -> None:
    client = signed_in("collector")
    assert client.get(reverse("next_task"))["Location"] == reverse("case", args=[house.case.pk])
    client = signed_in("manager")
    after = f"{house.task.priority}.{house.task.pk}"
    response = client.get(reverse("next_task"), {"cursor": after, "bucket": "2"}, follow=True)
    assert response.redirect_chain[0][0] == reverse("worklist") + "?bucket=2"
    assert "That was the last task of this list." in response.content.decode()


def test_a_task_is_done_from_its_page_and_on_to_the_next(house: House, signed_in: SignedIn) -> None:
    client = signed_in("collector")
    response = client.post(reverse("close_task", args=[house.task.pk]), {"state": "done"})
    assert response["Location"].startswith(reverse("next_task"))
    house.task.refresh_from_db()
    assert house.task.state == "done"
    refused = client.post(reverse("close_task", args=[house.task.pk]), {"state": "cancelled"})
    assert refused["Location"] == reverse("case", args=[house.case.pk])
    house.task.refresh_from_db()
    assert house.task.state == "done"


def test_a_note_with_forbidden_speech_is_shown_before_it_is_saved(
    house: House, signed_in: SignedIn
) -> None:
    client, url = signed_in("collector"), reverse("close_task", args=[house.task.pk])
    given = {"state": "cancelled", "reason": "You will be arrested tomorrow."}
    text = client.post(url, given).content.decode()
    assert "Arrest or prison for a debt" in text
    assert "12 CFR 1006.18(b)-(d)" in text
    assert "<mark>You will be arrested</mark>" in text
    changed = client.post(url, {**given, "reason": "They will kill you.", "seen": given["reason"]})
    assert "They will <mark>kill you</mark>" in changed.content.decode()
    house.task.refresh_from_db()
    assert house.task.state == "open"
    saved = client.post(url, {**given, "seen": given["reason"]})
    assert saved["Location"].startswith(reverse("next_task"))
    timeline = signed_in("manager").get(reverse("case", args=[house.case.pk])).content.decode()
    assert "Found in the note: Arrest or prison for a debt (12 CFR 1006.18(b)-(d)" in timeline


@pytest.mark.parametrize("who", ["stranger", "nobody", "collector"])
def test_what_is_refused_changes_nothing(who: str, house: House, signed_in: SignedIn) -> None:
    client = signed_in(who)
    events = Event.objects.count()
    theirs = house.task if who != "collector" else house.other_task
    kept_out = client.post(reverse("close_task", args=[theirs.pk]))
    assert kept_out.status_code == (403 if who == "nobody" else 404)
    accept = reverse("decide_file", args=[house.file.pk])
    assert client.post(accept, {"reason": "looks right"}).status_code in (302, 403)
    if who != "stranger":
        assert client.post(reverse("receive_file"), {"creditor": "OWN"}).status_code == 403
    assert client.get(reverse("operators:index"), follow=True).status_code == 404
    assert set(Task.objects.values_list("state", flat=True)) == {"open"}
    assert Event.objects.count() == events


def test_a_get_changes_nothing(house: House, signed_in: SignedIn) -> None:
    client = signed_in("administrator")
    for name, arguments in (
        ("close_task", [house.task.pk]),
        ("decide_file", [house.file.pk]),
        ("set_language", []),
        ("set_theme", []),
    ):
        assert client.get(reverse(name, args=arguments)).status_code == 405


def test_rejects_say_why_in_both_languages(house: House, signed_in: SignedIn) -> None:
    client = signed_in("manager")
    page = client.get(reverse("intake_rejects", args=[house.file.pk])).content.decode()
    assert "This is not an amount; the map expects the form 1,234.50." in page
    client.cookies["django_language"] = "zh-hans"
    page = client.get(reverse("intake_rejects", args=[house.file.pk])).content.decode()
    assert "不是金额；映射要求的格式为 1,234.50。" in page


def test_empty_houses_say_what_to_do(db: None, months: None) -> None:
    from kept.core.actors import Role
    from tests import factories

    user = factories.make_user("administrator", roles={Role.ADMINISTRATOR: None})
    client = Client(headers={"accept-language": "en"})
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    for path, said in (
        ("/", "Add the creditor whose accounts you collect"),
        ("/worklist/", "Nothing to do"),
        ("/intake/", "No file here"),
        ("/nights/", "No night has run yet"),
    ):
        assert said in client.get(path).content.decode()
