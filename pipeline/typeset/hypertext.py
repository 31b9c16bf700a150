"""Typst source in, HTML out: the content of a document without its pages, for what is edited elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import typst

from pipeline.errors import TemplateError
from pipeline.typeset.compile import Trace, compiler, findings_of

_EXPECTED = ("html export is under active development", "page set rule was ignored")
"""Warnings that every letter gives: HTML has no pages, and Typst calls its export unfinished."""


def hypertext(
    source: str, *, name: str, prelude: str = "", root: Path | None = None, fonts: Sequence[Path] = (), trace: Trace | None = None
) -> str:
    """The content of Typst source as an HTML page; `prelude` is Typst source to stand before it.  The other words are those of `typeset`.

    Raises TemplateError for each error of Typst, and for each element that HTML cannot show: nothing is left out silently.
    """
    lines = prelude.count("\n")
    traced: Trace | None = (lambda line, column: trace(max(1, line - lines), column)) if trace else None
    whole = prelude + source
    try:
        made, warnings = compiler(root, fonts).compile_with_warnings(input=whole.encode(), format="html")
    except typst.TypstError as error:
        raise TemplateError(findings_of([error.diagnostic], whole, name, traced)) from None
    unexpected = [warning.diagnostic for warning in warnings if not any(known in warning.diagnostic for known in _EXPECTED)]
    if unexpected:
        raise TemplateError(findings_of(unexpected, whole, name, traced))
    if not isinstance(made, bytes):
        raise TypeError(f"Typst gave {type(made).__name__} for HTML")
    return made.decode()
