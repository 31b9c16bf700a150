"""YAML files of facts, rules, maps, words and settings, read once for all: what a file says is kept in the user's cache."""

from __future__ import annotations

import pickle
import re
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from pipeline.storage import Shelf, made_by


class NotYamlError(ValueError):
    """The file is no YAML of plain data in UTF-8: what is wrong, with its line and column (from 1) where the reader can tell."""

    def __init__(self, problem: str, line: int = 0, column: int = 0) -> None:
        super().__init__(problem)
        self.line, self.column = line, column

    @property
    def at(self) -> str:
        """`:12:3`, to stand after the file's name; empty when no place is known."""
        return f":{self.line}:{self.column}" if self.line else ""


def read_yaml(path: Path) -> Any:
    """The content of a YAML file: plain data only, and a date is the text that it is, as in JSON, so that a JSON Schema can check it.

    What a file of the same bytes said before is taken from the cache, without the YAML library: to load it and to read the files of a
    build took 100 ms.  Raises OSError and NotYamlError.
    """
    source = path.read_bytes()
    if kept := _shelf().find(source):
        return pickle.loads(kept)
    content = _parsed(source)
    with suppress(RecursionError):  # what is nested too deeply for that is read again each time
        _shelf().keep(pickle.dumps(content), source)
    return content


@cache
def _shelf() -> Shelf:
    return Shelf("yaml", made_by([Path(__file__)], "PyYAML"))


def _parsed(source: bytes) -> Any:
    """By libyaml, where PyYAML has it: ten times as fast as the parser in Python, with the same results."""
    import yaml  # noqa: PLC0415 - slow to load, and of no use for a file that was read before

    class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
        yaml_implicit_resolvers = {  # noqa: RUF012 - the name and shape are PyYAML's
            first: [(tag, pattern) for tag, pattern in known if tag != "tag:yaml.org,2002:timestamp"]
            for first, known in yaml.SafeLoader.yaml_implicit_resolvers.items()
        }

    try:
        return yaml.load(source.decode("utf-8"), Loader=Loader)
    except UnicodeDecodeError as error:
        raise NotYamlError("is not UTF-8", *_place(source, error.start)) from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = (mark.line + 1, mark.column + 1) if mark else ()
        raise NotYamlError(str(getattr(error, "problem", None) or getattr(error, "reason", "cannot be read")), *place) from error
    except (ValueError, AttributeError, RecursionError) as error:
        raise NotYamlError("a value is not what its tag or its form says, or is nested too deeply") from error


def _place(source: bytes, offset: int) -> tuple[int, int]:
    lines = re.split(r"\r\n?|\n", source[:offset].decode())
    return len(lines), len(lines[-1]) + 1
