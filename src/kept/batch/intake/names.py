"""Columns of names: single-spaced, and folded for search as `kept.core.identities.fold_name`."""

from __future__ import annotations

import polars as pl

from kept.core.identities import fold_name

__all__ = ["CONTROL_CHARACTERS", "fold_names", "single_spaced"]

# What may stand in no name and no number: C0 and C1, without the white space that becomes a space.
CONTROL_CHARACTERS = r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]"
# White space other than one space, and control characters: nearly no text has any.
_UNTIDY = (
    r"  |[\x00-\x1f\x7f-\xa0\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}]"
)
# In these, lower case is all there is to folding; Chinese and Latin names need no more.
_ODD = r"[^\x00-\x7f\x{4e00}-\x{9fff}\x{3400}-\x{4dbf}·]"


def single_spaced(text: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Texts with single spaces, and which of them hold a control character."""
    untidy = text.str.contains(_UNTIDY)
    if not untidy.any():
        return text, untidy
    spaced = text.str.replace_all(r"\s+", " ").str.strip_chars()
    return spaced, spaced.str.contains(CONTROL_CHARACTERS)


def fold_names(names: pl.Series) -> pl.Series:
    """Folded names; each distinct odd one goes through Python once."""
    folded = names.str.to_lowercase()
    odd = names.str.contains(_ODD).fill_null(False)
    if odd.any():
        distinct = names.filter(odd).unique()
        table = {name: fold_name(name) for name in distinct.to_list()}
        changed = names.filter(odd).replace_strict(table, return_dtype=pl.String)
        folded = folded.scatter(odd.arg_true(), changed)
    return folded
