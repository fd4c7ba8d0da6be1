"""A creditor's file for measuring intake: made in columns, of any length, in bounded memory.

One account in eight shares its debtor with the one before; every debtor has an identity number, a
mobile number, an e-mail address and a postal address, most have a second number, one in ten has a
guarantor with a number of their own. All values are fictitious and follow from the row's number.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl

__all__ = ["MAP", "write_book"]

MAP = """
spec_version: 1
file: {coverage: full, format: csv}
account:
  external_id: {column: account}
  product: {constant: CARD}
  opened_on: {column: opened}
  original_amount: {column: lent}
  due_on: {column: due}
  overdue: {column: overdue}
debtor:
  external_id: {column: debtor}
  name: {column: name}
  identity: {number: {column: identity}, kind: {constant: national_id}}
balances:
  principal: {column: principal}
  interest: {column: interest}
  fee: {column: fee}
contacts:
- {kind: phone, column: mobile, usage: mobile}
- {kind: phone, column: second, usage: work}
- {kind: email, column: email}
- {kind: address, column: address, usage: home}
- {kind: phone, column: guarantor_mobile, usage: mobile, owner: 1}
related:
- relation: {constant: guarantor}
  name: {column: guarantor}
"""

_ROWS_AT_A_TIME = 100_000


def write_book(path: Path, rows: int) -> None:
    """Write a CSV of this many accounts."""
    with path.open("wb") as out:
        for start in range(0, rows, _ROWS_AT_A_TIME):
            part = _part(np.arange(start, min(start + _ROWS_AT_A_TIME, rows), dtype=np.int64))
            part.write_csv(out, include_header=start == 0)


def _part(number: np.ndarray) -> pl.DataFrame:
    debtor = number - number // 8
    frame = pl.DataFrame({"n": number, "d": debtor, "identity": _identities(debtor)})
    n, d = pl.col("n"), pl.col("d")
    has_guarantor = d % 10 == 3
    return frame.select(
        account=_padded("A", n, 9),
        opened=pl.lit("2024-03-01"),
        lent=_money(n * 7919 % 9_000_000 + 1_000_000),
        due=pl.date(2026, n % 9 + 1, n % 28 + 1).dt.to_string("%Y-%m-%d"),
        overdue=_money(n * 104_729 % 100_000),
        debtor=_padded("D", d, 9),
        name="测试" + _given_name(d),
        identity="identity",
        principal=_money(n * 15_485_863 % 5_000_000 + 1),
        interest=_money(n * 32_452_843 % 100_000),
        fee=_money(n % 3 * 500),
        mobile=_padded("138", d, 8),
        second=pl.when(d % 5 < 3).then(_padded("139", d, 8)).otherwise(pl.lit("")),
        email=pl.format("debtor{}@example.com", d),
        address=pl.format("测试市第{}区测试路{}号", d % 97, d),
        guarantor=pl.when(has_guarantor).then("保人" + _given_name(d + 5)).otherwise(pl.lit("")),
        guarantor_mobile=pl.when(has_guarantor).then(_padded("137", d, 8)).otherwise(pl.lit("")),
    )


def _padded(prefix: str, number: pl.Expr, digits: int) -> pl.Expr:
    return prefix + number.cast(pl.String).str.zfill(digits)


def _money(minor: pl.Expr) -> pl.Expr:
    return pl.format("{}.{}", minor // 100, (minor % 100).cast(pl.String).str.zfill(2))


def _given_name(number: pl.Expr) -> pl.Expr:
    """Three characters out of 24 each, so that names repeat as they do."""
    signs = list("子丑寅卯辰巳午未申酉戌亥甲乙丙丁戊己庚辛壬癸天地")
    parts = [number // 24**place % 24 for place in range(3)]
    codes = [part.replace_strict(dict(enumerate(signs)), return_dtype=pl.String) for part in parts]
    return pl.concat_str(codes)


def _identities(number: np.ndarray) -> list[str]:
    """Resident identity numbers of a place that does not exist, their check characters right."""
    digits = np.empty((len(number), 17), dtype=np.int64)
    digits[:, :6] = 9
    birth = 19_600_101 + number % 40 * 10_000
    for place in range(8):
        digits[:, 6 + place] = birth // 10 ** (7 - place) % 10
    # The month and day count on where the three running digits end.
    rest = number // 40
    digits[:, 10] = 0
    digits[:, 11] = rest // 27_000 % 9 + 1
    day = rest // 1000 % 27 + 1
    digits[:, 12], digits[:, 13] = day // 10, day % 10
    for place in range(3):
        digits[:, 14 + place] = rest % 1000 // 10 ** (2 - place) % 10
    digits[:, 5] = number // 9_720_000 % 10
    weights = np.array([pow(2, 17 - place, 11) for place in range(17)])
    checks = np.frombuffer(b"10X98765432", dtype=np.uint8)[digits @ weights % 11]
    codes = np.concatenate([(digits + 48).astype(np.uint8), checks[:, None]], axis=1)
    return [bytes(code).decode() for code in codes]
