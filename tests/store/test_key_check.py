"""The data key of another database is refused before it writes anything."""

from __future__ import annotations

import pytest
from django.test import override_settings

from kept.core.key_rings import KeyRing
from kept.store.cipher import Cipher, CipherError
from kept.store.key_check import WrongDataKey, check_data_key

pytestmark = pytest.mark.django_db


def test_the_first_key_is_remembered_and_another_is_refused() -> None:
    check_data_key()
    check_data_key()
    with (
        override_settings(KEPT_KEYS=lambda: KeyRing.single(bytes(32))),
        pytest.raises(WrongDataKey, match="put the right one back"),
    ):
        check_data_key()
    check_data_key()


def test_a_value_opens_with_its_key_and_kind_only() -> None:
    cipher = Cipher(bytes(range(32)))
    (sealed,) = cipher.seal("phone", ["+8613800000000"])
    assert cipher.open("phone", sealed) == "+8613800000000"
    assert b"138" not in sealed
    for other, kind in ((Cipher(bytes(32)), "phone"), (cipher, "email")):
        with pytest.raises(CipherError):
            other.open(kind, sealed)
    with pytest.raises(CipherError):
        cipher.open("phone", sealed[:-1] + bytes([sealed[-1] ^ 1]))


def test_equal_values_have_equal_hashes_and_unequal_cipher_texts() -> None:
    cipher = Cipher(bytes(range(32)))
    first, second = cipher.seal("phone", ["1", "1"])
    assert first != second
    assert cipher.hash("phone", "1") == cipher.hash("phone", "1")
    assert cipher.hash("phone", "1") != cipher.hash("email", "1")
    assert Cipher(bytes(32)).hash("phone", "1") != cipher.hash("phone", "1")
