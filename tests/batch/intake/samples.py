"""Small files and maps for the tests of reading; none of them needs the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from kept.batch.intake.loading import read_map
from kept.batch.intake.normalising import normalise
from kept.batch.intake.prepared import FileContext, Prepared, ProductContext
from kept.batch.intake.reading import Source, open_source, open_table
from kept.batch.intake.tables import LINE_ERROR, LINE_NO
from kept.core.intake import Coverage, FileMap, IntakeMap

TODAY = date(2026, 11, 22)
AS_OF = date(2026, 11, 21)

CONTEXT = FileContext(
    as_of=AS_OF,
    today=TODAY,
    country="CN",
    currency="CNY",
    zone="Asia/Shanghai",
    language="zh-Hans",
    products={
        "CARD": ProductContext("CNY", False, ("principal", "interest", "fee")),
        "YEN": ProductContext("JPY", True, ("principal",)),
        "DINAR": ProductContext("KWD", False, ("principal",)),
    },
)

SMALL = """
spec_version: 1
file: {coverage: full}
account: {external_id: id, product: {constant: CARD}}
debtor: {name: name}
balances: {principal: principal}
"""


def small_map(**parts: Any) -> IntakeMap:
    """SMALL with keys added to its parts; `account={"due_on": "due"}` adds to account."""
    import yaml

    mapping = yaml.safe_load(SMALL)
    for key, value in parts.items():
        if isinstance(value, Mapping) and isinstance(mapping.get(key), dict):
            mapping[key] = {**mapping[key], **value}
        else:
            mapping[key] = value
    return read_map(yaml.safe_dump(mapping, allow_unicode=True))


def frame_of(*rows: Mapping[str, str]) -> pl.DataFrame:
    """Rows as reading gives them; a row without a name or a principal gets one."""
    columns = {"id": "A1", "name": "张三", "principal": "100.00"}
    for row in rows:
        columns |= dict.fromkeys(row, "") | {k: columns[k] for k in columns if k in row}
    data = {name: [row.get(name, default) for row in rows] for name, default in columns.items()}
    return pl.DataFrame(data, schema=dict.fromkeys(data, pl.String())).with_columns(
        pl.Series(LINE_NO, range(2, len(rows) + 2), dtype=pl.Int64),
        pl.lit(None, dtype=pl.String).alias(LINE_ERROR),
    )


def prepare(
    intake_map: IntakeMap, *rows: Mapping[str, str], context: FileContext = CONTEXT
) -> Prepared:
    return normalise(frame_of(*rows), intake_map, context)


def faults(prepared: Prepared) -> list[tuple[int, str, str]]:
    return list(prepared.errors.select("line_no", "field", "code").iter_rows())


def write(folder: Path, content: bytes | str, name: str = "file.csv") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def table_rows(path: Path, columns: Sequence[str] | None = None, **file: Any) -> pl.DataFrame:
    """All rows of a file, read without a map."""
    table = open_table(path, FileMap(coverage=Coverage.FULL, **file))
    names = columns or table.columns
    text = dict.fromkeys(names, pl.String())
    nothing = pl.DataFrame(schema={**text, LINE_NO: pl.Int64(), LINE_ERROR: pl.String()})
    return pl.concat([nothing, *table.frames(names)])


def all_rows(source: Source, rows: int = 1000) -> pl.DataFrame:
    return pl.concat(list(source.chunks(rows)))


def opened(path: Path, intake_map: IntakeMap) -> Source:
    return open_source(path, intake_map)
