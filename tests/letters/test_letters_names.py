"""Templates read without being filled: each kind of slip is named with its file and line, and ours have none."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.letters.catalogue import TEMPLATES
from pipeline.letters.checking.check import check_templates
from pipeline.letters.checking.names import Reading
from pipeline.letters.checking.shapes import Record, Table, Text, allowed, context_shapes, shape_of
from pipeline.letters.closed import Words
from pipeline.letters.context import LetterContext
from pipeline.letters.environment import environment
from pipeline.letters.office import Office
from pipeline.letters.people import Person


def found(tmp_path: Path, template: str, **parts: str) -> list[tuple[str, str]]:
    """Place and message of everything found in a template, beside parts of its own."""
    for name, text in {"t": template, **parts}.items():
        (tmp_path / f"{name}.typ.j2").write_text(text, encoding="utf-8")
    reading = Reading(environment((tmp_path,)))
    reading.document("t.typ.j2", context_shapes())
    return [(finding.where, finding.message) for finding in reading.result()]


def test_our_templates_have_no_slip_and_none_is_left_over() -> None:
    checked = check_templates()
    assert [f"{finding.where} {finding.message}" for finding in checked.findings] == []
    assert checked.templates > 40
    assert set(TEMPLATES) <= {name.removeprefix("ours/") for name in environment().list_templates()}


@pytest.mark.parametrize(
    ("template", "where", "message"),
    [
        ("a\n{{ petitoner.name }}", "t.typ.j2:2", 'there is no "petitoner"; did you mean "petitioner"?'),
        ("{{ petitioner.nam }}", "t.typ.j2:1", 'there is no "nam"; did you mean "name"?'),
        (
            "{% for one in beneficiaries %}\n{{ one.borth_country }}{% endfor %}",
            "t.typ.j2:2",
            'there is no "borth_country"; did you mean "',
        ),
        ("{{ others[0].nmae }}", "t.typ.j2:1", 'there is no "nmae"; did you mean "name"?'),
        ("{{ support | map(attribute='person.nme') | list | and_list }}", "t.typ.j2:1", 'there is no "nme"; did you mean "name"?'),
        ("{{ others | selectattr('relation') | list | length }}", "t.typ.j2:1", 'there is no "relation"; did you mean "relationship"?'),
        ("{{ (representative or petitioner).name }}{{ item.programme }}", "t.typ.j2:1", 'there is no "programme"; did you mean "program"?'),
        ("{% if request.kind == 'reparole' %}x{% endif %}", "t.typ.j2:1", 'the value is never "reparole"; did you mean "re-parole"?'),
        ("{% if 'funerl' in request.reasons %}x{% endif %}", "t.typ.j2:1", 'the value is never "funerl"; did you mean "funeral"?'),
        ("{% if petitioner.sex in ('f', 'male') %}x{% endif %}", "t.typ.j2:1", 'the value is never "f"; it is one of female, male'),
        (
            "{% if representative.kind == 'accredited' %}x{% endif %}",
            "t.typ.j2:1",
            'the value is never "accredited"; it is one of attorney, accredited-representative',
        ),
        ("{{ {'paper': 'a'}[filing.mode] }}", "t.typ.j2:1", "the table has no entry for online"),
        ("{% set x = {'a': 'b'} %}{{ x.c }}", "t.typ.j2:1", 'there is no "c"'),
        ("{% set unusd = 1 %}", "t.typ.j2:1", '"unusd" is set and not used'),
        ("{% with x = 1, y = 2 %}{{ x }}{% endwith %}", "t.typ.j2:1", '"y" is set and not used'),
        ("\n{% include 'parts/letterhed.typ.j2' %}", "t.typ.j2:2", "there is no template parts/letterhed.typ.j2; did you mean "),
        ("{% include day %}", "t.typ.j2:1", "the name of an included part is not written out"),
        ("\n{% if %}", "t.typ.j2:2", "Expected an expression"),
        ("{{ petitioner.name | nofilter }}", "t.typ.j2:1", "No filter named 'nofilter'."),
        ("{% macro m() %}{% endmacro %}", "t.typ.j2:1", 'the tag "macro" is not available'),
    ],
)
def test_a_slip_is_named_with_its_line(tmp_path: Path, template: str, where: str, message: str) -> None:
    ((place, said),) = found(tmp_path, template)
    assert place == where
    assert said.startswith(message)


def test_a_part_is_read_with_the_names_of_where_it_is_included(tmp_path: Path) -> None:
    part = "{{ person.nmae }}{{ other }}"
    slips = found(tmp_path, "{% for person in beneficiaries %}{% include 'p.typ.j2' %}{% endfor %}", p=part)
    assert [place for place, _ in slips] == ["p.typ.j2:1", "p.typ.j2:1"]
    assert {message for _, message in slips} == {'there is no "nmae"; did you mean "name"?', 'there is no "other"; did you mean "others"?'}
    assert found(tmp_path, "{% with other = 1 %}{% include 'p.typ.j2' %}{% endwith %}", p="{{ other }}") == []


def test_blocks_and_their_sets_are_followed_up_to_the_layout(tmp_path: Path) -> None:
    base = "{% set word = 'x' %}{% block a %}{{ word }}{{ theirs }}{% endblock %}"
    child = "{% extends 'b.typ.j2' %}{% set theirs = 'y' %}{% block a %}{{ super() }}{{ nothing }}{% endblock %}"
    assert found(tmp_path, child, b=base) == [("t.typ.j2:1", 'there is no "nothing"')]


def test_an_office_is_told_of_a_file_that_nothing_uses(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "leterhead.typ.j2").write_text("x", encoding="utf-8")
    (tmp_path / "parts" / "letterhead.typ.j2").write_text("Own\n{{ representative.nmae }}", encoding="utf-8")
    findings = check_templates(Office(templates=(tmp_path,))).findings
    assert [(finding.rule, finding.where) for finding in findings] == [
        ("template-name", "parts/letterhead.typ.j2:2"),
        ("template-unused", "parts/leterhead.typ.j2:1"),
    ]


def test_every_closed_word_of_the_context_stands_in_the_schema() -> None:
    seen: set[type] = set()
    waiting: list[type] = [LetterContext]
    texts = 0
    while waiting:
        of = waiting.pop()
        if of in seen:
            continue
        seen.add(of)
        record = Record(of)
        for name in record.names():
            shape = record.attribute(name)
            shape = getattr(shape, "entry", shape)
            texts += isinstance(shape, Text) and bool(shape.words)
            if isinstance(shape, Record):
                waiting.append(shape.of)
    assert texts >= 15
    assert Person in seen


def test_shapes_of_hints() -> None:
    assert shape_of(dict[str, int]) == Table(shape_of(int))
    assert shape_of(str | None) == Text()
    assert allowed(Words(("filing", "mode"))) == ("paper", "online")
    with pytest.raises(ValueError, match="lists no words at petitioner/name"):
        allowed(Words(("petitioner", "name")))
