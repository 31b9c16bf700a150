"""Shrinking: only when asked, only pictures finer than wanted, and the page looks the same."""

from __future__ import annotations

import io
import tempfile
from pathlib import Path

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageStat

from pipeline.evidence.convert import convert
from pipeline.evidence.limits import Limits
from pipeline.evidence.look import looks
from pipeline.evidence.model import Converted, Wishes
from pipeline.evidence.shrink import shrink
from tests.evidence.seeing import converted, picture, written
from tests.resources.building import LETTER, add_page, saved
from tests.resources.pictures import corners, encoded

PIXELS = Limits().pixels


def speckled(width: int, height: int) -> Image.Image:
    """A picture with detail, the same each time."""
    return ImageChops.add_modulo(Image.radial_gradient("L").resize((width, height)), Image.linear_gradient("L").resize((width, height)))


def scan(dots: int) -> bytes:
    """A letter page scanned in gray at this resolution, as JPEG."""
    return encoded(speckled(round(8 * dots), round(10.19 * dots)), "JPEG", quality=92, dpi=(dots, dots))


def taken(folder: Path, data: bytes, dots: int | None) -> Converted:
    return convert(written(folder, data), shown_as="scan", wishes=Wishes(shrink=dots))


def images(pdf: pikepdf.Pdf) -> list[pikepdf.Stream]:
    return [item for item in pdf.objects if isinstance(item, pikepdf.Stream) and item.get("/Subtype") == "/Image"]


def resolution(pdf: bytes) -> float:
    (look,) = looks(pdf)
    assert look.dpi is not None
    return look.dpi


def test_a_scan_is_reduced_to_what_is_asked_and_looks_the_same(tmp_path: Path) -> None:
    before, after = taken(tmp_path, scan(300), None), taken(tmp_path, scan(300), 150)
    assert resolution(before.pdf) == pytest.approx(300, rel=0.02)
    assert resolution(after.pdf) == pytest.approx(150, rel=0.02)
    assert len(after.pdf) < len(before.pdf) / 2
    difference = ImageChops.difference(picture(before.pdf, scale=1.5), picture(after.pdf, scale=1.5))
    assert ImageStat.Stat(difference.convert("L")).mean[0] < 3
    (finding,) = after.findings
    assert finding.rule == "evidence-shrunk"
    assert finding.message == "1 picture reduced to 150 dots per inch, as the case asks"


def test_nothing_is_reduced_unasked(tmp_path: Path) -> None:
    data = scan(400)
    with pikepdf.open(io.BytesIO(taken(tmp_path, data, None).pdf)) as pdf:
        (image,) = images(pdf)
        assert image.read_raw_bytes() == data


@pytest.mark.parametrize("dots", [300, 280, 600])
def test_a_picture_that_is_not_finer_stays_as_it_is(tmp_path: Path, dots: int) -> None:
    data = scan(300)
    assert taken(tmp_path, data, dots) == taken(tmp_path, data, None)


def page_with(image: Image.Image, draws: str, **entries: object) -> bytes:
    """A PDF page that draws one lossless picture by these operators."""
    pdf = pikepdf.new()
    page = add_page(pdf, draws.encode("latin-1"), LETTER)
    stream = pdf.make_stream(image.tobytes())
    space = {"L": pikepdf.Name.DeviceGray, "RGB": pikepdf.Name.DeviceRGB, "1": pikepdf.Name.DeviceGray}[image.mode]
    stream.stream_dict = pikepdf.Dictionary(
        Type=pikepdf.Name.XObject,
        Subtype=pikepdf.Name.Image,
        Width=image.width,
        Height=image.height,
        ColorSpace=space,
        BitsPerComponent=1 if image.mode == "1" else 8,
    )
    for key, value in entries.items():
        stream.stream_dict[f"/{key}"] = value
    page.obj.Resources.XObject = pikepdf.Dictionary(Im=stream)
    return saved(pdf)


def test_the_largest_drawing_of_a_picture_decides(tmp_path: Path) -> None:
    """Drawn small and large: on the large one its 1500 dots are 300 an inch."""
    data = page_with(speckled(1500, 1500), "q 36 0 0 36 72 600 cm /Im Do Q q 360 0 0 360 72 100 cm /Im Do Q")
    made = taken(tmp_path, data, 150)
    with pikepdf.open(io.BytesIO(made.pdf)) as pdf:
        sizes = [int(image.Width) for image in images(pdf)]
    share = 734 / 792
    assert sizes == [pytest.approx(750 * share, abs=2)]


def test_turned_and_nested_drawings_are_measured_right(tmp_path: Path) -> None:
    data = page_with(speckled(1500, 1500), "q 0 1 -1 0 500 100 cm q 360 0 0 360 0 0 cm /Im Do Q Q")
    assert {finding.rule for finding in taken(tmp_path, data, 150).findings} == {"evidence-shrunk"}


