"""A form that the program has never seen: an inventory and a map are all that it needs, from the plan to the built packet."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pypdfium2
import pytest
from msgspec.structs import replace

from pipeline.forms import editions as known
from pipeline.forms.editions import current, editions, editions_folder
from pipeline.forms.inventory import dump_inventory
from pipeline.packet.build import BuildOptions, build_packet
from pipeline.packet.plan import make_plan
from pipeline.packet.readback.expect import squeezed
from tests.forms.cases import full_case
from tests.forms.support import case_of, filled, texts

MAP = """
form: I-999
edition: "03/01/25"
per: beneficiary
order: 25
when: request.stay
prefix: "form1[0].#subform[0]."
items:
- {part: "1", item: "1", use: name, of: beneficiary.name, fields: {family: "LastName[0]", given: "FirstName[0]"}}
- {part: "1", item: "2", text: request.stay.arrive_on | date, field: "MiddleName[0]"}
blank:
- why: not asked for in this test
  fields: ["Email[0]", "MobilePhoneNumber[0]"]
"""


@pytest.fixture
def new_form(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Form I-999, as a folder beside the others: one page with five boxes."""
    home = tmp_path / "forms"
    shutil.copytree(editions_folder(), home)
    own = current("G-1145").inventory
    inventory = replace(
        own,
        form="I-999",
        edition="03/01/25",
        title="Form I-999, A new form",
        fields=own.fillable,
        known_sha256=(),
        source_url="https://example.org/i-999.pdf",
    )
    folder = home / "i-999" / "2025-03-01"
    folder.mkdir(parents=True)
    (folder / "inventory.json").write_text(dump_inventory(inventory), encoding="utf-8")
    (folder / "map.yaml").write_text(MAP, encoding="utf-8")
    monkeypatch.setattr(known, "editions_folder", lambda: home)
    editions.cache_clear()
    yield "I-999"
    editions.cache_clear()


def test_the_plan_holds_it_in_its_place_and_the_representative_appears_for_it(new_form: str) -> None:
    plan = make_plan(case_of(full_case("7")), "7")
    assert [s.form for s in plan.sections if s.form] == ["G-1145", "G-28", "I-131", "I-999", "I-134"]
    assert texts(filled(full_case("7"), "G-28"))["2:Line1b_ListFormNumber[0]"] == "I-131, I-999, I-134"
    assert new_form not in [s.form for s in make_plan(case_of(full_case("5.A")), "5.A").sections]


def test_it_is_drawn_filled_and_read_back_in_the_packet(new_form: str, sample: Path, tmp_path: Path, no_official: Path) -> None:
    built = build_packet(sample, BuildOptions(out=tmp_path / "out", forms=no_official))
    manifest = json.loads((built.folder / "manifest.json").read_text(encoding="utf-8"))
    mine = [form for form in manifest["forms"] if form["form"] == new_form]
    people = json.loads(sample.read_text(encoding="utf-8"))["beneficiaries"]
    assert [form["source"] for form in mine] == ["facsimile"] * len(people)
    document = pypdfium2.PdfDocument(built.folder / "packet.pdf")
    try:
        for form, person in zip(mine, people, strict=True):
            shown = {
                value["field"].rpartition(".")[2]: squeezed(
                    document[value["packet_page"] - 1].get_textpage().get_text_bounded(*value["rect"])
                )
                for value in form["values"]
            }
            assert (shown["LastName[0]"], shown["FirstName[0]"]) == (squeezed(person["name"]["family"]), squeezed(person["name"]["given"]))
    finally:
        document.close()
    assert (built.folder / "forms").is_dir()
    assert [path.name for path in (built.folder / "forms").glob("*i-999*")]
