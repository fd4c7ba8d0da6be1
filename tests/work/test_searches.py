"""Search: each way of finding a case, what is not found, and who may find it."""

from __future__ import annotations

from datetime import date

import pytest

from kept.core.actors import Actor, Role, job
from kept.store.models import Case, Creditor, Debtor
from kept.work.refusals import NotAllowed
from kept.work.searches import FOUND_MAX, FoundBy, search
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("months")]
HOUSE = job("test")
RESIDENT_ID = "11010519491231002X"  # the example of GB 11643-1999


def names(text: str, actor: Actor = HOUSE) -> list[tuple[FoundBy, str]]:
    return [(found.found_by, found.debtor_name) for found in search(actor, text)]


@pytest.fixture
def creditor(db: None) -> Creditor:
    return factories.make_creditor()


@pytest.fixture
def wang(creditor: Creditor) -> Debtor:
    """张三丰 with an account, a telephone, an e-mail, an identity number and a case."""
    debtor = factories.make_debtor(creditor, name="张三丰", external_id="KD-77")
    product = factories.make_product(creditor)
    account = factories.make_account(product, debtor, external_id="AC10001")
    factories.make_contact_point(debtor, "+8613800138000")
    factories.make_contact_point(debtor, "zhang@example.com", kind="email", masked="z***")
    factories.make_identity_key(debtor.person, RESIDENT_ID)
    factories.make_case(debtor, account)
    other = factories.make_debtor(creditor, name="John Fictio")
    factories.make_case(other)
    return debtor


@pytest.mark.parametrize(
    ("text", "found_by"),
    [
        ("AC10001", FoundBy.ACCOUNT),
        ("ac10001", FoundBy.ACCOUNT),
        ("  AC10001 ", FoundBy.ACCOUNT),
        ("ＡＣ１０００１", FoundBy.ACCOUNT),
        ("KD-77", FoundBy.DEBTOR_NUMBER),
        ("13800138000", FoundBy.PHONE),
        ("138 0013 8000", FoundBy.PHONE),
        ("+86 138-0013-8000", FoundBy.PHONE),
        ("zhang@example.com", FoundBy.EMAIL),
        ("Zhang@Example.com", FoundBy.EMAIL),
        ("11010519491231002x", FoundBy.IDENTITY),
        ("110105 19491231 002X", FoundBy.IDENTITY),
        ("110105491231002", FoundBy.IDENTITY),
        ("张", FoundBy.NAME),
        ("张三", FoundBy.NAME),
        ("张三丰", FoundBy.NAME),
        ("三丰", FoundBy.NAME),
    ],
)
def test_a_case_is_found_by_what_is_known_of_the_debtor(
    wang: Debtor, text: str, found_by: FoundBy
) -> None:
    assert names(text) == [(found_by, "张三丰")]


@pytest.mark.parametrize("text", ["john", "JOHN F", "fictio", "Fictio", "ictio", "ohn   fic"])
def test_latin_names_by_any_part_and_case(wang: Debtor, text: str) -> None:
    assert names(text) == [(FoundBy.NAME, "John Fictio")]


def test_a_case_by_its_number(wang: Debtor) -> None:
    case = Case.objects.get(debtor=wang)
    assert (FoundBy.CASE, "张三丰") in names(f"#{case.pk}")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "AC1000",
        "1380013800",
        "zhang@",
        "110105194912310021",
        "丰三",
        "%",
        "_",
        "x" * 5000,
        "' OR 1=1 --",
        "\x00",
        "99999999999999999999999",
    ],
)
def test_parts_of_numbers_and_odd_text_find_nothing(wang: Debtor, text: str) -> None:
    assert names(text) == []


def test_the_open_case_is_shown_and_else_the_newest(creditor: Creditor) -> None:
    debtor = factories.make_debtor(creditor, name="李雷")
    old = factories.make_case(
        debtor,
        opened_on=date(2026, 1, 1),
        closed_on=date(2026, 2, 1),
        close_reason="paid",
    )
    assert [found.case_id for found in search(HOUSE, "李雷")] == [old.pk]
    new = factories.make_case(debtor)
    assert [found.case_id for found in search(HOUSE, "李雷")] == [new.pk]


def test_nobody_finds_what_is_not_theirs(wang: Debtor, creditor: Creditor) -> None:
    seat = factories.make_seat()
    other = factories.make_creditor()
    stranger = factories.make_actor(1, "m", frozenset({Role.MANAGER}), frozenset({other.pk}))
    collector = factories.make_actor(
        2, "c", frozenset({Role.COLLECTOR}), None, frozenset({seat.pk})
    )
    texts = ("AC10001", "KD-77", "13800138000", "zhang@example.com", RESIDENT_ID, "张三", "张三丰")
    for text in (*texts, f"#{Case.objects.get(debtor=wang).pk}"):
        assert names(text, stranger) == []
        assert names(text, collector) == []
    Case.objects.filter(debtor=wang).update(seat=seat)
    for text in texts:
        assert len(names(text, collector)) == 1


@pytest.mark.parametrize("role", [Role.DATA_SCIENTIST])
def test_roles_that_see_no_persons_do_not_search(role: Role) -> None:
    with pytest.raises(NotAllowed):
        search(factories.make_actor(1, "x", frozenset({role}), None), "张三")


def test_one_person_at_two_creditors_is_two_finds(creditor: Creditor) -> None:
    person = factories.make_person()
    factories.make_identity_key(person, RESIDENT_ID)
    for each in (creditor, factories.make_creditor()):
        factories.make_case(factories.make_debtor(each, person=person, name="赵六"))
    assert names(RESIDENT_ID) == [(FoundBy.IDENTITY, "赵六")] * 2
    limited = factories.make_actor(1, "m", frozenset({Role.MANAGER}), frozenset({creditor.pk}))
    assert len(names(RESIDENT_ID, limited)) == 1


def test_no_more_than_a_page_is_found(creditor: Creditor) -> None:
    for _ in range(FOUND_MAX + 5):
        factories.make_case(factories.make_debtor(creditor, name="王伟"))
    assert len(names("王伟")) == FOUND_MAX
