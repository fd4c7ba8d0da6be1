"""Parquet by pyarrow: row groups streamed, typed columns written as canonical text.

The text of a typed value is the one the default map reads: ISO dates, plain decimals, whole numbers
without a point. A date and time at midnight is its date. Row n of the file is line n + 1.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import polars as pl
import pyarrow as pa
import pyarrow.compute
import pyarrow.parquet

from kept.batch.intake.raw import RawFile
from kept.batch.intake.refusals import FileRefused
from kept.batch.intake.tables import LINE_ERROR, LINE_NO, cell_column, column_names
from kept.core.intake import FileCode, FileFormat

__all__ = ["ParquetTable", "open_parquet"]

_BATCH_ROWS = 50_000
# What one batch of a column may hold once its dictionary is written out: Parquet can repeat one
# long text a billion times in a few bytes.
_COLUMN_BYTES_MAX = 256 << 20
_WHOLE_FLOAT_MAX = 2**53


# What a damaged file, or one made to do harm, makes the libraries raise.
_UNREADABLE = (
    pa.ArrowException,
    OSError,
    pl.exceptions.PolarsError,
    pl.exceptions.PanicException,
)
_PLAIN = (
    pa.types.is_null,
    pa.types.is_boolean,
    pa.types.is_integer,
    pa.types.is_floating,
    pa.types.is_decimal,
    pa.types.is_string,
    pa.types.is_large_string,
    pa.types.is_string_view,
    pa.types.is_date,
    pa.types.is_timestamp,
    pa.types.is_time,
)


@dataclass(frozen=True, slots=True)
class ParquetTable:
    columns: tuple[str, ...]
    found: dict[str, str]
    raw: RawFile
    raw_names: tuple[str, ...]
    format: FileFormat = FileFormat.PARQUET

    def frames(self, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
        raw = {name: self.raw_names[self.columns.index(name)] for name in columns}
        line = 2
        try:
            with pa.parquet.ParquetFile(self.raw.source) as file:
                dictionaries = [name for name in raw.values() if _is_text(file.schema_arrow, name)]
            # Dictionaries stay dictionaries until their size is known.
            with pa.parquet.ParquetFile(self.raw.source, read_dictionary=dictionaries) as file:
                for batch in file.iter_batches(_BATCH_ROWS, columns=list(raw.values())):
                    yield _text_frame(batch, raw, line)
                    line += batch.num_rows
        except _UNREADABLE as error:
            raise _damaged(error) from error


def open_parquet(raw: RawFile) -> ParquetTable:
    try:
        with pa.parquet.ParquetFile(raw.source) as file:
            names = tuple(file.schema_arrow.names)
            rows = file.metadata.num_rows
    except _UNREADABLE as error:
        raise _damaged(error) from error
    return ParquetTable(column_names(names, 1), {"rows": str(rows)}, raw, names)


def _damaged(error: BaseException) -> FileRefused:
    reason = str(error).splitlines()[0][:200].rstrip(".") if str(error) else type(error).__name__
    return FileRefused(FileCode.DAMAGED_FILE, format="Parquet", reason=reason)


def _is_text(schema: pa.Schema, name: str) -> bool:
    kind = schema.field(name).type
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _text_frame(batch: pa.RecordBatch, raw: dict[str, str], line: int) -> pl.DataFrame:
    columns = {
        cell_column(name): _text(name, batch.column(place)) for place, name in enumerate(raw)
    }
    return pl.DataFrame(columns).with_columns(
        pl.int_range(line, line + batch.num_rows, dtype=pl.Int64).alias(LINE_NO),
        pl.lit(None, dtype=pl.String).alias(LINE_ERROR),
    )


def _text(name: str, column: pa.Array) -> pl.Series:
    kind = column.type
    if pa.types.is_dictionary(kind):
        _check_written_out(name, column)
        kind = kind.value_type
    if not any(is_plain(kind) for is_plain in _PLAIN):
        raise FileRefused(FileCode.NESTED_COLUMN, column=name, kind=str(kind))
    column.validate(full=True)  # of text, that it is UTF-8
    if pa.types.is_decimal256(kind) or pa.types.is_time(kind):
        column = column.cast(pa.string())
    series = pl.Series(name, pl.from_arrow(column))
    return _canonical(series).fill_null("")


def _check_written_out(name: str, column: pa.DictionaryArray) -> None:
    values = column.dictionary
    longest = pa.compute.max(pa.compute.binary_length(values.cast(pa.large_string()))).as_py() or 0
    if longest * len(column) > _COLUMN_BYTES_MAX:
        most = _COLUMN_BYTES_MAX
        raise FileRefused(FileCode.ZIP_BOMB, found=longest * len(column), most=most)


def _canonical(series: pl.Series) -> pl.Series:
    kind = series.dtype
    if kind == pl.String:
        return series
    if isinstance(kind, pl.Categorical | pl.Enum) or kind == pl.Null:
        return series.cast(pl.String)
    if kind.is_float():
        return _float_text(series)
    if isinstance(kind, pl.Datetime):
        return _moment_text(series, kind)
    if kind == pl.Date:
        return series.dt.strftime("%Y-%m-%d")
    return series.cast(pl.String)


def _float_text(series: pl.Series) -> pl.Series:
    """Whole numbers without a point: many writers make floats of whole numbers with gaps."""
    frame = series.alias("x").to_frame()
    whole = (pl.col("x") == pl.col("x").round(0)) & (pl.col("x").abs() < _WHOLE_FLOAT_MAX)
    text = (
        pl.when(whole)
        .then(pl.when(whole).then(pl.col("x")).cast(pl.Int64).cast(pl.String))
        .otherwise(pl.col("x").cast(pl.String))
    )
    return frame.select(text).to_series()


def _moment_text(series: pl.Series, kind: pl.Datetime) -> pl.Series:
    form = "%Y-%m-%dT%H:%M:%S%.f" + ("%:z" if kind.time_zone else "")
    text = series.dt.strftime(form)
    if kind.time_zone:
        return text
    frame = pl.DataFrame(
        {"day": series.dt.strftime("%Y-%m-%d"), "text": text, "time": series.dt.time()}
    )
    midnight = pl.col("time").cast(pl.Int64) == 0
    return frame.select(pl.when(midnight).then(pl.col("day")).otherwise(pl.col("text"))).to_series()
