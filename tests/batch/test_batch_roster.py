"""Rosters: every row a case, every cell in its type, and everything wrong named by row and column at once."""

from __future__ import annotations

import csv
import io
import json
import os
import threading
import time
import zipfile
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from pipeline.batch import sheet
from pipeline.batch.model import Task
from pipeline.batch.roster import roster_tasks
from pipeline.batch.sheet import read_table
from pipeline.case.load import load
from pipeline.case.model import Case
from pipeline.case.schema import read_case
from pipeline.errors import CaseInvalidError, CaseUnreadableError
from pipeline.findings import Finding
from tests.conftest import SAMPLE

FAMILY, BORN = "/beneficiaries/0/name/family", "/beneficiaries/0/date_of_birth"


def _csv(folder: Path, *rows: Sequence[str], delimiter: str = ",", encoding: str = "utf-8") -> Path:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows(rows)
    path = folder / "families.csv"
    path.write_bytes(text.getvalue().encode(encoding))
    return path


def _book(folder: Path, *rows: Sequence[Any], more: str = "") -> Path:
    book = Workbook()
    sheet = book.create_sheet(more) if more else book.worksheets[0]
    for row in rows:
        sheet.append(list(row))
    path = folder / "families.xlsx"
    book.save(path)
    return path


def _at(task: Task, pointer: str) -> Any:
    return load(task.source).at(pointer)


def _faults(roster: Path, columns: Path | None = None, base: Path = SAMPLE) -> list[Finding]:
    with pytest.raises(CaseUnreadableError) as caught:
        roster_tasks(roster, base, columns)
    return list(caught.value.findings)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_each_row_is_the_base_case_with_its_cells(tmp_path: Path, delimiter: str, encoding: str) -> None:
    roster = _csv(tmp_path, ["/case_id", FAMILY], ["osei-1", "Oséi, Łęcki"], [], ["osei-2", ""], delimiter=delimiter, encoding=encoding)
    first, second = roster_tasks(roster, SAMPLE)
    assert (first.name, first.case_id, first.path) == ("families.csv row 2", "osei-1", SAMPLE)
    assert (second.name, second.case_id) == ("families.csv row 4", "osei-2")
    assert (_at(first, FAMILY), _at(second, FAMILY)) == ("Oséi, Łęcki", "Tostabrel")
    assert _at(first, "/request/purpose") == load(SAMPLE).at("/request/purpose")
    assert read_case(first.source).folder == SAMPLE.parent


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("blank", ["", "  ", "{0}{0}", '""{0}""', "\n\n"])
def test_a_separator_is_told_by_the_first_row_that_holds_anything(tmp_path: Path, delimiter: str, blank: str) -> None:
    path = tmp_path / "families.csv"
    rows = f"{blank.format(delimiter)}\n/case_id{delimiter}{FAMILY}\na{delimiter}Osei\n"
    path.write_text(rows, encoding="utf-8")
    (task,) = roster_tasks(path, SAMPLE)
    assert (task.name, _at(task, FAMILY)) == (f"families.csv row {rows.count(chr(10))}", "Osei")


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_separator_that_excel_announces_is_heeded(tmp_path: Path, delimiter: str) -> None:
    path = tmp_path / "families.csv"
    path.write_text(f"sep={delimiter}\r\n/case_id{delimiter}{FAMILY}\r\na{delimiter}Osei\r\n", encoding="utf-8")
    (task,) = roster_tasks(path, SAMPLE)
    assert (task.name, _at(task, FAMILY)) == ("families.csv row 3", "Osei")


def test_a_pipe_is_read_to_its_end(tmp_path: Path) -> None:
    pipe = tmp_path / "families"
    os.mkfifo(pipe)
    rows = "".join(f"case-{number},Osei\n" for number in range(20_000))  # more than a pipe holds

    def write() -> None:
        with pipe.open("w", encoding="utf-8") as stream:
            stream.write(f"/case_id,{FAMILY}\n")
            stream.flush()
            time.sleep(0.2)
            stream.write(rows)

    writer = threading.Thread(target=write)
    writer.start()
    assert len(read_table(pipe).rows) == 20_001
    writer.join()


def test_a_pipe_that_nobody_writes_into_is_named_and_not_waited_for_without_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(tmp_path / "families.xlsx")
    monkeypatch.setattr(sheet, "PATIENCE", 0.1)
    (fault,) = _faults(tmp_path / "families.xlsx")
    assert "nothing came" in fault.message


