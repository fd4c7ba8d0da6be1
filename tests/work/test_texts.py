"""Texts of the house from draft to retirement, and what strategies, tasks and permits find."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from kept.core.actors import Actor, Role, job
from kept.store.models import Event, StrategyUse, StrategyVersion, TextStep, TextVersion
from kept.work.actors import actor_of
from kept.work.book_languages import languages_by_creditor
from kept.work.refusals import NotAllowed, NotThere, Refusal
from kept.work.strategies import do_assign_strategy
from kept.work.strategy_versions import ChangedMeanwhile, check_text
from kept.work.task_texts import label_of_text, text_of_task
from kept.work.tasks import do_close_task
from kept.work.text_files import do_draft_texts, get_text_file
from kept.work.text_lists import get_text, list_text_steps, list_texts
from kept.work.text_uses import uses_of_text
from kept.work.text_versions import (
    do_approve_text,
    do_change_text,
    do_draft_text,
    do_put_text_in_force,
    do_reject_text,
    do_retire_text,
    do_submit_text,
)
from kept.work.texts import text_for
from tests import factories as make
from tests.factories import NOW, TODAY
from tests.work.test_strategies import SPOKEN

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("months")]

BODY = "Good day, {debtor}. I am calling for {creditor} about {overdue}."
TOMORROW = TODAY + timedelta(days=1)


@pytest.fixture
def writer() -> Actor:
    return person("writer", Role.MANAGER)


@pytest.fixture
def second() -> Actor:
    return person("second", Role.COMPLIANCE_OFFICER)


def person(name: str, role: Role, *creditors: Any) -> Actor:
    return actor_of(make.make_user(name, roles={role: list(creditors) or None}), now=NOW)


def drafted(writer: Actor, body: str = BODY, **given: Any) -> TextVersion:
    whole = {"code": "early_call", "language": "en", **given}
    label = do_draft_text(actor=writer, body=body, now=NOW, **whole)
    code, language, version = label.split(":")
    return TextVersion.objects.get(code=code, language=language, version=version)


def approved(writer: Actor, second: Actor, body: str = BODY, **given: Any) -> TextVersion:
    row = drafted(writer, body, **given)
    do_submit_text(actor=writer, version_id=row.pk, now=NOW)
    do_approve_text(actor=second, version_id=row.pk, now=NOW)
    row.refresh_from_db()
    return row


def in_force(
    writer: Actor, second: Actor, body: str = BODY, on: date = TODAY, **given: Any
) -> TextVersion:
    row = approved(writer, second, body, **given)
    do_put_text_in_force(actor=second, version_id=row.pk, from_on=on, now=NOW)
    row.refresh_from_db()
    return row


def held(language: str = "en", creditor: Any = None, on: date = TODAY) -> str:
    found = text_for("early_call", language, creditor.pk if creditor else None, on)
    return found.label if found else ""


# --- which one ------------------------------------------------------------------------------------


def test_the_creditors_own_comes_before_the_houses_and_the_shipped_one(
    writer: Actor, second: Actor
) -> None:
    creditor, other = make.make_creditor(), make.make_creditor()
    day = max(TODAY, date(2026, 11, 22))
    assert held("en-GB", creditor, day) == "early_call:en:1"
    assert held("zh-Hans-CN", creditor, day) == "early_call:zh:1"
    assert held("th", creditor, day) == ""
    assert held("en", creditor, date(2020, 1, 1)) == ""
    of_house = in_force(writer, second, on=TOMORROW)
    own = in_force(writer, second, BODY + " Thank you.", on=TOMORROW, creditor_id=creditor.pk)
    assert (of_house.label, own.label) == ("early_call:en:2", "early_call:en:3")
    assert held("en", creditor, TOMORROW) == own.label
    assert held("en", other, TOMORROW) == of_house.label
    assert held("zh", other, day) == "early_call:zh:1"


def test_a_language_that_nothing_ships_in_is_added(writer: Actor, second: Actor) -> None:
    creditor = make.make_creditor()
    row = in_force(writer, second, "สวัสดี {debtor} {creditor}", language="th")
    assert row.label == "early_call:th:1"
    assert held("th-TH", creditor) == row.label


def test_two_versions_never_hold_on_one_day(writer: Actor, second: Actor) -> None:
    first = in_force(writer, second)
    later = in_force(writer, second, BODY + " Bye.", on=TODAY + timedelta(days=5))
    first.refresh_from_db()
    assert (first.state, first.valid_to) == ("retired", TODAY + timedelta(days=4))
    with pytest.raises(IntegrityError), transaction.atomic():
        TextVersion.objects.filter(pk=first.pk).update(valid_to=later.valid_from)
    # What would have ended for one that never comes goes on.
    do_retire_text(actor=second, version_id=later.pk, now=NOW)
    first.refresh_from_db()
    assert (first.state, first.valid_to) == ("in_force", None)


def test_one_that_was_put_in_force_until_a_day_goes_on_until_it(
    writer: Actor, second: Actor
) -> None:
    row = approved(writer, second)
    last = TODAY + timedelta(days=9)
    given = {"actor": second, "version_id": row.pk, "until": last, "now": NOW}
    with pytest.raises(Refusal, match="before the first"):
        do_put_text_in_force(**given, from_on=last + timedelta(days=1))
    do_put_text_in_force(**given)
    later = in_force(writer, second, BODY + " Bye.", on=TODAY + timedelta(days=5))
    do_retire_text(actor=second, version_id=later.pk, now=NOW)
    row.refresh_from_db()
    assert (row.state, row.valid_to) == ("in_force", last)


# --- the life -------------------------------------------------------------------------------------


def test_four_eyes_and_every_step_is_kept(writer: Actor, second: Actor) -> None:
    row = drafted(writer)
    do_change_text(actor=writer, version_id=row.pk, body=BODY + " Bye.", revision=1, now=NOW)
    do_submit_text(actor=writer, version_id=row.pk, now=NOW)
    with pytest.raises(Refusal, match="somebody else approves"):
        do_approve_text(actor=writer, version_id=row.pk, now=NOW)
    with pytest.raises(NotAllowed):
        do_approve_text(actor=job("night"), version_id=row.pk, now=NOW)
    do_reject_text(actor=second, version_id=row.pk, reason="shorter", now=NOW)
    do_submit_text(actor=writer, version_id=row.pk, now=NOW)
    do_approve_text(actor=second, version_id=row.pk, now=NOW)
    with pytest.raises(Refusal, match="has passed"):
        do_put_text_in_force(
            actor=second, version_id=row.pk, from_on=TODAY - timedelta(days=1), now=NOW
        )
    do_put_text_in_force(actor=second, version_id=row.pk, now=NOW)
    steps = list_text_steps(second, row.pk)
    kinds = [each.kind for each in steps]
    assert kinds == ["force", "approve", "submit", "reject", "submit", "change", "draft"]
    assert (steps[5].body, steps[6].body) == (BODY + " Bye.", BODY)
    event = Event.objects.filter(action="text.force").get()
    told = json.loads(event.body)
    assert (told["label"], told["from_on"]) == (row.label, TODAY.isoformat())
    with pytest.raises(Refusal, match="this is for one that is draft"):
        do_change_text(actor=writer, version_id=row.pk, body="x", revision=2, now=NOW)


def test_two_who_edit_lose_nothing(writer: Actor) -> None:
    row = drafted(writer)
    other = person("other", Role.LEGAL_OFFICER)
    save = {"version_id": row.pk, "revision": 1, "now": NOW}
    assert do_change_text(actor=other, body="theirs\r\n", **save) == 2
    with pytest.raises(ChangedMeanwhile, match="other saved this draft") as caught:
        do_change_text(actor=writer, body="mine", **save)
    assert (caught.value.text, caught.value.revision) == ("theirs", 2)
    assert do_change_text(actor=writer, body="theirs", **save) == 2
    assert TextStep.objects.count() == 2


def test_what_must_not_be_said_is_saved_and_never_approved(writer: Actor, second: Actor) -> None:
    row = drafted(writer, "Pay {overdue} to {creditor}, or we will tell your boss.")
    with pytest.raises(Refusal, match=r"1:30 .*“or we will tell your boss” must not be said"):
        do_submit_text(actor=writer, version_id=row.pk, now=NOW)
    TextVersion.objects.filter(pk=row.pk).update(state="review")
    with pytest.raises(Refusal, match="must not be said"):
        do_approve_text(actor=second, version_id=row.pk, now=NOW)
    row.refresh_from_db()
    assert row.state == "review"


def test_what_the_law_of_the_creditor_wants_said_is_missed(writer: Actor) -> None:
    lender = make.make_creditor(country="US", zone="America/New_York", currency="USD")
    collector = make.make_legal_entity(type="debt_collector", country="US")
    make.make_engagement(lender, legal_entity=collector)
    row = drafted(writer, "{debtor}, pay {overdue}. {creditor}", code="early_message")
    with pytest.raises(Refusal, match=r"12 CFR 1006\.6\(e\).*say how to opt out"):
        do_submit_text(actor=writer, version_id=row.pk, now=NOW)
    body = row.body + " Reply STOP to opt out."
    do_change_text(actor=writer, version_id=row.pk, body=body, revision=1, now=NOW)
    do_submit_text(actor=writer, version_id=row.pk, now=NOW)
    # A creditor of another law does not ask for it.
    bank = make.make_creditor()
    make.make_engagement(bank)
    own = drafted(writer, row.body, code="early_message", creditor_id=bank.pk)
    do_submit_text(actor=writer, version_id=own.pk, now=NOW)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"code": "Bad code"}, "small letters"),
        ({"code": "fresh"}, "Choose one of"),
        ({"code": "fresh", "kind": "script", "channel": "sms"}, "Choose one of: call"),
        ({"kind": "template", "channel": "letter"}, "early_call is a script for call"),
        ({"language": "english"}, "two or three small letters"),
        ({"body": "x\x00"}, "NUL"),
        ({"note": "x" * 501}, "At most 500"),
    ],
)
def test_a_draft_that_cannot_be_is_refused(given: dict[str, str], told: str, writer: Actor) -> None:
    whole = {"code": "early_call", "language": "en", **given}
    if given.get("code") == "Bad code":
        whole |= {"kind": "script", "channel": "call"}
    with pytest.raises(Refusal, match=told):
        do_draft_text(actor=writer, now=NOW, **whole)
    assert not TextVersion.objects.exists()


def test_a_text_of_a_creditor_is_for_those_of_the_creditor(second: Actor) -> None:
    creditor, other = make.make_creditor(), make.make_creditor()
    manager = person("manager", Role.MANAGER, creditor)
    stranger = person("stranger", Role.MANAGER, other)
    with pytest.raises(NotAllowed):
        drafted(manager)
    with pytest.raises(NotThere):
        drafted(manager, creditor_id=other.pk)
    row = drafted(manager, creditor_id=creditor.pk)
    with pytest.raises(NotThere):
        do_change_text(actor=stranger, version_id=row.pk, body="x", revision=1, now=NOW)
    assert get_text(stranger, row.label, TODAY) is None
    assert list_text_steps(stranger, row.pk) == ()
    assert row.label in {each.label for each in list_texts(manager, TODAY)}
    assert row.label not in {each.label for each in list_texts(stranger, TODAY)}
    assert "early_call:en:1" in {each.label for each in list_texts(stranger, TODAY)}


# --- strategies -----------------------------------------------------------------------------------


def test_a_strategy_finds_the_houses_texts(writer: Actor, second: Actor) -> None:
    creditor = make.make_creditor()
    make.make_debtor(creditor, language="th")
    asked = [creditor.pk]
    spoken = SPOKEN.replace("early_call", "polite_call").replace("version: 9", "version: 1")
    (fault,) = check_text(spoken, "consumer:1", TODAY, asked).faults
    assert "'polite_call' is no script or template" in fault.problem.sentence
    in_force(writer, second, code="polite_call", kind="script", channel="call")
    (fault,) = check_text(spoken, "consumer:1", TODAY, asked).faults
    assert "has no text in th" in fault.problem.sentence
    own = {"code": "polite_call", "language": "th", "creditor_id": creditor.pk}
    in_force(writer, second, on=date(2026, 12, 2), **own)
    # It begins after the strategy.
    assert len(check_text(spoken, "consumer:1", TODAY, asked).faults) == 1
    sooner = approved(writer, second, **own)
    TextVersion.objects.filter(code="polite_call", language="th").exclude(pk=sooner.pk).update(
        valid_from=None, state="retired"
    )
    do_put_text_in_force(actor=second, version_id=sooner.pk, now=NOW)
    assert check_text(spoken, "consumer:1", TODAY, asked).faults == ()
    other = make.make_creditor()
    make.make_debtor(other, language="th")
    assert len(check_text(spoken, "consumer:1", TODAY, [other.pk]).faults) == 1


def test_a_creditor_gets_no_strategy_that_cannot_speak_to_its_debtors(writer: Actor) -> None:
    creditor = make.make_creditor()
    debtor = make.make_debtor(creditor, language="th")
    StrategyVersion.objects.create(
        code="consumer", version=1, text=SPOKEN.replace("version: 9", "version: 1"),
        state="in_force", valid_from=date(2026, 12, 1),
    )  # fmt: skip
    given = {"creditor_id": creditor.pk, "code": "consumer", "from_on": date(2026, 12, 3)}
    with pytest.raises(Refusal, match="ring: 'early_call' has no text in th"):
        do_assign_strategy(actor=writer, now=NOW, **given)
    assert not StrategyUse.objects.exists()
    debtor.language = "en"
    debtor.save()
    do_assign_strategy(actor=writer, now=NOW, **given)


def test_a_text_that_is_needed_is_not_retired(writer: Actor, second: Actor) -> None:
    creditor = make.make_creditor(code="OWN")
    make.make_debtor(creditor, language="en")
    row = in_force(writer, second, code="polite_call", kind="script", channel="call")
    text = SPOKEN.replace("early_call", "polite_call").replace("version: 9", "version: 1")
    StrategyVersion.objects.create(
        code="consumer", version=1, text=text.replace("2026-12-01", "2026-01-01"),
        state="in_force", valid_from=TODAY,
    )  # fmt: skip
    StrategyUse.objects.create(creditor=creditor, code="consumer", from_on=TODAY, recorded_at=NOW)
    assert [(use.label, use.treatments, use.creditors) for use in uses_of_text("polite_call", TODAY)
            ] == [("consumer:1", ("ring",), ("OWN",))]  # fmt: skip
    with pytest.raises(Refusal, match=r"consumer:1, which works OWN, would lack it"):
        do_retire_text(actor=second, version_id=row.pk, now=NOW)
    row.refresh_from_db()
    assert row.state == "in_force"
    in_force(writer, second, BODY + " Bye.", on=TOMORROW, code="polite_call")
    row.refresh_from_db()
    assert (row.state, row.valid_to) == ("retired", TODAY)


def test_the_languages_of_a_book_come_from_an_index() -> None:
    creditor, other = make.make_creditor(), make.make_creditor()
    for language in ("zh-hans", "en", "zh-hans", "", "th"):
        make.make_debtor(creditor, language=language)
    asked = [creditor.pk, other.pk]
    assert languages_by_creditor(asked) == {
        creditor.pk: ("en", "th", "zh-hans"),
        other.pk: (),
    }
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(
            "EXPLAIN SELECT min(language) FROM debtors WHERE creditor_id = 1 AND language > 'en'"
        )
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "Index Only Scan using debtor_language" in plan


# --- tasks ----------------------------------------------------------------------------------------


def test_a_task_says_its_text_with_the_figures_of_the_case(writer: Actor, second: Actor) -> None:
    from kept.work.cases import get_case

    creditor = make.make_creditor(phone="010-5550 0100")
    product = make.make_product(creditor)
    make.make_terms(product)
    debtor = make.make_debtor(creditor, name="Ann Example", language="en")
    account = make.make_account(product, debtor, external_id="A-1")
    make.make_entry(
        account,
        {"principal": 50_000},
        due_on=TODAY - timedelta(days=21),
        recorded_at=NOW - timedelta(days=30),
    )
    case = make.make_case(debtor, account)
    task = make.make_task(case, treatment="early_call", strategy="consumer_cn:1")
    row = in_force(writer, second, "{debtor}, {account}: {overdue} for {dpd} days. {phone}")
    view = get_case(job("test"), case.pk, now=NOW)
    assert view is not None
    assert view.next_task is not None
    said = text_of_task(view, view.next_task, "zh")
    assert said is not None
    assert said.words == "Ann Example, A-1: CN¥500.00 for 21 days. 010-5550 0100"
    assert label_of_text(task, NOW) == row.label
    creditor.phone = ""
    creditor.save()
    said = text_of_task(view, view.next_task, "zh")
    assert said is not None
    assert (said.words, said.missing) == ("", ("phone",))
    do_close_task(actor=job("test"), task_id=task.pk, state="done", now=NOW)
    event = Event.objects.filter(action="task.close").get()
    assert json.loads(event.body)["text"] == row.label


# --- files ----------------------------------------------------------------------------------------


def test_texts_go_out_into_a_file_and_come_back_as_drafts(writer: Actor, second: Actor) -> None:
    row = in_force(writer, second)
    content = get_text_file(writer, TODAY, "early_call")
    assert "  en: |-\n    Good day, {debtor}." in content
    assert do_draft_texts(actor=writer, content=content, now=NOW) == ()
    changed = content.replace("Good day", "Hello") + "  th: สวัสดี\n"
    labels = do_draft_texts(actor=writer, content=changed, now=NOW)
    assert labels == ("early_call:en:3", "early_call:th:1")
    assert TextVersion.objects.get(version=3).body == row.body.replace("Good day", "Hello")
    with pytest.raises(Refusal, match=r"Line 2:\d+: .*colon"):
        do_draft_texts(actor=writer, content="- code: a\n  kind: b: c\n", now=NOW)
