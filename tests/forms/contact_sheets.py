"""Pictures of filled pages of three extreme cases: python -m tests.forms.contact_sheets FORMS_FOLDER docs/pictures"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from PIL import Image

from pipeline.forms.continuation import continuation_pages
from pipeline.forms.fill import FilledForm, fill
from pipeline.forms.values import Subject
from tests.forms.cases import Data, full_case, name
from tests.forms.reading import map_of, pictures
from tests.forms.support import case_of, subject_of, template
from tests.forms.test_forms_long import long_case

_DPI, _ACROSS, _GREYS = 44, 6, 8
Sheet = list[Image.Image]


def crowded(forms: Path, dpi: int = _DPI) -> Sheet:
    """The I-131 with twelve thousand characters and ten other names of two people."""
    return _pages(_filled(long_case(), "I-131", "7", forms), dpi, [3, 4, 5, 6, 7, 11, 12, 13, 14], continued=3)


def supported(forms: Path, dpi: int = _DPI) -> Sheet:
    """The I-134 with fifteen dependents, nine assets and accents that only the second font has."""
    data = long_case()
    data["petitioner"]["name"] = name("Nguyễn-Wiśniewska", "Thị Ánh Łucja", "Ștefania")
    data["petitioner"]["other_names"] = data["petitioner"]["other_names"][:3]
    return _pages(_filled(data, "I-134", "7", forms), dpi, range(1, 11), continued=2)


def brimful(forms: Path, dpi: int = _DPI) -> Sheet:
    """G-28, G-1145, re-parole I-131 and payment pages with boxes filled to their limits."""
    data = _limits()
    sheet = _pages(_filled(data, "G-1145", "10.E", forms), dpi, [1]) + _pages(_filled(data, "G-28", "10.E", forms), dpi, [1, 2, 3, 4])
    sheet += _pages(_filled(data, "I-131", "10.E", forms), dpi, [4, 5, 6, 7, 14])
    for form in ("G-1450", "G-1650"):
        case = case_of(data)
        paid = fill(template(form, forms), map_of(form), Subject(case, {"petitioner": case.petitioner}, {"fee": 1440}))
        sheet += _pages(paid, dpi, [1])
    return sheet


def _limits() -> Data:
    data = full_case("10.E", self_filed=False)
    address = {"in_care_of": "W" * 34, "street": "Wide Wooden Wharf Way of Warsaw WW", "unit": {"kind": "flr", "number": "WWWWWW"}}
    abroad = {
        **address,
        "city": "Llanfairpwllgwyngyll",
        "province": "Wüsten-Wörth am Rhei",
        "postal_code": "WW9 99WWX",
        "country": "Bosnia and Herzegovina",
    }
    data["petitioner"] |= {
        "name": name("Wolfeschlegelsteinhausenberger", "Maximiliana Wilh", "Wilhelmina Wanda"),
        "mailing_address": {**address, "city": "Rancho Santa Margari", "state": "CA", "zip": "92688-1234"},
        "physical_address": abroad,
        "email": "w.wolfeschlegelsteinhausen@example.org",
        "immigration": {"class_of_admission": "WWWWWWWWWWWWWWWWWWWW", "i94_number": "WWWWWWWWWWW", "i94_expires": "2027-03-31"},
    }
    data["beneficiaries"][0] |= {"mailing_address": abroad, "physical_address": {**abroad, "country": "Saint Vincent and the Grenadines"}}
    data["representative"] |= {
        "licensing_authority": "Supreme Court of the Commonwealth of the Northern Mariana Islands",
        "bar_number": "W" * 10,
        "firm": "Wolfeschlegel Wharton Wood LLP",
        "address": abroad,
        "email": "w.wolfeschlegelsteinhausen@example.org",
    }
    return data


def _filled(data: Data, form: str, item: str, forms: Path) -> FilledForm:
    return fill(template(form, forms), map_of(form), subject_of(data, form, item))


def _pages(filled: FilledForm, dpi: int, wanted: Sequence[int], continued: int = 0) -> Sheet:
    every = pictures(filled.flat(), "pdfium", Path(), dpi)
    sheet = [every[number - 1] for number in wanted]
    if continued:
        pdf = continuation_pages(filled, "Marisolda Quennevar", "A055501234", date(2026, 11, 24))
        sheet += pictures(pdf, "pdfium", Path(), dpi)[:continued]
    return sheet


def joined(sheet: Sheet) -> Image.Image:
    """The pages side by side in rows."""
    width, height = sheet[0].width + 6, sheet[0].height + 6
    rows = -(-len(sheet) // _ACROSS)
    whole = Image.new("L", (width * min(len(sheet), _ACROSS), height * rows), 190)
    for number, page in enumerate(sheet):
        whole.paste(page, (width * (number % _ACROSS) + 3, height * (number // _ACROSS) + 3))
    return whole


if __name__ == "__main__":
    for title, make in (("crowded", crowded), ("supported", supported), ("brimful", brimful)):
        target = Path(sys.argv[2]) / f"forms-{title}.png"
        joined(make(Path(sys.argv[1]))).quantize(_GREYS).save(target, optimize=True)
        print(target, f"{target.stat().st_size:,} bytes")
