"""The law facts of many intended contacts as columns: what `core.law.deriving` gives for one each.

One partition at a time, whose rows share a zone; a fact is made when a plan reads it. A record that
a frame has no column for is absent for all rows, and costs nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from kept.core.algebra import not_, where
from kept.core.calendar import DAY_MINUTES, OffsetTable, instant_of_local
from kept.core.law.columns import Column
from kept.core.law.deriving import offers_opt_out
from kept.core.law.numbers import Numbers
from kept.core.law.spans import day_after_years
from kept.core.law.times import BEFORE_ALL, NEVER
from kept.core.law.vocabulary import CONTENT_FLAGS, VOICE
from kept.work.law_columns import column_of
from kept.work.law_frames import SILENCE, STRAIGHT
from kept.work.law_histories import Ints, Joined, Truths, ends_of_consent, local_day_of
from kept.work.law_history_facts import HISTORY_FACTS, Reading

__all__ = ["Facts"]


class Facts:
    """Facts of the rows of one partition; `rows` are their intended contacts with their records."""

    def __init__(
        self,
        rows: pl.DataFrame,
        actor: npt.NDArray[Any],
        place: OffsetTable | None,
        joined: Callable[[], Joined],
        numbers: Numbers,
    ) -> None:
        self.numbers = numbers
        self.rows, self.actor, self.place = rows, actor, place
        self.minute: Ints = rows["minute"].to_numpy()
        self._joined = joined
        self._made: dict[str, Any] = {}
        self._consent: tuple[Any, Any, Any] | None = None

    def fact(self, name: str) -> Any:
        """A constant, a `Column`, or windows, as `core.law.columns` reads them."""
        if name in STRAIGHT:
            return self.kept(STRAIGHT[name])
        if name.startswith("content_"):
            return self.has_flag(name.removeprefix("content_"))
        if name in HISTORY_FACTS:
            return HISTORY_FACTS[name](self.reading())
        found = getattr(self, name)()
        return Column(found).settled() if isinstance(found, np.ndarray) else found

    def reading(self) -> Reading:
        return Reading(self.rows, self.joined, self.minute, self.place, self.value, self.numbers)

    @property
    def joined(self) -> Joined:
        return self._joined()

    def kept(self, name: str) -> Any:
        """A recorded value as it stands; what the frame has no column for is silent."""
        if name not in self._made:
            here = name in self.rows.columns
            self._made[name] = column_of(self.rows[name]) if here else SILENCE[name]
        return self._made[name]

    def value(self, name: str) -> Any:
        """The same without its unknowns: an array, or one value for all rows."""
        found = self.kept(name)
        return found.values if isinstance(found, Column) else found

    def is_known(self, name: str) -> Any:
        """Where a value is recorded at all."""
        found = self.kept(name)
        if isinstance(found, Column):
            return True if found.known is None else found.known
        return found is not None

    def is_true(self, name: str) -> Any:
        """Where it is known and true."""
        return self.is_known(name) & _truth(self.value(name))

    def is_not_false(self, name: str) -> Any:
        """Where it is true or not known."""
        return not_(self.is_known(name) & not_(_truth(self.value(name))))

    def today(self) -> Ints:
        assert self.place is not None
        return local_day_of(self.minute, self.place)

    def starts(self, name: str, later: int = 0) -> Any:
        """The first minute of a recorded local day and so many more; NEVER where there is none."""
        if self.place is None or self.is_known(name) is False:
            return NEVER
        day = np.asarray(self.value(name), np.int64) + later
        begun: Any = instant_of_local(day * DAY_MINUTES, self.place)  # type: ignore[type-var]
        return np.broadcast_to(np.where(self.is_known(name), begun, NEVER), self.minute.shape)

    # --- the attempt ---

    def has_flag(self, flag: str) -> Any:
        assert flag in CONTENT_FLAGS
        return self.in_list("content_flags", pl.lit(flag))

    def in_list(self, name: str, wanted: pl.Expr) -> Any:
        """Where a list of texts holds a text; an unknown one is in none."""
        if name not in self.rows.columns or not self.rows[name].list.len().sum():
            return False
        held = pl.col(name).list.contains(wanted).fill_null(False) & wanted.is_not_null()
        return column_of(self.rows.select(held.alias(name))[name])

    def lacks_opt_out(self) -> Any:
        if "content" not in self.rows.columns:
            return False
        texts = self.rows["content"].unique().drop_nulls().to_list()
        lacking = {text: not offers_opt_out(text) for text in texts}
        if not lacking:
            return False
        found = self.rows["content"].replace_strict(lacking, default=False, return_dtype=pl.Boolean)
        return found.fill_null(False).to_numpy()

    def at_workplace(self) -> Any:
        known = self.is_known("address_place") | self.is_work()
        if known is True or np.all(known):
            return self.is_work()
        shape = self.minute.shape
        work = np.broadcast_to(self.is_work(), shape)
        return Column(work, np.broadcast_to(known, shape)).settled()

    def is_work(self) -> Any:
        place = _same(self.value("address_place"), "work") & self.is_known("address_place")
        return place | _same(self.value("channel"), "workplace_call")

    def place_inconvenient(self) -> Any:
        here = [
            self.meets("inconvenient_places", name) for name in ("address_place", "known_place")
        ]
        work = _values(self.in_list("inconvenient_places", pl.lit("work")))
        unknown = not_(self.is_known("address_place") | self.is_work())
        anywhere = unknown & self.has_any("inconvenient_places")
        return here[0] | here[1] | (_truth(work) & self.is_work()) | anywhere

    def has_any(self, name: str) -> Any:
        if name not in self.rows.columns:
            return False
        return (self.rows[name].list.len() > 0).fill_null(False).to_numpy()

    def meets(self, name: str, other: str) -> Any:
        if other not in self.rows.columns:
            return False
        wanted = pl.col(other)
        return _values(self.in_list(name, pl.when(wanted != "none").then(wanted)))

    def to_consumer_attorney(self) -> Any:
        if not _any(_same(self.value("target_role"), "attorney")):
            return False
        if self.rows["person"].dtype.is_integer():  # numbers of persons: nobody is an actor's own
            return _same(self.value("target_role"), "attorney")
        mine = "attorney:" + pl.col("actor")
        others = (pl.col("person") == "attorney:creditor") | (pl.col("person") == mine)
        found = (pl.col("target_role") == "attorney") & ~others.fill_null(False)
        return self.rows.select(found.fill_null(False)).to_series().to_numpy()

    def permitted_recipient(self) -> Any:
        role = self.value("target_role")
        return _same(role, "attorney") | _same(role, "cra") | _same(role, "creditor")

    # --- what was asked and recorded ---

    def medium_stopped(self) -> Any:
        channel = pl.col("channel")
        found: Any = _values(self.in_list("blocked_addresses", pl.col("address").cast(pl.String)))
        for name in ("stopped_channels", "opted_out"):
            voices = _values(self.in_list(name, pl.lit("call"))) & _among(self.value("channel"))
            found = found | voices | _values(self.in_list(name, channel))
        return found

    def attorney_known(self) -> Any:
        record = _truth(self.value("attorney"))
        if not _any(record):
            return False
        return record & self.is_not_false("attorney_is_known") & self.on_debts("attorney_debts")

    def on_debts(self, name: str) -> Any:
        """Where recorded debts are not said, or one of them is the attempt's."""
        if name not in self.rows.columns:
            return True
        meet = pl.col(name).list.set_intersection("debts").list.len() > 0
        return self.rows.select(meet.fill_null(True)).to_series().to_numpy()

    def disputed(self) -> Any:
        found: Any = self.value("dispute_from") != NEVER
        if "disputed_debts" not in self.rows.columns:
            return found
        meet = pl.col("disputed_debts").list.set_intersection("debts").list.len() > 0
        return found | self.rows.select(meet.fill_null(False)).to_series().to_numpy()

    def debtor_dead_or_incapable(self) -> Any:
        return self.is_true("deceased") | self.is_true("incapable")

    def bankruptcy_pending(self) -> Any:
        return self.is_not_false("bankruptcy_pending")

    def instalment_performing(self) -> Any:
        return self.is_not_false("instalment_performing")

    def artificial_voice(self) -> Any:
        return self.is_not_false("artificial_voice")

    def autodialled(self) -> Any:
        return self.is_not_false("autodialled")

    def debtor_unreachable(self) -> Any:
        return self.is_true("debtor_unreachable")

    def guarantee_valid(self) -> Any:
        return self.is_true("guarantee_valid")

    def validation_period_open(self) -> Any:
        is_open = self.is_true("validation_period_open")
        if self.place is None or self.is_known("assumed_receipt_day") is False:
            return is_open
        ends = (
            np.asarray(self.value("assumed_receipt_day"), np.int64) + self.numbers["dispute_days"]
        )
        return is_open | (self.is_known("assumed_receipt_day") & (self.today() <= ends))

    def agency_evaluated(self) -> Any:
        if self.place is None or self.is_known("agency_evaluated_day") is False:
            return False
        evaluated = np.asarray(self.value("agency_evaluated_day"), np.int64)
        last = day_after_years(evaluated, self.numbers["evaluated_years"])
        return self.is_known("agency_evaluated_day") & (self.today() <= last)

    def agreed_time(self) -> Any:
        if "agreed_times" not in self.rows.columns:
            return False
        some = self.rows["agreed_times"].list.len() > 0
        return some.fill_null(False).to_numpy()

    # --- consents ---

    def consent_time_given(self) -> Any:
        mine = self.is_mine("times_to")
        return mine & not_(_truth(self.value("times_given_during")))

    def consent_times(self) -> Any:
        if not _any(self.consent_time_given()) or "times_windows" not in self.rows.columns:
            return ()
        given = pl.Series(np.broadcast_to(self.consent_time_given(), self.minute.shape))
        shown = self.rows.with_columns(given.alias("_given")).select(
            pl.when("_given").then("times_windows").alias("times_windows")
        )
        return column_of(shown["times_windows"])

    def is_mine(self, name: str) -> Any:
        """Where it was given to who acts."""
        if name not in self.rows.columns:
            return False
        mine = (pl.col(name) == pl.col("actor")).fill_null(False)
        found: Truths = self.rows.select(mine).to_series().to_numpy()
        return found if found.any() else False

    def email_consent(self) -> Any:
        return self.is_mine("address_consent")

    def consent_calls_given(self) -> Any:
        return self.consent()[0]

    def consent_calls_from(self) -> Any:
        return self.consent()[1]

    def consent_calls_until(self) -> Any:
        return self.consent()[2]

    def consent(self) -> tuple[Any, Any, Any]:
        """Where consent to more calls binds, from its receipt to its end."""
        if self._consent is None:
            self._consent = self._bounds()
        return self._consent

    def _bounds(self) -> tuple[Any, Any, Any]:
        given = self.is_mine("calls_to") & self.within_debts("calls_debts")
        if self.place is None or not _any(given):
            return False, NEVER, NEVER
        received = np.asarray(self.kept_or("calls_received", 0), np.int64)
        received = np.broadcast_to(received, self.minute.shape)
        day = local_day_of(received, self.place) + self.numbers["more_calls_days"]
        last: Any = instant_of_local(day * DAY_MINUTES, self.place)  # type: ignore[type-var]
        end = np.minimum(last, self.kept_or("calls_revoked", NEVER))
        end = np.minimum(end, ends_of_consent(self.joined, received))
        return given, np.where(given, received, NEVER), np.where(given, end, NEVER)

    def within_debts(self, name: str) -> Any:
        """Where recorded debts are not said, or hold all of the attempt's."""
        if name not in self.rows.columns:
            return True
        lacking = pl.col("debts").list.set_difference(name).list.len() > 0
        beyond = (lacking & pl.col(name).is_not_null()).fill_null(False)
        return self.rows.select(~beyond).to_series().to_numpy()

    def kept_or(self, name: str, silence: int) -> Any:
        return where(self.is_known(name), self.value(name), silence)

    def under_consent(self) -> Truths:
        """The past contacts under a consent to more calls, 12 CFR 1006.14(b)(3)(i)."""
        given, start, end = self.consent()
        joined = self.joined
        if given is False or self.place is None:
            return np.zeros(len(joined.rows), np.bool_)
        here = (joined.of(start) < joined.minute) & (joined.minute < joined.of(end))
        days = self.rows["calls_days"][0] if "calls_days" in self.rows.columns else None
        if days is None or not len(days):
            return np.asarray(here)
        return np.asarray(here & np.isin(joined.day(self.place), days.to_numpy()))

    # --- moments ---

    def breathing_from(self) -> Any:
        return self._begun("breathing_first")

    def breathing_until(self) -> Any:
        return self._begun("breathing_last", 1)

    def adviser_from(self) -> Any:
        return self._begun("adviser_since_day")

    def adviser_until(self) -> Any:
        return self.starts("adviser_since_day", self.numbers["adviser_days"])

    def _begun(self, name: str, later: int = 0) -> Any:
        """A start; with no known place it has begun."""
        if self.place is not None:
            return self.starts(name, later)
        return where(self.is_known(name), BEFORE_ALL, NEVER)

    def long_past_due_from(self) -> Any:
        """The day on which the debt is longer past due than the days of grace, if it stays so."""
        if self.place is None or self.is_known("days_past_due") is False:
            return NEVER
        past_due, grace = (
            np.asarray(self.value("days_past_due"), np.int64),
            self.numbers["grace_days"],
        )
        day = self.today() + grace + 1 - past_due
        reached: Any = instant_of_local(day * DAY_MINUTES, self.place)  # type: ignore[type-var]
        found = np.where(past_due > 0, reached, NEVER)
        found = np.where(past_due > grace, BEFORE_ALL, found)
        return np.where(self.is_known("days_past_due"), found, NEVER)


def _truth(value: Any) -> Any:
    return value if isinstance(value, np.ndarray) else bool(value)


def _values(value: Any) -> Any:
    return value.values if isinstance(value, Column) else value


def _any(value: Any) -> bool:
    return bool(np.any(value))


def _same(value: Any, wanted: str) -> Any:
    return value == wanted


def _among(value: Any) -> Any:
    return np.isin(value, list(VOICE)) if isinstance(value, np.ndarray) else value in VOICE
