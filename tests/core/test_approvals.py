"""Approvals as values: levels by amount, and that four eyes are always those of two persons."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kept.core.actors import Grant, Reach, Role, Scope
from kept.core.approvals import (
    Band,
    Denial,
    Given,
    Request,
    StandIn,
    bands_fault,
    levels_for,
    next_level,
    stands_in_for,
    why_not,
)

LEAD, HEAD = frozenset({Role.TEAM_LEAD}), frozenset({Role.MANAGER, Role.APPROVER})
BANDS = [
    Band((), 2_000, "CNY"),
    Band((LEAD,), 50_000, "CNY"),
    Band((LEAD, HEAD), None),
]


@pytest.mark.parametrize(
    ("amount", "currency", "levels"),
    [
        (2_000, "CNY", ()),
        (2_001, "CNY", (LEAD,)),
        (50_000, "CNY", (LEAD,)),
        (50_001, "CNY", (LEAD, HEAD)),
        (1, "USD", (LEAD, HEAD)),
        (None, "", (LEAD, HEAD)),
    ],
)
def test_the_narrowest_band_that_holds_the_amount(
    amount: int | None, currency: str, levels: tuple[frozenset[Role], ...]
) -> None:
    assert levels_for(BANDS, amount, currency, (HEAD,)) == levels


def test_where_no_band_speaks_the_default_holds() -> None:
    assert levels_for(BANDS[:2], 1, "USD", (HEAD,)) == (HEAD,)
    assert levels_for([], 1, "CNY", (HEAD,)) == (HEAD,)


def test_more_money_never_needs_fewer_people() -> None:
    assert bands_fault(BANDS) is None
    assert bands_fault([Band((LEAD,), 100, "CNY"), Band((), 200, "CNY")]) == "falls"
    assert bands_fault([Band((LEAD,), 100, "CNY"), Band((), 100, "CNY")]) == "twice"
    assert bands_fault([Band((LEAD,), 100, "CNY"), Band((), 200, "USD")]) is None


@given(
    bands=st.lists(
        st.builds(
            Band,
            st.lists(st.just(HEAD), max_size=3).map(tuple),
            st.none() | st.integers(1, 1_000),
            st.just("CNY"),
        ),
        max_size=5,
    ),
    amounts=st.tuples(st.integers(0, 2_000), st.integers(0, 2_000)),
)
def test_levels_rise_with_the_amount_wherever_the_bands_are_sound(
    bands: list[Band], amounts: tuple[int, int]
) -> None:
    if bands_fault(bands) is None:
        less, more = (levels_for(bands, amount, "CNY", (HEAD,) * 3) for amount in sorted(amounts))
        assert len(less) <= len(more)


def test_a_stand_in_on_the_first_and_the_last_day_and_no_further() -> None:
    away = [
        StandIn(1, 2, date(2026, 11, 20), date(2026, 11, 22)),
        StandIn(2, 3, date(2026, 11, 20), date(2026, 11, 22)),
    ]
    for day, found in ((19, set()), (20, {1}), (22, {1}), (23, set())):
        assert stands_in_for(away, 2, date(2026, 11, day)) == found
    assert stands_in_for(away, 3, date(2026, 11, 21)) == {2}  # and not for 1


@pytest.mark.parametrize(
    ("request_", "person", "other", "roles", "denial"),
    [
        (Request((HEAD,), 1), 2, None, HEAD, None),
        (Request((HEAD,), None), 2, None, HEAD, None),
        (Request((HEAD,), 1), 2, None, LEAD, Denial.WRONG_ROLE),
        (Request((HEAD,), 1), 1, None, HEAD, Denial.OWN_REQUEST),
        (Request((HEAD,), 1), 1, 2, HEAD, Denial.OWN_REQUEST),
        (Request((HEAD,), 1), 2, 1, HEAD, Denial.OWN_REQUEST),
        (Request((HEAD, HEAD), 1, (Given(2),)), 2, None, HEAD, Denial.DECIDED_BEFORE),
        (Request((HEAD, HEAD), 1, (Given(2, 3),)), 3, None, HEAD, Denial.DECIDED_BEFORE),
        (Request((HEAD, HEAD), 1, (Given(2, 3),)), 4, 2, HEAD, Denial.DECIDED_BEFORE),
        (Request((HEAD, HEAD), 1, (Given(2),)), 3, None, HEAD, None),
        (Request((HEAD,), 1, (Given(2),)), 3, None, HEAD, Denial.SETTLED),
        (Request((HEAD,), 1, is_expired=True), 2, None, HEAD, Denial.EXPIRED),
    ],
)
def test_who_may_decide(
    request_: Request,
    person: int,
    other: int | None,
    roles: frozenset[Role],
    denial: Denial | None,
) -> None:
    assert why_not(request_, person, other, roles) == denial


PERSONS = st.integers(1, 4)


@given(
    requester=st.none() | PERSONS,
    size=st.integers(1, 4),
    tries=st.lists(st.tuples(PERSONS, st.none() | PERSONS), max_size=12),
)
def test_whoever_tries_whatever_every_level_is_another_person_and_never_the_requester(
    requester: int | None, size: int, tries: list[tuple[int, int | None]]
) -> None:
    request = Request((HEAD,) * size, requester)
    for person, other in tries:
        stands_in = None if other == person else other
        if why_not(request, person, stands_in, HEAD) is None:
            given_ = (*request.given, Given(person, stands_in))
            request = Request(request.levels, requester, given_)
    used = [each for one in request.given for each in (one.person, one.on_behalf_of) if each]
    assert requester not in used
    assert len(used) == len(set(used))
    assert (next_level(request) is None) == (len(request.given) == size)


IDS = st.none() | st.frozensets(st.integers(1, 3))
SCOPES = st.builds(Scope, IDS, IDS, IDS)


def holds_on(scope: Scope, row: tuple[int, int, int]) -> bool:
    limits = (scope.creditor_ids, scope.product_ids, scope.seat_ids)
    return all(ids is None or value in ids for ids, value in zip(limits, row, strict=True))


@given(scopes=st.lists(SCOPES, max_size=5), row=st.tuples(*[st.integers(1, 4)] * 3))
def test_a_reach_is_the_union_of_its_scopes_neither_more_nor_less(
    scopes: list[Scope], row: tuple[int, int, int]
) -> None:
    reach = Reach.of(Grant(Role.MANAGER, scope) for scope in scopes)
    assert any(holds_on(scope, row) for scope in reach.scopes) == any(
        holds_on(scope, row) for scope in scopes
    )


def test_an_access_counts_where_nothing_else_reaches() -> None:
    own = Grant(Role.MANAGER, Scope(frozenset({1})))
    timed = Grant(Role.AUDITOR, Scope(frozenset({2})), access_id=9)
    again = Grant(Role.AUDITOR, Scope(frozenset({1})), access_id=8)
    assert Reach.of([own, timed, again]).accesses == ((2, 9),)
    assert Reach.of([Grant(Role.MANAGER), timed]).accesses == ()
