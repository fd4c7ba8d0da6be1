"""Papers by commands alone: printed, shown in the reader's language, checked, withdrawn."""

from __future__ import annotations

import subprocess
from datetime import date

import pytest
from django.utils import timezone

from kept.core.actors import Role
from kept.store.models import Document
from kept.store.partitions import ensure_partitions
from tests import factories, forking

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_statement_is_printed_shown_and_withdrawn_in_chinese(
    child_environment: dict[str, str],
) -> None:
    def kept(*words: object) -> subprocess.CompletedProcess[str]:
        chinese = {**child_environment, "KEPT_LANGUAGE": "zh-hans"}
        return forking.run(["-m", "kept.cli", *map(str, words)], chinese)

    today = timezone.now().date()
    factories.make_partitions()
    ensure_partitions(today, today)
    creditor = factories.make_creditor(code="OWN")
    product = factories.make_product(creditor)
    factories.make_terms(product)
    debtor = factories.make_debtor(creditor)
    account = factories.make_account(product, debtor, external_id="ACC-1")
    factories.make_entry(account, {"principal": 500_00}, due_on=date(2026, 10, 5))
    case = factories.make_case(debtor, account)
    print_it = ("document", "print", "statement_of_account", case.pk, "--language", "zh-hans")
    lacking = kept(*print_it)
    assert (lacking.returncode, "phone (告知债务人的联系电话)" in lacking.stderr) == (1, True)
    creditor.phone = "010-5550 0100"
    creditor.save()
    printed = kept(*print_it)
    assert printed.returncode == 0, printed.stderr
    row = Document.objects.get()

    shown = kept("document", "show", row.number).stdout
    assert f"编号：{row.number}\n" in shown
    assert ("类型：对账单\n" in shown, "状态：有效\n" in shown) == (True, True), shown
    assert f"PDF 的 SHA-256：{bytes(row.sha256).hex()}" in shown

    missing = kept("document", "show", "KD-99999999")
    assert (missing.returncode, missing.stderr[:6]) == (2, "kept: ")
    factories.make_user("li", roles={Role.MANAGER: [creditor]})
    withdraw = ("document", "withdraw", row.number, "--as", "li", "--reason")
    assert kept(*withdraw, "wrong day").returncode == 0
    again = kept(*withdraw, "again")
    assert (again.returncode, again.stderr[:6]) == (2, "kept: ")
