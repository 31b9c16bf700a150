"""Proof-reading: what a template leaves over is found at its line, and what the case says is left alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from pipeline.findings import Finding
from pipeline.letters.checking.prose import proofread, read, texts
from pipeline.letters.documents import document
from pipeline.letters.office import Office, Style
from tests.letters.contexts import sample

HEAD = '{% extends "layout.typ.j2" %}\n{% block title %}T{% endblock %}\n{% block body %}\n'


def findings(tmp_path: Path, body: str, value: str = "Łódź") -> list[Finding]:
    (tmp_path / "t.typ.j2").write_text(f"{HEAD}{body}\n{{% endblock %}}\n", encoding="utf-8")
    context = replace(sample(), case_id=value)
    made = document("t.typ.j2", context, Office(templates=(tmp_path,)))
    return list(proofread(made.source, read(made.pdf, Style()), "\n".join(texts(context))))


@pytest.mark.parametrize(
    ("body", "where", "message"),
    [
        ("It is\nis here.", "t.typ.j2:5", 'the word "is" stands twice in a row'),
        ("{{ 'the Court' }} and the {{ 'The Court' }}.", "t.typ.j2:4", 'the word "the" stands twice in a row'),
        ("one\n\nSome }} more.", "t.typ.j2:6", "the document shows a leftover brace"),
        ("Some {{ '{{ x }}' }} more.", "t.typ.j2:4", "the document shows a leftover brace"),
        ("Name: {{ case_id ~ none }}.", "t.typ.j2:4", ""),
        ("Value {{ '' ~ none }} here.", "t.typ.j2:4", "the document shows the word that stands for no value"),
        ("A {{ case_id }} , b.", "t.typ.j2:4", "the document shows a space before punctuation"),
        ("Ends {{ 'here.' }}.", "t.typ.j2:4", "the document shows doubled punctuation"),
        ("= Empty\n\n= Full\n\ntext", "t.typ.j2:4", "the section below this heading is empty"),
        ("= Last\n#v(1em)", "t.typ.j2:4", "the section below this heading is empty"),
    ],
)
def test_what_is_wrong_is_found_at_its_line(tmp_path: Path, body: str, where: str, message: str) -> None:
    found = findings(tmp_path, body)
    if not message:
        assert found == []
        return
    assert [(finding.where, finding.message) for finding in found] == [(where, message)]


@pytest.mark.parametrize("value", ["Walla Walla", "{{ 7*7 }}", "None", "a , b", "Inc..", "the the"])
def test_what_the_case_says_is_left_alone(tmp_path: Path, value: str) -> None:
    assert findings(tmp_path, "Name: {{ case_id }}, and so on.", value) == []


def test_text_off_the_margins_or_in_the_stamp_is_found(tmp_path: Path) -> None:
    assert [f.message for f in findings(tmp_path, "#move(dx: 4in)[wide enough to leave the page at its right side, all of it]")] == [
        "text stands outside the margins of page 1"
    ]
    assert [f.message for f in findings(tmp_path, "#move(dy: -0.9in)[high]")] == ["text stands outside the margins of page 1"]


def test_ordinary_prose_is_clean(tmp_path: Path) -> None:
    body = "= One\n\nA, b (c); “d”: e... and 50 % of it, at p. 4. Ms. L. asked.\n\n= Two\n\n- list\n- more\n"
    assert findings(tmp_path, body) == []
