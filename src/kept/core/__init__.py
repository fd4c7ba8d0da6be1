"""The ground: decisions as pure functions of values, on one case and on columns of cases alike.

No Django, no clock, no environment, no files, no network; third parties are numpy and narwhals.
This is the table of contents; nothing is loaded before it is asked for.
"""

__all__ = [
    "actors",
    "algebra",
    "attempts",
    "calendar",
    "cases",
    "conditions",
    "countries",
    "currencies",
    "dealing",
    "deciding",
    "events",
    "fact_pages",
    "facts",
    "identities",
    "intake",
    "ledger",
    "money",
    "strategies",
    "strategy_reading",
    "truth",
]
