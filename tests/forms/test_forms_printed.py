"""Each mapped checkbox of the official blanks stands beside the words that its key means: read from the page, not from the field."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pypdfium2
import pytest

from pipeline.forms.inventory import Field
from tests.forms.reading import map_of
from tests.forms.support import template

FORMS = ("I-131", "I-134", "G-28")

WORDS = {
    "yes": "Yes", "no": "No", "male": "Male", "female": "Female",
    "hispanic": "Hispanic or", "not-hispanic": "Not Hispanic",
    "american-indian": "American Indian", "asian": "Asian", "black": "Black", "pacific-islander": "Native Hawaiian", "white": "White",
    "blue": "Blue", "brown": "Brown", "gray": "Gray", "green": "Green", "hazel": "Hazel", "maroon": "Maroon", "pink": "Pink",
    "other": "Unknown", "bald": "Bald", "blond": "Blond", "red": "Red", "sandy": "Sandy",
    "never-received": "My document was", "lost-stolen-damaged": "I received my document, but then",
    "wrong-by-applicant": "I received my document, but it has", "wrong-by-agency": "I received my document, but it has",
    "name": "Name", "a-number": "A-Number", "country": "Country of Birth", "terms": "Terms and", "date-of-birth": "Date of Birth",
    "sex": "Sex", "validity": "Validity", "photo": "Photo", "one": "One Trip", "several": "More than one",
    "service-member": "A current or former", "family": "A current spouse", "guardian": "Current legal guardian",
    "us-citizen": "U.S. Citizen", "us-national": "U.S. National", "lawful-permanent-resident": "Lawful Permanent",
    "nonimmigrant": "Nonimmigrant", "asylee": "Asylee", "refugee": "Refugee", "parolee": "Parolee", "tps-holder": "TPS holder",
    "deferred-action": "Beneficiary of deferred", "employed": "Employed", "self-employed": "Self-Employed",
    "not-employed": "Unemployed", "retired": "Retired", "single": "Single", "married": "Married", "divorced": "Divorced",
    "widowed": "Widowed", "legally-separated": "Legally", "annulled": "Marriage Annulled", "date": "(mm/dd", "no-end": "No End",
    "applicant": "Applicant", "petitioner": "Petitioner",
}  # fmt: skip
"""What is printed to the right of the box of a key."""

EXCEPT = {
    ("I-131", "8.A", "family"): "A spouse, parent", ("I-131", "10.H", "family"): "A spouse, parent",
    ("I-134", "1", "yes"): "I can read", ("I-134", "1", "no"): "The interpreter named",
    ("I-134", "8", "other"): "Other (Explain)", ("I-134", "10", "other"): "Other (Explain)", ("I-134", "12", "other"): "Other (Explain)",
    ("G-28", "1.c", "yes"): "am", ("G-28", "1.c", "no"): "am not",
}  # fmt: skip

ITEMS = {
    "4": "I am a TPS", "5.A": "A pending Form I-485", "5.B": "A pending Form I-589", "5.C": "A pending initial Form I-821",
    "5.D": "Deferred Enforced", "5.E": "Approved Form I-821D", "5.F": "An approved Form I-914", "5.G": "An approved Form I-918",
    "5.H": "Being a current parolee", "5.I": "An approved Form I-817", "5.J": "A pending Form I-687", "5.K": "An approved V",
    "5.L": "CNMI", "5.M": "Other (provide", "6.A": "Filipino", "6.B": "Immigrant Military", "6.C": "Intergovernmental",
    "6.D": "Family Reunification Task", "6.E": "Other: (List", "7": "I am applying for a parole", "8.A": "Military Parole in Place",
    "8.B": "Family Reunification Task", "8.C": "Other: (List", "9": "I am applying for an initial", "10.A": "Family Reunification Parole",
    "10.B": "Certain Afghans", "10.C": "Re-parole Process for certain Ukrain", "10.D": "Filipino", "10.E": "Immigrant Military",
    "10.F": "Central American", "10.G": "Family Reunification Task", "10.H": "Military Parole in Place", "10.I": "Other Program",
    "11": "I was initially paroled",
}  # fmt: skip
"""What is printed beside the box of each Part 1 item."""

TICKS = {
    "G28_Attached[0]": "Fill in box if", "P9_Line1_EAD[0]": "I am requesting an Employment", "Pt3Line17[1]": "Myself as",
    "Pt3Line17[0]": "Another individual", "Part4_Line2_ReqServCheckbox[0]": "At my request", "CheckBox1[0]": "I am an attorney",
    "CheckBox2[0]": "I am an accredited", "Line1a_USCIS[0]": "U.S. Citizenship and",
    "Pt4Line2a_CheckBox2a[0]": "I request that USCIS send original", "Pt4Line2b_CheckBox2b[0]": "I request that USCIS send any secur",
    "Pt4Line2c_CheckBox2c[0]": "I request that USCIS send my notice",
}  # fmt: skip


@dataclass(frozen=True)
class Letter:
    """A printed character and where it stands, in points."""

    text: str
    left: float
    right: float
    middle: float


@pytest.fixture(scope="module")
def printed(official: Path) -> dict[tuple[str, int], list[Letter]]:
    """The characters of every page of the blanks, without fields."""
    found: dict[tuple[str, int], list[Letter]] = {}
    for form in FORMS:
        document = pypdfium2.PdfDocument(template(form, official).flat)
        for number, page in enumerate(document, 1):
            words = page.get_textpage()
            text = words.get_text_range()
            letters = []
            for index, character in enumerate(text):
                if not character.isspace():
                    left, low, right, high = words.get_charbox(index)
                    letters.append(Letter(character, left, right, (low + high) / 2))
            found[form, number] = letters
        document.close()
    return found


def beside(letters: list[Letter], box: Field) -> list[str]:
    """The letters and digits printed right of a box, at most 40: one line, or two when the label has two; none when nothing is."""
    x1, middle = box.rect[2], (box.rect[1] + box.rect[3]) / 2
    near = [a for a in letters if a.left >= x1 - 1 and abs(a.middle - middle) < 8]
    first = min((a.left for a in near), default=0.0)
    starts = [a for a in near if a.left < first + 4]
    lines = []
    for start in starts:
        line = sorted((a for a in near if abs(a.middle - start.middle) < 3.5), key=lambda a: a.left)
        lines.append(plain("".join(a.text for a in line))[:40])
    return lines


def plain(text: str) -> str:
    """Letters and digits only."""
    return re.sub(r"\W", "", text)


def above(letters: list[Letter], box: Field) -> str:
    """The letters and digits printed over a box."""
    x0, _, x1, y1 = box.rect
    over = [a for a in letters if x0 - 7 < a.left < x1 + 4 and 0 < a.middle - y1 < 14]
    return plain("".join(a.text for a in sorted(over, key=lambda a: a.left)))


@pytest.mark.parametrize("form", FORMS)
def test_every_mapped_choice_stands_beside_its_words(form: str, printed: dict[tuple[str, int], list[Letter]]) -> None:
    wrong, seen = [], 0
    for target in map_of(form).targets:
        if target.kind not in ("choose", "many"):
            continue
        for key, box in target.boxes.items():
            expected = ITEMS[key] if target.item == "4-11" else EXCEPT.get((form, target.item, key), WORDS.get(key, "?"))
            lines = beside(printed[form, box.page], box)
            seen += 1
            if not any(line.startswith(plain(expected)) for line in lines):
                wrong.append((target.part, target.item, key, expected, lines))
    assert wrong == []
    assert seen >= 4


@pytest.mark.parametrize("form", FORMS)
def test_every_mapped_tick_stands_beside_its_words(form: str, printed: dict[tuple[str, int], list[Letter]]) -> None:
    units, others = 0, 0
    for target in map_of(form).targets:
        if target.kind != "tick":
            continue
        box, letters = target.field, printed[form, target.field.page]
        leaf = box.name.rpartition(".")[2]
        state = (box.on_state or "").strip("/ ")
        if state in ("APT", "STE", "FLR"):
            units += 1
            word = state.capitalize()
            found = [*beside(letters, box), above(letters, box)] if form == "G-28" else [above(letters, box)]
            assert any(line.startswith(word) for line in found), (box.name, found)
        else:
            others += 1
            assert any(line.startswith(plain(TICKS[leaf])) for line in beside(letters, box)), (box.name, beside(letters, box))
    assert units % 3 == 0
    assert units >= 6
    assert others >= 2


def test_the_disciplinary_boxes_of_the_g_28(printed: dict[tuple[str, int], list[Letter]]) -> None:
    """ "am not" is printed first and exports /Y, "am" second and exports /N."""
    (target,) = [t for t in map_of("G-28").targets if t.item == "1.c" and t.kind == "choose"]
    assert beside(printed["G-28", 1], target.boxes["yes"]) == ["am"]
    assert beside(printed["G-28", 1], target.boxes["no"]) == ["amnotam"]
    assert [target.boxes[key].on_state for key in ("yes", "no")] == ["/N", "/Y"]


def test_part_1_letters_stand_left_of_their_boxes(printed: dict[tuple[str, int], list[Letter]]) -> None:
    (target,) = [t for t in map_of("I-131").targets if t.item == "4-11"]
    for item, box in target.boxes.items():
        letters, middle = printed["I-131", box.page], (box.rect[1] + box.rect[3]) / 2
        before = sorted((a for a in letters if a.right <= box.rect[0] + 1 and abs(a.middle - middle) < 6), key=lambda a: a.left)
        assert "".join(a.text for a in before).startswith(item.rpartition(".")[2]), item
