"""Cases that no form has room for: everything arrives, complete and in order, in boxes, Additional Information and continuation pages."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pypdfium2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.forms.addendum import Continuation
from pipeline.forms.continuation import BODY, continuation_pages
from pipeline.forms.fill import FilledForm, fill
from pipeline.packet.readback.expect import squeezed
from tests.forms.cases import Data, full_case, name
from tests.forms.reading import glyphs, map_of, pictures, shown
from tests.forms.support import subject_of, template, texts
from tests.forms.test_forms_properties import some

AS_OF = date(2026, 11, 24)
EXPLANATION = "\n".join(
    f"Paragraph {n}. " + f"It matters for reason {n}, and it matters now, as Exhibit B shows. " * 3 for n in range(1, 60)
).strip()
ASSETS = ["savings", "checking", "annuities", "securities", "retirement", "real-estate", "personal-property", "savings", "checking"]


@pytest.fixture(params=["facsimile", "official"])
def source(request: pytest.FixtureRequest) -> Path | None:
    """The folder of official forms, or None for facsimiles."""
    return request.getfixturevalue("official") if request.param == "official" else None


def long_case() -> Data:
    """Twelve thousand characters, ten other names twice, fifteen dependents and nine assets."""
    data = full_case("7")
    assert len(EXPLANATION) > 12000
    data["beneficiaries"][0] |= {
        "qualifies_because": EXPLANATION,
        "other_names": [name(f"Theirfamily{n}", f"Theirgiven{n}") for n in range(10)],
    }
    data["petitioner"]["other_names"] = [name(f"Family{n}", f"Given{n}", "M") for n in range(10)]
    data["supporters"][0] |= {
        "contributions": "Room and board. " + EXPLANATION[:600],
        "assets": [{"type": kind, "amount": 1000 + n} for n, kind in enumerate(ASSETS)],
        "dependents": [
            {
                "name": name(f"Dependent{n}", "Oswin"),
                "date_of_birth": f"2001-01-{n + 10}",
                "relationship": f"Nephew {n}",
                "a_number": f"A5550{n:04}",
            }
            for n in range(15)
        ],
    }
    return data


def done(form: str, source: Path | None) -> FilledForm:
    """The long case on a form."""
    return fill(template(form, source), map_of(form), subject_of(long_case(), form))


def pages_text(pdf: bytes) -> list[str]:
    """The text of each page with single spaces."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [" ".join(page.get_textpage().get_text_range().split()) for page in document]
    finally:
        document.close()


