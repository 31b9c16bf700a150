"""Folders and patterns as one exhibit: every file, in the order that people number them, and nothing left out in silence."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import EvidenceError
from pipeline.evidence.limits import Limits
from pipeline.evidence.names import files_named, natural_key


@pytest.fixture
def case(tmp_path: Path) -> Path:
    """Three photos in a folder, one more further down, statements, and a file whose name has a star."""
    folder = tmp_path / "case"
    for name in (
        "photos/IMG_10.jpg",
        "photos/IMG_9.jpg",
        "photos/img_2.jpg",
        "photos/más/IMG_1.jpg",
        "papers/statement 2.pdf",
        "papers/statement 11.pdf",
        "papers/letter.pdf",
        "papers/odd*name.pdf",
        "papers/oddXname.pdf",
        "papers/scan [1].pdf",
    ):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"x")
    return folder


def named(case: Path, name: str) -> tuple[str, ...]:
    return files_named(case, name, Limits()).files


def rule(case: Path, name: str, limits: Limits | None = None) -> str:
    with pytest.raises(EvidenceError) as caught:
        files_named(case, name, limits or Limits())
    (finding,) = caught.value.findings
    assert finding.where == name
    assert finding.remedy
    return finding.rule


@pytest.mark.parametrize("name", ["papers/letter.pdf", "papers/scan [1].pdf", "papers/odd*name.pdf"])
def test_a_file_is_itself_whatever_signs_its_name_has(case: Path, name: str) -> None:
    assert named(case, name) == (name,)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux allows names of any bytes")
@pytest.mark.parametrize("name", ["photos", "photos/*"])
def test_a_name_that_is_no_text_is_refused_by_its_bytes(case: Path, name: str) -> None:
    (case / "photos" / os.fsdecode(b"caf\xe9.jpg")).write_bytes(b"x")
    with pytest.raises(EvidenceError, match=r"no UTF-8 text: photos/caf.udce9\.jpg"):
        named(case, name)


@pytest.mark.parametrize("name", ["photos", "photos/"])
def test_a_folder_is_all_its_files_in_natural_order(case: Path, name: str) -> None:
    assert named(case, name) == ("photos/img_2.jpg", "photos/IMG_9.jpg", "photos/IMG_10.jpg", "photos/más/IMG_1.jpg")


def test_a_pattern_is_what_fits_it_in_natural_order(case: Path) -> None:
    assert named(case, "papers/statement*.pdf") == ("papers/statement 2.pdf", "papers/statement 11.pdf")
    assert named(case, "papers/statement ?.pdf") == ("papers/statement 2.pdf",)
    assert named(case, "p*s/letter.*") == ("papers/letter.pdf",)
    assert named(case, "*/IMG*") == ("photos/IMG_9.jpg", "photos/IMG_10.jpg")


def test_a_pattern_that_fits_a_folder_means_what_is_in_it(case: Path) -> None:
    assert named(case, "phot*") == named(case, "photos")


def test_a_star_does_not_cross_a_slash(case: Path) -> None:
    assert rule(case, "*.jpg") == "evidence-missing"


def test_accents_fit_however_they_are_stored(case: Path) -> None:
    assert named(case, "photos/ma\u0301s/*") == ("photos/ma\u0301s/IMG_1.jpg",)
    assert named(case, "photos/m?s/*") == ("photos/más/IMG_1.jpg",)


def test_files_of_the_system_stay_out_and_are_counted(case: Path) -> None:
    for name in (".DS_Store", "Thumbs.db", "~$letter.docx", ".hidden/a.jpg"):
        (case / "photos" / name).parent.mkdir(exist_ok=True)
        (case / "photos" / name).write_bytes(b"x")
    found = files_named(case, "photos", Limits())
    assert len(found.files) == 4
    (finding,) = found.findings
    assert (finding.rule, finding.where) == ("evidence-left-out", "photos")
    assert finding.message.startswith("4 ")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("nowhere/", "evidence-missing"),
        ("papers/*.docx", "evidence-missing"),
        ("nowhere/*.pdf", "evidence-missing"),
        ("empty", "evidence-missing"),
        ("../*", "evidence-path"),
        ("/etc/*", "evidence-path"),
        ("*/../../*", "evidence-path"),
    ],
)
def test_what_cannot_be_found_or_leads_out_is_refused(case: Path, name: str, expected: str) -> None:
    (case / "empty").mkdir()
    assert rule(case, name) == expected


def test_a_packet_that_was_built_among_the_evidence_is_refused(case: Path) -> None:
    (case / "mixed" / "out").mkdir(parents=True)
    (case / "mixed" / "letter.pdf").write_bytes(b"x")
    for name in ("packet.pdf", "manifest.json"):
        (case / "mixed" / "out" / name).write_bytes(b"x")
    assert rule(case, "mixed") == "evidence-own-output"


def test_bounds_on_files_and_on_folders_within_folders(case: Path) -> None:
    assert rule(case, "photos", Limits(files=3)) == "evidence-too-many-files"
    (case / "photos" / "a" / "b" / "c" / "d").mkdir(parents=True)
    assert rule(case, "photos") == "evidence-nesting"


@pytest.mark.parametrize(
    ("links", "name"),
    [
        ({"photos/again": "photos"}, "photos/again"),
        ({"photos/up": "."}, "photos/up"),
        ({"photos/x": "letters", "letters/y": "photos"}, "photos/x/y"),
        ({"photos/inner": "letters", "letters/self": "letters"}, "photos/inner/self"),
    ],
)
def test_a_folder_that_leads_back_to_itself_is_said_to_do_so(case: Path, links: dict[str, str], name: str) -> None:
    (case / "letters").mkdir(exist_ok=True)
    for link, target in links.items():
        (case / link).symlink_to(case / target)
    for named_so in ("photos", "ph*"):
        with pytest.raises(EvidenceError) as caught:
            files_named(case, named_so, Limits())
        (finding,) = caught.value.findings
        assert (finding.rule, finding.where) == ("evidence-nesting", named_so)
        assert finding.message == f"the folder {name} is a link that leads back to a folder it lies in"


def test_a_link_to_another_folder_of_the_case_is_followed(case: Path) -> None:
    (case / "letters").mkdir(exist_ok=True)
    (case / "letters" / "one.pdf").write_bytes(b"%PDF-")
    (case / "photos" / "more").symlink_to(case / "letters")
    assert "photos/more/one.pdf" in named(case, "photos")


def test_a_link_out_of_the_case_is_refused_before_it_is_walked(case: Path) -> None:
    (case / "photos" / "all").symlink_to("/")
    assert rule(case, "photos") == "evidence-path"
    assert rule(case, "photos/*") == "evidence-path"


def test_an_allowed_folder_may_be_an_exhibit(case: Path, tmp_path: Path) -> None:
    scans = tmp_path / "scans"
    scans.mkdir()
    for number in (10, 2):
        (scans / f"{number}.jpg").write_bytes(b"x")
    wanted = (f"{scans}/2.jpg", f"{scans}/10.jpg")
    assert files_named(case, str(scans), Limits(), [scans]).files == wanted
    assert files_named(case, f"{scans}/*.jpg", Limits(), [scans]).files == wanted


@given(st.sets(st.integers(0, 10**6), min_size=1), st.sampled_from(["page {}.pdf", "{}", "a/{}/b.jpg", "Скан {}.png"]))
def test_numbers_count_by_value(numbers: set[int], shape: str) -> None:
    assert sorted((shape.format(n) for n in numbers), key=natural_key) == [shape.format(n) for n in sorted(numbers)]


@given(st.lists(st.text(max_size=12), max_size=8))
def test_the_order_does_not_depend_on_the_order_of_the_disk(paths: list[str]) -> None:
    backwards = paths[::-1]
    assert sorted(paths, key=natural_key) == sorted(backwards, key=natural_key)
