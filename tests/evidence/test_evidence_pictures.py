from __future__ import annotations

import io
import struct
import subprocess
import tempfile
from pathlib import Path

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageOps, ImageStat

from pipeline.errors import EvidenceError
from pipeline.evidence.convert import convert
from pipeline.evidence.letter import CONTENT
from pipeline.evidence.limits import Limits
from pipeline.evidence.model import Converted
from pipeline.evidence.pictures.placing import Picture
from pipeline.evidence.pictures.png import read_png
from tests.evidence.seeing import box_of, converted, ink_box, picture, written
from tests.resources.make import FOLDER, RESOURCES
from tests.resources.pictures import PICTURES, corners, encoded

RED, GREEN, BLUE = (220, 0, 0), (0, 150, 0), (0, 0, 220)
TAKEN = [each.name for each in PICTURES if not each.refused]
GRAY = {"gray.jpg", "blank.jpg", "black.jpg", "gray-alpha.png", "one-bit.png", "sixteen-bit-gray.png", "interlaced.png"}
GRAY |= {"fax.tiff", "sixteen-bit.tiff"}
COLOURED = [name for name in TAKEN if name not in GRAY | {"animated.gif"}]
LOSSLESS = ["rgb.png", "palette.png", "one-bit.png", "interlaced.png", "turned.png", "pages.tiff", "turned.tiff", "fax.tiff", "screen.bmp"]


def kept_picture(result: Converted, page: int = 1) -> Image.Image:
    """The picture as it lies in the packet's page, with its own pixels."""
    with pikepdf.open(io.BytesIO(result.pdf)) as pdf:
        image = pdf.pages[page - 1].obj.Resources.XObject.Evidence
        assert isinstance(image, pikepdf.Stream)
        return pikepdf.PdfImage(image).as_pil_image().convert("RGB")


def stream_bytes(result: Converted) -> bytes:
    with pikepdf.open(io.BytesIO(result.pdf)) as pdf:
        return pdf.pages[0].obj.Resources.XObject.Evidence.read_raw_bytes()


@pytest.mark.parametrize("name", COLOURED)
def test_the_picture_is_upright_and_in_colour(name: str) -> None:
    image = picture(converted(name).pdf)
    boxes = [box_of(image, colour) for colour in (RED, GREEN, BLUE)]
    red, green, blue = ((box[0] + box[2], box[1] + box[3]) if box else (0, 0) for box in boxes)
    assert all(boxes)
    assert red[0] < green[0]
    assert abs(red[1] - green[1]) <= 4
    assert red[1] < blue[1]
    assert abs(red[0] - blue[0]) <= 4


@pytest.mark.parametrize("name", [each.name for each in RESOURCES if each.name.endswith(".jpg") and each in PICTURES and not each.refused])
def test_jpeg_bytes_are_passed_through(name: str) -> None:
    assert stream_bytes(converted(name)) == (FOLDER / name).read_bytes()


@pytest.mark.parametrize("orientation", range(2, 9))
def test_exif_orientations_look_as_pillow_turns_them(orientation: int) -> None:
    turned = picture(converted(f"exif-{orientation}.jpg").pdf)
    upright = picture(converted("rgb.jpg").pdf)
    assert ImageStat.Stat(ImageChops.difference(turned, upright).convert("L")).mean[0] < 0.5


@pytest.mark.parametrize("name", ["rgb.png", "palette.png", "one-bit.png", "sixteen-bit.png", "sixteen-bit-gray.png"])
def test_plain_png_data_are_passed_through(name: str) -> None:
    data = (FOLDER / name).read_bytes()
    png = read_png(data)
    assert png is not None
    assert stream_bytes(converted(name)) == png.pixels


@pytest.mark.parametrize("name", LOSSLESS)
def test_pictures_without_loss_keep_every_pixel(name: str) -> None:
    with Image.open(FOLDER / name) as original:
        original.load()
        upright = ImageOps.exif_transpose(original)
    kept = kept_picture(converted(name))
    wanted = original if name == "turned.png" else upright
    assert ImageChops.difference(kept, wanted.convert("RGB")).getbbox() is None


