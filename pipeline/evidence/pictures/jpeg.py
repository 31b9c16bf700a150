"""JPEG: the client's bytes go into the packet unchanged."""

from __future__ import annotations

from pikepdf import Array, Dictionary, Name, Pdf, Stream
from PIL import Image

from pipeline.evidence.letter_pdf import write_letter_pdf
from pipeline.evidence.model import Sheets, Source, plural
from pipeline.evidence.pictures.placing import add_picture, examine, opened
from pipeline.findings import Finding, Level

_COLOUR_SPACES = {"L": Name.DeviceGray, "RGB": Name.DeviceRGB, "CMYK": Name.DeviceCMYK}


class JpegConverter:
    """JPEG files of 8 bits a sample in gray, RGB or CMYK, baseline or progressive.

    Pages: always one.  The picture's own density gives its size on paper (72 dots per inch when it states none), reduced to the
    content box.  The EXIF orientation is applied by the page; an embedded colour profile stays in the bytes and is not used.
    """

    def accepts(self, head: bytes) -> bool:
        return head.startswith(b"\xff\xd8\xff")

    def convert(self, source: Source) -> Sheets:
        chosen = source.select(1)
        with opened(source) as image:
            mode, picture, findings = image.mode, examine(image), _findings(source, image)
            if mode not in _COLOUR_SPACES:
                raise source.refusal(
                    "evidence-picture-kind", "this kind of JPEG cannot be printed", "Save the picture again as JPEG or PNG."
                )
            inverted = mode == "CMYK" and "adobe" in image.info
            _read_all(image)
        pdf = Pdf.new()
        shown = jpeg_image(pdf, source.data, mode, (picture.width, picture.height))
        if inverted:
            shown.stream_dict.Decode = Array([1, 0] * 4)
        add_picture(pdf, shown, picture)
        return Sheets("JPEG", write_letter_pdf(pdf), 1, chosen, findings=tuple(findings))


def jpeg_image(pdf: Pdf, data: bytes, mode: str, size: tuple[int, int]) -> Stream:
    """The bytes of a JPEG as an image XObject of `pdf`; `mode` is L, RGB or CMYK, `size` its width and height in pixels."""
    shown = Stream(pdf, data)
    shown.stream_dict = Dictionary(
        Type=Name.XObject,
        Subtype=Name.Image,
        Width=size[0],
        Height=size[1],
        ColorSpace=_COLOUR_SPACES[mode],
        BitsPerComponent=8,
    )
    shown.write(data, filter=Name.DCTDecode)
    return shown


def _read_all(image: Image.Image) -> None:
    """Decodes to the end at an eighth of the size, so that a file that was cut off does not pass."""
    image.draft(image.mode, (max(1, image.width // 8), max(1, image.height // 8)))
    image.load()


def _findings(source: Source, image: Image.Image) -> list[Finding]:
    findings = []
    more = getattr(image, "n_frames", 1) - 1
    if more:
        message = f"the file holds {plural(more, 'more picture')} beside the one that viewers show"
        findings.append(source.finding("evidence-more-pictures", Level.INFO, message, "Send what else is needed as a file of its own."))
    if examine(image).has_place:
        message = "the picture carries the place where it was taken, and keeps it in the packet"
        findings.append(
            source.finding(
                "evidence-picture-place", Level.INFO, message, "Save the picture without location data if that should not be filed."
            )
        )
    return findings
