"""Keys per person: what is sealed opens, dies with its key, and is not in the row in clear."""

from __future__ import annotations

import json

import pytest
from django.db import connection

from kept.core.actors import job
from kept.core.events import ChainKind
from kept.store.cipher import CipherError
from kept.store.events import ChainValues, append_event, append_prepared_events
from kept.store.models import Event, PersonKey
from kept.store.person_keys import (
    KeyOwner,
    PersonErased,
    open_personal,
    seal_personal,
    seal_personal_of_many,
)
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner() -> KeyOwner:
    make.make_partitions()
    return KeyOwner(make.make_debtor(make.make_creditor()).pk)


def destroy(key_id: int) -> None:
    PersonKey.objects.filter(pk=key_id).update(wrapped=None, destroyed_at=make.NOW)


def test_what_is_sealed_opens_and_one_person_has_one_key(owner: KeyOwner) -> None:
    first = seal_personal(owner, {"note": "张三 says he moved"}, make.NOW)
    second = seal_personal(owner, {"note": "2"}, make.NOW)
    of_friend = seal_personal(KeyOwner(owner.debtor_id, 7), {"note": "3"}, make.NOW)
    assert first.key_id == second.key_id != of_friend.key_id
    assert "张三".encode() not in first.value
    opened = open_personal((each.key_id, each.value) for each in (second, of_friend, first))
    assert opened == [{"note": "2"}, {"note": "3"}, {"note": "张三 says he moved"}]


def test_a_destroyed_key_opens_nothing_and_seals_nothing_more(owner: KeyOwner) -> None:
    other = KeyOwner(make.make_debtor(make.make_creditor()).pk)
    sealed = seal_personal(owner, {"note": "x"}, make.NOW)
    destroy(sealed.key_id)
    assert open_personal([(sealed.key_id, sealed.value)]) == [None]
    with pytest.raises(PersonErased):
        seal_personal(owner, {"note": "y"}, make.NOW)
    many = seal_personal_of_many([(owner, {"a": 1}), (other, {"a": 2})], make.NOW)
    assert many[0] is None
    assert many[1] is not None
    assert open_personal([(many[1].key_id, many[1].value)]) == [{"a": 2}]


def test_an_altered_value_does_not_open(owner: KeyOwner) -> None:
    sealed = seal_personal(owner, {"note": "x"}, make.NOW)
    for place in (1, 13, len(sealed.value) - 1):
        altered = bytearray(sealed.value)
        altered[place] ^= 1
        with pytest.raises(CipherError):
            open_personal([(sealed.key_id, bytes(altered))])
    with pytest.raises(CipherError):
        open_personal([(sealed.key_id, b"\x01")])


def test_the_event_holds_them_as_cipher_text_only(owner: KeyOwner) -> None:
    append_event(
        actor=job("x"),
        action="hold.place",
        subject="hold:1",
        body={"reason": "legal"},
        now=make.NOW,
        chain=ChainKind.DEBTOR,
        chain_id=owner.debtor_id,
        personal={"note": "spoke to 张三"},
        personal_of=owner,
    )
    row = Event.objects.get()
    assert json.loads(row.body) == {"reason": "legal"}
    assert row.key_id is not None
    assert row.personal is not None
    assert open_personal([(row.key_id, row.personal)]) == [{"note": "spoke to 张三"}]


def test_a_bulk_write_seals_for_many_persons_at_once(owner: KeyOwner) -> None:
    debtors = [make.make_debtor(make.make_creditor()).pk for _ in range(3)]
    gone = seal_personal(KeyOwner(debtors[2]), {"name": "x"}, make.NOW)
    destroy(gone.key_id)
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE new_events ON COMMIT DROP AS SELECT 'debtor' AS chain_kind,"
            " unnest(%s::bigint[]) AS chain_id, 'debtor.change' AS action,"
            " 'debtor:1' AS subject, '{}' AS body",
            [[owner.debtor_id, *debtors]],
        )
    told = [
        ChainValues(ChainKind.DEBTOR, each, KeyOwner(each), {"name": f"n{each}"})
        for each in debtors
    ]
    assert append_prepared_events(actor=job("x"), now=make.NOW, batch_id=1, personal=told) == 4
    rows = {row.chain_id: row for row in Event.objects.all()}
    assert rows[owner.debtor_id].personal is None  # nothing personal was given
    assert rows[debtors[2]].personal is None  # erased: left out
    pairs = [(rows[each].key_id or 0, bytes(rows[each].personal or b"")) for each in debtors[:2]]
    assert open_personal(pairs) == [{"name": f"n{each}"} for each in debtors[:2]]
