"""Versions of strategies from draft to retirement, and which one works a creditor's book."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from kept.core.actors import Actor, Role, job
from kept.packs.strategies import StrategyFileError
from kept.packs.strategy_texts import labelled_text, shipped_text
from kept.store.models import Event, StrategyStep, StrategyUse, StrategyVersion
from kept.work.actors import actor_of
from kept.work.refusals import NotAllowed, NotThere, Refusal
from kept.work.strategies import (
    do_assign_strategy,
    first_day_without,
    known_strategy,
    languages_where_used,
    list_strategy_uses,
    strategies_that_held,
    strategy_code_of,
    strategy_for,
    strategy_labelled,
)
from kept.work.strategy_lists import (
    get_strategy,
    list_strategies,
    list_strategy_steps,
    skills_without_seat,
)
from kept.work.strategy_versions import (
    ChangedMeanwhile,
    do_approve_strategy,
    do_change_draft,
    do_draft_strategy,
    do_put_in_force,
    do_reject_strategy,
    do_retire_strategy,
    do_submit_strategy,
)
from tests import factories as make
from tests.factories import NOW, TODAY

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("months")]

TEXT = """\
code: consumer
version: 9
valid_from: 2026-01-01
name: {en: Consumer, zh: 消费信贷}
treatments:
  - code: ring
    name: {en: Ring, zh: 打电话}
    stage: call
    when: 1 <= dpd <= 30
    channel: call
    skill: call
    minutes: 5
    repeat_after_days: 2
    due_in_days: 0
    due_time: "18:00"
    priority: {base: 10}
