"""Where the files that ship beside the code are: templates and schemas, in a checkout or in an installed wheel; and reading YAML."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

_PACKAGE = Path(__file__).resolve().parent


def shipped(name: str) -> Path:
    """The folder `templates` or `schemas`: beside the package in a checkout, inside it in a wheel."""
    beside = _PACKAGE.parent / name
    return beside if beside.is_dir() else _PACKAGE / "shipped" / name


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """The safe loader, but a date stays the text that it is, as in JSON, so that a JSON Schema can check it.

    With libyaml, where PyYAML has it: ten times as fast as the parser in Python, with the same results.
    """

    yaml_implicit_resolvers = {  # noqa: RUF012 - the name and shape are PyYAML's
        first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


def read_yaml(path: Path) -> Any:
    """The content of a YAML file, plain data only, with dates as text.  Raises OSError, UnicodeDecodeError or yaml.YAMLError."""
    return yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)
