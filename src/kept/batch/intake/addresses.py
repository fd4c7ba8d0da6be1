"""The number or address that a record is about, normalised as contact points of accounts are.

Its kind follows from the channel, or the map says it. What is no address of that kind costs the
row: a record of another address than was meant would be worse than none.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import polars as pl

from kept.batch.intake.cells import Chunk
from kept.batch.intake.columns import constant, nothing
from kept.batch.intake.contacts import normalise_contacts
from kept.core.attempts import Channel
from kept.core.intake import CellRule, ContactKind, RejectCode

__all__ = ["KIND_OF_CHANNEL", "read_addresses"]

KIND_OF_CHANNEL: Final[Mapping[str, str]] = {
    **dict.fromkeys(
        (
            Channel.CALL,
            Channel.AI_CALL,
            Channel.RINGLESS_VOICEMAIL,
            Channel.WORKPLACE_CALL,
            Channel.SMS,
        ),
        ContactKind.PHONE.value,
    ),
    Channel.EMAIL: ContactKind.EMAIL.value,
    **dict.fromkeys(
        (Channel.LETTER, Channel.POSTCARD, Channel.CALLING_CARD, Channel.FIELD_VISIT),
        ContactKind.ADDRESS.value,
    ),
    Channel.SOCIAL_DM: ContactKind.HANDLE.value,
}


def read_addresses(
    chunk: Chunk,
    fields: Mapping[str, CellRule],
    values: Mapping[str, pl.Series],
    country: str,
) -> dict[str, pl.Series]:
    """Kind and normalised value of each row; both null where no address is given."""
    text = values.get("contact_point")
    empty = nothing(chunk.height, pl.String())
    if text is None:
        return {"contact_kind": empty, "contact_value": empty}
    rule = fields["contact_point"]
    channel = values.get("channel", empty)
    kinds = _kinds(values, channel)
    homeless = text.is_not_null() & channel.is_not_null() & kinds.is_null()
    chunk.refuse(homeless, rule, RejectCode.NO_ADDRESS_HERE, channel=channel)
    kinds = kinds.fill_null(ContactKind.PHONE.value)
    found = _normalised(text, kinds, _countries(chunk, values, country))
    expected = channel.replace_strict(KIND_OF_CHANNEL, default=None, return_dtype=pl.String)
    strange = found.is_null() | (kinds != expected).fill_null(False)
    wrong = text.is_not_null() & strange & ~homeless
    chunk.refuse(
        wrong,
        rule,
        RejectCode.WRONG_ADDRESS_KIND,
        channel=channel.fill_null("–"),
        kind=expected.zip_with(expected.is_not_null(), kinds),
    )
    return {"contact_kind": kinds.set(found.is_null(), None), "contact_value": found}


def _kinds(values: Mapping[str, pl.Series], channel: pl.Series) -> pl.Series:
    """As the map says, else as the channel needs; a telephone number where neither says."""
    by_channel = channel.replace_strict(KIND_OF_CHANNEL, default=None, return_dtype=pl.String)
    given = values.get("contact_kind")
    return by_channel if given is None else given.zip_with(given.is_not_null(), by_channel)


def _countries(chunk: Chunk, values: Mapping[str, pl.Series], country: str) -> pl.Series:
    home = constant(country, chunk.height, pl.String())
    given = values.get("country")
    if given is None:
        return home
    return given.str.to_uppercase().zip_with(given.is_not_null(), home)


def _normalised(text: pl.Series, kinds: pl.Series, countries: pl.Series) -> pl.Series:
    found = nothing(len(text), pl.String())
    for kind in kinds.unique().to_list():
        at = ((kinds == kind) & text.is_not_null()).arg_true()
        if len(at):
            values = normalise_contacts(
                ContactKind(kind), text.gather(at), countries.gather(at)
            ).values
            found = found.scatter(at, values)
    return found
