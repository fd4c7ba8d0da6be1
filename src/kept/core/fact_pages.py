"""The documentation page of the facts, in Markdown, printed from the catalogue."""

from __future__ import annotations

from typing import Final

from kept.core.facts import CATALOGUE, Catalogue, Fact, FactType, Silence

__all__ = ["facts_page"]

_TYPE_WORDS: Final = {
    FactType.INTEGER: "integer",
    FactType.MONEY: "money",
    FactType.BOOLEAN: "true or false",
    FactType.CATEGORY: "category",
    FactType.DATE: "date",
}
_SILENCE_WORDS: Final = {
    Silence.RECORDED_FACT: "no record: false",
    Silence.ATTRIBUTE: "absent: unknown, and unknown fails closed",
    Silence.EXCEPTION_OR_DUTY: "absent: not available, not met",
    Silence.NONE: "",
}
_PAGE_HEAD: Final = """\
# Facts

Printed from the catalogue in `kept.core.facts`; never edited. The command that prints it again
stands in `tests/house/test_facts_page.py`. A condition may name every fact whose use holds
`strategy`. A money fact is compared with `money(amount, "CNY")`; in an account of another currency
the comparison is unknown. "Unknown" says whether the fact may lack a value.

| fact | type | unit | meaning | 含义 | unknown | use | silence |
|---|---|---|---|---|---|---|---|
"""


def facts_page(catalogue: Catalogue = CATALOGUE) -> str:
    """The documentation page of the catalogue, in Markdown."""
    return _PAGE_HEAD + "".join(_page_row(fact) for fact in catalogue.values())


def _page_row(fact: Fact) -> str:
    kind = _TYPE_WORDS[fact.type] + (f": {', '.join(fact.values)}" if fact.values else "")
    use = ", ".join(sorted(fact.use)) + (" (protected)" if fact.protected else "")
    cells = (
        f"`{fact.name}`",
        kind,
        fact.unit,
        fact.meaning_en,
        fact.meaning_zh,
        "may be" if fact.can_be_unknown else "",
        use,
        _SILENCE_WORDS[fact.silence],
    )
    return "| " + " | ".join(cells) + " |\n"
