"""The pages about the law: rules and switches, the try-out, lights, who was contacted how often."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from kept.core.actors import Role
from kept.store.models import (
    Creditor,
    Event,
    IntakeFile,
    PermitRefusal,
    PresumptionRelease,
    RuleSwitch,
)
from kept.work.law_rules import AWAITS
from tests.desk.conftest import House, SignedIn

OPEN_DAY = "2026-11-24"  # a Tuesday


def fill_law(house: House) -> None:
    """Mandates, contact points and attempts, so that every page has something to say."""
    from tests import factories

    now = timezone.now()
    house.users["officer"] = factories.make_user("officer", roles={Role.COMPLIANCE_OFFICER: None})
    for creditor in (house.creditor, house.other):
        creditor.cut_over_on = date(2026, 1, 1)
        creditor.save()
        factories.make_engagement(creditor, legal_entity=factories.make_legal_entity())
    debtor = house.other_case.debtor
    phone = factories.make_contact_point(debtor, "+8613800138111")
    factories.make_contact_point(debtor, "1 Long Road", kind="address")
    friend = factories.make_related_person(debtor, relation="friend", name="朋友")
    factories.make_contact_point(debtor, "+8613900139000", related_person=friend)
    for hours, outcome in ((1, "conversation"), (2, "ring_no_answer"), (30, "")):
        factories.make_attempt(
            house.other_case,
            started_at=now - timedelta(hours=hours),
            outcome=outcome,
            contact_point=phone,
        )


@pytest.fixture
def law(house: House) -> House:
    fill_law(house)
    return house


def text_of(client: Client, name: str, *args: Any, **query: str) -> str:
    answer = client.get(reverse(name, args=args), query)
    assert answer.status_code == 200
    return answer.content.decode()


def rules_in(page: str) -> list[str]:
    return re.findall(r'<li id="([A-Z][^"]+)" class="rule">', page)


def test_rules_are_narrowed_by_place_day_status_state_and_text(
    law: House, signed_in: SignedIn
) -> None:
    client = signed_in("officer")
    everything = rules_in(text_of(client, "law_rules", on=""))
    assert len(everything) > 90
    chinese = rules_in(text_of(client, "law_rules", pack="CN", on=""))
    assert chinese
    assert all(each.startswith("CN.") for each in chinese)
    assert "CN.CBA.hours" not in rules_in(text_of(client, "law_rules", on="2026-01-29"))
    assert "CN.CBA.hours" in rules_in(text_of(client, "law_rules", on="2026-01-30"))
    awaiting = rules_in(text_of(client, "law_rules", status=AWAITS, on=""))
    assert "CN.GB.hours" in awaiting
    assert "HOUSE.dials" not in awaiting
    assert rules_in(text_of(client, "law_rules", text="gb/t 5.3 CN.GB.hours", on="")) == [
        "CN.GB.hours"
    ]
    nothing = text_of(client, "law_rules", text="no such rule")
    assert "No rule fits" in nothing


def test_a_rule_says_its_citation_status_and_what_it_does(law: House, signed_in: SignedIn) -> None:
    page = text_of(signed_in("collector"), "law_rules", text="CN.GB.hours", on="")
    for said in (
        "No collecting from 22 to 8",
        "GB/T 45251-2025",
        "awaiting counsel",
        "prohibits",
        "only 08:00-22:00",
        "A time was agreed with the debtor",
    ):
        assert said in page, said
    assert "Binding law" not in page


def test_an_officer_switches_a_rule_with_a_reason(law: House, signed_in: SignedIn) -> None:
    client = signed_in("officer")
    where = reverse("switch_rule", args=["CN.GB.hours"])
    refused = client.post(where, {"state": "warn", "reason": " "}, follow=True)
    assert "Say why the rule is switched." in refused.content.decode()
    assert RuleSwitch.objects.count() == 0
    done = client.post(where, {"state": "warn", "reason": "counsel", "query": "pack=CN&on="})
    assert done["Location"] == f"{reverse('law_rules')}?pack=CN&on=#CN.GB.hours"
    page = text_of(client, "law_rules", state="warn", on="")
    assert rules_in(page) == ["CN.GB.hours"]
    assert "counsel" in page
    assert Event.objects.filter(action="rule.switch").count() == 1


def test_binding_law_is_not_switched_and_others_do_not_switch(
    law: House, signed_in: SignedIn
) -> None:
    binding = reverse("switch_rule", args=["US.F.14b.count"])
    answer = signed_in("officer").post(binding, {"state": "off", "reason": "x"}, follow=True)
    assert "This rule is binding law" in answer.content.decode()
    hours = reverse("switch_rule", args=["CN.GB.hours"])
    given = {"state": "warn", "reason": "x"}
    assert signed_in("collector").post(hours, given).status_code == 403
    unknown = reverse("switch_rule", args=["XX.none"])
    assert signed_in("officer").post(unknown, given).status_code == 404
    assert RuleSwitch.objects.count() == 0


def ask(client: Client, **query: Any) -> str:
    return text_of(client, "law_trial", **{name: str(value) for name, value in query.items()})


def test_a_plain_situation_is_answered_with_its_trace_and_hours(
    law: House, signed_in: SignedIn
) -> None:
    client = signed_in("collector")
    night = ask(client, channel="call", place="CN", at=f"{OPEN_DAY}T23:00")
    assert "Not now: " in night
    assert "CN.GB.hours" in night
    assert "08:00–22:00" in night
    assert "light-red" in night
    day = ask(client, channel="letter", place="CN", at=f"{OPEN_DAY}T10:00")
    assert "May be contacted now." in day


def test_a_place_that_nobody_knows_is_said(law: House, signed_in: SignedIn) -> None:
    page = ask(signed_in("collector"), channel="call", place="", at=f"{OPEN_DAY}T10:00")
    assert "Record where this person lives." in page
    assert "the law of every place binds" in page
    zoned = ask(
        signed_in("collector"),
        channel="call",
        place="",
        zone="Asia/Shanghai",
        at=f"{OPEN_DAY}T10:00",
    )
    assert "the law of every place binds" in zoned


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"channel": "call", "at": "yesterday"}, "Give the time as a day and a time of day."),
        ({"channel": "call", "at": "9999-01-01T00:00"}, "Give the time as a day"),
        ({"channel": "carrier_pigeon"}, "channel: choose one from the list."),
        ({"channel": "call", "place": "XX"}, "place: choose one from the list."),
        ({"channel": "call", "zone": "Mars/North"}, "There is no zone Mars/North"),
        ({"case": "999999999"}, "There is no such case"),
        ({"case": "none"}, "There is no such case"),
    ],
)
def test_what_cannot_be_asked_is_told(
    query: dict[str, str], said: str, law: House, signed_in: SignedIn
) -> None:
    assert said in ask(signed_in("collector"), **query)


def test_a_case_is_tried_out_by_those_who_see_it(law: House, signed_in: SignedIn) -> None:
    case = law.other_case.pk
    page = ask(signed_in("officer"), case=case, channel="call", at=f"{OPEN_DAY}T23:30")
    assert "Other Debtor" in page
    assert "Not now: " in page
    assert "138****8111" in page
    assert "There is no such case" in ask(signed_in("manager"), case=case)
    wrong = law.other_case.debtor.contact_points.filter(kind="address").get()
    refused = ask(signed_in("officer"), case=case, channel="call", point=wrong.pk)
    assert "This is no address for call" in refused


def test_the_light_stands_beside_each_contact_point(law: House, signed_in: SignedIn) -> None:
    page = text_of(signed_in("officer"), "case", law.other_case.pk)
    assert page.count('class="light-line') >= 3
    assert "only to ask for the debtor" in page
    assert f"case={law.other_case.pk}&amp;point=" in page
    held = text_of(signed_in("manager"), "case", law.case.pk)
    assert "A hold stops every contact." in held
    assert "light-green" not in held


@pytest.mark.breaks_invariants
def test_a_closed_case_has_no_light(law: House, signed_in: SignedIn) -> None:
    case = law.other_case
    case.closed_on, case.close_reason = date(2026, 11, 20), "paid"
    case.save()
    page = text_of(signed_in("officer"), "case", case.pk)
    assert "light-line" not in page
    assert "light-box" not in page


def test_who_was_contacted_how_often(law: House, signed_in: SignedIn) -> None:
    page = text_of(signed_in("officer"), "contact_counts", days="30")
    assert "Other Debtor" in page
    # One conversation an hour ago: of today, unless the day has just begun.
    assert re.search(r"[01] / 3</span>", page)
    days = text_of(signed_in("officer"), "contact_days", law.other_case.pk)
    assert "conversation" in days
    assert "no answer" in days
    assert "not known yet" in days
    assert "Three conversations a day" in days


def test_contacts_are_counted_by_person_and_read_in_turns(law: House, signed_in: SignedIn) -> None:
    """A related person has a row and caps of their own; the read is in two turns."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from tests import factories

    debtor = law.other_case.debtor
    friend = debtor.related_persons.get()
    factories.make_attempt(
        law.other_case,
        started_at=timezone.now() - timedelta(hours=3),
        outcome="ring_no_answer",
        contact_point=debtor.contact_points.get(related_person=friend),
    )
    client = signed_in("officer")
    with CaptureQueriesContext(connection) as asked:
        page = text_of(client, "contact_counts", days="30")
    rows = re.findall(r'<tr class="row">.*?</tr>', page, re.DOTALL)
    assert len(rows) == 2
    assert "Other Debtor" in rows[0]
    assert "朋友" in rows[1]
    assert [each.count("<meter") > 0 for each in rows] == [True, True]
    # Statements that are sent in a turn are logged without their text: three for each person.
    alone = [each["sql"] for each in asked if each["sql"] is not None]
    assert len(asked) - len(alone) == 6
    assert [sql for sql in alone if "FROM contact_points" in sql] == []
    days = text_of(client, "contact_days", law.other_case.pk)
    assert "朋友" in days
    assert days.count('<ul class="caps">') == 2


