"""The expressions of a field map: sandboxed Jinja2 over the case, compiled for a whole map at once.

`docs/forms.md` lists the names and filters.  An expression reads the case and cannot call into Python; what is absent is
undefined, anything of it is undefined too, and undefined writes nothing.
"""

from __future__ import annotations

import marshal
import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from types import CodeType
from typing import Any

from jinja2 import ChainableUndefined, Template, TemplateSyntaxError, nodes
from jinja2.environment import TemplateExpression
from msgspec import Struct

from pipeline.sandbox import Sandbox

Chain = tuple[str | int, ...]
"""An access path into the case, such as `("petitioner", "name", "family")`."""

_US = {"usa", "us", "u.s.", "u.s.a.", "united states", "united states of america"}


def _text(value: Any) -> str:
    return "" if value is None or isinstance(value, ChainableUndefined) else str(value)


def _date(value: Any) -> str:
    """1990-05-05 as 05/05/1990; anything else stays as it is."""
    match = re.fullmatch(r"(\d{4})-(\d{2})-(\d{2})", _text(value))
    return f"{match[2]}/{match[3]}/{match[1]}" if match else _text(value)


def _digits(value: Any, width: int = 0) -> str:
    """Digits only, padded with zeros on the left to a width; empty stays empty."""
    only = re.sub(r"\D", "", _text(value))
    return only.zfill(width) if only else ""


def _phone(value: Any) -> str:
    """Digits only, without the U.S. country code."""
    only = _digits(value)
    return only[1:] if len(only) == 11 and only.startswith("1") else only


def nine_digits(value: Any) -> str:
    """An A-Number as the forms' boxes have it: A5501234 as 005501234; empty stays empty."""
    return _digits(value, 9)


def _country(value: Any) -> str:
    return "USA" if _text(value).lower() in _US else _text(value)


def _state(value: Any) -> str:
    return _text(value).upper()


def _yes_no(value: Any) -> str:
    return {True: "yes", False: "no"}.get(value, "") if isinstance(value, bool) else ""


def _money(value: Any) -> str:
    """Whole dollars with commas: 91400 as 91,400."""
    return f"{value:,.0f}" if isinstance(value, int | float) else _text(value)


FILTERS = {
    "date": _date,
    "digits": _digits,
    "phone": _phone,
    "a_number": nine_digits,
    "country": _country,
    "state": _state,
    "yes_no": _yes_no,
    "money": _money,
}


@cache
def environment() -> Sandbox:
    """The sandbox that field map expressions run in."""
    env = Sandbox(undefined=ChainableUndefined, autoescape=False)
    env.filters.update(FILTERS)
    return env


def parse(source: str) -> nodes.Expr:
    """The expression as a syntax tree; raises jinja2.TemplateSyntaxError, for an unknown filter or test too."""
    env = environment()
    parsed = env.parse("{{ (" + source + ") }}").body
    output = parsed[0] if len(parsed) == 1 else None
    if not isinstance(output, nodes.Output) or len(output.nodes) != 1:
        raise TemplateSyntaxError("not one expression", 1)
    (expression,) = output.nodes
    if not isinstance(expression, nodes.Expr):
        raise TemplateSyntaxError("not an expression", 1)
    for used in output.find_all((nodes.Filter, nodes.Test)):
        if used.name not in (env.filters if isinstance(used, nodes.Filter) else env.tests):
            raise TemplateSyntaxError(f"there is no filter or test named {used.name}", 1)
    return expression


def substitute(expression: nodes.Expr, name: str, value: nodes.Expr) -> nodes.Expr:
    """The expression with every use of a name replaced by another expression."""
    if isinstance(expression, nodes.Name) and expression.name == name:
        return value
    for field, child in list(expression.iter_fields()):
        if isinstance(child, nodes.Expr):
            setattr(expression, field, substitute(child, name, value))
        elif isinstance(child, list):
            setattr(expression, field, [substitute(c, name, value) if isinstance(c, nodes.Expr) else _pair(c, name, value) for c in child])
    return expression


def _pair(child: Any, name: str, value: nodes.Expr) -> Any:
    if isinstance(child, nodes.Pair):
        return nodes.Pair(substitute(child.key, name, value), substitute(child.value, name, value))
    return child


def chains(expression: nodes.Node) -> tuple[Chain, ...]:
    """The access paths that an expression reads, outermost first, each once."""
    found: dict[Chain, None] = {}

    def visit(node: nodes.Node) -> None:
        if (chain := _chain(node)) is not None:
            found.setdefault(chain)
            return
        for child in node.iter_child_nodes():
            visit(child)

    visit(expression)
    return tuple(found)


def _chain(node: nodes.Node) -> Chain | None:
    if isinstance(node, nodes.Name):
        return (node.name,)
    if isinstance(node, nodes.Getattr):
        head = _chain(node.node)
        return None if head is None else (*head, node.attr)
    if isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Const):
        head = _chain(node.node)
        return None if head is None else (*head, node.arg.value)
    return None


class Program(Struct, frozen=True):
    """Many expressions compiled into one, evaluated together; it can be pickled."""

    code: CodeType
    expression: TemplateExpression

    @classmethod
    def of(cls, code: CodeType) -> Program:
        """The program of compiled code."""
        env = environment()
        return cls(code, TemplateExpression(Template.from_code(env, code, env.make_globals(None)), undefined_to_none=False))

    def __reduce__(self) -> tuple[Callable[[bytes], Program], tuple[bytes]]:
        return _unpickled, (marshal.dumps(self.code),)

    def run(self, names: Mapping[str, Any]) -> Sequence[Any]:
        """The value of each expression, in order; undefined and None as empty strings."""
        results = self.expression(**names) or ()
        return ["" if value is None or isinstance(value, ChainableUndefined) else value for value in results]


def _unpickled(code: bytes) -> Program:
    return Program.of(marshal.loads(code))


def compile_all(expressions: Sequence[nodes.Expr]) -> Program:
    """One program for all expressions of a map."""
    result = nodes.Assign(nodes.Name("result", "store"), nodes.List(list(expressions)))
    tree = nodes.Template([result], lineno=1)
    tree.set_lineno(1, override=True)
    return Program.of(environment().compile(tree))
