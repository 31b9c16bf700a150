"""What an office lays over ours: a folder of templates, and in it `office.yaml` with letterhead, fonts, margins and labels."""

from __future__ import annotations

import json
import stat
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, cast

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from msgspec import Struct

from pipeline.errors import TemplateError
from pipeline.findings import Finding, Level, suggestion
from pipeline.letters.wording import Setting
from pipeline.resources import shipped
from pipeline.rules.exhibits import label
from pipeline.yaml_files import NotYamlError, read_yaml

FILE = "office.yaml"
SCHEMA = "office.schema.json"
FONTS = "fonts"
"""The folder of fonts within an office's folder, unless office.yaml names another."""


class LabelStyle(StrEnum):
    """How exhibits are labelled."""

    LETTERS = "letters"
    NUMBERS = "numbers"
    TABS = "tabs"


class Style(Struct, frozen=True):
    """What the letters look like; templates see it as `style`.  Lengths are inches, the type size points."""

    logo: Setting | None = None
    """A picture in the office's folder."""
    logo_text: Setting | None = None
    """What the logo shows; there when the logo is."""
    logo_width: float = 1.5
    letterhead: tuple[str, ...] = ()
    """Lines instead of the representative's; the first is set large."""
    closing: str = "Respectfully submitted,"
    signature: tuple[str, ...] = ()
    """Lines below the ink line instead of the representative's."""
    fonts: tuple[Setting, ...] = (Setting("Libertinus Serif"),)
    size: float = 11.5
    top: float = 1.1
    bottom: float = 1.0
    left: float = 1.0
    right: float = 1.0
    labels: LabelStyle = LabelStyle.LETTERS


class Office(Struct, frozen=True):
    """Where documents come from and what they look like."""

    templates: tuple[Path, ...] = ()
    """Folders of templates that are looked into before ours."""
    fonts: tuple[Path, ...] = ()
    """Folders of fonts beside those that come with Typst."""
    assets: Path | None = None
    """The only folder that templates may read files from, such as a logo."""
    style: Style = Style()


OURS = Office()
"""Our own templates in their own style."""


def load_office(folder: Path | None) -> Office:
    """The office of a folder, or ours without one.

    Raises TemplateError for a folder that is not there, and with every fault of its office.yaml.
    """
    if folder is None:
        return OURS
    if not folder.is_dir():
        raise TemplateError.one("template-folder", str(folder), "is no folder", "Name the folder that holds the office's templates.")
    settings = _settings(folder / FILE)
    fonts = folder / str(settings.get("fonts", FONTS))
    if "fonts" in settings and not fonts.is_dir():
        raise TemplateError.one("office-settings", FILE, "fonts names no folder beside it", "Correct the name.")
    return Office((folder,), (fonts,) if fonts.is_dir() else (), folder, _style(settings))


def exhibit_label(number: int, style: LabelStyle) -> str:
    """The label of an exhibit, counted from 0: A to Z, AA, ...; 1, 2, ...; or Tab 1, Tab 2, ..."""
    if style is LabelStyle.LETTERS:
        return label(number)
    return f"Tab {number + 1}" if style is LabelStyle.TABS else str(number + 1)


class TemplateFile(Struct, frozen=True):
    """A file as it stands now: what was read of one that is equal to it holds still."""

    path: Path
    written: tuple[int, int] | None = None
    """When it was written, in nanoseconds, and its bytes; None for ours, which do not change while a program runs."""


def template_file(name: str, folders: tuple[Path, ...] = ()) -> TemplateFile:
    """A file beside the templates, such as `words.yaml`: that of the first of an office's folders that has it, else ours."""
    for folder in folders:
        if written := written_of(folder / name):
            return TemplateFile(folder / name, written)
    return TemplateFile(shipped("templates") / "letters" / name)


def content_of(file: TemplateFile, shown_as: str) -> Any:
    """What a YAML file beside the templates says.  Raises TemplateError, with line and column when it is no YAML."""
    try:
        return read_yaml(file.path)
    except OSError as error:
        remedy = "Make it a file that can be read."
        raise TemplateError.one("template-yaml", shown_as, f"cannot be read: {error.strerror}", remedy) from None
    except NotYamlError as error:
        remedy = "Mend it at this place; a text with a colon or a brace stands in quotation marks."
        raise TemplateError.one("template-yaml", shown_as + error.at, f"not YAML: {error}", remedy) from None


def written_of(path: Path) -> tuple[int, int] | None:
    """When a file was written, in nanoseconds, and its bytes; None when there is no file.  Raises OSError when the system does not tell."""
    try:
        found = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    return (found.st_mtime_ns, found.st_size) if stat.S_ISREG(found.st_mode) else None


def _settings(path: Path) -> Mapping[str, Any]:
    if not path.is_file():
        return {}
    try:
        settings = read_yaml(path) or {}
    except OSError as error:
        wrong, remedy = f"cannot be read: {error.strerror}", "Make it a file that can be read."
        raise TemplateError.one("office-settings", path.name, wrong, remedy) from None
    except NotYamlError as error:
        wrong = f"cannot be read as YAML: {error}"
        raise TemplateError.one("office-settings", path.name + error.at, wrong, "Mend it at this place.") from None
    errors = sorted(_validator().iter_errors(settings), key=lambda error: [str(token) for token in error.absolute_path])
    if errors:
        raise TemplateError([_fault(path.name, error) for error in errors])
    return cast(Mapping[str, Any], settings)


@cache
def _validator() -> Draft202012Validator:
    return Draft202012Validator(json.loads(template_file(SCHEMA).path.read_text(encoding="utf-8")))


def _fault(file: str, error: ValidationError) -> Finding:
    where = "/".join(["", *(str(token) for token in error.absolute_path)])
    schema = cast(Mapping[str, Any], error.schema)
    remedy = str(schema.get("description", "")) or f"{SCHEMA} says what is allowed."
    message = "has a value that is not allowed here"
    if error.validator == "additionalProperties":
        known = list(schema["properties"])
        unknown = next(name for name in cast(Mapping[str, Any], error.instance) if name not in known)
        message = f'has an unknown setting "{unknown}"{suggestion(str(unknown), known)}'
        remedy = f"Use one of: {', '.join(known)}."
    elif error.validator == "dependentRequired":
        message, remedy = "lacks a setting that another one needs", "A logo needs logo_text; logo_text and logo_width need a logo."
    elif error.validator in ("minimum", "maximum"):
        message = f"has a number below or above what is allowed ({schema.get('minimum')} to {schema.get('maximum')})"
    return Finding("office-settings", Level.ERROR, f"{file} {where}".strip(), message, remedy)


def _style(settings: Mapping[str, Any]) -> Style:
    plain = Style()
    head, text, margins = settings.get("letterhead", {}), settings.get("text", {}), settings.get("margins", {})
    return Style(
        logo=Setting(head["logo"]) if "logo" in head else None,
        logo_text=Setting(head["logo_text"]) if "logo_text" in head else None,
        logo_width=float(head.get("logo_width", plain.logo_width)),
        letterhead=tuple(head.get("lines", ())),
        closing=settings.get("closing", plain.closing),
        signature=tuple(settings.get("signature", ())),
        fonts=(*(Setting(family) for family in text.get("fonts", ())), *plain.fonts),
        size=float(text.get("size", plain.size)),
        top=float(margins.get("top", plain.top)),
        bottom=float(margins.get("bottom", plain.bottom)),
        left=float(margins.get("left", plain.left)),
        right=float(margins.get("right", plain.right)),
        labels=LabelStyle(settings.get("labels", plain.labels)),
    )
