"""Small camt messages for tests: entries are written by hand, sums as the test wants them."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

__all__ = ["Tx", "entry", "message"]


class Tx:
    """One transaction of an entry, by its parts."""

    def __init__(
        self,
        amount: str = "",
        *,
        ref: str = "",
        e2e: str = "",
        name: str = "",
        text: str = "",
        to: str = "",
        code: str = "",
        currency: str = "CNY",
    ) -> None:
        parts = [f"<AcctSvcrRef>{ref}</AcctSvcrRef>" if ref else ""]
        parts.append(f"<EndToEndId>{e2e}</EndToEndId>" if e2e else "")
        refs = f"<Refs>{''.join(parts)}</Refs>"
        own = f'<Amt Ccy="{currency}">{amount}</Amt>' if amount else ""
        payer = f"<Dbtr><Nm>{name}</Nm></Dbtr>" if name else ""
        paid = f"<CdtrAcct><Id><IBAN>{to}</IBAN></Id></CdtrAcct>" if to else ""
        remark = f"<RmtInf><Ustrd>{text}</Ustrd></RmtInf>" if text else ""
        returned = f"<RtrInf><Rsn><Cd>{code}</Cd></Rsn></RtrInf>" if code else ""
        parties = f"<RltdPties>{payer}{paid}</RltdPties>"
        self.xml = f"<TxDtls>{refs}{own}{parties}{remark}{returned}</TxDtls>"


def entry(
    amount: str,
    *details: Tx,
    credit: bool = True,
    reversal: bool = False,
    status: str = "BOOK",
    ref: str = "",
    currency: str = "CNY",
    on: str = "2026-11-20",
    new_status: bool = False,
) -> str:
    state = f"<Cd>{status}</Cd>" if new_status else status
    return (
        f'<Ntry><Amt Ccy="{currency}">{amount}</Amt>'
        f"<CdtDbtInd>{'CRDT' if credit else 'DBIT'}</CdtDbtInd>"
        f"<RvslInd>{'true' if reversal else 'false'}</RvslInd><Sts>{state}</Sts>"
        f"<BookgDt><Dt>{on}</Dt></BookgDt><ValDt><Dt>{on}</Dt></ValDt>"
        + (f"<AcctSvcrRef>{ref}</AcctSvcrRef>" if ref else "")
        + "<NtryDtls>"
        + "".join(each.xml for each in details)
        + "</NtryDtls></Ntry>"
    )


def _balance(kind: str, amount: Decimal) -> str:
    sign = "CRDT" if amount >= 0 else "DBIT"
    return (
        f"<Bal><Tp><CdOrPrtry><Cd>{kind}</Cd></CdOrPrtry></Tp>"
        f'<Amt Ccy="CNY">{abs(amount)}</Amt><CdtDbtInd>{sign}</CdtDbtInd></Bal>'
    )


def message(
    entries: Sequence[str],
    *,
    kind: str = "053",
    version: str = "08",
    balances: tuple[str, str] | None = None,
    summary: tuple[str, str] | None = None,
    before: str = "",
) -> bytes:
    """A whole message; `summary` is the declared number and sum of its entries."""
    part = {"053": "Stmt", "054": "Ntfctn"}[kind]
    outer = {"053": "BkToCstmrStmt", "054": "BkToCstmrDbtCdtNtfctn"}[kind]
    space = f"urn:iso:std:iso:20022:tech:xsd:camt.{kind}.001.{version}"
    sums = ""
    if summary is not None:
        sums = (
            f"<TxsSummry><TtlNtries><NbOfNtries>{summary[0]}</NbOfNtries>"
            f"<Sum>{summary[1]}</Sum></TtlNtries></TxsSummry>"
        )
    held = ""
    if balances is not None:
        held = _balance("OPBD", Decimal(balances[0])) + _balance("CLBD", Decimal(balances[1]))
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>{before}<Document xmlns="{space}"><{outer}>'
        f"<{part}><Id>S1</Id>{held}{sums}{''.join(entries)}</{part}></{outer}></Document>"
    ).encode()