def test_counts_are_for_those_who_answer_for_them(law: House, signed_in: SignedIn) -> None:
    assert signed_in("collector").get(reverse("contact_counts")).status_code == 404
    mine = text_of(signed_in("manager"), "contact_counts", days="30")
    assert "Other Debtor" not in mine
    theirs = reverse("contact_days", args=[law.other_case.pk])
    assert signed_in("manager").get(theirs).status_code == 404


def refuse(house: House, **given: Any) -> PermitRefusal:
    return PermitRefusal.objects.create(
        **{
            "case": house.other_case,
            "channel": "call",
            "outcome": "hold",
            "rule_id": "US.F.14b.count",
            "rule_ids": ["US.F.14b.count"],
            "lawful_from": timezone.now() + timedelta(days=2),
            "asked_at": timezone.now(),
            "asked_by": "li",
            **given,
        }
    )


def test_refusals_stand_with_their_rule_and_the_next_lawful_time(
    law: House, signed_in: SignedIn
) -> None:
    assert "Nothing was refused" in text_of(signed_in("officer"), "refusals")
    refuse(law)
    refuse(law, outcome="deny", rule_ids=["hold.complaint"], lawful_from=None)
    refuse(law, outcome="require", rule_ids=["US.REC.default"], missing=["announce_recording"])
    page = text_of(signed_in("officer"), "refusals")
    for said in (
        "12 CFR 1006.14(b)(2)(i)(A)",
        "lawful from",
        "complaint",
        "no lawful time within 400 days",
        "Not done first: announce the recording",
    ):
        assert said in page, said
    assert "Other Debtor" not in text_of(signed_in("manager"), "refusals")
    assert signed_in("nobody").get(reverse("refusals")).status_code == 404


