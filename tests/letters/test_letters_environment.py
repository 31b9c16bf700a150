"""The sandbox: values are literals, errors name template and line, an office's folder lies over ours."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from tempfile import mkdtemp

import pytest

from pipeline.errors import TemplateError
from pipeline.findings import Finding
from pipeline.letters.environment import printed, render
from pipeline.letters.wording import WordingError, code, unbroken
from pipeline.typeset.compile import typeset
from tests.letters.contexts import sample


def rendered(tmp_path: Path, template: str, **more: object) -> str:
    """What `template` gives, as the file t.typ.j2 of a folder of its own beside the parts of `tmp_path`."""
    folder = Path(mkdtemp(dir=tmp_path))
    (folder / "t.typ.j2").write_text(template, encoding="utf-8")
    return render("t.typ.j2", sample(), (folder, tmp_path), **more).text


def refused(tmp_path: Path, template: str, **more: object) -> Finding:
    with pytest.raises(TemplateError) as caught:
        rendered(tmp_path, template, **more)
    (finding,) = caught.value.findings
    assert str(tmp_path) not in str(caught.value)
    return finding


def test_every_printed_value_is_a_literal(tmp_path: Path) -> None:
    assert rendered(tmp_path, "= {{ x }}.", x='#read("a")') == '= #("#read(\\"a\\")");.'
    assert rendered(tmp_path, "{{ 7 }}{{ n | code }}{{ y | unbroken }}", n=41, y="A B") == '#("7");41#box[#("A B");];'


@pytest.mark.parametrize(
    "template", ['{{ x ~ "" }}', "{{ x | upper }}", "{{ [x] | join }}", "{{ x | trim }}", "{{ [x] | first }}", "{{ x + x }}"]
)
def test_no_operation_prints_a_value_as_markup(tmp_path: Path, template: str) -> None:
    assert rendered(tmp_path, template, x="#x[*]").startswith('#("#')


@pytest.mark.parametrize(
    ("template", "tag"),
    [
        ("\n{% macro m(x) %}*{{ x }}*{% endmacro %}", "macro"),
        ("\n{% from 'parts/letterhead.typ.j2' import m %}", "from"),
        ("\n{% import 'parts/letterhead.typ.j2' as m %}", "import"),
        ("\n{% filter upper %}x{% endfilter %}", "filter"),
        ("\n{% call day() %}x{% endcall %}", "call"),
        ("\n{% set y %}*{{ day }}*{% endset %}", "set ... endset"),
    ],
)
def test_tags_that_print_past_the_literals_are_refused(tmp_path: Path, template: str, tag: str) -> None:
    finding = refused(tmp_path, template)
    assert finding.where == "t.typ.j2:2"
    assert f'the tag "{tag}"' in finding.message


@pytest.mark.parametrize(
    ("template", "where", "message"),
    [
        ("a\n{{ petitoner.name }}", "t.typ.j2:2", 'there is no "petitoner"; did you mean "petitioner"?'),
        ("a\n\n{{ petitioner.nam }}", "t.typ.j2:3", 'there is no "nam"; did you mean "name"?'),
        ("{% if petitoner %}x{% endif %}", "t.typ.j2:1", 'there is no "petitoner"; did you mean "petitioner"?'),
        ("\n{{ day }}", "t.typ.j2:2", "a date cannot be printed; use a filter, or leave the sentence out when the fact is absent"),
        (
            "{{ petitioner.a_number }}",
            "t.typ.j2:1",
            "a NoneType cannot be printed; use a filter, or leave the sentence out when the fact is absent",
        ),
        ("{{ petitioner.name | long_date }}", "t.typ.j2:1", "long_date needs a date, not a str"),
        ("{{ petitioner.name | int + petitioner.name }}", "t.typ.j2:1", "an expression failed with TypeError"),
        ("{{ {'a': 1}[petitioner.name] }}", "t.typ.j2:1", "a dictionary or list of the template lacks what is asked of it"),
        ("\n{% include 'gone.typ.j2' %}", "t.typ.j2:2", "there is no template gone.typ.j2"),
        ("{{ petitioner.name.__class__ }}", "t.typ.j2:1", "access to attribute '__class__' of 'str' object is unsafe."),
        ("\n\n{% if %}", "t.typ.j2:3", "Expected an expression, got 'end of statement block'"),
        ("{{ x | nofilter }}", "t.typ.j2:1", "No filter named 'nofilter'."),
    ],
)
def test_a_mistake_is_named_with_its_line(tmp_path: Path, template: str, where: str, message: str) -> None:
    finding = refused(tmp_path, template)
    assert (finding.where, finding.message) == (where, message)


def test_no_message_holds_a_value(tmp_path: Path) -> None:
    for template in ("{{ x | code }}", "{{ {}[x] }}", "{{ x.foo }}", "{{ x | long_date }}", "{{ 1 + x }}", "{{ range(x) }}", "{{ x % 3 }}"):
        assert "Secret" not in refused(tmp_path, template, x="Secret Name").message


def test_a_mistake_in_a_part_is_named_with_the_part(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "p.typ.j2").write_text("one\n{{ nothing }}", encoding="utf-8")
    assert refused(tmp_path, "{% include 'parts/p.typ.j2' %}").where == "parts/p.typ.j2:2"


def test_a_mistake_that_only_typst_sees_is_named_with_the_template_line(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "p.typ.j2").write_text("fine {{ x }}\n{% if true %}\nbad #nope\n{% endif %}\n", encoding="utf-8")
    head = '#set document(title: "T")\n{% for i in [1, 2, 3] %}\nline {{ i }}\n\n{% endfor %}\n{% include "parts/p.typ.j2" %}'
    (tmp_path / "t.typ.j2").write_text(head, encoding="utf-8")
    filled = render("t.typ.j2", sample(), (tmp_path,), x="a\nb")
    with pytest.raises(TemplateError) as caught:
        typeset(filled.text, name="t.typ.j2", timestamp=date(2026, 1, 1), trace=filled.place)
    assert [(f.where, f.message) for f in caught.value.findings] == [("parts/p.typ.j2:3", "Typst: unknown variable: nope")]


def test_a_glyph_is_named_with_the_template_line_that_prints_it(tmp_path: Path) -> None:
    (tmp_path / "t.typ.j2").write_text('#set document(title: "T")\n\nName: {{ x }}\n', encoding="utf-8")
    filled = render("t.typ.j2", sample(), (tmp_path,), x="漢")
    with pytest.raises(TemplateError) as caught:
        typeset(filled.text, name="t.typ.j2", timestamp=date(2026, 1, 1), trace=filled.place)
    assert caught.value.findings[0].where == "t.typ.j2:3"


def test_loops_and_output_have_limits(tmp_path: Path) -> None:
    nested = "{% for a in range(400) %}{% for b in range(400) %}x{% endfor %}{% endfor %}"
    assert "count at most 100,000" in refused(tmp_path, nested).message
    assert "may not use **" in refused(tmp_path, "{{ 2 ** n }}", n=9).message
    assert "may not use *" in refused(tmp_path, "{{ n * x }}", n=9, x="x").message
    wide = "{% for a in range(99999) %}" + "x" * 100 + "{% endfor %}"
    assert "at most 8,000,000 characters" in refused(tmp_path, wide).message


def test_the_limit_counts_each_rendering_alone(tmp_path: Path) -> None:
    for _ in range(3):
        assert rendered(tmp_path, "{% for a in range(60000) %}{% endfor %}") == ""


def test_an_office_changes_one_block_and_keeps_the_rest(tmp_path: Path) -> None:
    own = (
        '{% extends "ours/cover/urgent-humanitarian.typ.j2" %}'
        "{% block salutation %}To whom it may concern:\n\n{% endblock %}"
        "{% block fee %}{{ super() }}Extra.{% endblock %}"
    )
    (tmp_path / "cover").mkdir()
    (tmp_path / "cover/urgent-humanitarian.typ.j2").write_text(own, encoding="utf-8")
    letter = "cover/urgent-humanitarian.typ.j2"
    changed, before = render(letter, sample(), (tmp_path,)).text, render(letter, sample()).text
    assert "To whom it may concern:" in changed
    assert "Dear Officer" not in changed
    assert "= Filing fee" in changed
    assert "Extra." in changed
    assert "*Re:*" in changed
    assert "Dear Officer" in before


def test_an_office_changes_one_part_of_every_document(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "letterhead.typ.j2").write_text("Own letterhead\n", encoding="utf-8")
    assert "Own letterhead" in render("cover/urgent-humanitarian.typ.j2", sample(), (tmp_path,)).text


def test_a_value_must_have_a_printed_form() -> None:
    assert printed("a") == '#("a");'
    assert printed(code(3)) == "3"
    assert printed(unbroken("a b")) == '#box[#("a b");];'
    for value in (None, True, 1.5, date(2026, 1, 1), ["x"], "half \ud800"):
        with pytest.raises(WordingError):
            printed(value)
