"""Reading case files: places of values, and every way a file can fail to be one."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.case import load as load_module
from pipeline.case.load import load
from pipeline.case.model import CaseText, Position
from pipeline.errors import CaseUnreadableError, ExitCode
from pipeline.findings import Finding

_NAMES = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cf", "Co", "Cn", "Zl", "Zp", "Zs"]) | st.sampled_from("/~ "), max_size=6
)
_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8"), max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_NAMES, inner, max_size=3),
    max_leaves=12,
)


def _write(folder: Path, content: str | bytes) -> Path:
    path = folder / "case.json"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def _failure(path: Path) -> list[Finding]:
    with pytest.raises(CaseUnreadableError) as caught:
        load(path)
    assert caught.value.exit_code is ExitCode.CASE_UNREADABLE
    return list(caught.value.findings)


def test_every_value_has_its_line_and_column(tmp_path: Path) -> None:
    case = load(_write(tmp_path, '{\n  "a": [1,\n    {"b/c": "é", "d~": 2}]\n}\n'))
    assert case.positions == {
        "": Position(1, 1),
        "/a": Position(2, 8),
        "/a/0": Position(2, 9),
        "/a/1": Position(3, 5),
        "/a/1/b~1c": Position(3, 13),
        "/a/1/d~0": Position(3, 24),
    }
    assert case.where("/a/1/d~0") == "case.json:3:24 /a/1/d~0"


def test_a_byte_order_mark_and_windows_line_ends_do_not_move_the_places(tmp_path: Path) -> None:
    case = load(_write(tmp_path, b'\xef\xbb\xbf{"a":\r\n  1}'))
    assert case.positions["/a"] == Position(2, 3)


def test_an_escaped_property_name_has_its_place(tmp_path: Path) -> None:
    assert load(_write(tmp_path, r'{"n\u0061me": 1}')).positions["/name"] == Position(1, 15)


@pytest.mark.parametrize(
    ("text", "where", "says"),
    [
        ('{"a": 1,}', "case.json:1:9", "property name"),
        ('{"a": 1\n "b": 2}', "case.json:2:2", "comma"),
        ('{"a" 1}', "case.json:1:6", "colon"),
        ('{"a": [1, ]}', "case.json:1:11", "a value"),
        ('{"a": tru}', "case.json:1:7", "a value"),
        ('{"a": "x', "case.json:1:7", "no closing quote"),
        ('{"a": "x\ny"}', "case.json:1:9", "line break"),
        ('{"a": "C:\\Users"}', "case.json:1:10", "backslash"),
        ('{"a": 1} {}', "case.json:1:10", "ends before"),
        ("", "case.json:1:1", "empty"),
        (" \n", "case.json:1:1", "empty"),
    ],
)
def test_a_syntax_error_is_named_with_its_place(tmp_path: Path, text: str, where: str, says: str) -> None:
    (finding,) = _failure(_write(tmp_path, text))
    assert (finding.rule, finding.where) == ("case-syntax", where)
    assert says in finding.message
    assert finding.remedy


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    (finding,) = _failure(tmp_path / "none.json")
    assert (finding.rule, finding.where) == ("case-missing", str(tmp_path / "none.json"))


def test_a_folder_is_no_case(tmp_path: Path) -> None:
    (finding,) = _failure(tmp_path)
    assert finding.rule == "case-not-a-file"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "case.json")
    (finding,) = _failure(tmp_path / "case.json")
    assert finding.rule == "case-not-a-file"


def test_a_name_that_is_no_path_is_refused() -> None:
    (finding,) = _failure(Path("bad\0name.json"))
    assert finding.rule == "case-unreadable"


def test_a_file_without_permission_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    path = _write(tmp_path, "{}")
    monkeypatch.setattr(Path, "open", refuse)
    (finding,) = _failure(path)
    assert (finding.rule, finding.message) == ("case-unreadable", "the file cannot be read: Permission denied")


@pytest.mark.parametrize(
    ("content", "where"),
    [(b'{"a":\n "\xe9"}', "case.json:2:3"), (b'\xef\xbb\xbf{"\xff"}', "case.json:1:3"), ("{}".encode("utf-16"), "case.json:1:1")],
)
def test_a_file_that_is_not_utf8_is_named_with_the_place(tmp_path: Path, content: bytes, where: str) -> None:
    (finding,) = _failure(_write(tmp_path, content))
    assert (finding.rule, finding.where) == ("case-not-utf8", where)


def test_a_file_over_the_limit_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load_module, "MAX_BYTES", 20)
    load(_write(tmp_path, '{"a": "0123456789"}'))
    (finding,) = _failure(_write(tmp_path, '{"a": "01234567890123"}'))
    assert finding.rule == "case-too-large"


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 700 + "1" + "}" * 700])
def test_brackets_without_end_are_refused(tmp_path: Path, text: str) -> None:
    (finding,) = _failure(_write(tmp_path, text))
    assert finding.message == "brackets are nested too deeply"


def test_a_number_of_many_digits_is_refused(tmp_path: Path) -> None:
    (finding,) = _failure(_write(tmp_path, '{"a": ' + "9" * 5000 + "}"))
    assert "digits" in finding.message


def test_every_repeated_property_is_named_once_where_it_is_repeated(tmp_path: Path) -> None:
    text = '{"a": {"x": 1, "y": 2},\n "b": [{"c": 1, "c": 2}],\n "a": {"x": 3},\n "\\u0062": 1}'
    findings = _failure(_write(tmp_path, text))
    assert [(f.rule, f.where) for f in findings] == [
        ("case-duplicate", "case.json:2:17 /b/0/c"),
        ("case-duplicate", "case.json:3:2 /a"),
        ("case-duplicate", "case.json:4:2 /b"),
    ]
    assert findings[1].message == 'property "a" is written twice'


@pytest.mark.parametrize("text", [r'{"a": "\ud800"}', r'{"\ud800": 1}', r'{"a\n": 1}'])
def test_what_cannot_be_printed_is_refused(tmp_path: Path, text: str) -> None:
    (finding,) = _failure(_write(tmp_path, text))
    assert finding.rule == "case-syntax"


def test_a_whole_pair_of_surrogates_is_one_character(tmp_path: Path) -> None:
    assert load(_write(tmp_path, r'{"a": "\ud83d\ude00"}')).data["a"] == "\N{GRINNING FACE}"


@given(value=_JSON, indent=st.none() | st.integers(0, 3), ascii_only=st.booleans())
def test_every_pointer_leads_to_the_value_that_stands_at_its_place(
    tmp_path_factory: pytest.TempPathFactory, value: object, indent: int | None, ascii_only: bool
) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    case = load(_write(tmp_path_factory.mktemp("case"), text))
    assert case.data == value
    lines = text.split("\n")
    for pointer, place in case.positions.items():
        rest = "\n".join([lines[place.line - 1][place.column - 1 :], *lines[place.line :]])
        assert json.JSONDecoder().raw_decode(rest)[0] == case.at(pointer)


def test_a_text_is_a_case_whose_places_are_those_of_its_row(tmp_path: Path) -> None:
    text = '{"case_id": "a", "petitioner": {"name": {"family": "Osei"}}}'
    case = load(CaseText(tmp_path / "base.json", text, "families.csv row 12", {"/petitioner/name/family": "family name"}))
    assert (case.case_id, case.folder) == ("a", tmp_path)
    assert case.where("/petitioner/name/family") == 'families.csv row 12, column "family name" /petitioner/name/family'
    assert case.where("/petitioner/name/given") == "families.csv row 12, base.json /petitioner/name/given"
    assert case.where("") == "families.csv row 12, base.json"


def test_a_broken_text_is_named_like_its_row(tmp_path: Path) -> None:
    with pytest.raises(CaseUnreadableError) as caught:
        load(CaseText(tmp_path / "base.json", '{"a": 1, "a": 2}', "families.csv row 3"))
    assert [finding.where for finding in caught.value.findings] == ["families.csv row 3:1:10 /a"]
