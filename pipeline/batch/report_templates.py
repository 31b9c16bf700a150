"""The templates of a batch's reports."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import jinja2

from pipeline.resources import shipped


@cache
def report_templates(*, html: bool = False, printed: Callable[[object], object] | None = None) -> jinja2.Environment:
    """The environment of `templates/reports`: `html` escapes values for HTML, `printed` writes each value in some other language."""
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(shipped("templates") / "reports"),
        undefined=jinja2.StrictUndefined,
        finalize=printed,
        autoescape=html,
        trim_blocks=True,
        lstrip_blocks=True,
    )