def test_pictures_of_one_bit_and_with_transparency_stay(tmp_path: Path) -> None:
    draws = "q 360 0 0 360 72 100 cm /Im Do Q"
    for data in (page_with(speckled(1504, 1500).convert("1"), draws), _masked(draws)):
        shrunk, before = taken(tmp_path, data, 150), taken(tmp_path, data, None)
        assert shrunk.pdf == before.pdf
        assert [finding.rule for finding in shrunk.findings if finding not in before.findings] == ["evidence-not-shrunk"]


@pytest.mark.parametrize("space", [pikepdf.Name.DeviceGray, None])
def test_a_negative_and_a_jpeg_of_inks_look_as_before(tmp_path: Path, space: pikepdf.Name | None) -> None:
    """What /Decode or a colour space of its own makes of a JPEG's samples is not known to what codes it anew."""
    with pikepdf.open(io.BytesIO(page_with(speckled(1500, 1500).convert("L"), "q 360 0 0 360 72 100 cm /Im Do Q"))) as pdf:
        (image,) = images(pdf)
        image.write(encoded(speckled(1500, 1500).convert("L"), "JPEG", quality=95), filter=pikepdf.Name.DCTDecode)
        if space:
            image.Decode = pikepdf.Array([1, 0])
        else:
            tint = pikepdf.Dictionary(FunctionType=2, Domain=pikepdf.Array([0, 1]), C0=pikepdf.Array([1]), C1=pikepdf.Array([0]), N=1)
            image.ColorSpace = pikepdf.Array([pikepdf.Name.Separation, pikepdf.Name.Black, pikepdf.Name.DeviceGray, tint])
        data = saved(pdf)
    assert taken(tmp_path, data, 150).pdf == taken(tmp_path, data, None).pdf


def _masked(draws: str) -> bytes:
    """The same page with a soft mask on its picture."""
    with pikepdf.open(io.BytesIO(page_with(speckled(1500, 1500), draws))) as pdf:
        (image,) = images(pdf)
        mask = pdf.make_stream(b"\x80", Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image, Width=1, Height=1, BitsPerComponent=8)
        mask.ColorSpace = pikepdf.Name.DeviceGray
        image.SMask = mask
        return saved(pdf)


def test_a_picture_over_the_pixel_limit_is_not_decoded(tmp_path: Path) -> None:
    pdf = taken(tmp_path, scan(300), None).pdf
    assert shrink(pdf, 150, 1000).pictures == 0
    assert shrink(pdf, 150, PIXELS).pictures == 1


def test_a_damaged_picture_stays_as_it_is(tmp_path: Path) -> None:
    data = page_with(speckled(1500, 1500), "q 360 0 0 360 72 100 cm /Im Do Q", ColorSpace=pikepdf.Name.Nonsense)
    made = taken(tmp_path, data, 150)
    assert "evidence-shrunk" not in {finding.rule for finding in made.findings}


@settings(max_examples=15, deadline=None)
@given(st.integers(150, 600), st.sampled_from(["L", "RGB"]), st.integers(160, 800))
def test_what_is_reduced_is_as_fine_as_asked_and_never_larger(dots: int, mode: str, dpi: int) -> None:
    source = encoded(speckled(dpi, dpi).convert(mode), "PNG", dpi=(dpi, dpi))
    with tempfile.TemporaryDirectory() as name:
        before, after = taken(Path(name), source, None), taken(Path(name), source, dots)
    assert len(after.pdf) <= len(before.pdf)
    if after.findings:
        with pikepdf.open(io.BytesIO(after.pdf)) as pdf:
            (image,) = images(pdf)
            assert int(image.Width) == pytest.approx(dots, abs=1)


def test_all_resources_can_be_shrunk() -> None:
    for name in ("pages.tiff", "phone.avif", "cmyk.jpg", "palette.png", "form-drawn.pdf", "name-traps.pdf", "mail-attachments.eml"):
        assert converted(name, shrink=150).pages_out == converted(name).pages_out


def test_colours_stay(tmp_path: Path) -> None:
    data = encoded(ImageChops.add(corners(1200, 1500), speckled(1200, 1500).convert("RGB"), scale=1.5), "PNG", dpi=(300, 300))
    before, after = taken(tmp_path, data, None), taken(tmp_path, data, 150)
    assert after.findings
    difference = ImageChops.difference(picture(before.pdf), picture(after.pdf))
    assert max(ImageStat.Stat(difference).mean) < 3


def test_malformed_contents_leave_everything_as_it_is(tmp_path: Path) -> None:
    data = page_with(speckled(1500, 1500), "q 360 0 0 360 72 100 cm /Im Do Q q\xd0 Q")
    assert "evidence-shrunk" not in {finding.rule for finding in taken(tmp_path, data, 150).findings}
