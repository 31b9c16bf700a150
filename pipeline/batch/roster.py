"""A roster: a table with one case a row, laid over a base case.

A column's header is the JSON pointer that it fills, or a name that a file of columns leads to one.  An empty cell leaves
what the base case has; a hyphen takes it out.  The roster is judged whole before anything is built; what the schema and
the rules find in the case of a row is that case's own, and leads back to its row and column.
"""

from __future__ import annotations

import copy
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import yaml
from msgspec import Struct

from pipeline.batch.cells import CellError, Value, value_of
from pipeline.batch.model import Task
from pipeline.batch.sheet import Cell, Row, Table, read_table
from pipeline.batch.tasks import task_of
from pipeline.case.load import load
from pipeline.case.model import CaseText
from pipeline.case.pointer import tokens_of
from pipeline.case.schema import schema_findings
from pipeline.case.vocabulary import Node, root
from pipeline.errors import CaseInvalidError, CaseUnreadableError
from pipeline.findings import Finding, Level

CASE_ID: Final = "/case_id"
REMOVE: Final = "-"
"""A cell that takes out what the base case has."""

Tokens = tuple[str | int, ...]


class Column(Struct, frozen=True):
    """A column that fills a place of the case."""

    index: int
    """From 0."""
    header: str
    pointer: str
    tokens: Tokens
    node: Node
    """What the schema says of the place."""


class _Fault(Struct, frozen=True):
    """What is wrong with a cell; `column` is None for a cell without a header."""

    column: Column | None
    message: str
    remedy: str


def roster_tasks(roster: Path, base: Path, columns: Path | None = None, sheet: str | None = None) -> list[Task]:
    """The cases of a roster in its order, one a row.

    `columns` is a JSON or YAML file that maps headers to JSON pointers, or to nothing for columns that are not used; case and
    runs of spaces do not matter in headers.  `sheet` names a sheet of a workbook.  Raises CaseUnreadableError with everything
    that is wrong with the table, its columns and its cells, each named by row and column; never with a value.  Raises CaseInvalidError
    with what the schema says for a base case that is no object.
    """
    table = read_table(roster, sheet)
    names = _names(columns) if columns else {}
    used, faults = _columns(table, names)
    data = _base(base)
    if faults:
        raise CaseUnreadableError(faults)
    if len(table.rows) < 2:
        raise CaseUnreadableError.one("roster", table.name, "the roster has no row below its headers", "Add a row for each case.")
    headers = {column.pointer: column.header for column in used}
    tasks = []
    for row in table.rows[1:]:
        merged, wrong = _merged(data, row, used)
        text = json.dumps(merged, ensure_ascii=False)
        place = CaseText(base, text, f"{table.name} row {row.number}", headers)
        faults += [_finding(place, fault) for fault in (*wrong, *_without_header(row, table))]
        if not faults:
            tasks.append(task_of(place.name, base, text, headers))
    if faults:
        raise CaseUnreadableError(faults)
    return tasks


def _base(path: Path) -> Mapping[str, Any]:
    """The base case; whether it is a whole one shows only with the rows."""
    case = load(path)
    if not isinstance(case.data, dict):
        raise CaseInvalidError(schema_findings(case))
    return case.data


def _names(path: Path) -> Mapping[str, str | None]:
    """Pointers by header, in the form that headers are compared in."""
    try:
        top = yaml.compose(path.read_text(encoding="utf-8-sig"), yaml.SafeLoader)  # JSON is YAML
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        raise CaseUnreadableError.one(
            "roster-columns", str(path), "cannot be read as JSON or YAML", 'Write lines such as "family name: /petitioner/name/family".'
        ) from None
    pairs = top.value if isinstance(top, yaml.MappingNode) else []
    if not pairs or not all(isinstance(key, yaml.ScalarNode) and _tag(value) in ("str", "null") for key, value in pairs):
        remedy = 'Write lines such as "family name: /petitioner/name/family"; leave the pointer out for a column that is not used.'
        raise CaseUnreadableError.one("roster-columns", str(path), "is no list of headers with a JSON pointer each", remedy)
    names = [_plain(key.value) for key, _ in pairs]  # as written: a header may be No or On, which YAML takes for no text
    if twice := [_named_twice(path, key) for place, (key, _) in enumerate(pairs) if names[place] in names[:place]]:
        raise CaseUnreadableError(twice)
    return {name: value.value if _tag(value) == "str" else None for name, (_, value) in zip(names, pairs, strict=True)}


def _tag(node: yaml.Node) -> str:
    """What kind of value YAML takes a node for: `str`, `null`, `map`, ..."""
    return str(node.tag).rpartition(":")[2]


def _named_twice(path: Path, key: yaml.ScalarNode) -> Finding:
    where, message = f"{path} line {key.start_mark.line + 1}", f'the header "{_plain(key.value)}" is named twice'
    return Finding(
        "roster-columns", Level.ERROR, where, message, "Keep one of the two; upper and lower case and spaces make no difference."
    )


def _plain(header: str) -> str:
    return " ".join(header.split()).casefold()


def _columns(table: Table, names: Mapping[str, str | None]) -> tuple[list[Column], list[Finding]]:
    """The columns in the order of the places that they fill, and everything wrong with the headers."""
    faults: list[Finding] = []
    columns: list[Column] = []
    head = table.rows[0].cells if table.rows else ()
    for index, cell in enumerate(head):
        header = cell if isinstance(cell, str) else ""
        pointer = names.get(_plain(header), header) if header else header
        if pointer is None:
            continue
        try:
            columns.append(Column(index, header, pointer, *_place(pointer)))
        except LookupError as error:
            if header or any(index < len(row.cells) and row.cells[index] is not None for row in table.rows):
                faults.append(_header_fault(table, f"column {index + 1}", *error.args))
    faults += _wanting(table, names, head)
    faults += _twice(table, columns)
    if not faults and not any(column.pointer == CASE_ID for column in columns):
        remedy = f"Add a column {CASE_ID}, or map one to it: each row needs an id of its own."
        faults.append(_header_fault(table, "headers", "no column fills the case's id", remedy))
    return sorted(columns, key=lambda column: column.tokens), faults