def test_headers_are_led_to_their_places(tmp_path: Path) -> None:
    columns = tmp_path / "columns.yaml"
    columns.write_text(f"file no: /case_id\nFamily  Name: {FAMILY}\nnotes:\n", encoding="utf-8")
    roster = _csv(tmp_path, ["File no", "family name", "Notes", "/request/purpose"], ["a", "Osei", "called twice", "surgery"])
    (task,) = roster_tasks(roster, SAMPLE, columns)
    assert (_at(task, FAMILY), _at(task, "/request/purpose")) == ("Osei", "surgery")
    assert "called twice" not in str(task.text)


def test_headers_that_yaml_takes_for_no_text_are_led_to_their_places(tmp_path: Path) -> None:
    columns = tmp_path / "columns.yaml"
    columns.write_text(f"No: /case_id\nOn: {BORN}\n007: {FAMILY}\nnull:\nYes: ~\n2024-01-01:\n", encoding="utf-8")
    roster = _csv(tmp_path, ["No", "on", "007", "Null", "Yes", "2024-01-01"], ["a", "2015-06-09", "Osei", "x", "y", "z"])
    (task,) = roster_tasks(roster, SAMPLE, columns)
    assert (task.case_id, _at(task, BORN), _at(task, FAMILY)) == ("a", "2015-06-09", "Osei")


@pytest.mark.parametrize(
    "content",
    ["No: /case_id\nfamily: {0}\nFamily: {1}\nNO: {1}\n", '{{"No": "/case_id", "family": "{0}",\n\n"family": "{1}", "no": null}}'],
)
def test_headers_that_the_file_of_columns_names_twice_are_all_named(tmp_path: Path, content: str) -> None:
    columns = tmp_path / "columns.yaml"
    columns.write_text(content.format(FAMILY, "/beneficiaries/0/name/given"), encoding="utf-8")
    faults = _faults(_csv(tmp_path, ["No", "family"], ["a", "Osei"]), columns)
    assert [(fault.rule, fault.message) for fault in faults] == [
        ("roster-columns", 'the header "family" is named twice'),
        ("roster-columns", 'the header "no" is named twice'),
    ]
    assert faults[0].where == f"{columns} line 3"


def test_a_cell_takes_the_type_of_its_place(tmp_path: Path) -> None:
    places = [FAMILY, BORN, "/supporters/0/annual_income", "/petitioner/reads_english", "/beneficiaries/0/biographic/race"]
    roster = _csv(tmp_path, ["/case_id", *places], ["a", "Osei", "2015-06-09", "052000", "No", "white; asian"])
    (task,) = roster_tasks(roster, SAMPLE)
    assert [_at(task, place) for place in places] == ["Osei", "2015-06-09", 52000, False, ["white", "asian"]]


def test_the_cells_of_a_workbook_come_over_in_the_type_of_their_place(tmp_path: Path) -> None:
    places = [
        BORN,
        "/supporters/0/annual_income",
        "/petitioner/reads_english",
        "/petitioner/mailing_address/zip",
        "/petitioner/daytime_phone",
    ]
    book = Workbook()
    book.worksheets[0].append(["/case_id", *places])
    book.worksheets[0].append(["a", datetime(2015, 6, 9), 52000.0, True, 2134, 7135550142])
    book.worksheets[0]["E2"].number_format = "00000"
    book.save(tmp_path / "families.xlsx")
    (task,) = roster_tasks(tmp_path / "families.xlsx", SAMPLE)
    assert [_at(task, place) for place in places] == ["2015-06-09", 52000, True, "02134", "7135550142"]
    assert task.name == "families.xlsx row 2"


def test_long_numbers_that_excel_has_shortened_are_named(tmp_path: Path) -> None:
    number = "/beneficiaries/0/passport/number"
    (fault,) = _faults(_csv(tmp_path, ["/case_id", number], ["a", "1.23457E+11"], ["b", "5E123457"]))
    assert (fault.where, fault.message) == (
        f'families.csv row 2, column "{number}" {number}',
        "holds a long number that Excel has shortened",
    )
    (fault,) = _faults(_book(tmp_path, ["/case_id", number], ["a", 123456789012345], ["b", 1234567890123456]))
    assert (fault.where, fault.message) == (
        f'families.xlsx row 3, column "{number}" {number}',
        "holds a long number that Excel has shortened",
    )


