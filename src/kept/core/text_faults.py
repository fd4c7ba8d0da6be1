"""What may be wrong with a text that is said or sent: English source texts with named places.

Faces translate a text before they fill it. What may be wrong with naming a text in a strategy is
`core/strategy_faults.py`.
"""

from __future__ import annotations

from enum import StrEnum

__all__ = ["TextFault"]


class TextFault(StrEnum):
    EMPTY = "The text is empty: write what is to be said."
    TOO_LONG = "At most {most} characters, not {found}: shorten it."
    NO_FIGURE = "{found} is no figure that a text can show; there are {known}."
    NO_FIGURE_NEAR = (
        "{found} is no figure that a text can show; did you mean {near}? There are {known}."
    )
    BRACKET = "A curly bracket stands alone: write a figure as {{debtor}}, and no other brackets."
    NO_SIGN = "This character is none that can be shown or sent: take it away."
    FORBIDDEN = "{name}: “{words}” must not be said ({citation})."
    LACKS = "{name} ({citation}): {duty}."
    LACKS_PERHAPS = "{name} ({citation}), where it applies: {duty}."
    LACKS_CONTENT = "A document of this kind says {what} ({citation})."
    LACKS_CONTENT_PERHAPS = "A document of this kind says {what} ({citation}), where it applies."
