"""The Jinja2 side of a letter: sandboxed, strict, and every value it prints is a Typst string, never markup.

A template is Typst markup with Jinja2 tags.  Whatever `{{ }}` prints becomes `#("...");`, so a name such as
`#read("x")` is printed and not run, and a template author cannot forget it.  Macros and the tags that capture
text would get around that and are refused; shared parts are includes, shapes are Typst functions of `parts/layout.typ.j2`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any

import jinja2
from jinja2 import BaseLoader, BytecodeCache, ChoiceLoader, FileSystemLoader, PrefixLoader, StrictUndefined, Undefined, nodes
from jinja2.bccache import Bucket
from jinja2.compiler import CodeGenerator, Frame
from jinja2.loaders import split_template_path
from jinja2.runtime import Context
from msgspec.structs import asdict

from pipeline.errors import TemplateError
from pipeline.findings import Finding, Level, suggestion
from pipeline.letters.context import LetterContext
from pipeline.letters.limits import BUDGET, MAX_SOURCE, Budget, bounded_sum, counting, filters
from pipeline.letters.office import Style, written_of
from pipeline.letters.source import Places, Source, source
from pipeline.letters.wording import Code, Unbroken, WordingError
from pipeline.letters.words import vocabulary
from pipeline.resources import shipped
from pipeline.sandbox import Sandbox
from pipeline.storage import Shelf, made_by
from pipeline.typeset import compile as typesetting
from pipeline.typeset.compile import literal

OURS = "ours"
"""`{% extends "ours/cover.typ.j2" %}` in an office's own `cover.typ.j2` changes ours block by block."""

PLAIN = Style()

TemplateFolders = tuple[Path, ...]
"""Where templates are looked for, first match wins; ours come last and need not be named."""


class _Missing(StrictUndefined):
    """A name that does not exist is an error wherever it is used; the message names the nearest that does."""

    __slots__ = ()

    @property
    def _undefined_message(self) -> str:
        owner, name = self._undefined_obj, self._undefined_name
        if self._undefined_hint:
            return self._undefined_hint
        if isinstance(owner, Mapping) or not isinstance(name, str):
            return "a dictionary or list of the template lacks what is asked of it"
        known = [known for known in dir(owner) if not known.startswith("_")]
        return f'there is no "{name}"{suggestion(name, known)}'


_REFUSED: Mapping[type[nodes.Node], str] = {
    nodes.Macro: "macro",
    nodes.Import: "import",
    nodes.FromImport: "from",
    nodes.CallBlock: "call",
    nodes.FilterBlock: "filter",
    nodes.AssignBlock: "set ... endset",
}


