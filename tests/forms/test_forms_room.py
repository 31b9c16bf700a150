"""Every text box of every form, filled to the brim: no letter outside its box, cut off, or on top of what the form prints there."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from pipeline.forms.editions import current, editions
from pipeline.forms.fit import fit, font_for
from pipeline.forms.inventory import Field
from pipeline.packet.readback.expect import squeezed
from tests.forms.reading import Glyph, glyphs, only_written, pictures, shown
from tests.forms.support import template

FORMS = sorted(e.form for e in editions())
SAMPLES = {"mono": "Wgjp(Éy 0Q", "serif": "Mgjp(ẤỴy 0Q"}
"""Letters that are wide, tall and deep: with the second sample the other font is drawn."""
SLACK = 0.6
"""Points that an edge may be passed by: half a printed line."""


@pytest.fixture(params=["facsimile", "official"])
def source(request: pytest.FixtureRequest) -> Path | None:
    """The folder of official forms, or None for facsimiles."""
    return request.getfixturevalue("official") if request.param == "official" else None


def brimful(field: Field, sample: str) -> str:
    """The longest text of the sample's letters that fits a box."""
    limit = min(field.max_len or 900, 900)
    endless = sample * (limit // len(sample) + 1)
    low, high = 0, limit
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if fit(endless[:middle].strip(), field) else (low, middle - 1)
    return endless[:low].strip()


@pytest.mark.parametrize("sample", SAMPLES)
@pytest.mark.parametrize("form", FORMS)
def test_a_full_box_keeps_its_letters_to_itself(form: str, sample: str, source: Path | None) -> None:
    blank, boxes = template(form, source), [f for f in current(form).inventory.fields if f.type in ("text", "choice") and not f.options]
    texts = {f.name: text for f in boxes if (text := brimful(f, SAMPLES[sample]))}
    assert len(texts) == len(boxes), "every box holds at least one letter"
    assert (font_for(SAMPLES[sample]) == "/PpMono") is (sample == "mono")
    done = only_written(blank, texts)
    flat = done.flat()
    seen = shown(flat, boxes)
    assert seen.texts == {name: squeezed(text) for name, text in texts.items()}
    blanks = pictures(blank.flat, "pdfium", Path(), 144)
    for page in sorted({f.page for f in boxes}):
        before, after = glyphs(blank.flat, page), glyphs(flat, page)
        new = set(after) - set(before)
        for field in (f for f in boxes if f.page == page):
            own = {g for g in new if _inside(g, field)}
            assert len(own) >= len(squeezed(texts[field.name])) - 2, (field.name, "letters outside the box")
            new -= own
            for glyph in own:
                assert not _printed_under(blanks[page - 1], glyph), (field.name, field.place, glyph)
        assert not new, (page, list(new)[:3])


def _inside(glyph: Glyph, field: Field) -> bool:
    x0, y0, x1, y1 = field.rect
    return glyph.left >= x0 - SLACK and glyph.right <= x1 + SLACK and glyph.low >= y0 - SLACK and glyph.high <= y1 + SLACK


def _printed_under(picture: Image.Image, glyph: Glyph) -> bool:
    """Whether the blank, at two pixels a point, has any ink where a letter stands."""
    left, top = round(glyph.left * 2), round((792 - glyph.high) * 2)
    right, bottom = max(round(glyph.right * 2), left + 1), max(round((792 - glyph.low) * 2), top + 1)
    return sum(picture.crop((left, top, right, bottom)).histogram()[:225]) > 1


def test_the_checks_above_can_fail() -> None:
    """A letter five points lower stands on a rule or outside its box."""
    blank = template("I-131", None)
    box = next(f for f in blank.inventory.fields if f.name.endswith("P8_Line1_Explain[0]"))
    flat, picture = only_written(blank, {box.name: brimful(box, SAMPLES["mono"])}).flat(), pictures(blank.flat, "pdfium", Path(), 144)
    new = set(glyphs(flat, box.page)) - set(glyphs(blank.flat, box.page))
    lower = [replace(g, low=g.low - 8, high=g.high - 8) for g in new]
    assert all(_inside(g, box) for g in new)
    assert not all(_inside(g, box) for g in lower)
    assert any(_printed_under(picture[box.page - 1], g) for g in lower)
