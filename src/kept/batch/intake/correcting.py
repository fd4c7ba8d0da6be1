"""A corrected reject file becomes a resend: the refused rows, their cells put right.

The rows come from the stored bytes, the corrected cells from the reject file; together they are a
new file of changes under the map of the first one. What the reject file does not hold stays as it
was sent.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TextIO

import polars as pl
import yaml
from django.utils.translation import gettext as _

from kept.batch.intake.acknowledging import REJECT_COLUMNS
from kept.batch.intake.control import Control
from kept.batch.intake.loading import load_texts, read_any_map
from kept.batch.intake.opening import open_source_of
from kept.batch.intake.receiving import FileToReceive, receive_and_run
from kept.batch.intake.tables import LINE_ERROR, LINE_NO
from kept.batch.stages import Progress, say_nothing
from kept.core.actors import Actor
from kept.core.intake import AnyMap, restore_cell
from kept.store.models import IntakeFile
from kept.store.visibility import visible_rows
from kept.work.changes import not_there
from kept.work.permissions import Permission, require
from kept.work.refusals import Refusal

__all__ = ["corrected_rows", "receive_corrections"]

Cells = dict[int, dict[str, str]]

#: What is written here is plain CSV, whatever the first file was.
_PLAIN_FILE = {"format": "csv", "encoding": "utf-8", "delimiter": ",", "coverage": "changes"}
_OF_THE_FIRST_FILE = ("quoting", "sheet", "header_line")


def receive_corrections(
    *,
    actor: Actor,
    intake_file_id: int,
    corrections: TextIO,
    now: datetime,
    progress: Progress = say_nothing,
) -> IntakeFile:
    """Send the refused rows of a file again, with the cells of the corrected reject file."""
    within = require(actor, Permission.INTAKE_RECEIVE)
    rows = visible_rows(IntakeFile, within).select_related("creditor", "run")
    first = rows.filter(pk=intake_file_id).first()
    if first is None:
        raise not_there()
    intake_map = read_any_map(first.map_text)
    content = corrected_rows(first, intake_map, corrections)
    mark = hashlib.sha256(content).hexdigest()[:12]
    file = FileToReceive(
        creditor_code=first.creditor.code,
        name=f"{first.name} (corrected)"[:255],
        content=io.BytesIO(content),
        map_name=first.map_name,
        map_text=_plain_map(first.map_text),
        given=Control(file_id=f"{first.file_id[:100]}.corrected.{mark}", as_of=first.as_of),
        is_correction=True,
    )
    return receive_and_run(actor=actor, file=file, now=now, progress=progress)


def corrected_rows(file: IntakeFile, intake_map: AnyMap, corrections: TextIO) -> bytes:
    """The refused rows as CSV: the columns that the map reads, corrected cells in their places."""
    try:
        cells = _cells(intake_map, corrections)
    except (csv.Error, UnicodeDecodeError) as error:
        raise Refusal(
            _("The reject file cannot be read: save it as CSV in UTF-8, as it was written.")
        ) from error
    written = io.BytesIO()
    rows = file.run.parameters["rows_per_chunk"]
    with open_source_of(file, intake_map) as source:
        for frame in source.chunks(rows):
            part = frame.filter(pl.col(LINE_NO).is_in(list(cells)))
            if part.height:
                _corrected(part, cells).write_csv(
                    written, include_header=not written.tell(), quote_style="always"
                )
    return written.getvalue()


def _corrected(part: pl.DataFrame, cells: Cells) -> pl.DataFrame:
    lines = [
        {name: cells[line[LINE_NO]].get(name, value) for name, value in line.items()}
        for line in part.iter_rows(named=True)
    ]
    return pl.DataFrame(lines, schema=part.schema).drop(LINE_NO, LINE_ERROR)


def _cells(intake_map: AnyMap, corrections: TextIO) -> Cells:
    """Corrected cells by line and column; refuses a file that is no reject file."""
    columns = {rule.path: rule.column for rule in intake_map.rules()}
    found: Cells = {}
    for place, line in _lines(corrections):
        column = columns.get(line["field"])
        if not _is_number(line["line_no"]) or column is None:
            raise Refusal(
                _("Line %(line)s of the reject file names no cell that the map reads: %(field)s.")
                % {"line": place, "field": line["field"]}
            )
        cell = found.setdefault(int(line["line_no"]), {})
        value = restore_cell(line["value"])
        if cell.setdefault(column, value) != value:
            raise Refusal(
                _("Line %(line)s of the reject file corrects a cell a second time, otherwise.")
                % {"line": place}
            )
    if not found:
        raise Refusal(_("The reject file has no line: there is nothing to send again."))
    return found


def _lines(corrections: TextIO) -> Iterator[tuple[int, Mapping[str, str]]]:
    reader = csv.DictReader(corrections)
    if not set(REJECT_COLUMNS) <= set(reader.fieldnames or ()):
        raise Refusal(
            _("This is not a reject file: it needs the columns %(columns)s.")
            % {"columns": ", ".join(REJECT_COLUMNS)}
        )
    for line in reader:
        yield reader.line_num, {name: line[name] or "" for name in REJECT_COLUMNS}


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19


def _plain_map(text: str) -> str:
    """The same map for a plain CSV of changes, without the control data of the first file."""
    loaded = load_texts(text)
    loaded.pop("control", None)
    shape = loaded.get("file")
    assert isinstance(shape, dict), "a stored map was read before"
    shape = {name: each for name, each in shape.items() if name not in _OF_THE_FIRST_FILE}
    return yaml.safe_dump({**loaded, "file": {**shape, **_PLAIN_FILE}}, allow_unicode=True)
