"""The case as the rest of the house sees it: data, where each value stands in the file, and who is who."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import Any, Final

from msgspec import Struct, field

from pipeline.case.pointer import tokens_of
from pipeline.sealed import Sealed

PREPARED: Final = "prepared"
"""The stage of a case that names none: the packet has not been sent yet."""

RESPONSES: Final = ("request-for-evidence", "intent-to-deny")
"""Stages at which the packet answers a notice."""

SECTIONS: Final = ("need", "no_other_way", "discretion", "security", "support", "departure")
"""The sections of the argument, in the order of the letter."""


class Position(Struct, frozen=True, order=True):
    """A place in a text file; line and column count from 1.  Earlier places are less."""

    line: int
    column: int


class CaseText(Sealed, frozen=True):
    """A case that stands in no file of its own: a base case with the values of one row of a roster laid over it."""

    path: Path
    """The base case, beside which the evidence lies."""
    text: str
    """The case as JSON."""
    name: str
    """What messages call it: `families.csv row 12`."""
    columns: Mapping[str, str] = field(default_factory=dict)
    """The header of the roster's column by the JSON pointer that it fills."""

    def where(self, pointer: str) -> str:
        """`families.csv row 12, column "family name" /petitioner/name/family`; what no column fills stands in the base case."""
        upward = pointer
        while upward and upward not in self.columns:
            upward = upward.rpartition("/")[0]
        place = f'column "{self.columns[upward]}"' if upward else self.path.name
        return f"{self.name}, {place} {pointer}".rstrip()


CaseSource = str | PathLike[str] | CaseText
"""Where a case is read from: a path, or a text that stands in no file."""


class Role(Sealed, frozen=True):
    """A person in the case, with `same_as` resolved.

    `pointers` are the JSON pointers that a property may stand at, nearest first: a supporter who is the petitioner
    has `("/supporters/0", "/petitioner")`, and one who is a beneficiary who is the petitioner has all three.
    """

    pointers: tuple[str, ...]
    data: Mapping[str, Any]

    @property
    def pointer(self) -> str:
        """Where the role itself stands in the case file."""
        return self.pointers[0]

    @property
    def full_name(self) -> str:
        """Given, middle and family name with single spaces."""
        name = self.data["name"]
        return " ".join(name[part] for part in ("given", "middle", "family") if name.get(part))


class Support(Sealed, frozen=True):
    """One promise of support: this supporter for this beneficiary, hence one Form I-134."""

    supporter: Role
    beneficiary: Role
    terms: Role
    """The `supports` entry, such as `/supporters/0/supports/1`."""

    @property
    def self_supported(self) -> bool:
        """Whether the beneficiary stands for themself, who then signs Part 4 of the I-134 and not Part 5."""
        return self.supporter.pointers[-1] == self.beneficiary.pointers[-1]


class Case(Sealed, frozen=True, dict=True):
    """One case file, read and schema-valid.

    `data` is the JSON as it stands in the file; `positions` maps the JSON pointer of every value to its place.
    """

    path: Path
    data: Mapping[str, Any]
    positions: Mapping[str, Position] = field(default_factory=dict)
    text: CaseText | None = None
    """Where it comes from when it stands in no file of its own; `path` is then the base case."""

    @property
    def case_id(self) -> str:
        return str(self.data["case_id"])

    @property
    def kind(self) -> str:
        return str(self.data["kind"])

    @property
    def folder(self) -> Path:
        """The folder that evidence paths are relative to."""
        return self.path.parent

    @property
    def packet_name(self) -> str:
        """Name of its packet's folder: what is built after the filing leaves the packet that was filed where it is."""
        stage = self.data.get("stage")
        if not stage:
            return self.case_id
        if stage["name"] not in RESPONSES:
            return f"{self.case_id}-{stage['name']}"
        about = stage.get("notice", {}).get("beneficiary")
        return f"{self.case_id}-response" + (f"-{about}" if about else "")

    def at(self, pointer: str) -> Any:
        """The value at a JSON pointer, or None when nothing stands there."""
        value: Any = self.data
        for token in tokens_of(pointer):
            if isinstance(value, Mapping):
                value = value.get(token)
            elif isinstance(value, Sequence) and not isinstance(value, str) and token.isdigit() and int(token) < len(value):
                value = value[int(token)]
            else:
                return None
        return value

    def place(self, pointer: str) -> Position | None:
        """Where a value stands in the file; for an absent one, its nearest parent's place; None when no place is known."""
        while pointer and pointer not in self.positions:
            pointer = pointer.rpartition("/")[0]
        return self.positions.get(pointer)

    def where(self, pointer: str) -> str:
        """`case.json:41:17 /beneficiaries/0/date_of_birth`; for an absent value, the place of its nearest parent.

        For a row of a roster, its column: see `CaseText.where`.
        """
        if self.text is not None:
            return self.text.where(pointer)
        place = self.place(pointer)
        head = f"{self.path.name}:{place.line}:{place.column}" if place else self.path.name
        return f"{head} {pointer}" if pointer else head

    def _role(self, pointer: str) -> Role:
        data = self.at(pointer) or {}
        other = self._person(data["same_as"]) if "same_as" in data else None
        if other is None:
            return Role((pointer,), data)
        return Role((pointer, *other.pointers), {**other.data, **data})

    def _person(self, name: str) -> Role | None:
        """The person that a `same_as` means: the petitioner, or a beneficiary by id; None when nobody is called so."""
        if name == "petitioner":
            return self.petitioner
        return next((person for person in self.beneficiaries if person.data.get("id") == name), None)

    @cached_property
    def petitioner(self) -> Role:
        """The person who signs the I-131."""
        return self._role("/petitioner")

    @cached_property
    def beneficiaries(self) -> tuple[Role, ...]:
        """The persons to be paroled, in file order."""
        return tuple(self._role(f"/beneficiaries/{i}") for i in range(len(self.data.get("beneficiaries", ()))))

    @cached_property
    def supporters(self) -> tuple[Role, ...]:
        """The persons who sign an I-134, in file order."""
        return tuple(self._role(f"/supporters/{i}") for i in range(len(self.data.get("supporters", ()))))

    @cached_property
    def representative(self) -> Role | None:
        """The attorney or accredited representative, when there is one."""
        return self._role("/representative") if "representative" in self.data else None

    @cached_property
    def preparer(self) -> Role | None:
        """Who prepared the forms: the one the case names, else the representative."""
        return self._role("/preparer") if "preparer" in self.data else self.representative

    def interpreter_of(self, person: Role) -> Role | None:
        """The interpreter of someone who signs, when one helped."""
        pointers = tuple(f"{pointer}/interpreter" for pointer in person.pointers)
        return Role(pointers, person.data["interpreter"]) if "interpreter" in person.data else None

    def supports_of(self, beneficiary: Role) -> tuple[Support, ...]:
        """Every promise of support for one beneficiary, in file order."""
        return tuple(
            Support(supporter, beneficiary, Role((f"{supporter.pointer}/supports/{n}",), entry))
            for supporter in self.supporters
            for n, entry in enumerate(supporter.data.get("supports", ()))
            if entry["beneficiary"] == beneficiary.data.get("id")
        )