@pytest.mark.parametrize("name", ["rgba.png", "palette-transparent.png", "gray-alpha.png", "web.webp"])
def test_transparent_parts_are_white(name: str) -> None:
    with Image.open(FOLDER / name) as original:
        coloured = original.convert("RGBA")
    on_white = Image.alpha_composite(Image.new("RGBA", coloured.size, "white"), coloured).convert("RGB")
    kept = kept_picture(converted(name))
    assert ImageChops.difference(kept, on_white).getbbox() is None


@pytest.mark.parametrize("name", ["photo.heic", "phone.avif", "lossy.webp"])
def test_what_a_pdf_cannot_hold_becomes_a_jpeg_that_looks_the_same(name: str) -> None:
    result = converted(name)
    with Image.open(FOLDER / name) as original:
        wanted = ImageOps.exif_transpose(original).convert("RGB")
    kept = kept_picture(result)
    assert kept.size == wanted.size
    assert ImageStat.Stat(ImageChops.difference(kept, wanted).convert("L")).mean[0] < 1
    assert stream_bytes(result).startswith(b"\xff\xd8")
    assert "evidence-picture-recoded" in {finding.rule for finding in result.findings}


def test_a_phone_photo_stands_upright() -> None:
    seen = picture(converted("photo.heic").pdf)
    red, green, blue = (box_of(seen, colour, 110) for colour in (RED, (0, 150, 0), (0, 0, 220)))
    assert red
    assert green
    assert blue
    assert red[0] < green[0]
    assert red[1] < blue[1]
    assert seen.getpixel((seen.width // 2, 3)) == (255, 255, 255)


def test_a_lossless_webp_stays_without_loss() -> None:
    assert "evidence-picture-recoded" not in {finding.rule for finding in converted("web.webp").findings}


def test_inverted_inks_are_seen_right_by_both_viewers(tmp_path: Path, poppler: str) -> None:
    result = converted("cmyk.jpg")
    written(tmp_path, result.pdf)
    subprocess.run([poppler, "-r", "72", "-png", "-singlefile", "file.pdf", "page"], cwd=tmp_path, check=True)
    with Image.open(tmp_path / "page.png") as drawn:
        by_poppler = drawn.convert("RGB")
    for seen in (by_poppler, picture(result.pdf)):
        darkest, _ = seen.crop((250, 380, 350, 420)).convert("L").getextrema()
        assert isinstance(darkest, int)
        assert darkest > 250, "the middle is white"
        assert box_of(seen, RED, 110)


def test_a_picture_has_the_size_that_its_density_says() -> None:
    box = ink_box(picture(converted("sixteen-bit-gray.png").pdf, scale=4), 4)
    assert box is not None
    assert box.width == pytest.approx(300 / 150 * 72, abs=0.5)
    assert box.height == pytest.approx(400 / 150 * 72, abs=0.5)


def test_a_picture_without_density_is_as_large_as_the_page_allows() -> None:
    box = ink_box(picture(converted("no-density.jpg").pdf, scale=2), 2)
    assert box is not None
    assert box.height == pytest.approx(CONTENT.height, abs=1)


def test_a_fax_with_uneven_dots_keeps_its_shape() -> None:
    box = ink_box(picture(converted("fax.tiff").pdf, scale=2), 2)
    assert box is not None
    assert box.width / box.height == pytest.approx((1728 / 204) / (1100 / 98), rel=0.01)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_tiff_with_uneven_dots_keeps_its_shape_when_turned(tmp_path: Path, orientation: int) -> None:
    stored = encoded(corners(400, 300), "TIFF", dpi=(200, 100), tiffinfo={274: orientation})
    box = ink_box(picture(convert(written(tmp_path, stored), shown_as="a.tiff").pdf, scale=4), 4)
    across, down = 400 / 200 * 72, 300 / 100 * 72
    assert box is not None
    assert (box.width, box.height) == pytest.approx((down, across) if orientation >= 5 else (across, down), abs=0.5)


def test_a_png_with_uneven_dots_keeps_its_shape_when_it_is_turned_here(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[274] = 6
    stored = encoded(corners(400, 300).convert("RGBA"), "PNG", dpi=(200, 100), exif=exif)
    box = ink_box(picture(convert(written(tmp_path, stored), shown_as="a.png").pdf, scale=4), 4)
    assert box is not None
    assert (box.width, box.height) == pytest.approx((300 / 100 * 72, 400 / 200 * 72), abs=0.5)


def gray_tiff(bits: int, white_is_zero: bool, row: bytes) -> bytes:
    """A TIFF of one row of gray samples, not compressed, lowest byte first."""
    samples = len(row) * 8 // bits
    tags = [(256, samples), (257, 1), (258, bits), (259, 1), (262, 0 if white_is_zero else 1), (273, 122), (277, 1), (278, 1)]
    tags.append((279, len(row)))
    entries = b"".join(struct.pack("<HHIHH", tag, 3, 1, value, 0) for tag, value in tags)
    return b"II*\0" + struct.pack("<IH", 8, len(tags)) + entries + bytes(4) + row


@pytest.mark.parametrize(
    ("bits", "white_is_zero", "row", "seen"),
    [
        (16, False, struct.pack("<4H", 0, 65535, 0x8080, 25700), [0, 255, 128, 100]),
        (16, True, struct.pack("<4H", 0, 65535, 0x8080, 25700), [255, 0, 127, 155]),
        (12, False, bytes.fromhex("000fff808640"), [0, 255, 128, 100]),
    ],
)
def test_gray_of_more_than_8_bits_is_as_light_as_the_tiff_says(
    tmp_path: Path, bits: int, white_is_zero: bool, row: bytes, seen: list[int]
) -> None:
    result = convert(written(tmp_path, gray_tiff(bits, white_is_zero, row)), shown_as="a.tiff")
    assert list(kept_picture(result).convert("L").tobytes()) == seen


def any_tiff(order: str, samples: bytes, bits: int, **more: int) -> bytes:
    """A TIFF of 2 by 1 dots, not compressed, in either order of bytes; `more` are entries of its directory."""
    names = {"kind": 262, "count": 277, "planes": 284, "signs": 339}
    count = more.get("count", 1)
    tags = {256: [2], 257: [1], 258: [bits] * count, 259: [1], 262: [1], 273: [0], 277: [1], 278: [1], 279: [len(samples)]}
    tags |= {names[name]: [value] * (count if name == "signs" else 1) for name, value in more.items()}
    behind = 8 + 2 + 12 * len(tags) + 4
    wide = struct.pack(f"{order}{count}H", *tags[258])
    apart = more.get("planes") == 2
    where = behind + len(wide)
    step = len(samples) // count
    starts, lengths = [where + step * number for number in range(count)], [step] * count
    tables = struct.pack(f"{order}{count}I{count}I", *starts, *lengths) if apart else b""
    entries = b""
    for tag, values in sorted(tags.items()):
        if tag == 258 and count > 2:
            entries += struct.pack(f"{order}HHII", tag, 3, count, behind)
        elif tag in {273, 279} and apart:
            entries += struct.pack(f"{order}HHII", tag, 4, count, where + len(samples) + (0 if tag == 273 else 4 * count))
        elif tag == 273:
            entries += struct.pack(f"{order}HHII", tag, 4, 1, where)
        else:
            entries += struct.pack(f"{order}HHIHH", tag, 3, 1, values[0], 0)
    start = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(f"{order}IH", 8, len(tags))
    return start + entries + bytes(4) + wide + samples + tables


@pytest.mark.parametrize("order", ["<", ">"])
def test_a_tiff_of_wide_colours_is_shown_in_its_colours(tmp_path: Path, order: str) -> None:
    samples = struct.pack(f"{order}6H", 65535, 0, 0, 0, 0x8080, 65535)
    result = convert(written(tmp_path, any_tiff(order, samples, 16, count=3, kind=2)), shown_as="a.tiff")
    assert kept_picture(result).convert("RGB").tobytes() == bytes([255, 0, 0, 0, 128, 255])


@pytest.mark.parametrize("order", ["<", ">"])
def test_a_tiff_whose_samples_would_be_shown_as_others_is_refused(tmp_path: Path, order: str) -> None:
    apart = any_tiff(order, struct.pack(f"{order}6H", 65535, 0, 0, 0x8080, 0, 65535), 16, count=3, kind=2, planes=2)
    signed = any_tiff(order, struct.pack(f"{order}2h", -32768, 32767), 16, signs=2)
    signed_bytes = any_tiff(order, struct.pack("2b", -128, 127), 8, signs=2)
    for data in (apart, signed, signed_bytes):
        with pytest.raises(EvidenceError) as caught:
            convert(written(tmp_path, data), shown_as="a.tiff")
        assert caught.value.findings[0].rule == "evidence-picture-kind"


@pytest.mark.parametrize("entries", [{254: 1, 50706: b"\1\4\0\0"}, {254: 0, 50706: b"\1\4\0\0"}, {254: 1, 330: 8}])
def test_the_preview_of_a_raw_picture_does_not_stand_for_it(tmp_path: Path, entries: dict[int, object]) -> None:
    stored = encoded(corners(60, 80), "TIFF", tiffinfo=entries)
    with pytest.raises(EvidenceError, match="a camera's raw picture") as caught:
        convert(written(tmp_path, stored), shown_as="a.dng")
    assert caught.value.findings[0].rule == "evidence-picture-kind"


def test_a_small_picture_before_a_large_one_is_a_page_like_it(tmp_path: Path) -> None:
    stored = encoded(corners(60, 80), "TIFF", tiffinfo={254: 1}, save_all=True, append_images=[corners(600, 800)])
    assert convert(written(tmp_path, stored), shown_as="a.tiff").pages_out == 2


def test_12_bits_with_the_highest_byte_first_are_refused(tmp_path: Path) -> None:
    with pytest.raises(EvidenceError, match="of a kind that cannot be read"):
        convert(written(tmp_path, any_tiff(">", bytes.fromhex("000fff"), 12)), shown_as="a.tiff")


@given(st.integers(1, 20_000), st.integers(1, 20_000), st.floats(20, 2400), st.floats(20, 2400), st.integers(1, 8))
def test_every_picture_lies_in_the_content_box(width: int, height: int, across: float, down: float, orientation: int) -> None:
    matrix = Picture(width, height, (across, down), orientation).matrix()
    corners_placed = [matrix.transform((x, y)) for x in (0, 1) for y in (0, 1)]
    near = 0.01
    assert all(CONTENT.x0 - near <= x <= CONTENT.x1 + near and CONTENT.y0 - near <= y <= CONTENT.y1 + near for x, y in corners_placed)


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_a_file_cut_off_anywhere_is_refused_or_shown_whole(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(["JPEG", "PNG", "TIFF", "GIF", "BMP", "WEBP", "HEIF"]))
    whole = encoded(corners(60, 80), kind)
    cut = whole[: data.draw(st.integers(16, len(whole)))]
    try:
        result = _convert_bytes(cut, "file")
    except EvidenceError:
        return
    kept = kept_picture(result)
    with Image.open(io.BytesIO(whole)) as original:
        assert ImageStat.Stat(ImageChops.difference(kept, original.convert("RGB"))).mean[0] < 1


def _convert_bytes(data: bytes, name: str) -> Converted:
    with tempfile.TemporaryDirectory() as folder:
        return convert(written(Path(folder), data, name), shown_as=name)


def test_the_pixel_limit_is_a_setting(tmp_path: Path) -> None:
    path = written(tmp_path, encoded(corners(60, 80), "PNG"))
    assert convert(path, shown_as="a.png", limits=Limits(pixels=4800)).pages_out == 1
    with pytest.raises(EvidenceError, match="more than 4,799 pixels"):
        convert(path, shown_as="a.png", limits=Limits(pixels=4799))
