"""Fit: text that is measured, shrunk, wrapped, split, and never cut."""

from __future__ import annotations

import string
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.forms.editions import current
from pipeline.forms.fit import FLOOR, clean, fit, font_for, split_to_fit, unshowable, wrap
from pipeline.forms.inventory import Field
from pipeline.typeset.fonts import MONO, SERIF, lift

LINE = Field("line", "text", 1, (36.0, 100.0, 246.0, 118.0))
BOX = Field("box", "text", 1, (36.0, 100.0, 552.0, 172.0), multiline=True)
COMB = Field("comb", "text", 1, (36.0, 100.0, 165.0, 118.0), max_len=9, comb=True)
LATIN = st.text(st.sampled_from(string.ascii_letters + string.digits + " .,'-áéíñÑøŁșțŽẹ"), max_size=400)


def test_a_short_line_keeps_the_forms_own_size() -> None:
    fitted = fit("Quennevar", LINE)
    assert fitted is not None
    assert (fitted.size, len(fitted.lines)) == (10.0, 1)


def test_a_long_line_shrinks_in_half_points_to_eight() -> None:
    sizes = []
    for count in range(1, 60):
        fitted = fit("W" * count, LINE)
        if fitted is None:
            break
        sizes.append(fitted.size)
    assert sorted(set(sizes), reverse=True) == [10.0, 9.5, 9.0, 8.5, 8.0]
    assert sizes[-1] == FLOOR


def test_a_line_that_fits_at_no_size_is_not_cut() -> None:
    assert fit("W" * 200, LINE) is None


@given(LATIN)
def test_everything_laid_out_lies_inside_its_box(text: str) -> None:
    text = clean(text, multiline=True)
    fitted = fit(text, BOX) if text else None
    if fitted is not None:
        font = lift({"/PpMono": MONO, "/PpSerif": SERIF}[fitted.font])
        for line in fitted.lines:
            assert line.x >= 0
            assert line.x + font.width(line.text, fitted.size) <= BOX.width
            assert 0 <= line.y <= BOX.height - fitted.size * 0.7
        assert " ".join(line.text for line in fitted.lines).split() == text.split()


@given(LATIN, st.floats(40, 500))
def test_wrapping_loses_no_character(text: str, width: float) -> None:
    lines = wrap(text, width, lift(SERIF), 10)
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert all(lift(SERIF).width(line, 10) <= width for line in lines)


@given(LATIN)
def test_splitting_loses_no_word(text: str) -> None:
    text = clean(text, multiline=True)
    small = Field("small", "text", 1, (0.0, 0.0, 300.0, 36.0), multiline=True)
    piece, rest = split_to_fit(text, small)
    assert [*piece.split(), *rest.split()] == text.split()
    assert piece == "" or fit(piece, small) is not None


def test_lines_stand_on_the_printed_rules_eighteen_points_apart() -> None:
    fitted = fit("one two three " * 20, BOX)
    assert fitted is not None
    heights = [line.y for line in fitted.lines]
    assert {round(a - b, 2) for a, b in pairwise(heights)} == {18.0}


def test_a_comb_holds_one_character_a_cell() -> None:
    fitted = fit("123456789", COMB)
    assert fitted is not None
    cell = COMB.width / 9
    assert [line.text for line in fitted.lines] == list("123456789")
    assert all(cell * i < line.x < cell * (i + 1) for i, line in enumerate(fitted.lines))
    assert fit("1234567890", COMB) is None


@pytest.mark.parametrize("name", ["Łukasz", "Ștefănescu", "Nguyễn Thị Ánh", "O'Brien-Muñoz", "Dvořák", "Þórðarson", "Ğülşen", "ẞ"])
def test_latin_letters_with_any_accents_have_a_font(name: str) -> None:
    assert font_for(name) is not None


@pytest.mark.parametrize("name", ["Володимир", "محمد", "李", "😀", "a\u0000b"])
def test_other_scripts_are_not_drawn_as_boxes(name: str) -> None:
    assert unshowable(name)


def test_decomposed_accents_become_letters() -> None:
    assert clean("Mun\u0303oz", multiline=False) == "Muñoz"


def test_the_forms_own_boxes_hold_what_the_forms_say() -> None:
    """85 characters a line in the 516 point boxes of the I-131 and four lines, in the mono font at 10 points."""
    box = next(f for f in current("I-131").inventory.fields if f.name.endswith("P8_Line1_Explain[0]"))
    fitted = fit(" ".join(["abcdefghi"] * 8 + ["abcde"]), box)
    assert fitted is not None
    assert (fitted.size, len(fitted.lines)) == (10.0, 1)


def test_what_word_processors_leave_between_letters_is_no_reason_to_refuse() -> None:
    assert clean("San\u00a0Pedro\u2009Sula\u202f", multiline=False) == "San Pedro Sula"
    assert clean("Que\u00adnne\u200bvar", multiline=False) == "Quennevar"
