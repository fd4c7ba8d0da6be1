"""Country codes of ISO 3166-1 and the calling codes by which telephone numbers begin.

It knows codes only: no names, no zones, no numbering plans.
"""

from __future__ import annotations

from typing import Final

__all__ = ["COUNTRIES", "MANY_ZONES", "TWO_DIGIT_CODES", "calling_code"]

_CODES = """
AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT
BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH
ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT
HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS
LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI
NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG
SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG
UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW
"""
_SEVERAL_ZONES = """
AQ AR AU BR CA CD CL CY EC ES FM GL ID KI KZ MN MX MY NZ PF PG PS PT RU UA UM US UZ VN
"""
_TWO_DIGITS = """
20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 60 61 62 63 64 65 66
81 82 84 86 90 91 92 93 94 95 98
"""
COUNTRIES: Final = frozenset(_CODES.split())

# Where the country alone does not say the time.
MANY_ZONES: Final = frozenset(_SEVERAL_ZONES.split())

# ITU-T E.164: one digit, the two-digit codes by name, and three digits for all the rest.
TWO_DIGIT_CODES: Final = frozenset(_TWO_DIGITS.split())


def calling_code(e164: str) -> str:
    """The calling code of a number in E.164 form: `86` of `+8613800000000`."""
    digits = e164.removeprefix("+")
    if digits[:1] in ("1", "7"):
        return digits[:1]
    return digits[:2] if digits[:2] in TWO_DIGIT_CODES else digits[:3]