def _came_to_no_text(book: Path, cell: str) -> None:
    """Marks a formula as LibreOffice writes one that came to an empty text."""
    with zipfile.ZipFile(book) as whole:
        parts = {name: whole.read(name) for name in whole.namelist()}
    table = "xl/worksheets/sheet1.xml"
    parts[table] = parts[table].replace(f'<c r="{cell}">'.encode(), f'<c r="{cell}" t="str">'.encode())
    with zipfile.ZipFile(book, "w") as whole:
        for name, part in parts.items():
            whole.writestr(name, part)


def test_a_formula_may_come_to_nothing(tmp_path: Path) -> None:
    middle = "/petitioner/name/middle"
    book = _book(tmp_path, ["/case_id", middle], ["a", '=IF(1=1,"","q")'], ["b", "=1+1"])
    _came_to_no_text(book, "B2")
    (fault,) = _faults(book)
    assert (fault.where, fault.message) == (f'families.xlsx row 3, column "{middle}" {middle}', "holds a formula that was never calculated")
    _came_to_no_text(book, "B3")
    assert [_at(task, middle) for task in roster_tasks(book, SAMPLE)] == [load(SAMPLE).at(middle)] * 2


def test_what_excel_writes_as_a_number_is_a_character(tmp_path: Path) -> None:
    street = "/petitioner/mailing_address/street"
    book = _book(tmp_path, ["/case_id", street], ["a", "12 Main Street_x000D_"], ["b", "_x005F_x000D_"])
    assert [_at(task, street) for task in roster_tasks(book, SAMPLE)] == ["12 Main Street", "_x000D_"]


def test_a_sheet_of_a_file_that_has_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CaseUnreadableError, match="only an Excel workbook has sheets"):
        roster_tasks(_csv(tmp_path, ["/case_id"], ["a"]), SAMPLE, sheet="Old")


def test_a_sheet_may_be_named(tmp_path: Path) -> None:
    book = _book(tmp_path, ["/case_id"], ["a"], more="To file")
    assert [task.case_id for task in roster_tasks(book, SAMPLE, sheet="To file")] == ["a"]
    with pytest.raises(CaseUnreadableError):
        roster_tasks(book, SAMPLE, sheet="Other")


def test_a_hidden_sheet_is_read_only_when_it_is_named(tmp_path: Path) -> None:
    book = Workbook()
    book.worksheets[0].title = "Old"
    book.worksheets[0].sheet_state = "hidden"
    for table, case_id in (book.worksheets[0], "old"), (book.create_sheet("To file"), "new"):
        table.append(["/case_id"])
        table.append([case_id])
    book.save(tmp_path / "families.xlsx")
    assert [task.case_id for task in roster_tasks(tmp_path / "families.xlsx", SAMPLE)] == ["new"]
    assert [task.case_id for task in roster_tasks(tmp_path / "families.xlsx", SAMPLE, sheet="Old")] == ["old"]


