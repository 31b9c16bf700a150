"""Reading a roster's table: CSV in UTF-8, or a sheet of an Excel workbook."""

from __future__ import annotations

import codecs
import csv
import io
import os
import select
import warnings
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import closing
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Final
from zipfile import ZipFile

from msgspec import Struct
from openpyxl import Workbook, load_workbook
from openpyxl.utils.escape import unescape

from pipeline.errors import CaseUnreadableError, PacketError
from pipeline.sealed import Sealed

MAX_BYTES: Final = 100_000_000
"""The largest roster that is read."""
PATIENCE: Final = 30.0
"""Seconds in which a pipe has to begin."""

_DELIMITERS: Final = ",;\t"
_EXCEL: Final = frozenset({".xlsx", ".xlsm"})


class Unreadable(Struct, frozen=True):
    """A cell that has no value to take over: what is wrong with it, and the remedy."""

    message: str
    remedy: str


Cell = str | int | float | bool | date | Unreadable | None
"""What a cell holds; None when it is empty.  A CSV file has text only."""

_NO_VALUE = Unreadable("holds a formula that was never calculated", "Open the workbook in Excel, save it, and run it again.")
_ERROR = Unreadable("holds an error of Excel", "Correct the formula, or write the value itself.")
_MERGED = Unreadable("is merged with another cell, which alone holds the value", "Undo the merge, and write the value into each cell.")
_TIME = Unreadable("holds a time of day, which no place in a case takes", "Write the day alone, or format the cell as text.")


class Row(Sealed, frozen=True):
    """A row as the spreadsheet numbers it, from 1; empty cells at its end are left out."""

    number: int
    cells: tuple[Cell, ...]


class Table(Sealed, frozen=True):
    """The rows of a roster that hold anything."""

    name: str
    """The file's name, for messages."""
    rows: tuple[Row, ...]


def read_table(path: Path, sheet: str | None = None) -> Table:
    """The table in a file; of a workbook the sheet that is named, or else the first that is not hidden.

    A CSV file is UTF-8 (a byte order mark is allowed) with commas, semicolons or tabs between its cells; a first line
    `sep=;`, as Excel writes it, is heeded.  Raises CaseUnreadableError when the file cannot be read as a table.
    """
    try:
        content = _content(path)
    except OSError as error:
        raise _fault(path, f"the roster cannot be read: {error.strerror}", "Check the path and the file's permissions.") from None
    if len(content) > MAX_BYTES:
        raise _fault(path, "the roster is larger than 100 MB", "Split it, and run the parts one after the other.")
    excel = path.suffix.lower() in _EXCEL
    if sheet is not None and not excel:
        raise _fault(path, "a sheet was named, and only an Excel workbook has sheets", "Leave --sheet out, or name the workbook.")
    rows = _excel(path, content, sheet) if excel else _csv(path, content)
    return Table(path.name, tuple(row for row in map(_trimmed, rows) if row.cells))


def _content(path: Path) -> bytes:
    """What a roster holds, of one that is too large hardly more than the beginning; a pipe is read to its end, once it gives anything."""
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as stream:
        if not select.select([stream], [], [], PATIENCE)[0]:
            message = f"the roster is a pipe out of which nothing came in {PATIENCE:g} seconds"
            raise _fault(path, message, "Write the table to a file first, and name that.")
        os.set_blocking(stream.fileno(), True)
        return stream.read(MAX_BYTES + 1)


def _fault(path: Path, message: str, remedy: str) -> CaseUnreadableError:
    return CaseUnreadableError.one("roster", path.name, message, remedy)


def _trimmed(row: Row) -> Row:
    """The row without spaces around its texts and without empty cells at its end."""
    cells = [cell.strip() or None if isinstance(cell, str) else cell for cell in row.cells]
    while cells and cells[-1] is None:
        cells.pop()
    return Row(row.number, tuple(cells))


