"""Typst in, PDF out: values stay text, nothing outside is read, every message is a finding."""

from __future__ import annotations

import io
import threading
import unicodedata
from datetime import date
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import TemplateError
from pipeline.typeset.compile import literal, typeset
from pipeline.typeset.job import Reach

DAY = date(2026, 11, 24)
HEAD = '#set document(title: "Test")\n#set text(font: "Libertinus Serif", lang: "en")\n#set page(paper: "us-letter")\n'


def text_of(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    found = "\n".join(page.get_textpage().get_text_range() for page in document)
    return found.replace("\ufffe", "-")  # how pdfium reports a hyphen at the end of a line


def shown(value: str) -> str:
    return text_of(typeset(f"{HEAD}#({literal(value)});", name="t", timestamp=DAY))


def printed_or_rules(value: str) -> tuple[str, set[str]]:
    """What the page says, or the rules by which the value was refused."""
    try:
        return shown(value), set()
    except TemplateError as error:
        return "", {finding.rule for finding in error.findings}


def squeezed(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())


@pytest.mark.parametrize(
    "value",
    [
        '#read("/etc/passwd") {{ 7*7 }} <b>',
        '")\n#read("/etc/passwd")\n#("',
        "\\u{41} \\n \\",
        "= Not a heading",
        "*bold* _emph_ `raw` $x$ @ref <label> // comment /* x */ ~ -- ... 'q'",
        "%{# comment #}{% if x %}",
        '#import "@preview/x:1.0.0"',
    ],
)
def test_hostile_text_is_printed_as_typed(value: str) -> None:
    assert squeezed(shown(value)) == squeezed(value)


LETTERS = st.characters(min_codepoint=0x20, max_codepoint=0x24F, exclude_categories=("C", "Z")) | st.sampled_from(" ĄŻżЖдЇαΩẞ“”–—…€\n\t")


@settings(max_examples=150, deadline=None)
@given(st.text(LETTERS, min_size=1, max_size=60))
def test_any_latin_greek_cyrillic_text_comes_out_as_it_went_in(value: str) -> None:
    assert squeezed(shown(value)) == squeezed(value)


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=40))
def test_any_unicode_text_is_printed_as_typed_or_refused_by_code_point(value: str) -> None:
    out, rules = printed_or_rules(value)
    assert rules <= {"template-glyph"}
    if rules:
        return
    visible = [c for c in squeezed(value) if unicodedata.category(c)[0] in "LNPS"]
    printed = squeezed(out)
    assert all(c in printed for c in visible)


def test_a_line_ending_of_any_kind_is_a_line_break_and_a_tab_a_space() -> None:
    assert shown("a\r\nb\rc\nd\te").replace("\r\n", "\n").strip() == "a\nb\nc\nd e"


def test_a_lone_surrogate_is_no_text() -> None:
    with pytest.raises(ValueError, match="surrogate"):
        literal("a\ud800b")


def test_a_character_that_no_font_has_is_named_and_not_printed_as_a_box() -> None:
    with pytest.raises(TemplateError) as caught:
        shown("Name 漢 and 😀")
    messages = [finding.message for finding in caught.value.findings]
    assert messages == [
        "no font has the character U+6F22 (CJK UNIFIED IDEOGRAPH-6F22)",
        "no font has the character U+1F600 (GRINNING FACE)",
    ]
    assert "Name" not in str(caught.value)


@pytest.mark.parametrize("path", ["/etc/passwd", "etc/passwd", "../../etc/passwd", "case.json"])
@pytest.mark.parametrize("call", ["read", "image", "json"])
def test_nothing_is_read_without_a_root(path: str, call: str) -> None:
    with pytest.raises(TemplateError) as caught:
        typeset(f'{HEAD}#{call}("{path}")', name="t", timestamp=DAY)
    assert caught.value.findings[0].rule == "template-typst"