def test_cells_that_are_merged_are_named_and_do_not_take_what_the_base_case_has(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    for row in (["/case_id", FAMILY, "/request/purpose"], ["a-1", "Osei", "surgery"], ["a-2"], ["a-3"]):
        sheet.append(row)
    for area in ("B2:B4", "C3:C4"):  # of the second no cell holds anything
        sheet.merge_cells(area)
    book.save(tmp_path / "families.xlsx")
    found = _faults(tmp_path / "families.xlsx")
    assert [one.where for one in found] == [f'families.xlsx row {number}, column "{FAMILY}" {FAMILY}' for number in (3, 4)]
    assert "merged" in found[0].message


def test_a_workbook_with_a_chart_as_a_sheet_is_refused(tmp_path: Path) -> None:
    book = Workbook()
    book.worksheets[0].append(["/case_id"])
    book.worksheets[0].append(["a"])
    book.create_chartsheet("Chart")
    book.save(tmp_path / "families.xlsx")
    (fault,) = _faults(tmp_path / "families.xlsx")
    assert "has a chart as a sheet" in fault.message


def test_a_row_adds_and_takes_out_people(tmp_path: Path) -> None:
    third, income = "/beneficiaries/2/name/family", "/supporters/0/annual_income"
    roster = _csv(tmp_path, ["/case_id", third, "/beneficiaries/1", income], ["a", "Osei", "", "-"], ["b", "", "-", ""])
    more, fewer = roster_tasks(roster, SAMPLE)
    assert (_at(more, third), _at(more, income), len(_at(more, "/beneficiaries"))) == ("Osei", None, 3)
    assert (len(_at(fewer, "/beneficiaries")), _at(fewer, income)) == (1, 91400)


def test_everything_wrong_is_named_at_once_without_a_value(tmp_path: Path) -> None:
    columns = tmp_path / "columns.json"
    columns.write_text(json.dumps({"income": "/supporters/0/annual_income", "reads": "/petitioner/reads_english"}), encoding="utf-8")
    places = ["/case_id", "income", "reads", "/beneficiaries/4/name/family", "/beneficiaries/0", "/beneficiaries/1", FAMILY]
    rows = (
        ["a", "lots and lots", "perhaps"],
        ["", "5"],
        ["b", "", "", "Gapson"],
        ["c", "", "", "", "-", ""],
        ["d", "", "", "", "-", "-", "Goneson"],
        ["e", "", "", "", "one person", "", "", "Strayson"],
    )
    found = _faults(_csv(tmp_path, places, *rows), columns)
    assert [(one.where, one.message) for one in found] == [
        ('families.csv row 2, column "reads" /petitioner/reads_english', "holds neither yes nor no"),
        ('families.csv row 2, column "income" /supporters/0/annual_income', "holds no whole number"),
        ('families.csv row 3, column "/case_id" /case_id', "the row has no case id"),
        (f'families.csv row 4, column "{places[3]}" {places[3]}', "the place does not follow on what the case has"),
        ('families.csv row 5, column "/beneficiaries/0" /beneficiaries/0', "only the last entries of a list can be taken out"),
        (f'families.csv row 6, column "{FAMILY}" {FAMILY}', "another cell of the row takes out what this one fills"),
        ('families.csv row 7, column "/beneficiaries/0" /beneficiaries/0', "several values belong at this place"),
        ("families.csv row 7", "a cell stands right of the last header"),
    ]
    assert all(one.remedy for one in found)
    told = " ".join(one.where + one.message + one.remedy for one in found)
    assert not any(value in told for value in ("lots", "perhaps", "Gapson", "Goneson", "one person", "Strayson"))


def test_a_cell_of_excel_without_a_value_is_named(tmp_path: Path) -> None:
    places = ["/case_id", FAMILY, "/request/purpose", BORN, "/beneficiaries/0/citizenship"]
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.append(places)
    sheet.append(["a", "=1/0", "#N/A", 42164, date(2015, 6, 9)])
    sheet["C2"].data_type = "e"
    book.save(tmp_path / "families.xlsx")
    found = _faults(tmp_path / "families.xlsx")
    assert sorted(one.message.split(",")[0] for one in found) == [
        "holds a date",
        "holds a formula that was never calculated",
        "holds a number where a date belongs",
        "holds an error of Excel",
    ]


def test_headers_that_lead_nowhere_are_named_by_their_number(tmp_path: Path) -> None:
    """A roster without headers has people in its first row."""
    found = _faults(_csv(tmp_path, ["Osei", "/petitioner/nam/family", FAMILY, FAMILY], ["a", "b", "c", "d"]))
    assert [one.where for one in found] == [f"families.csv row 1, column {number}" for number in (1, 2, 3, 4)]
    assert "Osei" not in " ".join(one.message + one.remedy for one in found)


def test_a_column_that_the_mapping_names_must_be_there(tmp_path: Path) -> None:
    columns = tmp_path / "columns.yaml"
    columns.write_text(f"file: /case_id\nfamily: {FAMILY}\n", encoding="utf-8")
    (fault,) = _faults(_csv(tmp_path, ["file"], ["a"]), columns)
    assert fault.message == 'there is no column "family", which the file of columns names'


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "no column fills"),
        (b"/case_id\n", "no row below"),
        (b"/request/purpose\nx\n", "no column fills"),
        ("/case_id\nOséi\n".encode("latin-1"), "line 2 holds a byte"),
        ("/case_id\na\n".encode("utf-16"), "no CSV file"),
        (b'/case_id\n"a', "line 2 has a quotation mark"),
    ],
)
def test_a_file_that_is_no_roster_is_refused(tmp_path: Path, content: bytes, says: str) -> None:
    path = tmp_path / "families.csv"
    path.write_bytes(content)
    (fault,) = _faults(path)
    assert says in fault.message
    assert fault.where.startswith("families.csv")


