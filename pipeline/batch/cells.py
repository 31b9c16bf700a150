"""What a cell of a roster is worth at its place in a case: the schema says which type belongs there."""

from __future__ import annotations

import re
from datetime import date
from typing import Final

from pipeline.batch.sheet import Cell, Unreadable
from pipeline.case.vocabulary import Node

Value = str | int | bool | list["Value"]
"""A value as a case file has it."""

_SHORTENED: Final = re.compile(r"[+-]?\d([.,]\d+)?E[+-]\d+")
"""How Excel writes a long number into a CSV file: 1.23457E+11."""
_INEXACT: Final = 10**15
"""From here on Excel keeps the first 15 digits of a number."""
_FLAGS: Final = {"yes": True, "true": True, "y": True, "no": False, "false": False, "n": False}


class CellError(Exception):
    """Why a cell cannot be taken over: what is wrong, and the remedy.  Never holds the value."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.message, self.remedy = message, remedy


def value_of(cell: Cell, node: Node) -> Value:
    """The value of a cell that is not empty, in the type that the schema has at its place.

    Whether a text is a right one, such as a date of the calendar, is left to the schema.  Raises CellError.
    """
    if isinstance(cell, Unreadable):
        raise CellError(cell.message, cell.remedy)
    match node.first("type"):
        case "boolean":
            return _flag(cell)
        case "integer":
            return _whole(cell)
        case "array":
            return _list(cell, node)
        case "object":
            raise CellError("several values belong at this place", "Use a column for each place inside it; a hyphen takes the whole out.")
        case _:
            return _text(cell, node)


def _flag(cell: Cell) -> bool:
    flag = cell if isinstance(cell, bool) else _FLAGS.get(str(cell).casefold())
    if flag is None:
        raise CellError("holds neither yes nor no", "Write yes or no.")
    return flag


def _whole(cell: Cell) -> int:
    if isinstance(cell, int) and not isinstance(cell, bool):
        return cell
    if isinstance(cell, str) and cell.isascii() and cell.isdecimal() and len(cell) <= 18:
        return int(cell)
    raise CellError("holds no whole number", "Write digits alone, without sign, comma or cents.")


def _list(cell: Cell, node: Node) -> list[Value]:
    entry = node.entry()
    if entry is None or entry.first("type") in ("object", "array"):
        raise CellError("a list belongs at this place", "Use a column for each entry, such as /beneficiaries/0/name/family.")
    parts: list[Cell] = [part.strip() for part in cell.split(";") if part.strip()] if isinstance(cell, str) else [cell]
    return [value_of(part, entry) for part in parts]


def _text(cell: Cell, node: Node) -> str:
    dated = node.first("format") == "date"
    if (isinstance(cell, str) and _SHORTENED.fullmatch(cell)) or (isinstance(cell, int) and cell >= _INEXACT):
        raise CellError("holds a long number that Excel has shortened", "Format the cell as text, write it again, and save once more.")
    if isinstance(cell, str):
        return cell.replace("\r\n", "\n").replace("\r", "\n")
    if isinstance(cell, date) and dated:
        return cell.isoformat()
    if isinstance(cell, int) and not isinstance(cell, bool) and not dated:
        return str(cell)
    if dated:
        raise CellError("holds a number where a date belongs", "Format the cell as a date, or write the date as 2015-06-09.")
    raise CellError("holds a date, a fraction or true and false where text belongs", "Format the cell as text, and write it again.")