def test_only_the_root_is_read(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (root / "in.txt").write_text("inside")
    (tmp_path / "out.txt").write_text("outside")
    assert "inside" in text_of(typeset(f'{HEAD}#read("in.txt")', name="t", timestamp=DAY, reach=Reach(root=root)))
    with pytest.raises(TemplateError) as caught:
        typeset(f'{HEAD}#read("../out.txt")', name="t", timestamp=DAY, reach=Reach(root=root))
    with pytest.raises(TemplateError) as missing:
        typeset(f'{HEAD}#read("gone.txt")', name="t", timestamp=DAY, reach=Reach(root=root))
    assert str(tmp_path) not in str(caught.value) + str(missing.value)


@pytest.mark.parametrize("form", ['#import "@preview/cetz:0.3.0"', '#import("@local/x:1.0.0")', '#include "@preview/a:1.0.0"'])
def test_a_package_is_refused_before_typst_looks_for_it(form: str) -> None:
    with pytest.raises(TemplateError, match="packages may not be imported") as caught:
        typeset(f"{HEAD}{form}", name="t", timestamp=DAY)
    assert caught.value.findings[0].where == "t (typeset line 4)"


@pytest.mark.parametrize("form", ["`{}`", "```\n{}\n```", "before `a {} b` after"])
def test_a_value_in_raw_text_is_refused_since_its_code_would_be_printed(form: str) -> None:
    value = f"#({literal('Odessa')})"
    with pytest.raises(TemplateError, match="between backticks") as caught:
        typeset(HEAD + form.replace("{}", value), name="t", timestamp=DAY)
    assert caught.value.findings[0].where == "t (typeset line 4)"
    assert "Odessa" not in str(caught.value)


def test_raw_text_without_a_value_and_backticks_in_a_value_are_fine() -> None:
    body = f"// don`t\n`code` #({literal('a `quoted` word')}) `more`"
    assert typeset(HEAD + body, name="t", timestamp=DAY).startswith(b"%PDF")


def test_errors_and_warnings_name_the_place_through_the_trace() -> None:
    def trace(line: int, column: int) -> str:
        return f"cover.typ.j2:{line * 10 + column}"

    with pytest.raises(TemplateError, match="unknown variable: nope") as caught:
        typeset(f"{HEAD}a #nope", name="cover", timestamp=DAY, trace=trace)
    assert caught.value.findings[0].where == "cover.typ.j2:43"
    with pytest.raises(TemplateError, match="unknown font family"):
        typeset(f'{HEAD}#text(font: "No Such Font")[x]', name="cover", timestamp=DAY)


FAILING = [
    "#panic([#({})].text)",
    "#panic({})",
    "#assert(false, message: [#({})].text)",
    "#(:).at([#({})].text)",
    "#label([#({})].text) #ref(label([#({})].text))",
    "#text(font: [#({})].text)[a]",
    '#regex("(" + [#({})].text)',
]


def _said(call: str, value: str) -> str:
    body = call.replace("{}", literal(value)) + f"\n#let v = [#({literal(value)})]"
    with pytest.raises(TemplateError) as caught:
        typeset(HEAD + body, name="t", timestamp=DAY)
    assert caught.value.findings
    return str(caught.value)


@pytest.mark.parametrize("call", FAILING)
@pytest.mark.parametrize(
    "value", ["Secret Name", 'Secret "quoted" Name', "Secret\nName", "Secret\n\nName", "Secret\\Name", "Secret\u00a0Name"]
)
def test_a_message_of_typst_never_holds_a_value(call: str, value: str) -> None:
    said = _said(call, value).lower()
    assert "secret" not in said
    assert "name" not in said.replace("font family name", "")


ASSIGNED = st.characters(exclude_categories=("Cs", "Cn", "Co"))


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(FAILING[:5]), st.text(ASSIGNED | st.sampled_from('"\\\n`\u00a0\u0301 '), max_size=30))
def test_a_message_of_typst_never_holds_either_end_of_any_value(call: str, inner: str) -> None:
    said = _said(call, f"Qx{inner}Xq")
    assert "Qx" not in said
    assert "Xq" not in said


@pytest.mark.parametrize("value", ["error", "error: ", "not be", "the text", "t:5:1"])
def test_a_value_like_words_of_typst_hides_no_message(value: str) -> None:
    with pytest.raises(TemplateError) as caught:
        typeset(f"{HEAD}#({literal(value)});\n#nope", name="t", timestamp=DAY)
    assert [f.where for f in caught.value.findings] == ["t (typeset line 5)"]
    with pytest.raises(TemplateError) as caught:
        typeset(f"{HEAD}#({literal(value)});\n#({literal(chr(0x6F22) * 2)});", name="t", timestamp=DAY)
    assert {f.rule for f in caught.value.findings} == {"template-glyph"}


def test_a_document_without_a_title_is_refused() -> None:
    with pytest.raises(TemplateError, match="missing document title") as caught:
        typeset("text", name="letter", timestamp=DAY)
    assert caught.value.findings[0].where == "letter"


def test_the_same_input_gives_the_same_bytes_on_every_thread() -> None:
    source = f"{HEAD}= Title\n#({literal('Nerea')}) text"
    made: list[bytes] = [typeset(source, name="t", timestamp=DAY)]
    threads = [threading.Thread(target=lambda: made.append(typeset(source, name="t", timestamp=DAY))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    typeset(f"{HEAD}another", name="t", timestamp=DAY)
    made.append(typeset(source, name="t", timestamp=DAY))
    assert len(made) == 4
    assert len(set(made)) == 1
    assert typeset(source, name="t", timestamp=date(2026, 11, 25)) != made[0]


def test_the_pdf_is_tagged_and_names_its_language() -> None:
    with pikepdf.open(io.BytesIO(typeset(f"{HEAD}= Title", name="t", timestamp=DAY))) as pdf:
        assert pdf.Root.MarkInfo.Marked
        assert "/StructTreeRoot" in pdf.Root
        assert str(pdf.Root.Lang) == "en"
        with pdf.open_metadata() as metadata:
            assert metadata["pdfuaid:part"] == "1"