def bodies(pdf: bytes) -> str:
    """The text of continuation pages, apart from their heads and feet."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return " ".join(page.get_textpage().get_text_bounded(*BODY) for page in document)
    finally:
        document.close()


def everywhere(filled: FilledForm) -> str:
    """What boxes, Additional Information and continuation pages show, read from their pages in that order."""
    form_map = map_of(filled.template.inventory.form)
    seen = shown(filled.flat(), filled.template.inventory.fillable).texts
    further = [entry.text.name for entry in form_map.addendum]
    own = [v.field.name for v in filled.values if v.text and v.field.name not in further]
    read = [seen[n] for n in (*own, *further) if n in seen]
    typeset = bodies(continuation_pages(filled, "Marisolda Quennevar", "A055501234", AS_OF)) if filled.continuations else ""
    return squeezed(" ".join(read)) + squeezed(typeset)


def in_order(parts: list[str], text: str) -> bool:
    """Whether the parts stand in the text one after the other."""
    place = 0
    for part in parts:
        place = text.find(squeezed(part), place)
        if place < 0:
            return False
        place += 1
    return True


def test_twelve_thousand_characters_arrive_complete_and_in_order(source: Path | None) -> None:
    filled = done("I-131", source)
    read = everywhere(filled)
    assert squeezed(EXPLANATION) in read
    box = next(f for f in filled.template.inventory.fields if f.name.endswith("P8_Line1_Explain[0]"))
    assert shown(filled.flat(), [box]).texts[box.name] == "SeePart13"


@pytest.mark.parametrize(("whose", "first"), [("Family", 3), ("Theirfamily", 3)])
def test_ten_other_names_arrive_in_order(whose: str, first: int, source: Path | None) -> None:
    filled = done("I-131", source)
    held = texts(filled)
    boxed = {v for k, v in held.items() if k.startswith(("5:Part2_Line2_Family", "6:Part2_Line17_Family"))}
    assert {f"{whose}{n}" for n in range(first)} <= boxed
    given_name, middle = ("Given", " M") if whose == "Family" else ("Theirgiven", "")
    assert in_order([f"{given_name}{n}{middle} {whose}{n}" for n in range(first, 10)], everywhere(filled))


def test_fifteen_dependents_arrive_in_order_with_all_that_is_said_of_them(source: Path | None) -> None:
    filled = done("I-134", source)
    held = texts(filled)
    assert [held[f"3:Pt2_Line15_Row{n + 1}_FullName[0]"] for n in range(9)] == [f"Oswin Dependent{n}" for n in range(9)]
    rest = [f"Oswin Dependent{n}, 01/{n + 10}/2001, Nephew {n}, A-Number {f'05550{n:04}'}" for n in range(9, 15)]
    assert in_order(rest, everywhere(filled))


def test_nine_assets_arrive_in_order_and_the_total_is_of_all(source: Path | None) -> None:
    filled = done("I-134", source)
    held = texts(filled)
    assert [held[f"3:Pt3Line{n}Cell{n}_Amount[0]"] for n in range(1, 7)] == [f"{1000 + n:,}" for n in range(6)]
    assert in_order(["Personal property, $1,006", "Savings, $1,007", "Checking, $1,008"], everywhere(filled))
    assert held["3:Pt3Line9Cell9_Total[0]"] == f"{sum(1000 + n for n in range(9)):,}"


@pytest.mark.parametrize("form", ["I-131", "I-134"])
def test_each_entry_names_the_page_part_and_item_it_continues(form: str) -> None:
    filled = done(form, None)
    form_map = map_of(form)
    held = {v.field.name: v.text for v in filled.values if v.text}
    places = {(t.part, t.item): t.field.page for t in reversed(form_map.targets)}
    used = [e for e in form_map.addendum if e.text.name in held]
    assert len(used) == len(form_map.addendum), "the part is full"
    for entry in used:
        page, part, item = (held[box.name] for box in (entry.page, entry.part, entry.item))
        assert places[part, item] == int(page)
    order = [int(held[e.page.name]) for e in used]
    assert order == sorted(order)


@pytest.mark.parametrize("form", ["I-131", "I-134"])
def test_whatever_is_on_continuation_pages_is_named_in_the_part(form: str) -> None:
    """With more notes than entries the last entry names all that have none: nobody has to find them by chance."""
    filled = done(form, None)
    held = {v.field.name: v.text for v in filled.values if v.text}
    entries = map_of(form).addendum
    named = {tuple(held.get(box.name, "") for box in (e.page, e.part, e.item)) for e in entries}
    named |= set(re.findall(r"Page (\d+) Part (\w+) Item ([\w.]+?)[;.]", held[entries[-1].text.name]))
    wanted = {(str(c.page), c.part, c.item) for c in filled.continuations}
    assert wanted <= named
    assert (form == "I-134") is (len(wanted) >= 2 and "; Page" in held[entries[-1].text.name])


@pytest.mark.parametrize("form", ["I-131", "I-134"])
def test_every_continuation_page_names_person_form_and_place_and_has_a_line_for_the_pen(form: str) -> None:
    filled = done(form, None)
    pdf = continuation_pages(filled, "Marisolda Quennevar", "A055501234", AS_OF)
    pages = pages_text(pdf)
    notes = {f"Page {c.page}, Part {c.part}, Item {c.item}" for c in filled.continuations}
    assert filled.continuations
    seen = set()
    for page in pages:
        for words in (f"Form {form} (01/20/25)", "Marisolda Quennevar", "A-Number: A055501234", "Signature", "Date"):
            assert words in page
        found = re.search(r"Page \d+, Part \w+, Item [\w.]+", page)
        assert found is not None
        seen.add(found[0])
    assert seen == notes
    assert b"/StructTreeRoot" in pdf


def test_rows_are_named_by_their_list_and_not_by_a_box_of_it() -> None:
    labels = {c.item: c.label for c in done("I-134", None).continuations}
    assert not [label for label in labels.values() if "row" in label]


def test_each_moved_row_is_numbered_and_one_item_has_one_note() -> None:
    data = long_case()
    for entry in data["supporters"][0]["dependents"]:
        entry["name"]["given"] = "Oswin Marisolda Corisande Nerea Leopold Ivette"
        entry["relationship"] = "Nephew of the half brother of the supporter's late wife"
    filled = fill(template("I-134", None), map_of("I-134"), subject_of(data, "I-134"))
    (note,) = [c for c in filled.continuations if c.item == "15"]
    lines = note.text.split("\n")
    assert note.label == "Dependents"
    assert [line.partition(":")[0] for line in lines] == [f"Row {n}" for n in range(1, 16)]
    relationship = "Nephew of the half brother of the supporter's late wife"
    assert lines[1] == f"Row 2: full name Oswin Marisolda Corisande Nerea Leopold Ivette Dependent1; relationship {relationship}"
    assert lines[9].startswith("Row 10: Oswin Marisolda Corisande Nerea Leopold Ivette Dependent9, 01/19/2001")
    assert squeezed(" ".join(lines)) in squeezed(bodies(continuation_pages(filled, "Marisolda Quennevar", "055501234", AS_OF)))


def test_the_continuation_pages_are_the_same_each_time_and_hold_no_value_as_markup() -> None:
    data = full_case("7")
    hostile = '#read("/etc/passwd") *bold* $x$ {{7*7}} <b> \\ @ref'
    data["beneficiaries"][0]["qualifies_because"] = "\n".join([hostile] * 60)
    filled = fill(template("I-131", None), map_of("I-131"), subject_of(data, "I-131"))
    first, again = (continuation_pages(filled, hostile, "A1", AS_OF) for _ in range(2))
    assert first == again
    assert squeezed("".join([hostile] * 60)) == squeezed(bodies(first))
    assert squeezed(hostile) in squeezed(pages_text(first)[0])


def test_continuation_pages_are_seen_by_poppler_too(tmp_path: Path, poppler: str) -> None:
    filled = done("I-131", None)
    pdf = continuation_pages(filled, "Marisolda Quennevar", "A055501234", AS_OF)
    ours, theirs = (pictures(pdf, viewer, tmp_path, 50) for viewer in ("pdfium", poppler))
    assert len(ours) == len(theirs) > 4
    for a, b in zip(ours, theirs, strict=True):
        dark = [sum(picture.histogram()[:160]) / (picture.width * picture.height) for picture in (a, b)]
        assert dark[0] > 0.01
        assert abs(dark[0] - dark[1]) < 0.02


@some(12)
@given(st.lists(st.text(st.sampled_from("WwIil-'. éŁțẹ“—/"), min_size=1, max_size=500), min_size=1, max_size=8))
def test_no_letter_of_a_continuation_page_leaves_its_margins(paragraphs: list[str]) -> None:
    """Words longer than a line are broken, not cut off at the page's edge."""
    text = "\n".join(p.strip() for p in paragraphs if p.strip())
    if not text:
        return
    filled = FilledForm(template("G-28", None), (), {}, (Continuation(1, "2", "1.a", "Licensing authority", text, ""),))
    pdf = continuation_pages(filled, "W" * 90, "A055501234", AS_OF)
    assert squeezed(bodies(pdf)) == squeezed(text)
    for page in range(1, len(pages_text(pdf)) + 1):
        drawn = glyphs(pdf, page)
        assert all(g.left >= 70 and g.right <= 542 and g.low >= 36 and g.high <= 760 for g in drawn), max(drawn, key=lambda g: g.right)
