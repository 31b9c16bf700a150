"""What clients and the office are told of the way of a request: sourced sentences in data files, chosen for each case.

A file of `templates/letters/stages/` holds sections of sentences.  A sentence is told when its `when` holds, every `{word}`
in it is known, and the fact of law that it names, if it names one, holds on the day; then the fact is its source.  Every
other sentence carries its own source with the day it was read, or says that it is the office's advice or the case's own word.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from enum import Enum
from functools import lru_cache
from typing import Any

from msgspec import Struct

from pipeline.errors import TemplateError
from pipeline.letters.environment import TemplateFolders
from pipeline.letters.office import TemplateFile, content_of, template_file
from pipeline.letters.reminders import Condition, holds
from pipeline.letters.stage import Ground, Stage
from pipeline.letters.wording import Unbroken, unbroken

PLAIN = frozenset({"practice", "case"})
"""Sources of sentences that are no facts of law: advice of the office, and what the case itself says."""

FOLDER = "stages"

_WORD = re.compile(r"\{(\w+)\}")
_SENTENCE_KEYS = frozenset({"text", "when", "do", "warning", "fact", "source", "read_on", "confidence"})


class Manner(Enum):
    """What a sentence does: it tells something, asks the reader to do something, or warns."""

    TELL = "tell"
    DO = "do"
    WARN = "warning"


class Sentence(Struct, frozen=True):
    """A sentence that holds for a case."""

    pieces: tuple[str, ...]
    """The text in order; dates and short names are pieces of their own that a line may not break."""
    manner: Manner
    ground: Ground | None
    """Where it comes from; None for advice of the office and for what the case says."""

    @property
    def text(self) -> str:
        """The whole sentence."""
        return "".join(self.pieces)


class Section(Struct, frozen=True):
    """Sentences under a heading; there is at least one."""

    title: str
    sentences: tuple[Sentence, ...]

    @property
    def told(self) -> tuple[Sentence, ...]:
        """Those that only tell something."""
        return self._of(Manner.TELL)

    @property
    def todo(self) -> tuple[Sentence, ...]:
        """Those that ask the reader to do something."""
        return self._of(Manner.DO)

    @property
    def warnings(self) -> tuple[Sentence, ...]:
        """Those that warn."""
        return self._of(Manner.WARN)

    def _of(self, manner: Manner) -> tuple[Sentence, ...]:
        return tuple(sentence for sentence in self.sentences if sentence.manner is manner)


class _Entry(Struct, frozen=True):
    text: str
    when: Mapping[str, tuple[Condition, ...]]
    manner: Manner
    fact: str
    """Name of the fact of law that it rests on; empty when it carries its own source."""
    source: str
    read_on: date | None


class _Group(Struct, frozen=True):
    title: str
    when: Mapping[str, tuple[Condition, ...]]
    entries: tuple[_Entry, ...]


class _File(Struct, frozen=True):
    name: str
    max_age_days: int
    groups: tuple[_Group, ...]


def guidance(name: str, stage: Stage, day: date, folders: TemplateFolders = ()) -> tuple[Section, ...]:
    """The sections of a file, such as `steps.yaml`, with the sentences that hold for a case on a day, in file order.

    An office's own file of that name, in a folder `stages` of its templates, replaces ours.  Raises TemplateError when the
    file has not the shape of ours, or a sentence prints a word that does not exist.
    """
    file = _read(template_file(f"{FOLDER}/{name}", folders))
    told = ((group.title, tuple(_told(group, stage, day, file))) for group in file.groups if holds(group.when, stage.conditions))
    return tuple(Section(title, sentences) for title, sentences in told if sentences)


def _told(group: _Group, stage: Stage, day: date, file: _File) -> Iterator[Sentence]:
    for entry in group.entries:
        pieces = tuple(_pieces(entry.text, stage, file))
        if all(pieces) and holds(entry.when, stage.conditions) and (not entry.fact or entry.fact in stage.grounds):
            yield Sentence(pieces, entry.manner, _ground(entry, stage, day, file))


def _pieces(text: str, stage: Stage, file: _File) -> Iterator[str]:
    """The text around its words, and the words; an empty piece is a word that is not known.

    A word with a full stop of its own, such as a name that ends with Jr., does not add a second one to the sentence.
    """
    parts = _WORD.split(text)
    for n, part in enumerate(parts):
        if n % 2 == 0:
            if part:
                yield part
        elif part in stage.words:
            word = stage.words[part]
            if word.endswith(".") and parts[n + 1].startswith("."):
                word = word.rstrip(".")
            yield word if isinstance(word, Unbroken) else unbroken(word)
        else:
            raise _error(file.name, f'there is no word "{part}"', f"Use one of {', '.join(sorted(stage.words))}.")


def _ground(entry: _Entry, stage: Stage, day: date, file: _File) -> Ground | None:
    if entry.fact:
        return stage.grounds[entry.fact]
    if entry.read_on is None:
        return None
    return Ground(entry.source, entry.read_on, (day - entry.read_on).days > file.max_age_days)


@lru_cache(maxsize=32)
def _read(file: TemplateFile) -> _File:
    try:
        content = content_of(file, f"{FOLDER}/{file.path.name}")
        groups = tuple(_Group(str(g["title"]), _when(g), tuple(_entry(e) for e in g["sentences"])) for g in content["sections"])
        return _File(file.path.name, int(content["max_age_days"]), groups)
    except (TypeError, ValueError, OverflowError, KeyError, AttributeError):
        raise _error(
            file.path.name,
            "is not a file of sections whose sentences have text and a source with read_on, or a fact, or the source practice or case",
            "Compare it with the file that ships with the templates.",
        ) from None


def _entry(given: Mapping[str, Any]) -> _Entry:
    unknown = given.keys() - _SENTENCE_KEYS
    fact, source, read_on = str(given.get("fact", "")), str(given.get("source", "")), given.get("read_on")
    if unknown or bool(fact) == bool(source):
        raise ValueError("a sentence has either a fact or a source")
    if source and (source in PLAIN) == (read_on is not None):
        raise ValueError("a source has the day it was read, and a plain one has none")
    manner = Manner.WARN if given.get("warning") else Manner.DO if given.get("do") else Manner.TELL
    day = None if read_on is None else date.fromisoformat(read_on)
    return _Entry(str(given["text"]), _when(given), manner, fact, source, day)


def _when(given: Mapping[str, Any]) -> dict[str, tuple[Condition, ...]]:
    when = given.get("when", {})
    return {str(name): tuple(value) if isinstance(value, list) else (value,) for name, value in when.items()}


def _error(where: str, message: str, remedy: str) -> TemplateError:
    return TemplateError.one("template-guidance", f"{FOLDER}/{where}", message, remedy)
