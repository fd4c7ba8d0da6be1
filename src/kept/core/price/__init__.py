"""Price: which treatment each case gets when not all can have what would be best for them."""

from kept.core.price.choosing import choose, reduced_values
from kept.core.price.deciding import Certificate, Decided, Priced, decide_cases, price_cases
from kept.core.price.options import MICRO, NOTHING, Options, OptionsError
from kept.core.price.rounding import choices_of
from kept.core.price.spreading import Block, Here, Spread

__all__ = [
    "MICRO",
    "NOTHING",
    "Block",
    "Certificate",
    "Decided",
    "Here",
    "Options",
    "OptionsError",
    "Priced",
    "Spread",
    "choices_of",
    "choose",
    "decide_cases",
    "price_cases",
    "reduced_values",
]
