"""Every resource does what its list says, and whatever is made of it is clean."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from pathlib import Path

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, Object, Stream

from pipeline.errors import EvidenceError
from pipeline.evidence.convert import convert
from pipeline.evidence.model import Converted, flat
from pipeline.evidence.office import converter as office
from pipeline.findings import Finding, Level
from tests.evidence.seeing import converted, picture, stays_inside, written
from tests.resources.catalogue import Resource
from tests.resources.make import FOLDER, README, RESOURCES, readme

TAKEN = [each for each in RESOURCES if not each.refused]
REFUSED = [each for each in RESOURCES if each.refused]

FORBIDDEN = {"/XFA", "/Perms", "/NeedAppearances", "/JS", "/JavaScript", "/Launch", "/EmbeddedFile", "/EmbeddedFiles"}
FORBIDDEN |= {"/AA", "/URI", "/Metadata", "/PieceInfo"}


@pytest.fixture(autouse=True)
def _without_libreoffice(monkeypatch: pytest.MonkeyPatch) -> None:
    """The list says what happens on a machine without it."""
    monkeypatch.setattr(office, "program", lambda: None)


def name_of(resource: Resource) -> str:
    return resource.name


def dictionaries(value: object, depth: int = 0) -> Iterator[Object]:
    """The dictionaries in an object, without following references."""
    if isinstance(value, Stream):
        value = value.stream_dict
    if isinstance(value, Dictionary):
        yield value
    parts = value.as_dict().values() if isinstance(value, Dictionary) else value if isinstance(value, Array) else ()
    for part in parts:
        if depth < 20 and isinstance(part, (Array, Dictionary)) and not part.is_indirect:
            yield from dictionaries(part, depth + 1)


def has_entries(dictionary: Object) -> bool:
    """Whether keys mean something: a name or a number says what it is, where a picture called /S is a stream."""
    return any(isinstance(dictionary.get(key), (Name, int)) for key in ("/Type", "/Subtype", "/S", "/Length"))


def check_clean(result: Converted) -> None:
    """Letter pages, nothing but drawing, sound syntax."""
    with pikepdf.open(io.BytesIO(result.pdf)) as pdf:
        assert pdf.check_pdf_syntax() == []
        assert set(pdf.Root.keys()) == {"/Type", "/Pages"}
        assert "/Info" not in pdf.trailer
        assert len(pdf.pages) == result.pages_out
        for page in pdf.pages:
            assert page.obj.keys() == {"/Type", "/Parent", "/MediaBox", "/Resources", "/Contents"}
            assert [float(value) for value in page.obj.MediaBox] == [0, 0, 612, 792]
        entities = [each for item in pdf.objects for each in dictionaries(item) if has_entries(each)]
        assert {key for each in entities for key in each.keys() & FORBIDDEN} == set()


@pytest.mark.parametrize("resource", TAKEN, ids=name_of)
def test_what_is_taken_is_clean_whole_and_inside_its_margins(resource: Resource) -> None:
    result = converted(resource.name)
    assert {finding.rule for finding in result.findings} == resource.findings
    assert result.pages_in == result.pages_out == resource.pages
    assert result.chosen == tuple(range(1, resource.pages + 1))
    assert result.sha256 == hashlib.sha256((FOLDER / resource.name).read_bytes()).hexdigest()
    check_clean(result)
    for page in range(1, result.pages_out + 1):
        assert stays_inside(picture(result.pdf, page))
    assert all(1 <= bookmark.page <= result.pages_out for bookmark in flat(result.bookmarks))


@pytest.mark.parametrize("resource", TAKEN, ids=name_of)
def test_the_same_file_gives_the_same_bytes(resource: Resource) -> None:
    assert converted.__wrapped__(resource.name) == converted(resource.name)


@pytest.mark.parametrize("resource", REFUSED, ids=name_of)
def test_what_is_refused_is_named_with_its_mend(resource: Resource) -> None:
    with pytest.raises(EvidenceError) as caught:
        converted(resource.name)
    (finding,) = caught.value.findings
    assert finding.rule == resource.refused
    assert finding.level is Level.ERROR
    check_message(finding, resource.name)
    assert finding.remedy.endswith((".", ")")), "a refusal says what to do"


@pytest.mark.parametrize("resource", TAKEN, ids=name_of)
def test_what_is_noted_is_no_error_and_names_the_file(resource: Resource) -> None:
    for finding in converted(resource.name).findings:
        assert finding.level is not Level.ERROR
        check_message(finding, resource.name)


def check_message(finding: Finding, name: str) -> None:
    """The file as the user named it; no path of this machine, nothing that a library said."""
    assert finding.where.partition(", attachment")[0] == name
    assert finding.message
    words = finding.message + finding.remedy
    assert str(FOLDER) not in words
    assert not any(foreign in words for foreign in ("Traceback", "BytesIO", "qpdf", "pikepdf", "PIL", "object at 0x"))


def test_there_are_at_least_sixty_small_resources() -> None:
    files = sorted(path.name for path in FOLDER.iterdir())
    assert files == sorted(each.name for each in RESOURCES)
    assert len(files) >= 60
    assert sum((FOLDER / name).stat().st_size for name in files) < 2_000_000


def test_the_list_of_resources_is_the_one_that_was_made() -> None:
    assert README.read_text(encoding="utf-8") == readme()


@pytest.mark.parametrize("resource", [each for each in RESOURCES if not each.name.startswith("bomb")], ids=name_of)
def test_the_script_makes_the_committed_file_or_one_of_the_same_kind(resource: Resource, tmp_path: Path) -> None:
    """Other versions of zlib and the picture libraries may deflate to other bytes; what intake makes of them stays."""
    again = resource.make()
    if again == (FOLDER / resource.name).read_bytes():
        return
    path = written(tmp_path, again)
    if resource.refused:
        with pytest.raises(EvidenceError):
            convert(path, shown_as=resource.name)
    else:
        assert {finding.rule for finding in convert(path, shown_as=resource.name).findings} == resource.findings