@pytest.mark.parametrize("name", ["families.xlsx", "missing.csv"])
def test_a_damaged_or_missing_roster_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "families.xlsx").write_bytes(b"PK\x03\x04 not a workbook")
    assert _faults(tmp_path / name)[0].rule == "roster"


@pytest.mark.parametrize("content", ["- a\n", "a: [1]\n", "a: {"])
def test_a_file_of_columns_that_is_none_is_refused(tmp_path: Path, content: str) -> None:
    columns = tmp_path / "columns.yaml"
    columns.write_text(content, encoding="utf-8")
    assert _faults(_csv(tmp_path, ["/case_id"], ["a"]), columns)[0].rule == "roster-columns"


def test_what_is_wrong_in_the_case_of_a_row_leads_back_to_its_cell(tmp_path: Path) -> None:
    task, good = roster_tasks(_csv(tmp_path, ["/case_id", BORN], ["a", "9 June 2015"], ["b", "2015-06-09"]), SAMPLE)
    with pytest.raises(CaseInvalidError) as caught:
        read_case(task.source)
    assert [one.where for one in caught.value.findings] == [f'families.csv row 2, column "{BORN}" {BORN}']
    assert read_case(good.source).case_id == "b"


_TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]) | st.sampled_from(',;"\n'), min_size=1, max_size=20).map(
    str.strip
)
_PLACES: dict[str, st.SearchStrategy[Any]] = {
    FAMILY: _TEXTS.filter(lambda text: text not in ("", "-")),
    "/supporters/0/annual_income": st.integers(0, 999_999_999),
    "/petitioner/reads_english": st.booleans(),
    BORN: st.dates(date(1900, 1, 1)).map(date.isoformat),
    "/beneficiaries/2/id": st.from_regex(r"\A[a-z0-9]+\Z"),
}


def _leaves(case: Case) -> dict[str, Any]:
    values = {place: case.at(place) for place in case.positions}
    return {place: value for place, value in values.items() if not isinstance(value, dict | list)}


@settings(max_examples=40)
@given(
    st.lists(st.fixed_dictionaries({}, optional=_PLACES), min_size=1, max_size=4), st.sampled_from(",;\t"), st.permutations(list(_PLACES))
)
def test_what_a_roster_says_stands_in_its_cases_and_nothing_else_changed(
    tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, Any]], delimiter: str, order: list[str]
) -> None:
    def cell(value: Any) -> str:
        return {True: "yes", False: "no"}[value] if isinstance(value, bool) else "" if value is None else str(value)

    table = [["/case_id", *order], *([f"case-{n}", *(cell(row.get(place)) for place in order)] for n, row in enumerate(rows))]
    tasks = roster_tasks(_csv(tmp_path_factory.mktemp("roster"), *table, delimiter=delimiter), SAMPLE)
    base = load(SAMPLE)
    for number, (task, row) in enumerate(zip(tasks, rows, strict=True)):
        assert _leaves(load(task.source)) == _leaves(base) | row | {"/case_id": f"case-{number}"}


def test_a_header_that_is_too_long_is_refused(tmp_path: Path) -> None:
    (fault,) = _faults(_csv(tmp_path, ["/case_id", "x" * 140_000], ["a-1", ""]))
    assert "too long" in fault.message


def test_a_workbook_with_a_broken_sheet_is_refused(tmp_path: Path) -> None:
    book = _book(tmp_path, ["/case_id"], ["a-1"])
    with zipfile.ZipFile(book) as whole:
        members = {name: whole.read(name) for name in whole.namelist()}
    with zipfile.ZipFile(book, "w") as broken:
        for name, content in members.items():
            broken.writestr(name, b"<worksheet><sheetData><row" if name.endswith("sheet1.xml") else content)
    (fault,) = _faults(book)
    assert "damaged" in fault.message


@pytest.mark.parametrize("text", ["[1]", "null", '"a case"'])
def test_a_base_case_that_is_no_object_is_told_as_validate_tells_it(tmp_path: Path, text: str) -> None:
    base = tmp_path / "base.json"
    base.write_text(text, encoding="utf-8")
    with pytest.raises(CaseInvalidError) as told:
        read_case(base)
    with pytest.raises(CaseInvalidError) as caught:
        roster_tasks(_csv(tmp_path, ["/case_id"], ["a"]), base)
    assert caught.value.findings == told.value.findings
    assert caught.value.findings[0].where.startswith("base.json:1:1")