"""
SPOKEN = TEXT.replace("valid_from: 2026-01-01", "valid_from: 2026-12-01") + "    text: early_call\n"


@pytest.fixture
def writer() -> Actor:
    return person("writer", Role.MANAGER)


@pytest.fixture
def second() -> Actor:
    return person("second", Role.COMPLIANCE_OFFICER)


def person(name: str, role: Role, *creditors: Any) -> Actor:
    return actor_of(make.make_user(name, roles={role: list(creditors) or None}), now=NOW)


def drafted(writer: Actor, text: str = TEXT) -> StrategyVersion:
    label = do_draft_strategy(actor=writer, text=text, now=NOW)
    code, version = label.split(":")
    return StrategyVersion.objects.get(code=code, version=version)


def approved(writer: Actor, second: Actor, text: str = TEXT) -> StrategyVersion:
    row = drafted(writer, text)
    do_submit_strategy(actor=writer, version_id=row.pk, now=NOW)
    do_approve_strategy(actor=second, version_id=row.pk, now=NOW)
    row.refresh_from_db()
    return row


def in_force(writer: Actor, second: Actor, text: str = TEXT, on: date = TODAY) -> StrategyVersion:
    row = approved(writer, second, text)
    do_put_in_force(actor=second, version_id=row.pk, from_on=on, now=NOW)
    row.refresh_from_db()
    return row


# --- drafts ---------------------------------------------------------------------------------------


def test_a_draft_gets_the_next_number_of_its_code(writer: Actor) -> None:
    row = drafted(writer)
    assert (row.label, row.state, row.revision) == ("consumer:1", "draft", 1)
    assert row.text == TEXT.replace("version: 9", "version: 1")
    assert drafted(writer).label == "consumer:2"
    # One of a shipped code follows the shipped ones, with the file's comments.
    label = do_draft_strategy(actor=writer, copied_from="default:1", now=NOW)
    assert label == "default:2"
    copy = StrategyVersion.objects.get(code="default")
    shipped = shipped_text("default:1")
    assert shipped is not None
    assert copy.text == shipped.replace("version: 1", "version: 2")
    event = Event.objects.order_by("-sequence").first()
    assert event is not None
    assert (event.action, event.subject, event.actor) == (
        "strategy.draft",
        f"strategy:{copy.pk}",
        "writer",
    )


def test_a_text_without_a_version_gets_its_line(writer: Actor) -> None:
    row = drafted(writer, TEXT.replace("version: 9\n", ""))
    assert row.text.startswith("code: consumer\nversion: 1\nvalid_from")


@pytest.mark.parametrize("text", ["", "name: x\n", "code: Über\n", "code:\n"])
def test_a_draft_says_its_code(writer: Actor, text: str) -> None:
    with pytest.raises(Refusal, match="code: consumer"):
        do_draft_strategy(actor=writer, text=text, now=NOW)
    assert not StrategyVersion.objects.exists()


def test_a_copy_of_nothing_is_not_there(writer: Actor) -> None:
    for label in ("default:7", "default:99999999999999999999", "none"):
        with pytest.raises(NotThere):
            do_draft_strategy(actor=writer, copied_from=label, now=NOW)


def test_a_wrong_text_is_kept_and_told_with_its_lines(writer: Actor) -> None:
    wrong = TEXT.replace("1 <= dpd <= 30", "1 <= ddp <= 30").replace("minutes: 5", "minutes: 0")
    row = drafted(writer, wrong)
    assert row.text == wrong.replace("version: 9", "version: 1")
    view = get_strategy(writer, row.label, TODAY)
    assert view is not None
    assert view.strategy is None
    assert {(fault.line, fault.treatment) for fault in view.faults} == {
        (9, "'ring'"),
        (12, "'ring'"),
    }
    with pytest.raises(Refusal, match="line 9, treatment 'ring'"):
        do_submit_strategy(actor=writer, version_id=row.pk, now=NOW)
    row.refresh_from_db()
    assert row.state == "draft"


def test_a_script_that_is_not_there_is_told_and_refused_on_submit(writer: Actor) -> None:
    row = drafted(writer, SPOKEN.replace("early_call", "erly_call"))
    view = get_strategy(writer, row.label, TODAY)
    assert view is not None
    assert view.strategy is not None  # it reads well, and is drawn
    assert [(fault.line, fault.treatment) for fault in view.faults] == [(17, "'ring'")]
    told = "line 17, treatment 'ring'.*'erly_call' is no script or template; did you mean early_cal"
    with pytest.raises(Refusal, match=told):
        do_submit_strategy(actor=writer, version_id=row.pk, now=NOW)
    row.refresh_from_db()
    assert row.state == "draft"
    do_change_draft(
        actor=writer, version_id=row.pk, text=labelled_text(SPOKEN, 1), revision=1, now=NOW
    )
    do_submit_strategy(actor=writer, version_id=row.pk, now=NOW)


def test_texts_speak_every_language_of_the_books_that_use_it(writer: Actor) -> None:
    creditor, other = make.make_creditor(), make.make_creditor()
    make.make_debtor(creditor, language="en-GB")
    make.make_debtor(other, language="de")
    debtor = make.make_debtor(creditor, language="th")
    row = drafted(writer, SPOKEN)
    assert languages_where_used("consumer", TODAY) == ()  # nobody uses it: no book is meant
    StrategyUse.objects.create(
        creditor=creditor, code="consumer", from_on=TODAY + timedelta(days=9), recorded_at=NOW
    )
    assert languages_where_used("consumer", TODAY) == ("en-GB", "th")
    assert languages_where_used("default", TODAY) == ("de", "en-GB", "th")
    with pytest.raises(Refusal, match="'early_call' has no text in th, a language of the book"):
        do_submit_strategy(actor=writer, version_id=row.pk, now=NOW)
    debtor.language = ""
    debtor.save()
    do_submit_strategy(actor=writer, version_id=row.pk, now=NOW)
    row.refresh_from_db()
    assert row.state == "review"


def test_no_yaml_at_all_is_kept_too(writer: Actor) -> None:
    row = drafted(writer, "code: consumer\nname: {en: [\n")
    view = get_strategy(writer, row.label, TODAY)
    assert view is not None
    assert [fault.line for fault in view.faults] == [4]


def test_the_number_and_the_code_are_not_changed_by_the_text(writer: Actor) -> None:
    row = drafted(writer)
    other = row.text.replace("code: consumer", "code: cards", 1)
    do_change_draft(actor=writer, version_id=row.pk, text=other, revision=1, now=NOW)
    with pytest.raises(Refusal, match="This version is consumer:1; the text says cards:1"):
        do_submit_strategy(actor=writer, version_id=row.pk, now=NOW)


def test_two_who_edit_lose_nothing(writer: Actor) -> None:
    row = drafted(writer)
    other = person("other", Role.DATA_SCIENTIST)
    mine, theirs = row.text + "# mine\n", row.text + "# theirs\n"
    save = {"version_id": row.pk, "revision": 1, "now": NOW}
    assert do_change_draft(actor=other, text=theirs, **save) == 2
    with pytest.raises(ChangedMeanwhile, match="other saved this draft") as caught:
        do_change_draft(actor=writer, text=mine, **save)
    assert (caught.value.text, caught.value.revision, caught.value.by) == (theirs, 2, "other")
    with pytest.raises(ChangedMeanwhile):
        do_submit_strategy(actor=writer, version_id=row.pk, revision=1, now=NOW)
    assert do_change_draft(actor=writer, text=mine, **save | {"revision": 2}) == 3
    steps = list_strategy_steps(writer, row.pk)
    assert [(each.kind, each.actor, each.text) for each in steps] == [
        ("change", "writer", mine),
        ("change", "other", theirs),
        ("draft", "writer", row.text),
    ]


def test_the_same_text_is_no_save(writer: Actor) -> None:
    row = drafted(writer)
    windows = row.text.replace("\n", "\r\n").rstrip()
    saved = do_change_draft(actor=writer, version_id=row.pk, text=windows, revision=7, now=NOW)
    assert saved == 1
    assert StrategyStep.objects.count() == 1


@pytest.mark.parametrize("text", ["", "\n \n", "x" * 200_001, "a\x00b"])
def test_what_cannot_be_a_text_is_refused(writer: Actor, text: str) -> None:
    row = drafted(writer)
    with pytest.raises(Refusal):
        do_change_draft(actor=writer, version_id=row.pk, text=text, revision=1, now=NOW)


# --- four eyes ------------------------------------------------------------------------------------


def test_whoever_wrote_changed_or_submitted_does_not_approve(writer: Actor) -> None:
    row = drafted(writer)
    changer, submitter, second = (
        person(name, Role.MANAGER) for name in ("changer", "submitter", "third")
    )
    do_change_draft(actor=changer, version_id=row.pk, text=TEXT[:-1] + "\n#\n", revision=1, now=NOW)
    do_change_draft(actor=changer, version_id=row.pk, text=row.text, revision=2, now=NOW)
    do_submit_strategy(actor=submitter, version_id=row.pk, now=NOW)
    for actor in (writer, changer, submitter):
        with pytest.raises(Refusal, match="somebody else approves"):
            do_approve_strategy(actor=actor, version_id=row.pk, now=NOW)
    row.refresh_from_db()
    assert row.state == "review"
    do_approve_strategy(actor=second, version_id=row.pk, now=NOW)
    row.refresh_from_db()
    assert row.state == "approved"


def test_neither_a_job_nor_a_writer_elsewhere_approves(writer: Actor) -> None:
    row = drafted(writer)
    do_submit_strategy(actor=writer, version_id=row.pk, now=NOW)
    creditor = make.make_creditor()
    of_one = person("of one", Role.MANAGER, creditor)
    for actor in (job("console"), of_one, person("collector", Role.COLLECTOR)):
        with pytest.raises(NotAllowed):
            do_approve_strategy(actor=actor, version_id=row.pk, now=NOW)


def test_sent_back_with_a_reason_it_is_a_draft_again(writer: Actor, second: Actor) -> None:
    row = approved(writer, second)
    with pytest.raises(Refusal, match="Say what"):
        do_reject_strategy(actor=second, version_id=row.pk, reason=" ", now=NOW)
    do_reject_strategy(actor=second, version_id=row.pk, reason="too soon", now=NOW)
    row.refresh_from_db()
    assert row.state == "draft"
    assert list_strategy_steps(second, row.pk)[0].note == "too soon"


@pytest.mark.parametrize("step", [do_submit_strategy, do_approve_strategy, do_put_in_force])
def test_each_step_is_for_its_state(writer: Actor, second: Actor, step: Any) -> None:
    row = in_force(writer, second)
    actor = writer if step is do_submit_strategy else second
    with pytest.raises(Refusal, match="consumer:1 is in force; this is for one that is"):
        step(actor=actor, version_id=row.pk, now=NOW)
    with pytest.raises(Refusal, match="in force"):
        do_change_draft(actor=writer, version_id=row.pk, text="x", revision=1, now=NOW)


# --- days -----------------------------------------------------------------------------------------


def test_in_force_from_the_day_that_the_text_says(writer: Actor, second: Actor) -> None:
    late = TODAY + timedelta(days=10)
    row = approved(writer, second, TEXT.replace("2026-01-01", late.isoformat()))
    with pytest.raises(Refusal, match="Its text says from"):
        do_put_in_force(actor=second, version_id=row.pk, from_on=late - timedelta(days=1), now=NOW)
    assert do_put_in_force(actor=second, version_id=row.pk, now=NOW) == late
    assert standings(second) == {"consumer:1": "coming", "default:1": "in_force"}
    assert standings(second, late)["consumer:1"] == "in_force"


def standings(actor: Actor, on: date = TODAY) -> dict[str, str]:
    found = {each.label: each.standing for each in list_strategies(actor, on)}
    return {
        label: standing
        for label, standing in found.items()
        if label in ("consumer:1", "default:1", "default:2")
    }


def test_no_day_that_has_passed(writer: Actor, second: Actor) -> None:
    row = approved(writer, second)
    yesterday = TODAY - timedelta(days=1)
    with pytest.raises(Refusal, match="has passed"):
        do_put_in_force(actor=second, version_id=row.pk, from_on=yesterday, now=NOW)
    assert do_put_in_force(actor=second, version_id=row.pk, now=NOW) == TODAY


def test_the_next_version_ends_the_one_before(writer: Actor, second: Actor) -> None:
    creditor = make.make_creditor()
    first = in_force(writer, second)
    do_assign_strategy(actor=writer, creditor_id=creditor.pk, code="consumer", now=NOW)
    change = TODAY + timedelta(days=5)
    in_force(writer, second, TEXT, change)
    first.refresh_from_db()
    assert (first.state, first.valid_to) == ("retired", change - timedelta(days=1))
    assert standings(second)["consumer:1"] == "ending"
    assert strategy_for(creditor.pk, change - timedelta(days=1)).label == "consumer:1"
    assert strategy_for(creditor.pk, change).label == "consumer:2"
    # The day before it was ever in force nothing of it held, and the book was worked by default.
    assert strategy_for(creditor.pk, TODAY - timedelta(days=1)).label == "default:1"


def test_one_of_the_same_day_never_held(writer: Actor, second: Actor) -> None:
    first = in_force(writer, second)
    in_force(writer, second)
    first.refresh_from_db()
    assert (first.state, first.valid_from) == ("retired", None)
    assert strategy_labelled("consumer:1").version == 1  # a run that began with it goes on with it


def test_not_before_one_that_is_to_come(writer: Actor, second: Actor) -> None:
    in_force(writer, second, TEXT, TODAY + timedelta(days=5))
    row = approved(writer, second)
    with pytest.raises(Refusal, match="consumer:1 begins on"):
        do_put_in_force(actor=second, version_id=row.pk, now=NOW)


def test_the_house_s_version_takes_the_place_of_the_shipped_one(
    writer: Actor, second: Actor
) -> None:
    creditor = make.make_creditor()
    text = shipped_text("default:1")
    assert text is not None
    row = in_force(writer, second, text)
    assert strategy_for(creditor.pk, TODAY).label == "default:2"
    assert strategy_for(creditor.pk, TODAY - timedelta(days=1)).label == "default:1"
    assert standings(second) == {"default:1": "replaced", "default:2": "in_force"}
    do_retire_strategy(actor=second, version_id=row.pk, now=NOW)
    assert strategy_for(creditor.pk, TODAY).label == "default:2"
    assert strategy_for(creditor.pk, TODAY + timedelta(days=1)).label == "default:1"
    assert standings(second) == {"default:1": "replaced", "default:2": "ending"}


def test_nobody_is_left_without_a_strategy(writer: Actor, second: Actor) -> None:
    creditor = make.make_creditor(code="OWN")
    row = in_force(writer, second)
    do_assign_strategy(actor=writer, creditor_id=creditor.pk, code="consumer", now=NOW)
    with pytest.raises(Refusal, match="nothing of consumer would hold, and OWN uses it"):
        do_retire_strategy(actor=second, version_id=row.pk, now=NOW)
    do_assign_strategy(
        actor=writer,
        creditor_id=creditor.pk,
        code="default",
        from_on=TODAY + timedelta(days=1),
        now=NOW,
    )
    do_retire_strategy(actor=second, version_id=row.pk, now=NOW)
    row.refresh_from_db()
    assert (row.state, row.valid_to) == ("retired", TODAY)


def test_who_uses_it_from_a_later_day_is_not_left_either(writer: Actor, second: Actor) -> None:
    creditor = make.make_creditor(code="OWN")
    row = in_force(writer, second)
    later = TODAY + timedelta(days=20)
    assign = {"actor": writer, "creditor_id": creditor.pk, "now": NOW}
    do_assign_strategy(code="consumer", from_on=later, **assign)
    with pytest.raises(Refusal, match=f"From {later} nothing of consumer would hold, and OWN uses"):
        do_retire_strategy(actor=second, version_id=row.pk, now=NOW)
    do_assign_strategy(code="default", from_on=later, **assign)
    do_retire_strategy(actor=second, version_id=row.pk, now=NOW)


def test_a_gap_between_two_versions_leaves_nobody_either(writer: Actor, second: Actor) -> None:
    creditor = make.make_creditor(code="OWN")
    row = in_force(writer, second)
    do_assign_strategy(actor=writer, creditor_id=creditor.pk, code="consumer", now=NOW)
    in_force(writer, second, TEXT, TODAY + timedelta(days=9))
    row.refresh_from_db()
    assert first_day_without("consumer", TODAY, None) is None
    StrategyVersion.objects.filter(pk=row.pk).update(valid_to=TODAY + timedelta(days=3))
    gap = TODAY + timedelta(days=4)
    assert first_day_without("consumer", TODAY, None) == gap
    assert first_day_without("consumer", TODAY, TODAY + timedelta(days=3)) is None
    assert first_day_without("consumer", TODAY + timedelta(days=9), None) is None


def test_a_strategy_that_ends_is_assigned_only_with_what_follows(
    writer: Actor, second: Actor
) -> None:
    creditor = make.make_creditor(code="OWN")
    end = TODAY + timedelta(days=30)
    in_force(writer, second, TEXT.replace("valid_from:", f"valid_to: {end}\nvalid_from:", 1))
    assign = {"actor": writer, "creditor_id": creditor.pk, "now": NOW}
    after = end + timedelta(days=1)
    with pytest.raises(Refusal, match=f"Nothing of the strategy consumer holds from {after} on"):
        do_assign_strategy(code="consumer", **assign)
    do_assign_strategy(code="default", from_on=after, **assign)
    do_assign_strategy(code="consumer", **assign)
    assert strategy_for(creditor.pk, end).code == "consumer"
    assert strategy_for(creditor.pk, after).code == "default"


def test_one_that_does_not_come_leaves_the_one_before_in_force(
    writer: Actor, second: Actor
) -> None:
    first = in_force(writer, second)
    coming = in_force(writer, second, TEXT, TODAY + timedelta(days=5))
    do_retire_strategy(actor=second, version_id=coming.pk, now=NOW)
    first.refresh_from_db()
    coming.refresh_from_db()
    assert (first.state, first.valid_to) == ("in_force", None)
    assert (coming.state, coming.valid_from) == ("retired", None)


def test_a_draft_is_set_aside_and_a_retired_one_stays(writer: Actor, second: Actor) -> None:
    row = drafted(writer)
    do_retire_strategy(actor=writer, version_id=row.pk, note="not needed", now=NOW)
    with pytest.raises(Refusal, match="retired already"):
        do_retire_strategy(actor=writer, version_id=row.pk, now=NOW)
    with pytest.raises(Refusal, match="among the days"):
        do_retire_strategy(
            actor=second,
            version_id=in_force(writer, second).pk,
            last_on=TODAY - timedelta(days=1),
            now=NOW,
        )


def test_the_database_holds_one_version_a_day(writer: Actor, second: Actor) -> None:
    row = in_force(writer, second)
    with pytest.raises(IntegrityError), transaction.atomic():
        StrategyVersion.objects.create(
            code="consumer", version=7, text="x", state="in_force", valid_from=row.valid_from
        )


# --- who uses which -------------------------------------------------------------------------------


def test_a_creditor_uses_a_strategy_from_a_day_on(writer: Actor, second: Actor) -> None:
    creditor, other = make.make_creditor(code="OWN"), make.make_creditor(code="ELSE")
    in_force(writer, second)
    from_on = TODAY + timedelta(days=3)
    assign = {"actor": writer, "creditor_id": creditor.pk, "now": NOW}
    do_assign_strategy(code="consumer", from_on=from_on, **assign)
    assert strategy_code_of(creditor.pk, from_on - timedelta(days=1)) == "default"
    assert strategy_code_of(creditor.pk, from_on) == "consumer"
    assert strategy_code_of(other.pk, from_on) == "default"
    of_one = person("of one", Role.MANAGER, creditor)
    (view,) = list_strategy_uses(of_one, TODAY)
    assert (view.code, view.next_code, view.next_from) == ("default", "consumer", from_on)
    # The same day said again is one use.
    do_assign_strategy(code="default", from_on=from_on, **assign)
    assert StrategyUse.objects.get().code == "default"
    with pytest.raises(NotThere):
        do_assign_strategy(actor=of_one, creditor_id=other.pk, code="default", now=NOW)


def test_what_cannot_be_used_is_refused(writer: Actor) -> None:
    creditor = make.make_creditor()
    drafted(writer)
    assign = {"actor": writer, "creditor_id": creditor.pk, "now": NOW}
    with pytest.raises(Refusal, match="Nothing of the strategy consumer is in force"):
        do_assign_strategy(code="consumer", **assign)
    with pytest.raises(Refusal, match="has passed"):
        do_assign_strategy(code="default", from_on=TODAY - timedelta(days=1), **assign)
    assert not StrategyUse.objects.exists()


def test_labels_and_names_are_found_wherever_they_come_from(writer: Actor, second: Actor) -> None:
    row = in_force(writer, second, TEXT.replace("consumer", "named"))
    assert [each.label for each in strategies_that_held()][-1] == row.label
    found = known_strategy(row.label)
    assert found is not None
    assert found.treatments[0].name_en == "Ring"
    assert known_strategy("none:1") is None
    assert known_strategy("by hand") is None
    with pytest.raises(StrategyFileError, match="no strategy 'none:1'"):
        strategy_labelled("none:1")


def test_a_skill_that_no_seat_has_is_told(writer: Actor, second: Actor) -> None:
    strategy = strategy_labelled(drafted(writer).label)
    assert skills_without_seat(strategy) == ("call",)
    make.make_seat(skills=["call"])
    assert skills_without_seat(strategy) == ()
