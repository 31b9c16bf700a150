"""Checking templates before a change to them is merged: read without filling, and filled for many cases and proof-read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from jinja2 import BaseLoader
from msgspec import Struct, field

from pipeline.errors import PacketError
from pipeline.findings import Finding, Level
from pipeline.letters.catalogue import TEMPLATES, Maker
from pipeline.letters.checking.names import Reading
from pipeline.letters.checking.prose import proofread, read, texts
from pipeline.letters.checking.shapes import allowed, context_shapes, shape_of
from pipeline.letters.context import LetterContext
from pipeline.letters.environment import OURS as OURS_PREFIX
from pipeline.letters.environment import environment
from pipeline.letters.office import OURS, Office
from pipeline.letters.words import FILE as WORDS_FILE
from pipeline.letters.words import TABLES, vocabulary
from pipeline.sealed import Sealed

ENDING = ".typ.j2"


class Checked(Sealed, frozen=True):
    """What a check found."""

    findings: tuple[Finding, ...]
    """Each once, in order of template and line."""
    templates: int
    """Template files read."""
    documents: int
    """Documents rendered."""
    texts: Mapping[str, str] = field(default_factory=dict)
    """The text of each document that was asked for: `samples/re-parole/cover-letter` to its lines."""


def check_templates(office: Office = OURS) -> Checked:
    """Read every template: it parses, every name exists, every branch can be taken, nothing is unused; and the tables of words.

    Raises TemplateError for a table of words that cannot be read.
    """
    env = environment(office.templates)
    reading = Reading(env)
    for template, names in TEMPLATES.items():
        reading.document(template, context_shapes() | {name: shape_of(hint) for name, hint in names.items()})
    assert env.loader is not None
    findings = [*reading.result(), *_unused(env.loader, reading), *_unworded(office.templates)]
    return Checked(tuple(findings), len(reading.trees), 0)


def _unused(loader: BaseLoader, reading: Reading) -> Iterator[Finding]:
    """Template files that no document is made of."""
    for name in loader.list_templates():
        if name.endswith(ENDING) and name not in reading.trees and not name.startswith(f"{OURS_PREFIX}/"):
            yield Finding(
                "template-unused", Level.ERROR, f"{name}:1", "no document is made of this template", "Take it out, or include it."
            )


def _unworded(folders: tuple[Path, ...]) -> Iterator[Finding]:
    """Words of the case schema that a table does not name, and entries that the schema does not have."""
    tables = vocabulary(folders)
    for table, place in TABLES.items():
        known, words = set(allowed(place)), set(getattr(tables, table))
        for word in sorted(known ^ words):
            said = "has no entry for a word of the case schema" if word in known else "has an entry that is no word of the case schema"
            yield Finding("template-words", Level.ERROR, f"{WORDS_FILE} {table}", f'{said}, "{word}"', "Add it, or take it out.")


class Proof(Struct):
    """Renders documents of many cases, and gathers what is wrong with them."""

    office: Office = OURS
    findings: dict[Finding, None] = field(default_factory=dict)
    documents: int = 0
    texts: dict[str, str] = field(default_factory=dict)

    def case(self, context: LetterContext, makers: Sequence[Maker]) -> dict[str, str]:
        """Render the documents of a case and proof-read them; the text of each, by its name.

        A document that cannot be rendered is a finding, and the others are rendered all the same.
        """
        said, made = "\n".join(texts(context)), {}
        for maker in makers:
            try:
                rendered = maker(context, self.office)
            except PacketError as error:
                self.findings.update(dict.fromkeys(error.findings))
                continue
            for name, document in rendered.items():
                back = read(document.pdf, self.office.style)
                self.findings.update(dict.fromkeys(proofread(document.source, back, said)))
                made[name] = back.text
        self.documents += len(made)
        return made

    def keep(self, subject: str, made: Mapping[str, str]) -> None:
        """Keep the texts of a case's documents, to be compared with golden texts."""
        self.texts |= {f"{subject}/{name}": text for name, text in made.items()}


def together(read_only: Checked, proof: Proof) -> Checked:
    """Both halves of a check; fails as a finding when nothing was read or rendered."""
    findings = dict.fromkeys([*read_only.findings, *proof.findings])
    if not read_only.templates or not proof.documents:
        nothing = Finding("template-nothing", Level.ERROR, "templates check", "nothing was checked", "Name a folder with cases.")
        findings.setdefault(nothing)
    return Checked(tuple(sorted(findings, key=_order)), read_only.templates, proof.documents, proof.texts)


def _order(finding: Finding) -> tuple[str, int, str]:
    place, _, line = finding.where.rpartition(":")
    return (place, int(line), finding.message) if line.isdigit() else (finding.where, 0, finding.message)
