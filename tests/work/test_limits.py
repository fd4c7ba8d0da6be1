"""Where grants and keys hold: creditor, portfolio, team, agency, times; and what is seen then."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pytest

from kept.core.actors import Actor, Role, job
from kept.store.models import (
    Account,
    ApiKey,
    Case,
    Creditor,
    Debtor,
    Engagement,
    Event,
    LegalEntity,
    Product,
    RoleGrant,
    Seat,
    Task,
    User,
)
from kept.store.visibility import visible_rows
from kept.work.actors import actor_of
from kept.work.api_keys import actor_of_key, do_make_key, do_revoke_key, list_keys
from kept.work.cases import get_case
from kept.work.grants import do_grant_role, do_revoke_role
from kept.work.limits import Limits
from kept.work.permissions import Permission, may, reach, require_house
from kept.work.refusals import NotAllowed, NotThere, Refusal
from kept.work.searches import search
from kept.work.timelines import list_timeline
from kept.work.worklists import TaskFilters, list_tasks
from tests import factories as make
from tests.factories import NOW, TODAY

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("months")]
SETUP = job("setup")


@dataclass
class Book:
    """Two creditors; the first has two products, a team of its own and one of an agency."""

    one: Creditor
    two: Creditor
    card: Product
    loan: Product
    agency: LegalEntity
    own_seat: Seat
    agency_seat: Seat
    cases: dict[str, Case]


@pytest.fixture
def book() -> Book:
    one, two = make.make_creditor(code="ONE"), make.make_creditor(code="TWO")
    card, loan = make.make_product(one, code="CARD"), make.make_product(one, code="LOAN")
    agency = make.make_legal_entity(type=LegalEntity.Type.THIRD_PARTY_AGENCY)
    make.make_engagement(one, legal_entity=agency)
    own = make.make_seat(code="OWN")
    theirs = make.make_seat(code="THEIRS", team=make.make_team(legal_entity=agency))
    cases = {
        "card": case(card, "Card", own),
        "loan": case(loan, "Loan", own),
        "placed": case(card, "Placed", theirs),
        "other": case(make.make_product(two, code="CAR"), "Other", theirs),
    }
    return Book(one, two, card, loan, agency, own, theirs, cases)


def case(product: Product, name: str, seat: Seat) -> Case:
    debtor = make.make_debtor(product.creditor, name=name)
    found = make.make_case(debtor, make.make_account(product, debtor), seat=seat)
    make.make_task(found, seat=seat)
    return found


def granted(role: Role, **limits: object) -> User:
    user = make.make_user()
    RoleGrant.objects.create(user=user, role=role, granted_at=NOW, **limits)
    return user


def acting(user: User) -> Actor:
    return actor_of(user, now=NOW)


def seen(actor: Actor) -> set[str]:
    """Whose cases are on the worklist, which must be those that search and page find too."""
    if not may(actor, Permission.WORKLIST_READ):
        return set()
    names = {row.debtor_name for row in list_tasks(actor, TaskFilters(), on=TODAY, now=NOW).rows}
    within = reach(actor, Permission.CASE_READ)
    for model, path in ((Case, "debtor__name"), (Account, "debtor__name"), (Debtor, "name")):
        assert set(visible_rows(model, within).values_list(path, flat=True)) == names
    for found in Case.objects.select_related("debtor"):
        is_seen = found.debtor.name in names
        assert (get_case(actor, found.pk, now=NOW) is not None) == is_seen
        assert bool(search(actor, found.debtor.name)) == is_seen
    return names


EVERYBODY = {"Card", "Loan", "Placed", "Other"}


def test_what_each_limit_lets_see(book: Book) -> None:
    assert seen(acting(granted(Role.MANAGER))) == EVERYBODY
    assert seen(acting(granted(Role.MANAGER, creditor=book.one))) == {"Card", "Loan", "Placed"}
    portfolio = granted(Role.MANAGER, creditor=book.one, product=book.card)
    assert seen(acting(portfolio)) == {"Card", "Placed"}
    assert seen(acting(granted(Role.TEAM_LEAD, team=book.own_seat.team))) == {"Card", "Loan"}
    both = granted(Role.MANAGER, creditor=book.one, product=book.card, team=book.own_seat.team)
    assert seen(acting(both)) == {"Card"}
    assert seen(acting(granted(Role.AGENCY_USER, agency=book.agency))) == {"Placed"}
    assert seen(acting(granted(Role.AGENCY_USER))) == set()


def test_several_grants_add_up(book: Book) -> None:
    user = granted(Role.MANAGER, creditor=book.two)
    RoleGrant.objects.create(
        user=user, role=Role.TEAM_LEAD, team=book.own_seat.team, granted_at=NOW
    )
    assert seen(acting(user)) == {"Card", "Loan", "Other"}


def test_an_agency_sees_nothing_without_a_mandate(book: Book) -> None:
    user = granted(Role.AGENCY_USER, agency=book.agency)
    Engagement.objects.update(valid_to=TODAY - timedelta(days=1))
    assert seen(acting(user)) == set()
    Engagement.objects.update(valid_to=TODAY, product=book.loan)
    assert seen(acting(user)) == set()
    Engagement.objects.update(product=book.card)
    assert seen(acting(user)) == {"Placed"}


def test_collectors_see_their_own_seat_within_their_limits(book: Book) -> None:
    user = granted(Role.COLLECTOR, creditor=book.one)
    book.own_seat.user = user
    book.own_seat.save()
    RoleGrant.objects.update(may_pick=True)
    assert seen(acting(user)) == {"Card", "Loan"}
    RoleGrant.objects.update(product=book.loan)
    assert seen(acting(user)) == {"Loan"}


def test_grants_hold_from_and_until(book: Book) -> None:
    user = granted(Role.MANAGER, valid_from=NOW, valid_until=NOW + timedelta(hours=1))
    assert acting(user).roles == {Role.MANAGER}
    for now in (NOW - timedelta(seconds=1), NOW + timedelta(hours=1)):
        assert actor_of(user, now=now).grants == ()


def test_a_portfolio_shows_no_account_and_no_event_of_another(book: Book) -> None:
    found = book.cases["card"]
    other = make.make_account(book.loan, found.debtor, external_id="HIDDEN-1")
    found.case_accounts.create(account=other, entered_on=TODAY)
    make.make_event(found, "ledger.payment", body={"account": other.pk, "postings": []})
    make.make_event(found, "ledger.payment", body={"account": 0, "accounts": []})
    user = granted(Role.MANAGER, creditor=book.one, product=book.card)
    view = get_case(acting(user), found.pk, now=NOW)
    assert view is not None
    assert "HIDDEN-1" not in {account.external_id for account in view.accounts}
    page = list_timeline(acting(user), found.pk, now=NOW)
    assert page is not None
    assert [entry for entry in page.entries if entry.body.get("account") == other.pk] == []
    whole = list_timeline(acting(granted(Role.MANAGER)), found.pk, now=NOW)
    assert whole is not None
    assert len(whole.entries) == len(page.entries) + 1


def test_what_is_closed_to_staff_is_seen_by_its_own_people_only(book: Book) -> None:
    Creditor.objects.filter(pk=book.one.pk).update(needs_access=True)
    staff = acting(granted(Role.ADMINISTRATOR))
    assert seen(staff) == {"Other"}
    require_house(staff, Permission.USER_CHANGE)
    assert seen(acting(granted(Role.MANAGER, creditor=book.one))) == {"Card", "Loan", "Placed"}
    with pytest.raises(NotThere):
        do_grant_role(
            actor=staff, user_id=staff.id, role=Role.MANAGER, creditor_id=book.one.pk, now=NOW
        )


@pytest.mark.parametrize(
    ("limits", "field"),
    [
        ({"agency_id": 0}, "agency"),
        ({"team_id": 0}, "team"),
        ({"valid_until": NOW}, "valid_until"),
        ({"role": Role.AGENCY_USER}, "agency"),
    ],
)
def test_limits_that_are_none_are_refused(limits: dict[str, object], field: str) -> None:
    given: dict[str, object] = {"role": Role.MANAGER, **limits}
    with pytest.raises(Refusal) as refused:
        do_grant_role(actor=SETUP, user_id=make.make_user().pk, now=NOW, **given)  # type: ignore[arg-type]
    assert list(refused.value.fields) == [field]
    assert not RoleGrant.objects.exists()


def test_a_portfolio_brings_its_creditor_and_must_be_one_of_its_own(book: Book) -> None:
    user = make.make_user()
    given = {"actor": SETUP, "user_id": user.pk, "role": Role.MANAGER, "now": NOW}
    grant = do_grant_role(product_id=book.card.pk, **given)  # type: ignore[arg-type]
    assert grant.creditor_id == book.one.pk
    with pytest.raises(Refusal):
        do_grant_role(product_id=book.card.pk, creditor_id=book.two.pk, **given)  # type: ignore[arg-type]


def test_an_administrator_of_a_creditor_grants_and_revokes_there_only(book: Book) -> None:
    administrator = acting(granted(Role.ADMINISTRATOR, creditor=book.one))
    user = make.make_user()
    given = {"actor": administrator, "user_id": user.pk, "role": Role.COLLECTOR, "now": NOW}
    grant = do_grant_role(creditor_id=book.one.pk, **given)  # type: ignore[arg-type]
    with pytest.raises(NotThere):
        do_grant_role(creditor_id=book.two.pk, **given)  # type: ignore[arg-type]
    with pytest.raises(NotAllowed):
        do_grant_role(team_id=book.own_seat.team_id, **given)  # type: ignore[arg-type]
    foreign = RoleGrant.objects.get(user=granted(Role.MANAGER, creditor=book.two))
    with pytest.raises(NotThere):
        do_revoke_role(actor=administrator, grant_id=foreign.pk, now=NOW)
    do_revoke_role(actor=administrator, grant_id=grant.pk, now=NOW)
    assert not RoleGrant.objects.filter(pk=grant.pk).exists()


def test_an_administrator_of_a_portfolio_is_none_of_the_creditor(book: Book) -> None:
    narrow = acting(granted(Role.ADMINISTRATOR, creditor=book.one, product=book.card))
    with pytest.raises(NotThere):
        do_grant_role(
            actor=narrow,
            user_id=narrow.id,
            role=Role.MANAGER,
            creditor_id=book.one.pk,
            now=NOW,
        )


# --- keys -------------------------------------------------------------------------------------


def make_key(**limits: object) -> str:
    return do_make_key(
        actor=SETUP,
        name=f"feed {make.next_number()}",
        permissions=[Permission.CASE_READ, Permission.WORKLIST_READ],
        limits=Limits(**limits),  # type: ignore[arg-type]
        now=NOW,
    ).token


def test_a_key_acts_within_its_scopes_and_limits(book: Book) -> None:
    actor = actor_of_key(make_key(creditor_id=book.two.pk), now=NOW)
    assert actor is not None
    assert seen(actor) == {"Other"}
    assert actor.name.startswith("key feed")
    assert reach(actor, Permission.TASK_CLOSE).scopes == ()
    assert Task.objects.filter(state="open").count() == 4


def test_only_the_hash_of_a_key_is_stored_and_no_event_tells_it(book: Book) -> None:
    token = make_key()
    row = ApiKey.objects.get()
    secret = token.rpartition("_")[2]
    assert token.startswith(f"kept_{row.prefix}_")
    assert secret.encode() not in bytes(row.secret_hash)
    assert not any(secret in event.body for event in Event.objects.all())


@pytest.mark.parametrize("token", ["", "kept_", "kept_x", "kept_x_", "kept_%s_y", "\0", "x" * 500])
def test_a_token_that_is_none_is_nobody(token: str, book: Book) -> None:
    prefix = make_key().split("_")[1]
    assert actor_of_key(token.replace("%s", prefix), now=NOW) is None


def test_a_key_runs_out_and_is_revoked_at_once(book: Book) -> None:
    until = NOW + timedelta(days=1)
    token = make_key(valid_until=until)
    assert actor_of_key(token, now=until - timedelta(seconds=1)) is not None
    assert actor_of_key(token, now=until) is None
    (view,) = list_keys(actor=SETUP)
    with pytest.raises(Refusal):
        do_revoke_key(actor=SETUP, key_id=view.key_id, reason=" ", now=NOW)
    for _ in range(2):
        do_revoke_key(actor=SETUP, key_id=view.key_id, reason="lost", now=NOW)
    assert actor_of_key(token, now=NOW) is None
    assert Event.objects.filter(action="key.revoke").count() == 1


def test_when_a_key_was_used_is_known_to_the_hour(book: Book) -> None:
    token = make_key()
    for minutes in (0, 59, 60):
        actor_of_key(token, now=NOW + timedelta(minutes=minutes))
        hours = 1 if minutes == 60 else 0
        assert ApiKey.objects.get().last_used_at == NOW + timedelta(hours=hours)


def test_no_key_decides_or_administers(book: Book) -> None:
    with pytest.raises(Refusal) as refused:
        do_make_key(actor=SETUP, name="bot", permissions=[Permission.APPROVAL_DECIDE], now=NOW)
    assert list(refused.value.fields) == ["permissions"]
