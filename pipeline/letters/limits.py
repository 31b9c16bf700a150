"""What one rendering may use: a template that loops without end, or asks for something huge, is stopped and named."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from typing import Any

from jinja2 import nodes, pass_context
from jinja2.filters import FILTERS as JINJA_FILTERS
from jinja2.runtime import Context
from jinja2.visitor import NodeTransformer

from pipeline.letters.wording import FILTERS, WordingError

MAX_SOURCE = 8_000_000
"""Characters of Typst source after which a template is stopped; a letter with 60 exhibits has about 60,000."""

MAX_COUNT = 100_000
"""Numbers that all `range()` calls of one rendering may count together, and turns that all its loops may take."""

MAX_TEXT = 1_000_000
"""Characters, or entries, of what one expression may make."""

BUDGET = "_budget"
"""The name under which a rendering finds its budget."""

_COUNTED = "counted"
"""The filter that every loop's list goes through."""

_JINJA_FILTERS = (
    "abs", "attr", "capitalize", "default", "dictsort", "first", "groupby", "int", "items", "join", "last", "length", "list", "lower",
    "map", "max", "min", "reject", "rejectattr", "reverse", "round", "select", "selectattr", "sort", "string", "sum", "title", "trim",
    "truncate", "unique", "upper",
)  # fmt: skip
"""Jinja2's own filters that letters may use: none that pads, repeats, draws lots, or marks text as safe."""


class Budget:
    """What is left to one rendering, so that loops within loops end."""

    def __init__(self) -> None:
        self._numbers = MAX_COUNT
        self._turns = MAX_COUNT

    def range(self, *bounds: int) -> range:
        """Python's range, drawn from the budget.  Raises WordingError when it is used up."""
        made = range(*bounds)
        self._numbers -= len(made)
        if self._numbers < 0:
            raise WordingError(f"a template may count at most {MAX_COUNT:,} numbers")
        return made

    def loop(self, iterable: Iterable[Any]) -> list[Any]:
        """What a loop goes through.  Raises WordingError when the loops of this rendering have taken too many turns."""
        made = list(iterable)
        self._turns -= len(made)
        if self._turns < 0:
            raise WordingError(f"the loops of a template may take at most {MAX_COUNT:,} turns together")
        return made


def bounded(made: Any) -> Any:
    """The same value.  Raises WordingError for a text or list that is longer than a letter can need."""
    if isinstance(made, str | list | tuple) and len(made) > MAX_TEXT:
        raise WordingError(f"an expression may make at most {MAX_TEXT:,} characters or entries")
    return made


def bounded_sum(operator: str, left: Any, right: Any, made: Callable[[], Any]) -> Any:
    """The result of an operator on two values; of texts and lists only `+`, and that not beyond the limit."""
    if operator == "+":
        return bounded(made())
    numbers = isinstance(left, int) and isinstance(right, int)
    if operator == "**" or not numbers:
        raise WordingError(f"a template may not use {operator} here")
    return made()


class _Counting(NodeTransformer):
    def visit_For(self, node: nodes.For) -> nodes.Node:  # noqa: N802 - named by Jinja2
        node.iter = nodes.Filter(node.iter, _COUNTED, [], [], None, None, lineno=node.lineno)
        return self.generic_visit(node)

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:  # noqa: N802 - named by Jinja2
        self.generic_visit(node)
        return nodes.Filter(nodes.List(node.nodes), "join", [], [], None, None, lineno=node.lineno)


def counting(template: nodes.Template) -> nodes.Template:
    """The template with every turn of a loop counted, and `a ~ b` made by the filter that joins, which has a limit."""
    made: nodes.Template = _Counting().visit(template)
    return made


@pass_context
def _counted(context: Context, iterable: Iterable[Any]) -> list[Any]:
    budget: Budget = context[BUDGET]
    return budget.loop(iterable)


def filters() -> Mapping[str, Callable[..., Any]]:
    """Every filter of a letter, with a limit on what it may make."""
    known = {name: JINJA_FILTERS[name] for name in _JINJA_FILTERS} | dict(FILTERS)
    return {name: _limited(function) for name, function in known.items()} | {_COUNTED: _counted}


def _limited(function: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(function)  # also copies what tells Jinja2 that a filter wants the context
    def limited(*arguments: Any, **named: Any) -> Any:
        return bounded(function(*arguments, **named))

    return limited
