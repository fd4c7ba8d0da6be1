"""The pages of strategies: from a copy to a version in force, the editor, and who sees what."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from kept.core.actors import Role
from kept.desk.ladders import picture_of
from kept.packs.strategies import parse_strategy, strategy_labelled
from kept.packs.strategy_texts import shipped_text
from kept.store.models import StrategyUse, StrategyVersion
from tests import factories
from tests.desk.conftest import House, SignedIn


@pytest.fixture
def people(house: House) -> House:
    """Managers and an officer of the whole house beside those of one creditor."""
    house.users["writer"] = factories.make_user("writer", roles={Role.MANAGER: None})
    house.users["second"] = factories.make_user("second", roles={Role.COMPLIANCE_OFFICER: None})
    return house


def fill_strategies(house: House) -> None:
    """Somebody who writes strategies, and a draft of theirs."""
    house.users["writer"] = factories.make_user("writer", roles={Role.MANAGER: None})
    text = (shipped_text("default:1") or "").replace("version: 1", "version: 2")
    StrategyVersion.objects.create(code="default", version=2, text=text)


def begun(writer: Client) -> StrategyVersion:
    page = writer.post(reverse("draft_strategy"), {"copied_from": "default:1"})
    assert page["location"] == reverse("edit_strategy", args=["default:2"])
    return StrategyVersion.objects.get()


def said(client: Client, url: str, data: dict[str, Any] | None = None) -> str:
    page = client.get(url) if data is None else client.post(url, data, follow=True)
    assert page.status_code == 200
    return re.sub(r"\s+", " ", page.content.decode())


def test_from_a_copy_to_a_version_that_works_a_book(people: House, signed_in: SignedIn) -> None:
    writer, second = signed_in("writer"), signed_in("second")
    row = begun(writer)
    step = reverse("step_strategy", args=[row.label])
    save = reverse("save_strategy", args=[row.label])
    text = row.text.replace("1 <= dpd <= 5", "1 <= dpd <= 7").replace("6 <= dpd", "8 <= dpd")
    assert "Saved." in said(writer, save, {"text": text, "revision": "1"})
    assert "Submitted" in said(writer, step, {"step": "submit", "revision": "2"})
    page = said(writer, reverse("strategy", args=[row.label]))
    assert "You wrote or changed this version" in page
    assert 'value="approve"' not in page
    assert "somebody else approves" in said(writer, step, {"step": "approve"})
    page = said(second, reverse("strategy", args=[row.label]))
    assert "<del>Days past due is between 1 and 5" in page
    assert 'value="approve"' in page
    assert "Approved." in said(second, step, {"step": "approve", "note": "fine"})
    assert "In force from" in said(second, step, {"step": "force"})
    row.refresh_from_db()
    assert row.state == "in_force"
    assign = {"creditor": str(people.creditor.pk), "code": "default"}
    assert "worked by default" in said(writer, reverse("assign_strategy"), assign)
    assert StrategyUse.objects.get().creditor == people.creditor
    listed = said(writer, reverse("strategies"))
    assert "replaced by the house" in listed
    assert "Own Bank" in listed


def test_the_check_while_typing_names_lines_and_writes_nothing(
    people: House, signed_in: SignedIn
) -> None:
    writer = signed_in("writer")
    row = begun(writer)
    check = reverse("check_strategy", args=[row.label])
    page = said(writer, check, {"text": row.text.replace("dpd > 90", "ddp > 90")})
    line = next(n for n, each in enumerate(row.text.splitlines(), 1) if "dpd > 90" in each)
    assert f'data-line="{line}"' in page
    assert "1 thing is wrong" in page
    page = said(writer, check, {"text": row.text})
    assert "Nothing is wrong." in page
    assert 'class="rung stage-visit"' in page
    assert "No seat has the skill" in page
    assert said(writer, check, {"text": ""})
    row.refresh_from_db()
    assert row.revision == 1


def test_the_check_while_typing_misses_scripts_in_the_languages_of_the_book(
    people: House, signed_in: SignedIn
) -> None:
    factories.make_debtor(people.creditor, language="th")
    writer = signed_in("writer")
    row = begun(writer)
    check = reverse("check_strategy", args=[row.label])
    text = row.text.replace("valid_from: 2000", "valid_from: 2027")
    spoken = text.replace("skill: visit", "skill: visit\n    text: visit")
    page = said(writer, check, {"text": spoken})
    assert "1 thing is wrong" in page
    assert "has no text in th, a language of the book" in page
    assert 'class="rung stage-visit"' in page  # it reads well, so it is drawn too
    page = said(writer, check, {"text": spoken.replace("text: visit", "text: vist")})
    assert "did you mean visit" in page
    page = said(writer, check, {"text": spoken.replace("text: visit", "text: early_call")})
    assert "is written for call, and this treatment goes by field_visit" in page
    save = {"text": spoken, "revision": "1", "then": "submit"}
    page = said(writer, reverse("save_strategy", args=[row.label]), save)
    assert "has no text in th" in page
    row.refresh_from_db()
    assert row.state == "draft"


def test_two_editors_are_told_and_lose_nothing(people: House, signed_in: SignedIn) -> None:
    writer = signed_in("writer")
    people.users["third"] = factories.make_user("third", roles={Role.MANAGER: None})
    row = begun(writer)
    save = reverse("save_strategy", args=[row.label])
    headers = {"HX-Request": "true"}
    theirs = {"text": row.text + "# theirs\n", "revision": "1"}
    first = signed_in("third").post(save, theirs, headers=headers).content.decode()
    assert 'name="revision" value="2"' in first
    assert "Saved" in first
    mine = {"text": row.text + "# mine\n", "revision": "1"}
    page = writer.post(save, mine, headers=headers).content.decode()
    assert "third saved this draft in the meantime" in page
    assert 'class="less">-# theirs' in page
    assert 'class="more">+# mine' in page
    # Without a script the page comes back with what was typed.
    page = writer.post(save, mine).content.decode()
    assert "# mine" in page
    row.refresh_from_db()
    assert row.text.endswith("# theirs\n")
    writer.post(save, mine | {"revision": "2"}, headers=headers)
    row.refresh_from_db()
    assert row.text.endswith("# mine\n")


def test_submitting_from_the_editor_saves_first(people: House, signed_in: SignedIn) -> None:
    writer = signed_in("writer")
    row = begun(writer)
    save = reverse("save_strategy", args=[row.label])
    headers = {"HX-Request": "true"}
    wrong = {"text": row.text.replace("minutes: 60", "minutes: 0"), "revision": "1"}
    page = writer.post(save, wrong | {"then": "submit"}, headers=headers).content.decode()
    assert "It is not in order yet" in page
    assert 'name="revision" value="2"' in page
    right = {"text": row.text, "revision": "2", "then": "submit"}
    page = writer.post(save, right, headers=headers)
    assert page["HX-Redirect"] == reverse("strategy", args=[row.label])
    row.refresh_from_db()
    assert row.state == "review"
    # What is not a draft any more leads to its page.
    assert writer.get(reverse("edit_strategy", args=[row.label])).status_code == 302


def test_who_sees_and_who_does_what(people: House, signed_in: SignedIn) -> None:
    row = begun(signed_in("writer"))
    urls = [reverse("strategies"), reverse("strategy", args=[row.label])]
    for name, status in (("collector", 404), ("nobody", 404), ("manager", 200), ("second", 200)):
        assert [signed_in(name).get(url).status_code for url in urls] == [status] * 2
    # A manager of one creditor reads, and assigns there, but writes nothing for the house.
    manager = signed_in("manager")
    assert "Begin a version" not in said(manager, urls[0])
    assert manager.post(reverse("draft_strategy"), {"copied_from": "default:1"}).status_code == 403
    save = reverse("save_strategy", args=[row.label])
    assert manager.post(save, {"text": "code: x", "revision": "1"}).status_code == 403
    step = reverse("step_strategy", args=[row.label])
    assert manager.post(step, {"step": "submit"}).status_code == 403
    other = {"creditor": str(people.other.pk), "code": "default"}
    assert manager.post(reverse("assign_strategy"), other).status_code == 404
    assert manager.post(step, {"step": "burn"}).status_code == 404
    assert manager.get(reverse("strategy", args=["none:1"])).status_code == 404
    row.refresh_from_db()
    assert (row.state, row.revision) == ("draft", 1)


@pytest.mark.parametrize(
    ("step", "told"),
    [
        ({"step": "reject"}, "this is for one that is in review"),
        ({"step": "force", "from_on": "soon"}, "soon is no day"),
    ],
)
def test_refusals_are_shown_on_the_page(
    step: dict[str, str], told: str, people: House, signed_in: SignedIn
) -> None:
    row = begun(signed_in("writer"))
    assert told in said(signed_in("second"), reverse("step_strategy", args=[row.label]), step)


def test_treatments_of_the_house_have_their_names_on_tasks(
    people: House, signed_in: SignedIn
) -> None:
    from kept.desk.words import treatment_name

    text = (shipped_text("default:1") or "").replace("code: visit", "code: home_visit")
    text = text.replace("Field visit", "Visit at home").replace("version: 1", "version: 4")
    row = StrategyVersion.objects.create(
        code="default", version=4, state="in_force", valid_from=factories.TODAY, text=text
    )
    assert treatment_name("home_visit", row.label) == "Visit at home"
    assert treatment_name("home_visit") == "Visit at home"
    assert treatment_name("visit", "default:1") == "Field visit"
    assert treatment_name("sort_things") == "sort things"


def test_the_picture_of_the_shipped_strategy() -> None:
    picture = picture_of(strategy_labelled("default:1"), "en")
    (lane,) = picture.lanes
    assert [(row.code, row.said) for row in lane.rows] == [
        ("reminder", "0"),
        ("call", "1–5"),
        ("firm_call", "6–17"),
        ("letter", "18–30"),
        ("visit", "31–90"),
        ("legal_review", "≥ 91"),
    ]
    places = [float(row.stretches[0].start) for row in lane.rows]
    widths = [float(row.stretches[0].width) for row in lane.rows]
    assert places == sorted(places)
    assert places[0] == 0
    assert places[-1] + widths[-1] == pytest.approx(100, abs=0.02)
    assert next(day for _place, day in picture.marks) == "0"
    chinese = picture_of(strategy_labelled("default:1"), "zh")
    assert chinese.lanes[0].rows[1].name == "电话催收"


def test_what_every_segment_has_is_drawn_once() -> None:
    text = (shipped_text("default:1") or "").replace("when: 1 <= dpd <= 5 and", "when:")
    segments = """segments:
  - {code: early, name: {en: Early, zh: 早期}, when: dpd <= 20}
  - {code: late, name: {en: Late, zh: 后期}, when: dpd > 20}
treatments:"""
    made = parse_strategy(text.replace("treatments:", segments, 1), "made.yaml")
    picture = picture_of(made, "en")
    assert [(lane.name, [row.code for row in lane.rows]) for lane in picture.lanes] == [
        ("Early", ["reminder", "call", "firm_call", "letter"]),
        ("Late", ["call", "letter", "visit", "legal_review"]),
    ]
    everywhere = text.replace("treatments:", segments.replace("dpd <= 20", "dpd != 50"), 1)
    whole = picture_of(parse_strategy(everywhere, "made.yaml"), "en")
    assert [lane.name for lane in whole.lanes] == ["Early", "Late"]
    vague = text.replace("treatments:", segments.replace("dpd <= 20", "has_open_promise"), 1)
    vague = vague.replace("dpd > 20}", "not has_open_promise}")
    (shared, *lanes) = picture_of(parse_strategy(vague, "made.yaml"), "en").lanes
    assert (shared.name, len(shared.rows)) == ("in every segment", 6)
    assert [lane.rows for lane in lanes] == [(), ()]
