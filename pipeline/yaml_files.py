"""YAML files of facts, rules, maps, words and settings, read once for all: what a file says is kept in the user's cache."""

from __future__ import annotations

import pickle
import re
from functools import cache
from math import inf
from pathlib import Path
from typing import Any

from pipeline.storage import Shelf, made_by, open_regular

_MOST_VALUES = 1_000_000
"""The largest of ours has 1,626."""
_TOO_DEEP = "it is nested too deeply"


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
    with open_regular(path) as stream:
        source = stream.read()
    if kept := _shelf().find(source):
        return pickle.loads(kept)
    content = _parsed(source)
    try:
        _shelf().keep(pickle.dumps(content), source)
    except RecursionError:
        raise NotYamlError(_TOO_DEEP) from None
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
        content = yaml.load(source.decode("utf-8"), Loader=Loader)
        size = _size(content, {})
    except UnicodeDecodeError as error:
        raise NotYamlError("is not UTF-8", *_place(source, error.start)) from error
    except yaml.YAMLError as error:
        mark, at = getattr(error, "problem_mark", None), getattr(error, "position", None)
        place = (mark.line + 1, mark.column + 1) if mark else _place(source, at) if at is not None else ()
        raise NotYamlError(str(getattr(error, "problem", None) or getattr(error, "reason", "cannot be read")), *place) from error
    except RecursionError:
        raise NotYamlError(_TOO_DEEP) from None
    except (ValueError, AttributeError) as error:
        raise NotYamlError("a value is not what its tag or its form says") from error
    if size > _MOST_VALUES:
        raise NotYamlError("its references repeat more than can be read, or lead back to themselves")
    return content


def _size(value: Any, known: dict[int, float]) -> float:
    """How many values something has when each reference is written out; infinite when one leads back to itself."""
    if not isinstance(value, (dict, list, tuple)):
        return 1
    if id(value) not in known:
        known[id(value)] = inf  # until it is counted
        held = (*value, *value.values()) if isinstance(value, dict) else value
        known[id(value)] = 1 + sum(_size(one, known) for one in held)
    return known[id(value)]


def _place(source: bytes, offset: int) -> tuple[int, int]:
    lines = re.split(r"\r\n?|\n", source[:offset].decode("utf-8", "ignore"))
    return len(lines), len(lines[-1]) + 1
