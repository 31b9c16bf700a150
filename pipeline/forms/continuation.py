"""Continuation pages: text that a form's Additional Information part cannot hold, on typeset pages after the form.

Each page names the person, the A-Number, the form, and the page, part and item that it continues, and has a line for the
signer's pen, as the forms ask of additional sheets.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from pipeline.forms.addendum import Continuation
from pipeline.forms.fill import FilledForm
from pipeline.typeset.compile import literal, typeset

BODY = (0.0, 79.0, 612.0, 641.0)
"""Where a page's text stands, apart from its header and footer: points, origin lower left."""

_LONG_WORD = re.compile(r"\S{40}(?=\S)")

_SETUP = """#set document(title: {title})
#set text(font: "Libertinus Serif", size: 11pt, lang: "en", region: "US")
#set par(leading: 0.62em, spacing: 0.9em)
"""
_PAGE = """#set page(paper: "us-letter", margin: (top: 2.1in, bottom: 1.1in, x: 1in),
  header: [*#{form}* #h(1fr) Page #{page}, Part #{part}, Item #{item} \\
    #{name} #h(1fr) A-Number: #{a_number} \\
    #{label}
    #line(length: 100%, stroke: 0.5pt)],
  header-ascent: 20%,
  footer: [Signature #box(width: 3in, stroke: (bottom: 0.5pt)) #h(1fr) Date #box(width: 1.3in, stroke: (bottom: 0.5pt))])
"""


def continuation_pages(filled: FilledForm, name: str, a_number: str, as_of: date) -> bytes:
    """The continuation pages of a filled form as PDF bytes, each note beginning a new page.

    `name` and `a_number` are those of Part 1 or 2 of the form.  Raises TemplateError when they cannot be typeset.
    """
    inventory = filled.template.inventory
    form = f"Form {inventory.form} ({inventory.edition}), additional information, continued"
    notes = [_note(note, form, name, a_number) for note in filled.continuations]
    source = _SETUP.format(title=literal(form)) + "\n#pagebreak(weak: true)\n".join(notes)
    return typeset(source, name=f"{inventory.form} continuation", timestamp=as_of)


def _note(note: Continuation, form: str, name: str, a_number: str) -> str:
    shown = {
        "form": form,
        "page": str(note.page),
        "part": note.part or "-",
        "item": note.item or "-",
        "name": name,
        "a_number": a_number or "none",
        "label": note.label,
    }
    header = _PAGE.format(**{key: literal(_breakable(value)) for key, value in shown.items()})
    return header + "\n\n".join(f"#{literal(paragraph)}" for paragraph in _paragraphs(note.text))


def _paragraphs(text: str) -> Sequence[str]:
    return [_breakable(line) for line in text.split("\n") if line.strip()]


def _breakable(text: str) -> str:
    """The text with places in words that may be longer than a line where they may be broken."""
    return _LONG_WORD.sub("\\g<0>\u200b", text)
