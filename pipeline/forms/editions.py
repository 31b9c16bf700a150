"""The form editions that we have a map for: one folder each under `templates/forms`."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from msgspec import Struct

from pipeline.errors import FormFileError
from pipeline.forms.inventory import Inventory, edition_date, load_inventory
from pipeline.resources import shipped


class Edition(Struct, frozen=True, eq=False):
    """One edition of one form, as data: its folder and the inventory in it.  Each is there once, so they are equal when identical."""

    folder: Path
    inventory: Inventory

    @property
    def form(self) -> str:
        return self.inventory.form

    @property
    def date(self) -> str:
        """Edition date in ISO form, which sorts."""
        return edition_date(self.inventory.edition)

    @property
    def map_path(self) -> Path:
        return self.folder / "map.yaml"


def editions_folder() -> Path:
    """The folder that holds one folder a form."""
    return shipped("templates") / "forms"


@cache
def editions(folder: Path | None = None) -> tuple[Edition, ...]:
    """Every edition we have, sorted by form, then date; read once a process."""
    root = folder or editions_folder()
    found = (Edition(path.parent, load_inventory(path)) for path in sorted(root.glob("*/*/inventory.json")))
    return tuple(sorted(found, key=lambda e: (e.form, e.date)))


def current(form: str) -> Edition:
    """The latest edition of a form; raises FormFileError for a form we have no inventory of."""
    matching = [e for e in editions() if e.form == form]
    if not matching:
        raise FormFileError.one(
            "form-unknown",
            f"Form {form}",
            "no inventory of this form is installed",
            "Add a folder with inventory.json and map.yaml under templates/forms.",
        )
    return matching[-1]
