"""The file that intake is measured with is taken whole, so that what is measured is everything."""

from __future__ import annotations

from pathlib import Path

import pytest

from kept.bench.intake_book import MAP, write_book
from kept.store.models import Account, ContactPoint, Debtor, IdentityKey, RelatedPerson
from tests.batch.intake.deliveries import make_bank, take

pytestmark = pytest.mark.django_db(transaction=True)


def test_every_row_is_taken_with_its_contact_points(tmp_path: Path) -> None:
    make_bank()
    write_book(tmp_path / "book.csv", 80)
    file = take((tmp_path / "book.csv").read_bytes(), map_text=MAP)
    assert file.acknowledgement["rows"]["accepted"] == 80
    assert file.acknowledgement["warnings_by_code"] == {}
    assert Account.objects.count() == 80
    assert Debtor.objects.count() == IdentityKey.objects.count() == 71
    assert RelatedPerson.objects.count() == 7
    # A mobile, an e-mail and a postal address each, a second number for three in five.
    assert ContactPoint.objects.filter(related_person=None).count() == 71 * 3 + 43
    assert ContactPoint.objects.exclude(related_person=None).count() == 7
