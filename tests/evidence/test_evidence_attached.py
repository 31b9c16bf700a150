"""Files in a PDF: listed and left out, a reason to stop, or added as pages, each through intake."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, Pdf, String

from pipeline.errors import EvidenceError
from pipeline.evidence.convert import convert
from pipeline.evidence.limits import Limits
from pipeline.evidence.model import Attachments, Bookmark, PageFinding, Wishes
from pipeline.findings import Finding, Level
from tests.evidence.seeing import box_of, converted, picture, text, written
from tests.evidence.test_evidence_resources import check_clean
from tests.resources.building import add_page, mark, saved, words


def of(findings: Sequence[Finding], rule: str) -> list[Finding]:
    return [finding for finding in findings if finding.rule == rule]


def refused(name: str, attachments: Attachments | None, limits: Limits | None = None) -> Finding:
    with pytest.raises(EvidenceError) as caught:
        converted(name, attachments=attachments, limits=limits)
    (finding,) = caught.value.findings
    return finding


@pytest.mark.parametrize(("wish", "level"), [(None, Level.WARNING), ("drop", Level.INFO)])
def test_files_that_stay_out_are_listed_by_kind_with_the_way_in(wish: Attachments | None, level: Level) -> None:
    made = converted("attachments.pdf", attachments=wish)
    (finding,) = made.findings
    assert (finding.rule, finding.level) == ("evidence-attachments", level)
    assert finding.message == "3 attached files left out of the packet (a PDF, a JPEG, a ZIP archive)"
    assert '"attachments": "add"' in finding.remedy
    assert made.pages_in == 1
    with pikepdf.open(io.BytesIO(made.pdf)) as pdf:
        assert not pdf.attachments
    assert b"Inner page" not in made.pdf


def test_a_file_may_be_refused_for_what_is_attached() -> None:
    finding = refused("attachment.pdf", "refuse")
    assert (finding.rule, finding.message) == ("evidence-attachments", "1 file attached to the file (plain text)")
    assert converted("text-3-pages.pdf", attachments="refuse").findings == ()


def test_added_files_follow_in_natural_order_as_pages() -> None:
    made = converted("attachments.pdf", attachments="add")
    assert made.pages_in == made.pages_out == 4
    assert "A page" in text(made.pdf, 1)
    assert "Inner page 1" in text(made.pdf, 2)
    assert "Inner page 2" in text(made.pdf, 3)
    assert box_of(picture(made.pdf, 4), (220, 0, 0))
    check_clean(made)
    assert [(mark.title, mark.page) for mark in made.bookmarks] == [("letter 2.pdf", 2), ("photo 10.jpg", 4)]
    (added,) = of(made.findings, "evidence-attachments-added")
    assert added.message == "2 attached files added behind the file's own pages: 3 pages"
    (left,) = of(made.findings, "evidence-attachments")
    assert (left.where, left.level) == ("attachments.pdf, attachment 3", Level.WARNING)
    assert left.message == "the attachment is a ZIP archive and is not shown"


def test_a_range_counts_through_the_file_and_what_is_added() -> None:
    made = converted("attachments.pdf", pages="1,3-4", attachments="add")
    assert (made.pages_in, made.chosen) == (4, (1, 3, 4))
    assert "Inner page 2" in text(made.pdf, 2)
    assert made.bookmarks == (Bookmark("letter 2.pdf", 2), Bookmark("photo 10.jpg", 3))
    with pytest.raises(EvidenceError):
        converted("attachments.pdf", pages="5", attachments="add")


@pytest.mark.parametrize(("pages", "fonts", "links"), [(None, [(4, 5)], 1), ("1,3-4", [(4,)], 1), ("3", [], 1), ("1-2", [], 0)])
def test_what_is_noted_of_an_added_file_is_about_the_pages_that_are_shown(
    tmp_path: Path, pages: str | None, fonts: list[tuple[int, ...]], links: int
) -> None:
    """Its three pages are the third to the fifth; the last two have a font that is missing."""
    inner = Pdf.new()
    link = mark(inner, "Link", (72, 72, 144, 90), drawn=False, A=Dictionary(S=Name.URI, URI=String("https://example.org")))
    add_page(inner, words("Link"), Annots=Array([link]))
    for _ in range(2):
        page = add_page(inner, words("Ticks"))
        page.obj.Resources.Font.F1 = Dictionary(Type=Name.Font, Subtype=Name.TrueType, BaseFont=Name.Wingdings)
    outer = Pdf.new()
    add_page(outer, words("First page"))
    add_page(outer, words("Second page"))
    outer.attachments["inner.pdf"] = saved(inner)
    made = convert(written(tmp_path, saved(outer)), shown_as="all.pdf", wishes=Wishes(pages, attachments="add"))
    assert [finding.pages for finding in of(made.findings, "evidence-font-missing") if isinstance(finding, PageFinding)] == fonts
    assert len(of(made.findings, "evidence-links-removed")) == links


def test_a_file_that_is_attached_twice_is_added_once_and_its_pin_stays_on_the_page() -> None:
    made = converted("attachment-pinned.pdf", attachments="add")
    assert made.pages_out == 2
    assert "The pinned note" in text(made.pdf, 2)
    (listed,) = converted("attachment-pinned.pdf").findings
    assert listed.message == "1 attached file left out of the packet (plain text)"


def test_a_file_that_is_only_associated_with_the_document_is_added_too() -> None:
    made = converted("attachment-associated.pdf", attachments="add")
    assert made.pages_out == 2
    assert "The associated note" in text(made.pdf, 2)


def pinned(folder: Path, document: Sequence[str], second_page: Sequence[str]) -> Path:
    """A PDF of two pages with text files attached to it and pinned to its second page."""
    pdf = Pdf.new()
    add_page(pdf, words("First page"))
    add_page(pdf, words("Second page"))
    for name in document:
        pdf.attachments[name] = b"Attached\n"
    marks = []
    for name in second_page:
        held = pdf.make_stream(b"Pinned\n", Type=Name.EmbeddedFile)
        file = Dictionary(Type=Name.Filespec, F=String(name), EF=Dictionary(F=held))
        marks.append(mark(pdf, "FileAttachment", (50, 50, 70, 70), FS=pdf.make_indirect(file)))
    pdf.pages[1].obj.Annots = Array(marks)
    return written(folder, saved(pdf))


@pytest.mark.parametrize(
    ("document", "page", "level", "said"),
    [
        ([], ["b.txt"], Level.INFO, "1 attached file left out of the packet (plain text); on pages that the range leaves out"),
        (["a.txt"], ["b.txt"], Level.WARNING, "2 attached files left out of the packet (plain text, plain text); 1 of them on pages that"),
    ],
)
def test_a_file_on_a_page_that_is_not_asked_for_is_said_to_be_there(
    tmp_path: Path, document: Sequence[str], page: Sequence[str], level: Level, said: str
) -> None:
    path = pinned(tmp_path, document, page)
    (finding,) = convert(path, shown_as="a.pdf", wishes=Wishes("1")).findings
    assert finding.level is level
    assert finding.message.startswith(said)
    (finding,) = convert(path, shown_as="a.pdf", wishes=Wishes("2")).findings
    assert (finding.level, "range" in finding.message) == (Level.WARNING, False)


def test_a_file_on_a_page_that_is_not_asked_for_is_no_reason_to_stop(tmp_path: Path) -> None:
    path = pinned(tmp_path, [], ["b.txt"])
    assert convert(path, shown_as="a.pdf", wishes=Wishes("1", attachments="refuse")).pages_out == 1
    for refusing in (Wishes("2", attachments="refuse"), Wishes(attachments="refuse")):
        with pytest.raises(EvidenceError):
            convert(path, shown_as="a.pdf", wishes=refusing)


def test_a_portfolio_is_refused_with_the_way_in_and_added_on_request() -> None:
    assert '"attachments": "add"' in refused("portfolio.pdf", None).remedy
    assert refused("portfolio.pdf", "refuse").rule == "evidence-portfolio"
    made = converted("portfolio.pdf", attachments="add")
    assert made.pages_in == 4
    assert [text(made.pdf, page).strip() for page in range(2, 5)] == ["The first file", "The second file", "Its end"]
    (cover,) = of(made.findings, "evidence-portfolio")
    assert cover.level is Level.INFO
    assert converted("portfolio.pdf", pages="2-4", attachments="add").pages_out == 3
    assert converted("portfolio.pdf", attachments="drop").pages_out == 1


def test_files_within_files_have_a_deepest_level() -> None:
    assert refused("attachment-deep.pdf", "add").rule == "evidence-nesting"
    assert refused("attachment-deep.pdf", "add").where == "attachment-deep.pdf" + ", attachment 1" * 3
    made = converted("attachment-deep.pdf", attachments="add", limits=Limits(nesting=4))
    assert made.pages_out == 5
    assert "The innermost page" in text(made.pdf, 5)


def test_many_and_large_files_are_refused() -> None:
    assert refused("attachments.pdf", "add", Limits(files=2)).rule == "evidence-too-many-files"
    bomb = refused("bomb-attached.pdf", "add")
    assert bomb.rule == "evidence-too-large"
    assert "attachment 1" in bomb.message
    assert refused("attachments.pdf", "add", Limits(pages=3)).rule == "evidence-too-many-pages"
    (listed,) = converted("bomb-attached.pdf").findings
    assert listed.message.endswith("(a large file)")


@pytest.mark.parametrize("name", ["text-3-pages.pdf", "rgb.jpg", "note.txt", "bookmarks.pdf"])
def test_files_that_hold_none_are_the_same_with_every_wish(name: str) -> None:
    plain = converted(name)
    assert converted(name, attachments="add") == converted(name, attachments="drop") == plain