def test_an_officer_releases_what_is_presumed_once(law: House, signed_in: SignedIn) -> None:
    refuse(law)
    client = signed_in("officer")
    page = text_of(client, "refusals", which="holds")
    assert page.count("Release for one attempt") == 1
    where = reverse("release_presumption", args=[law.other_case.pk])
    given = {"channel": "call", "rule": "US.F.14b.count", "reason": "dropped_call", "note": ""}
    refused = client.post(where, given, follow=True).content.decode()
    assert "Say in a sentence what rebuts the presumption." in refused
    client.post(where, given | {"note": "the line broke off"})
    release = PresumptionRelease.objects.get()
    assert (release.rule_ids, release.reason) == (["US.F.14b.count"], "dropped_call")
    assert "Nothing was refused" in text_of(client, "refusals", which="holds")
    assert "Release for one attempt" not in text_of(client, "refusals")
    assert signed_in("manager").post(where, given | {"note": "x"}).status_code in (403, 404)


def test_how_many_queries_a_case_with_lights_takes(
    law: House, signed_in: SignedIn, django_assert_max_num_queries: Any
) -> None:
    client = signed_in("officer")
    client.get(reverse("case", args=[law.other_case.pk]))
    with django_assert_max_num_queries(32):
        client.get(reverse("case", args=[law.other_case.pk]))