class _Generator(CodeGenerator):
    """Refuses the tags that print text past the literals, and lets `{{ super() }}` print a block as the markup it is."""

    def visit(self, node: nodes.Node, *args: Any, **kwargs: Any) -> Any:
        """Write the Python code of a node; fails for a tag that letters may not use."""
        tag = _REFUSED.get(type(node))
        if tag:
            self.fail(f'the tag "{tag}" is not available; use include for a shared part, a Typst function for a shape', node.lineno)
        return super().visit(node, *args, **kwargs)

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
        super()._output_child_pre(node, frame, _AS_IT_IS if _is_super(node) else finalize)

    def _output_child_post(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
        super()._output_child_post(node, frame, _AS_IT_IS if _is_super(node) else finalize)


_AS_IT_IS = CodeGenerator._FinalizeInfo(None, None)


def _is_super(node: nodes.Expr) -> bool:
    return isinstance(node, nodes.Call) and isinstance(node.node, nodes.Name) and node.node.name == "super"


class _Environment(Sandbox):
    code_generator_class = _Generator
    intercepted_binops = frozenset(["+", "*", "**", "%"])

    def _generate(self, source: nodes.Template, name: str | None, filename: str | None, defer_init: bool = False) -> str:
        return super()._generate(counting(source), name, filename, defer_init)

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """An operator with a limit on what it may make."""
        return bounded_sum(operator, left, right, lambda: super(_Environment, self).call_binop(context, operator, left, right))

    def call(self, context: Context, called: Any, *args: Any, **kwargs: Any) -> Any:
        """A call; those of a text's own methods are refused, since some pad without limit."""
        if isinstance(getattr(called, "__self__", None), str):
            raise WordingError("a text has no methods here; use a filter")
        return super().call(context, called, *args, **kwargs)


class _Compiled(BytecodeCache):
    """Compiled templates, kept under the hash of their source and of the code that compiles them."""

    def __init__(self) -> None:
        code = [*Path(__file__).parent.glob("*.py"), Path(typesetting.__file__)]
        self._shelf = Shelf("letters", made_by(code, "jinja2"))

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give Jinja2 what was compiled before."""
        if kept := self._shelf.find(bucket.key.encode(), bucket.checksum.encode()):
            bucket.bytecode_from_string(kept)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what Jinja2 compiled."""
        self._shelf.keep(bucket.bytecode_to_string(), bucket.key.encode(), bucket.checksum.encode())


class _Changing(ChoiceLoader):
    """Looks into an office's folders and then at ours, and again when a file of the office's has changed, come or gone."""

    def __init__(self, folders: TemplateFolders, *ours: BaseLoader) -> None:
        super().__init__([*(FileSystemLoader(folder) for folder in folders), *ours])
        self._folders = folders

    def get_source(self, environment: jinja2.Environment, template: str) -> tuple[str, str | None, Callable[[], bool]]:
        """The text of a template, its file, and what says whether that is still so."""
        paths = [folder.joinpath(*split_template_path(template)) for folder in self._folders]
        before = [_written(path) for path in paths]
        text, file, _ = super().get_source(environment, template)
        return text, file, lambda: [_written(path) for path in paths] == before

    load = BaseLoader.load  # of what get_source gives, where ChoiceLoader would ask each of its loaders


def _written(path: Path) -> tuple[int, int] | None:
    try:
        return written_of(path)
    except OSError:  # Jinja2 takes it for no file either
        return None


def printed(value: object) -> str:
    """What a template prints for a value: a Typst string in code brackets, or what `code` and its like let through.

    Raises WordingError for a value that has no printed form of its own, such as a date without a filter, or None;
    a name that does not exist raises by itself.
    """
    if type(value) is Code or isinstance(value, Undefined):
        return str(value)
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise WordingError(f"a {type(value).__name__} cannot be printed; use a filter, or leave the sentence out when the fact is absent")
    try:
        text = f"#({literal(str(value))});"
    except ValueError:
        raise WordingError("a value holds half of a character (a lone surrogate)") from None
    return f"#box[{text}];" if type(value) is Unbroken else text


@cache
def environment(folders: TemplateFolders = ()) -> jinja2.Environment:
    """The environment that looks for templates in `folders` and then in ours; one is kept for each set of folders.

    A template of `folders` is compiled again when its file has changed; ours do not change while a program runs.
    """
    found = FileSystemLoader(shipped("templates") / "letters")
    ours = (found, PrefixLoader({OURS: found}))
    made = _Environment(
        loader=_Changing(folders, *ours) if folders else ChoiceLoader(ours),
        undefined=_Missing,
        finalize=printed,
        autoescape=False,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=bool(folders),
        bytecode_cache=_Compiled(),
        extensions=[Places],
    )
    made.filters = dict(filters())
    made.globals = {name: made.globals[name] for name in ("dict", "namespace")}
    return made


def render(name: str, context: LetterContext, folders: TemplateFolders = (), **more: object) -> Source:
    """Fill a template: the Typst source, with the template line behind each piece of it.

    A template sees the fields of LetterContext, its property `others`, `item` and `words` (see `words.py`), `style` (see
    `office.py`; the plain one unless `more` has another), and what `more` adds.  Raises TemplateError with the template's
    file and line when it does not parse, uses a name that does not exist, or does not end.
    """
    words = vocabulary(folders)
    values = asdict(context)
    values |= {"others": context.others, "item": words.item(context), "words": words, "style": PLAIN} | more
    made, size, budget = [], 0, Budget()
    try:
        for piece in environment(folders).get_template(name).generate(values, range=budget.range, **{BUDGET: budget}):
            size += len(piece)
            if size > MAX_SOURCE:
                raise WordingError(f"a template may make at most {MAX_SOURCE:,} characters")
            made.append(piece)
    except jinja2.TemplateSyntaxError as error:
        raise _error(f"{error.name or name}:{error.lineno}", error.message or "does not parse") from None
    except jinja2.TemplateNotFound as error:
        raise _error(_place(error.__traceback__, name, folders), f"there is no template {error.name}") from None
    except jinja2.TemplateError as error:
        message = error.message or "cannot be filled"
        raise _error(_place(error.__traceback__, name, folders), message + _top_level_suggestion(message, values)) from None
    except RecursionError:
        raise _error(name, f"it includes or extends itself without end; our own file is {OURS}/{name}") from None
    except (TypeError, ValueError, ArithmeticError, LookupError, AttributeError) as error:
        raise _error(_place(error.__traceback__, name, folders), f"an expression failed with {type(error).__name__}") from None
    return source(name, "".join(made))


def _top_level_suggestion(message: str, values: Mapping[str, object]) -> str:
    quoted = message.removeprefix('there is no "').removesuffix('"')
    return suggestion(quoted, values) if quoted.isidentifier() else ""


def _error(where: str, message: str) -> TemplateError:
    return TemplateError([Finding("template-jinja", Level.ERROR, where, message, "Mend the template at this line.")])


def _place(traceback: TracebackType | None, name: str, folders: TemplateFolders) -> str:
    """`parts/letterhead.typ.j2:7`: the innermost template line of a traceback (Jinja2 rewrites it to template lines)."""
    place = name
    while traceback:
        frame = traceback.tb_frame
        if "__jinja_exception__" in frame.f_globals:
            place = f"{_relative(Path(frame.f_code.co_filename), folders)}:{traceback.tb_lineno}"
        traceback = traceback.tb_next
    return place


def _relative(file: Path, folders: TemplateFolders) -> str:
    """A template's path as templates name it, never a path of this machine."""
    for folder in (*folders, shipped("templates") / "letters"):
        if file.is_relative_to(folder):
            return file.relative_to(folder).as_posix()
    return file.name
