"""One row of the table: what was measured, the figure, and the target that it has to meet."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """A measurement; without a target it is there to be compared with."""

    what: str
    value: float
    unit: str
    at_most: float | None = None
    at_least: float | None = None
    digits: int = 0

    @property
    def figure(self) -> str:
        """The value with its unit."""
        return f"{self.value:,.{self.digits}f} {self.unit}"

    @property
    def target(self) -> str:
        """The target in words; empty without one."""
        if self.at_most is not None:
            return f"at most {self.at_most:g}"
        return f"at least {self.at_least:g}" if self.at_least is not None else ""

    @property
    def is_met(self) -> bool | None:
        """Whether the target is met; None without one."""
        if self.at_most is not None:
            return self.value <= self.at_most
        return self.value >= self.at_least if self.at_least is not None else None

    def facts(self) -> dict[str, object]:
        """The row for `bench.json`."""
        return {"what": self.what, "value": self.value, "unit": self.unit, "target": self.target, "met": self.is_met}


def table(rows: list[Row]) -> str:
    """The rows in columns."""
    lines = [(row.what, row.figure, row.target, {True: "met", False: "NOT MET", None: ""}[row.is_met]) for row in rows]
    widths = [max(len(line[column]) for line in lines) for column in range(3)]
    return "\n".join(f"{a:<{widths[0]}}  {b:>{widths[1]}}  {c:<{widths[2]}}  {d}".rstrip() for a, b, c, d in lines)
