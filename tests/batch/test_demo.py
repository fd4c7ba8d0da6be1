"""The demo: a house set up by its use cases, a book taken in as files, a night, and refusals."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher

from kept.batch.synthetic.demo import (
    ACTOR,
    Demo,
    NotTheDemosBook,
    count_demo,
    find_demo,
    make_demo,
)
from kept.batch.synthetic.house import PEOPLE, set_up_house
from kept.batch.synthetic.lenders import LAKEMERE, LENDERS, QINGHE
from kept.core.actors import Role
from kept.packs.strategies import load_strategies
from kept.store.cipher import house_cipher
from kept.store.models import (
    Attempt,
    ContactPoint,
    Creditor,
    Debtor,
    Engagement,
    Event,
    IdentityKey,
    IntakeFile,
    IntakeReject,
    ProductTerms,
    RelatedPerson,
    Seal,
    Seat,
    Task,
    User,
)
from kept.store.partitions import ensure_partitions
from kept.store.verification import verify_events
from kept.work.actors import actor_of
from tests import factories as make
from tests import forking
from tests.batch.intake.digest import book_lines
from tests.emptying import empty_database

NOW = datetime(2026, 8, 24, tzinfo=UTC)
AS_OF = date(2026, 11, 22)
SMALL = Demo.of_day(150, 1, AS_OF)
TINY = Demo.of_day(30, 2, AS_OF)


def password_of(username: str) -> str:
    return f"the-{len(username)}-birches-stand"


# --- the moment of a demo -------------------------------------------------------------------------


def test_both_lenders_have_the_day_that_was_asked_for() -> None:
    assert [SMALL.as_of(lender) for lender in LENDERS] == [AS_OF, AS_OF]


def test_in_the_chinese_morning_the_american_book_ends_a_day_earlier() -> None:
    demo = Demo(100, 1, datetime(2026, 11, 22, 1, 0, tzinfo=UTC))
    assert demo.as_of(QINGHE) == date(2026, 11, 22)
    assert demo.as_of(LAKEMERE) == date(2026, 11, 21)
    assert [book.last_day for book in demo.books()] == [date(2026, 11, 21), date(2026, 11, 20)]
    assert demo.set_up_at == datetime(2026, 8, 23, tzinfo=UTC)


def test_a_demo_is_read_back_as_it_was_written() -> None:
    assert Demo.loaded(SMALL.parameters) == SMALL


# --- the house ------------------------------------------------------------------------------------


@pytest.fixture
def house(db: None) -> None:
    ensure_partitions(NOW.date(), AS_OF)
    set_up_house(actor=ACTOR, debtors=2_000, password_of=password_of, now=NOW)


@pytest.mark.usefixtures("house")
def test_both_creditors_act_in_their_own_name_with_terms_for_every_product() -> None:
    assert list(Creditor.objects.order_by("id").values_list("code", "currency", "zone")) == [
        ("QINGHE-DEMO", "CNY", "Asia/Shanghai"),
        ("LAKEMERE-DEMO", "USD", "America/New_York"),
    ]
    assert Engagement.objects.filter(in_own_name=True).count() == 2
    assert ProductTerms.objects.count() == sum(len(lender.products) for lender in LENDERS)
    assert set(ProductTerms.objects.values_list("balance_authority", flat=True)) == {"creditor"}


@pytest.mark.usefixtures("house")
def test_everybody_can_sign_in_and_sees_what_their_role_may() -> None:
    for person in PEOPLE:
        user = User.objects.get(username=person.username)
        assert user.check_password(password_of(person.username))
        actor = actor_of(user, now=NOW)
        assert actor.roles == {person.role}
        assert all(grant.is_of_house is (person.lender is None) for grant in actor.grants)
        assert len(actor.seat_ids) == (1 if person.seat else 0)
    (grant,) = actor_of(User.objects.get(username="collector"), now=NOW).grants
    assert grant.role is Role.COLLECTOR
    assert grant.scope.creditor_ids == {Creditor.objects.get(code="QINGHE-DEMO").pk}


@pytest.mark.usefixtures("house")
def test_every_skill_of_the_shipped_strategies_has_a_seat_with_each_creditor() -> None:
    needed = {treatment.skill for each in load_strategies() for treatment in each.treatments}
    for creditor in Creditor.objects.all():
        seats = Seat.objects.filter(creditors=creditor)
        assert {skill for seat in seats for skill in seat.skills} == needed


# --- the book and the night -----------------------------------------------------------------------


def named_in_events() -> list[str]:
    """Events that hold a name or a number of anybody in clear."""
    cipher = house_cipher()
    points = ContactPoint.objects.values_list("kind", "value_cipher")
    keys = IdentityKey.objects.values_list("kind", "value_cipher")
    values = {cipher.open(kind, sealed) for kind, sealed in (*points, *keys)}
    values |= {value.removeprefix("+86").removeprefix("+1") for value in values}
    values |= set(Debtor.objects.values_list("name", flat=True))
    values |= set(RelatedPerson.objects.values_list("name", flat=True))
    bodies = Event.objects.values_list("actor", "action", "subject", "body")
    texts = ["\n".join(columns) for columns in bodies]
    return [text for text in texts for value in values if value in text]


@pytest.mark.django_db(transaction=True)
def test_a_demo_goes_from_nothing_to_a_worklist() -> None:
    assert find_demo() is None
    make_demo(SMALL, password_of=password_of)
    assert find_demo() == (SMALL, True)
    counts = count_demo()
    assert counts.debtors == Debtor.objects.count() == 150
    assert counts.files == 12
    assert counts.open_cases > 50
    assert counts.attempts == Attempt.objects.count() > 100
    assert set(counts.nights) == {"QINGHE-DEMO", "LAKEMERE-DEMO"}
    assert Task.objects.filter(state="open", seat__user__username="collector").exists()
    assert Task.objects.filter(state="open", seat__user__username="collector-en").exists()
    assert set(IntakeFile.objects.values_list("state", flat=True)) == {"acknowledged"}
    assert IntakeReject.objects.count() in (0, 3, 6)  # a small file has no faulty rows
    assert RelatedPerson.objects.filter(relation="guarantor").exists()
    known_to_both = Debtor.objects.values("person").distinct().count()
    assert known_to_both == 150 - 3
    assert IdentityKey.objects.count() >= 147
    assert named_in_events() == []
    assert verify_events().is_whole
    assert Seal.objects.exists()  # the night ends with one


def ended_at(words: str) -> Callable[[str, int, int, str], None]:
    def say(stage: str, done: int, total: int, message: str) -> None:
        if words in f"{stage} {message}":
            raise KeyboardInterrupt

    return say


@pytest.mark.django_db(transaction=True)
def test_a_demo_that_was_ended_goes_on_to_the_same_book() -> None:
    make_demo(TINY, password_of=password_of)
    undisturbed, tasks = book_lines(), Task.objects.count()
    empty_database()
    for words in ("house", "QINGHE-DEMO_accounts_20261017", "LAKEMERE-DEMO attempts", "night"):
        with pytest.raises(KeyboardInterrupt):
            make_demo(TINY, password_of=password_of, progress=ended_at(words))
        assert find_demo() == (TINY, False)
    make_demo(TINY, password_of=password_of)
    assert book_lines() == undisturbed
    assert Task.objects.count() == tasks


@pytest.mark.django_db
def test_a_database_with_another_book_is_left_alone() -> None:
    make.make_creditor()
    with pytest.raises(NotTheDemosBook, match="nothing was changed"):
        find_demo()


# --- the command ----------------------------------------------------------------------------------


def kept_demo(environment: dict[str, str], *options: str) -> subprocess.CompletedProcess[str]:
    return forking.run(["-m", "kept.cli", "demo", "--no-serve", *options], environment, timeout=300)


def test_the_command_makes_the_book_once_and_says_how_to_sign_in(
    child_environment: dict[str, str],
) -> None:
    options = ("--debtors", "40", "--as-of", AS_OF.isoformat())
    first = kept_demo(child_environment, *options)
    assert first.returncode == 0, first.stderr
    assert "40 debtors" in first.stdout
    assert "all of it is made up" in first.stdout
    assert "全部内容均属虚构" in first.stdout
    printed = [line.split()[:2] for line in first.stdout.splitlines() if line.startswith("  ")]
    password = dict(parts for parts in printed if len(parts) == 2)["administrator"]
    kept = User.objects.get(username="administrator").password
    assert PBKDF2PasswordHasher().verify(password, kept)

    again = kept_demo(child_environment)
    assert again.returncode == 0, again.stderr
    assert "nothing is changed" in again.stdout
    assert password in again.stdout
    assert Debtor.objects.count() == 40

    other = kept_demo(child_environment, "--seed", "2")
    assert other.returncode == 2
    assert "holds the demo with --seed 1, not 2" in other.stderr
    assert "Traceback" not in other.stderr


def test_the_command_refuses_a_database_with_another_book(
    child_environment: dict[str, str],
) -> None:
    make.make_creditor()
    refused = kept_demo(child_environment, "--debtors", "40")
    assert refused.returncode == 2
    assert "a book that is not the demo's" in refused.stderr
    assert "KEPT_HOME" in refused.stderr
    assert Debtor.objects.count() == 0
    assert User.objects.count() == 0