def _csv(path: Path, content: bytes) -> Iterator[Row]:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, b"PK")):
        raise _fault(path, "this is no CSV file in UTF-8", "Save it as `CSV UTF-8`, or name an Excel workbook .xlsx.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise _fault(path, f"line {line} holds a byte that is not UTF-8", "Save it as `CSV UTF-8`.") from None
    first, _, rest = text.partition("\n")
    skipped = 0
    if first.lower().startswith("sep=") and first[4:].rstrip(" \r") in tuple(_DELIMITERS):
        delimiter, text, skipped = first[4], rest, 1
    else:
        delimiter = max(_DELIMITERS, key=lambda mark: _width(text, mark))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for number, cells in enumerate(reader, 1 + skipped):
            yield Row(number, tuple(cells))
    except csv.Error:
        message = f"line {reader.line_num + skipped} has a quotation mark out of place, or a cell that is too long"
        raise _fault(path, message, "Put a cell that holds quotation marks in quotation marks, and double those inside.") from None


def _width(text: str, delimiter: str) -> int:
    """How many cells the first row that holds anything has with a delimiter; 0 when it cannot be read with it."""
    try:
        return next((len(row) for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if any(map(str.strip, row))), 0)
    except csv.Error:
        return 0


def _excel(path: Path, content: bytes, sheet: str | None) -> list[Row]:
    """Every row of a sheet; a workbook is opened twice, because openpyxl gives either formulas or what they came to."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # about drop-down lists and colours, which a roster may have
            # from memory, since openpyxl leaves a file open whose sheet is broken
            values, formulas = (load_workbook(io.BytesIO(content), read_only=True, data_only=data) for data in (True, False))
            with closing(values), closing(formulas):
                covered = _covered(path, content, sheet)
                pairs = [_rows(_chosen(path, book, sheet)) for book in (values, formulas)]
                return [
                    Row(number, _marked([_cell(*both) for both in zip(*row, strict=True)], covered.get(number, ())))
                    for number, row in enumerate(zip(*pairs, strict=True), 1)
                ]
    except PacketError:
        raise
    except Exception:  # openpyxl has no error of its own for a workbook that is damaged
        message = "this is no Excel workbook, or it is damaged or encrypted, or has a chart as a sheet of its own"
        raise _fault(path, message, "Save the table alone as .xlsx, without a password.") from None


def _chosen(path: Path, book: Workbook, sheet: str | None) -> Any:
    """The sheet of a name, or the first that its reader sees."""
    if sheet is None:
        return next((each for each in book.worksheets if each.sheet_state == "visible"), book.worksheets[0])
    if sheet not in book.sheetnames:
        raise _fault(path, "the workbook has no sheet of the name that was asked for", f"It has {len(book.sheetnames)}; name one of them.")
    return book[sheet]


def _rows(sheet: Any) -> Iterator[Sequence[Any]]:
    sheet.reset_dimensions()  # what other programs wrote about the sheet's size may be wrong
    rows: Iterator[Sequence[Any]] = sheet.iter_rows()
    return rows


def _marked(cells: Sequence[Cell], merged: Collection[int]) -> tuple[Cell, ...]:
    """The cells of a row with those in the columns that are merged, counted from 1, marked as such."""
    if not merged:
        return tuple(cells)
    width = max(len(cells), *merged)
    return tuple(_MERGED if column in merged else cells[column - 1] if column <= len(cells) else None for column in range(1, width + 1))


def _covered(path: Path, content: bytes, sheet: str | None) -> Mapping[int, Collection[int]]:
    """By row the columns of cells that look as if they held what another one holds, with which they are merged."""
    with ZipFile(io.BytesIO(content)) as parts:
        if not any(b"mergeCell" in parts.read(name) for name in parts.namelist() if "/worksheets/" in name):
            return {}  # which spares opening it a third time, whole
    chosen = _chosen(path, load_workbook(io.BytesIO(content)), sheet)
    found: dict[int, set[int]] = {}
    for area in chosen.merged_cells.ranges:
        if chosen.cell(area.min_row, area.min_col).value is not None:
            for row, column in set(area.cells) - {(area.min_row, area.min_col)}:
                found.setdefault(row, set()).add(column)
    return found


def _cell(cell: Any, source: Any) -> Cell:
    """The value of a cell; `source` is the same cell with its formula."""
    value = cell.value
    if value is None:
        return _NO_VALUE if source.value is not None and cell.data_type != "str" else None  # str: it came to an empty text
    if cell.data_type == "e":
        return _ERROR
    if isinstance(value, datetime) and value.time() == time():
        return value.date()
    if isinstance(value, datetime | time | timedelta):
        return _TIME
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and set(cell.number_format) == {"0"}:
        return str(value).zfill(len(cell.number_format))  # a ZIP code 02134 that Excel holds as a number and shows with its zero
    # Excel writes a control character as its number, such as _x000D_ for half of a line break
    return value if isinstance(value, int | float | bool | date) else unescape(str(value))
