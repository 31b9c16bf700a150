"""Items of Part 1 that no sample asks for, on the official Form I-131 of a built packet: the right box, and no other."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pypdfium2
import pytest

from pipeline.forms.editions import current
from tests.conftest import ROOT
from tests.forms.reading import INK, ink
from tests.packet.conftest import built

_KINDS_OF_REQUEST = re.compile(r"CB_AppType|P1_Line(6|8|10)[A-Z]\d?_\d")
"""The boxes of Items 1 to 11, with those below one of them."""
_SCALE = 2.0


@pytest.mark.parametrize(
    ("sample", "item", "page", "printed"),
    [
        ("parole-in-place", "8.C", 3, "Other: (List specific program or process)"),
        ("re-parole", "10.I", 4, "Other Program or Process (List specific program or process):"),
    ],
)
def test_another_program_is_ticked_and_named_beside_its_words_alone(
    sample: str, item: str, page: int, printed: str, tmp_path: Path, official: Path
) -> None:
    folder = tmp_path / "case"
    shutil.copytree(ROOT / "samples" / sample, folder)
    data = json.loads((folder / "case.json").read_text(encoding="utf-8"))
    data["request"] |= {"item": item, "program": "Program of the Four Lighthouses"}
    (folder / "case.json").write_text(json.dumps(data), encoding="utf-8")
    packet = built(tmp_path / "out", official, folder / "case.json")
    forms = [section for section in packet.manifest["sections"] if section["title"].startswith("Form I-131")]
    assert len(forms) == len(data["beneficiaries"])
    for form in forms:
        _assert_only(packet.path, form["first_page"], page, item, printed)


def test_a_waiver_leaves_the_work_permit_to_be_paid_by_a_form_of_its_own(tmp_path: Path, no_official: Path) -> None:
    folder = tmp_path / "case"
    shutil.copytree(ROOT / "samples" / "re-parole", folder)
    data = json.loads((folder / "case.json").read_text(encoding="utf-8"))
    data["filing"] |= {"payment": "waiver", "permit_payment": "card"}
    data["exhibits"][5]["evidence"].append("benefit-letter")
    (folder / "case.json").write_text(json.dumps(data), encoding="utf-8")
    packet = built(tmp_path / "out", no_official, folder / "case.json")
    filing = packet.manifest["filing"]
    assert (filing["fee"]["waiver"], filing["work_permit_fee"]["form"]) == (True, "G-1450")
    assert filing["payment_pages"] == ["payment/form-g-1450-beneficiary-1-work-permit.pdf"]
    page = pypdfium2.PdfDocument(packet.built.folder / filing["payment_pages"][0])
    try:
        assert "280" in page[0].get_textpage().get_text_bounded()
    finally:
        page.close()
    letter = " ".join(" ".join(packet.texts()[1:4]).split())
    assert "document is $280. It is paid with the enclosed Form G-1450." in letter
    assert "Request for Fee Waiver" in letter


def _assert_only(packet: Path, first: int, page: int, item: str, printed: str) -> None:
    """One box of the kinds of request is ticked, its letter stands before it, its words after it, and the program in the line below."""
    boxes = [field for field in current("I-131").inventory.fields if _KINDS_OF_REQUEST.search(field.name)]
    assert len(boxes) == 47
    document = pypdfium2.PdfDocument(packet)
    try:
        drawn = {n: document[first + n - 2].render(scale=_SCALE, grayscale=True).to_pil() for n in {box.page for box in boxes}}
        (box,) = [box for box in boxes if ink(drawn[box.page], box, _SCALE) > INK]
        x0, y0, x1, y1 = box.rect
        words = document[first + page - 2].get_textpage()
        around = [
            words.get_text_bounded(*area).strip() for area in ((0, y0, x0 - 1, y1), (x1 + 1, y0, 612, y1), (x1, y0 - 20, 612, y0 - 2))
        ]
    finally:
        document.close()
    assert (box.page, around) == (page, [f"{item[-1]}.", printed, "Program of the Four Lighthouses"])
