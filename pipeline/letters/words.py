"""How letters name the words of a case: the tables of `words.yaml`, and the Part 1 item of the letter at hand."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from msgspec import Struct, field

from pipeline.errors import TemplateError
from pipeline.letters.closed import Words
from pipeline.letters.context import LetterContext
from pipeline.letters.office import TemplateFile, content_of, template_file
from pipeline.sealed import Sealed

FILE = "words.yaml"

Table = Mapping[str, str]

TABLES: Mapping[str, Words] = {
    "kinds": Words(("kind",)),
    "items": Words(("request", "item")),
    "reasons": Words(("request", "reasons", 0)),
    "grounds": Words(("request", "expedite", "ground")),
    "replacements": Words(("request", "replacement", "reason")),
    "corrections": Words(("request", "replacement", "corrections", 0)),
    "visas": Words(("petitioner", "immigration", "visa_applications", 0, "outcome")),
    "requests": Words(("petitioner", "immigration", "earlier_requests", 0, "outcome")),
    "assets": Words(("supporters", 0, "assets", 0, "type")),
}
"""Each table and the place in the case schema whose words it names."""


class Item(Struct, frozen=True):
    """The Part 1 item of a letter, in words; what does not apply is None."""

    code: str
    """With the sub-box, when all beneficiaries share one: 8.A(2)."""
    re: str
    """What the Re: line says is asked."""
    basis: str | None = None
    """What item 5 rests on, after `based on`: a pending or approved form, or one that is filed in the same package."""
    together: bool = False
    """Whether `basis` says that its form is filed in the same package."""
    receipt: str | None = None
    """What the receipt number of the case belongs to."""
    program: str | None = None
    """The program or process, after `the`: the form's own name of it, or the one that the case gives."""
    earlier: str | None = None
    """How the first parole came about, after `was first`."""
    role: str | None = None
    """The sub-box in words, when all beneficiaries share one: a current or former service member."""


class Vocabulary(Sealed, frozen=True):
    """The tables of `words.yaml`; `words.reasons["medical"]` is `medical treatment`."""

    kinds: Table
    reasons: Table
    purposes: Table
    grounds: Table
    replacements: Table
    corrections: Table
    visas: Table
    requests: Table
    assets: Table
    items: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def item(self, context: LetterContext) -> Item:
        """The words of a letter's item.  Raises TemplateError when the tables do not know the item or the kind."""
        request = context.request
        entry, re = self.items.get(request.item), self.kinds.get(request.kind)
        if entry is None or re is None:
            raise TemplateError.one("template-words", FILE, "has no entry for the item or kind of the case", "Add it to items or kinds.")
        roles, shared = entry.get("roles", {}), {person.military_role for person in context.beneficiaries}
        role = shared.pop() if len(shared) == 1 else None
        place = list(roles).index(role) + 1 if role in roles else 0
        together = bool(request.filed_with and "together" in entry)
        return Item(
            code=f"{request.item}({place})" if place else request.item,
            re=entry.get("re", re),
            basis=entry.get("together" if together else "basis"),
            together=together,
            receipt=entry.get("receipt"),
            program=entry.get("program", request.program),
            earlier=entry.get("earlier"),
            role=roles.get(role),
        )


def vocabulary(folders: tuple[Path, ...] = ()) -> Vocabulary:
    """The tables; an office's own file replaces ours.  Raises TemplateError when the file is not of this shape."""
    return _read(template_file(FILE, folders))


@lru_cache(maxsize=32)
def _read(file: TemplateFile) -> Vocabulary:
    try:
        tables = content_of(file, FILE)
        items = {str(code): dict(entry) for code, entry in tables.pop("items").items()}
        return Vocabulary(items=items, **{name: _table(table) for name, table in tables.items()})
    except (TypeError, ValueError, KeyError, AttributeError):
        wrong = f"does not hold the tables {', '.join(TABLES)}"
        raise TemplateError.one(
            "template-words", file.path.name, wrong, "Compare it with the file that ships with the templates."
        ) from None


def _table(table: Mapping[str, object]) -> Table:
    return {str(word): str(said) for word, said in table.items()}
