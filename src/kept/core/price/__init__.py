"""Price: which treatment each case gets when not all can have what would be best for them."""

from kept.core.price.choosing import choose, reduced_values
from kept.core.price.deciding import Certificate, Priced, price_cases
from kept.core.price.options import MICRO, NOTHING, Options, OptionsError

__all__ = [
    "MICRO",
    "NOTHING",
    "Certificate",
    "Options",
    "OptionsError",
    "Priced",
    "choose",
    "price_cases",
    "reduced_values",
]