def test_an_officer_sees_what_is_known_and_declares_that_there_was_nothing(
    law: House, signed_in: SignedIn
) -> None:
    law.creditor.cut_over_on, law.creditor.complete_from = date(2026, 11, 1), date(2026, 8, 1)
    law.creditor.save()
    span = {"first": "2026-08-01", "last": "2026-10-31", "is_whole": True}
    IntakeFile.objects.filter(pk=law.file.pk).update(
        file_type="attempts", state="acknowledged", counts={"span": span}
    )
    Creditor.objects.filter(pk=law.other.pk).update(cut_over_on=None)
    page = text_of(signed_in("officer"), "histories")
    assert "all known from" in page
    assert f"/intake/{law.file.pk}/" in page
    assert "No cut-over is set" in page  # of the other creditor
    where = reverse("declare_no_history", args=[law.other.pk])
    assert signed_in("manager").post(where, {"reason": "new"}).status_code == 403
    refused = signed_in("officer").post(where, {"reason": " "}, follow=True)
    assert "Say how it is known" in refused.content.decode()
    done = signed_in("officer").post(where, {"reason": "a new book"}, follow=True)
    assert "declared: no contacts before" in done.content.decode()
    law.other.refresh_from_db()
    assert law.other.no_history_before
    assert "Other Bank" not in text_of(signed_in("manager"), "histories")


def test_an_administrator_sets_the_cut_over(law: House, signed_in: SignedIn) -> None:
    client = signed_in("administrator")
    where = reverse("set_cut_over", args=[law.creditor.pk])
    assert signed_in("officer").post(where, {"cut_over_on": "2026-11-01"}).status_code == 403
    client.post(where, {"cut_over_on": "soon"})
    client.post(where, {"cut_over_on": "2026-11-01"})
    law.creditor.refresh_from_db()
    assert law.creditor.cut_over_on == date(2026, 11, 1)
    change = reverse("operators:store_creditor_change", args=[law.creditor.pk])
    form = client.get(change).context["adminform"].form
    given = {name: value or "" for name, value in form.initial.items() if name in form.fields}
    client.post(change, {**given, "cut_over_on": "2026-11-02"})
    law.creditor.refresh_from_db()
    assert law.creditor.cut_over_on == date(2026, 11, 2)