def _place(pointer: str) -> tuple[Tokens, Node]:
    """A pointer's tokens, and the schema of the place.  Raises LookupError with what is wrong and the remedy."""
    if not pointer.startswith("/"):
        raise LookupError("the header is no JSON pointer, and no file of columns leads it to one", "Map it, or map it to nothing.")
    tokens: list[str | int] = []
    node: Node | None = root()
    for token in tokens_of(pointer):
        entry = node.entry() if node else None
        if node and entry:
            node = entry if token.isdecimal() and str(int(token)) == token else None
            tokens.append(int(token) if token.isdecimal() else token)
        else:
            node = node.properties().get(token) if node else None
            tokens.append(token)
    if node is None:
        raise LookupError("the header leads to a place that a case does not have", "See docs/case.md for the places of a case.")
    return tuple(tokens), node


def _header_fault(table: Table, place: str, message: str, remedy: str) -> Finding:
    row = table.rows[0].number if table.rows else 1
    return Finding("roster-columns", Level.ERROR, f"{table.name} row {row}, {place}", message, remedy)


def _wanting(table: Table, names: Mapping[str, str | None], head: tuple[Cell, ...]) -> Iterator[Finding]:
    """A finding for each header of the file of columns that the roster lacks: its place would silently stay the base case's."""
    present = {_plain(cell) for cell in head if isinstance(cell, str)}
    for header in names:
        if header not in present:
            message = f'there is no column "{header}", which the file of columns names'
            yield _header_fault(table, "headers", message, "Add the column, or take the header out of the file of columns.")


def _twice(table: Table, columns: list[Column]) -> Iterator[Finding]:
    counts = Counter(column.pointer for column in columns)
    for column in columns:
        if counts[column.pointer] > 1:
            yield _header_fault(table, f"column {column.index + 1}", "another column fills the same place", "Keep one of the two.")


def _merged(base: Mapping[str, Any], row: Row, columns: Sequence[Column]) -> tuple[dict[str, Any], list[_Fault]]:
    """The base case with a row laid over it, and everything wrong with the row's cells."""
    cells = [(column, row.cells[column.index] if column.index < len(row.cells) else None) for column in columns]
    removed = [column for column, cell in cells if cell == REMOVE]
    merged, faults = copy.deepcopy(dict(base)), []
    for column, cell in cells:
        if column.pointer == CASE_ID and cell in (None, REMOVE):
            faults.append(_Fault(column, "the row has no case id", "Give each row an id of its own."))
        elif cell is not None and cell != REMOVE:
            faults += _filled(merged, column, cell, removed)
    for column in reversed(removed):
        faults += _taken_out(merged, column)
    return merged, faults


def _filled(data: dict[str, Any], column: Column, cell: Cell, removed: Sequence[Column]) -> Iterator[_Fault]:
    """Writes a cell's value to its place, with the objects and list entries that lead there."""
    if any(column.tokens[: len(outer.tokens)] == outer.tokens for outer in removed):
        yield _Fault(column, "another cell of the row takes out what this one fills", "Keep one of the two.")
        return
    try:
        value = value_of(cell, column.node)
    except CellError as error:
        yield _Fault(column, error.message, error.remedy)
        return
    if not _put(data, column.tokens, value):
        remedy = "Fill the entries before it, in this row or in the base case."
        yield _Fault(column, "the place does not follow on what the case has", remedy)


def _put(data: Any, tokens: Tokens, value: Value) -> bool:
    """Sets the value at a path; False when a list lacks entries before it or something else stands on the way."""
    *path, last = tokens
    try:
        for token, following in zip(path, tokens[1:], strict=True):
            data = _inner(data, token, [] if isinstance(following, int) else {})
        _inner(data, last, value)
    except LookupError:
        return False
    data[last] = value
    return True


def _inner(data: Any, token: str | int, new: Any) -> Any:
    """What stands in an object or list, or else `new`, which then stands there.  Raises LookupError when nothing can."""
    if isinstance(data, dict) and isinstance(token, str):
        return data.setdefault(token, new)
    if not isinstance(data, list) or not isinstance(token, int) or token > len(data):
        raise LookupError
    if token == len(data):
        data.append(new)
    return data[token]


def _taken_out(data: Any, column: Column) -> Iterator[_Fault]:
    """Takes out what stands at a place, if anything does; of a list only its last entry, so that no other entry changes its place."""
    *path, last = column.tokens
    try:
        for token in path:
            data = data[token]
    except (LookupError, TypeError):
        return
    if isinstance(data, dict):
        data.pop(last, None)
    elif isinstance(data, list) and isinstance(last, int) and last < len(data):
        if last + 1 < len(data):
            yield _Fault(
                column, "only the last entries of a list can be taken out", "Order the entries so that those to take out come last."
            )
        del data[last]


def _without_header(row: Row, table: Table) -> Iterator[_Fault]:
    if len(row.cells) > len(table.rows[0].cells):
        message = "a cell stands right of the last header"
        yield _Fault(None, message, "Add a header, or put a cell that holds the separator in quotation marks.")


def _finding(place: CaseText, fault: _Fault) -> Finding:
    where = place.where(fault.column.pointer) if fault.column else place.name
    return Finding("roster-cell", Level.ERROR, where, fault.message, fault.remedy)
