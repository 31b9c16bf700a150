"""Reading templates without filling them: names that do not exist, words that can never be, what is set and not used.

Each document is followed as Jinja2 would run it: from the file that is filled up to the layout, with the blocks that it
replaces and the parts that it includes, so that a part is read with the names of every place that includes it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from functools import singledispatchmethod

import jinja2
from jinja2 import nodes
from msgspec import Struct, field

from pipeline.findings import Finding, Level, suggestion
from pipeline.letters.checking.shapes import ANYTHING, ListOf, Record, Shape, Table, Text

_SAME_LIST = frozenset({"list", "select", "reject", "selectattr", "rejectattr", "sort", "unique", "reverse"})
"""Filters that give a list of the same entries."""
_ONE_OF = frozenset({"first", "last", "random", "max", "min"})
_BUILT_IN = frozenset({"loop", "super", "self", "range", "dict", "lipsum", "cycler", "joiner", "namespace"})
_DEEPEST = 40
"""Includes within includes."""


class Place(Struct, frozen=True):
    """A line of a template, as findings name it."""

    template: str
    line: int

    def __str__(self) -> str:
        return f"{self.template}:{self.line}"


class Bound(Struct, frozen=True):
    """A name with its shape, and the place that set it; None for a name that is given."""

    shape: Shape
    place: Place | None = None


Names = Mapping[str, Bound]


class Reading(Struct):
    """What was found while reading documents, gathered over all of them."""

    environment: jinja2.Environment
    trees: dict[str, nodes.Template] = field(default_factory=dict)
    """Every file that the documents are made of."""
    findings: dict[Finding, None] = field(default_factory=dict)
    bound: dict[tuple[Place, str], None] = field(default_factory=dict)
    used: set[tuple[Place, str]] = field(default_factory=set)

    def document(self, template: str, given: Mapping[str, Shape]) -> None:
        """Read one document: the file that is filled, and the names that it is given."""
        _Walk(self, template).document({name: Bound(shape) for name, shape in given.items()})

    def result(self) -> list[Finding]:
        """Everything found, with the names that are set and nowhere used, in order of place."""
        unused = [
            _finding("template-unused-name", place, f'"{name}" is set and not used', "Take it out, or use it.")
            for place, name in self.bound
            if (place, name) not in self.used
        ]
        return sorted([*self.findings, *unused], key=lambda one: (one.where.rpartition(":")[0], int(one.where.rpartition(":")[2])))

    def say(self, rule: str, place: Place, message: str, remedy: str) -> None:
        """Keep a finding; the same one is kept once."""
        self.findings.setdefault(_finding(rule, place, message, remedy))


def _finding(rule: str, place: Place, message: str, remedy: str) -> Finding:
    return Finding(rule, Level.ERROR, str(place), message, remedy)


class _Walk:
    """One document on its way from the file that is filled to the last part."""

    def __init__(self, reading: Reading, template: str) -> None:
        self.reading = reading
        self.root = template
        self.blocks: dict[str, list[tuple[str, nodes.Block]]] = {}
        self.within: list[tuple[str, int]] = []
        self.depth = 0

    def document(self, names: Names) -> None:
        chain = list(self._chain(self.root))
        for template, tree in chain:
            for block in tree.find_all(nodes.Block):
                self.blocks.setdefault(block.name, []).append((template, block))
        scope = dict(names)
        for template, tree in chain:  # top-level sets of the child come first, as when it is run
            last = (template, tree) == chain[-1]
            self._body([node for node in tree.body if last or isinstance(node, nodes.Assign)], template, scope)

    def _chain(self, template: str) -> Iterator[tuple[str, nodes.Template]]:
        tree = self._tree(template, Place(template, 1))
        while tree is not None:
            yield template, tree
            parent = tree.find(nodes.Extends)
            if parent is None or not isinstance(parent.template, nodes.Const):
                return
            template, place = str(parent.template.value), Place(template, parent.lineno)
            tree = self._tree(template, place)

    def _tree(self, template: str, place: Place) -> nodes.Template | None:
        environment, loader = self.reading.environment, self.reading.environment.loader
        assert loader is not None
        if template in self.reading.trees:
            return self.reading.trees[template]
        try:
            source, name, _ = loader.get_source(environment, template)
            environment.compile(source, template, name)
            tree = environment.parse(source, template)
        except jinja2.TemplateNotFound:
            hint = suggestion(template, loader.list_templates())
            self.reading.say("template-missing", place, f"there is no template {template}{hint}", "Correct the name.")
            return None
        except jinja2.TemplateSyntaxError as error:
            where = Place(error.name or template, error.lineno)
            self.reading.say("template-syntax", where, error.message or "does not parse", "Mend the template at this line.")
            return None
        self.reading.trees[template] = tree
        return tree

    # Statements

    def _body(self, body: Iterable[nodes.Node], template: str, names: dict[str, Bound]) -> None:
        """Read statements in order; what they set stays in `names`."""
        for node in body:
            self._statement(node, template, names)

    @singledispatchmethod
    def _statement(self, node: nodes.Node, template: str, names: dict[str, Bound]) -> None:
        """Read one statement; one that has no reading of its own says nothing of names."""

    @_statement.register
    def _output(self, node: nodes.Output, template: str, names: dict[str, Bound]) -> None:
        for child in node.nodes:
            self._shape(child, template, names)

    @_statement.register
    def _assign(self, node: nodes.Assign, template: str, names: dict[str, Bound]) -> None:
        self._bind(node.target, self._shape(node.node, template, names), template, names)

    @_statement.register
    def _shown_block(self, node: nodes.Block, _: str, names: dict[str, Bound]) -> None:
        self._block(node.name, 0, dict(names))

    @_statement.register
    def _scope(self, node: nodes.Scope, template: str, names: dict[str, Bound]) -> None:
        self._body(node.body, template, dict(names))

    @_statement.register
    def _if(self, node: nodes.If, template: str, names: dict[str, Bound]) -> None:
        self._shape(node.test, template, names)
        self._body([*node.body, *node.elif_, *node.else_], template, names)

    @_statement.register
    def _for(self, node: nodes.For, template: str, names: dict[str, Bound]) -> None:
        of = self._shape(node.iter, template, names)
        inner = {**names, "loop": Bound(ANYTHING)}
        self._bind(node.target, of.entry if isinstance(of, ListOf) else ANYTHING, template, inner)
        if node.test:
            self._shape(node.test, template, inner)
        self._body(node.body, template, inner)
        self._body(node.else_, template, dict(names))

    @_statement.register
    def _with(self, node: nodes.With, template: str, names: dict[str, Bound]) -> None:
        inner = dict(names)
        for target, value in zip(node.targets, node.values, strict=True):
            self._bind(target, self._shape(value, template, names), template, inner)
        self._body(node.body, template, inner)

    def _block(self, name: str, level: int, names: dict[str, Bound]) -> None:
        """Read the block that a document shows, `level` steps up from the one that replaces the others."""
        versions = self.blocks.get(name, [])
        if level < len(versions):
            template, block = versions[level]
            self.within.append((name, level))
            self._body(block.body, template, names)
            self.within.pop()

    @_statement.register
    def _include(self, node: nodes.Include, template: str, names: dict[str, Bound]) -> None:
        place = Place(template, node.lineno)
        if not isinstance(node.template, nodes.Const) or not isinstance(node.template.value, str):
            self.reading.say("template-include", place, "the name of an included part is not written out", "Write it out.")
            return
        if self.depth >= _DEEPEST:
            return
        tree = self._tree(node.template.value, place)
        if tree is not None:
            self.depth += 1
            self._body(tree.body, node.template.value, dict(names))
            self.depth -= 1

    def _bind(self, target: nodes.Node, shape: Shape, template: str, names: dict[str, Bound]) -> None:
        if isinstance(target, nodes.Name):
            place = Place(template, target.lineno)
            names[target.name] = Bound(shape, place)
            self.reading.bound.setdefault((place, target.name))
        elif isinstance(target, nodes.Tuple):
            for part in target.items:
                self._bind(part, ANYTHING, template, names)

    # Expressions

    @singledispatchmethod
    def _shape(self, node: nodes.Node | None, template: str, names: Names) -> Shape:
        """Read an expression; what is known of its value."""
        for child in node.iter_child_nodes() if node else ():
            self._shape(child, template, names)
        return ANYTHING

    @_shape.register
    def _constant(self, node: nodes.Const, _: str, __: Names) -> Shape:
        return Text((node.value,)) if isinstance(node.value, str) else ANYTHING

    @_shape.register
    def _member(self, node: nodes.Getattr, template: str, names: Names) -> Shape:
        return self._attribute(self._shape(node.node, template, names), node.attr, Place(template, node.lineno))

    @_shape.register
    def _choice(self, node: nodes.CondExpr, template: str, names: Names) -> Shape:
        self._shape(node.test, template, names)
        return _either(self._shape(node.expr1, template, names), self._shape(node.expr2, template, names))

    @_shape.register
    def _alternative(self, node: nodes.Or, template: str, names: Names) -> Shape:
        return _either(self._shape(node.left, template, names), self._shape(node.right, template, names))

    @_shape.register(nodes.List)
    @_shape.register(nodes.Tuple)
    def _list(self, node: nodes.List | nodes.Tuple, template: str, names: Names) -> Shape:
        return ListOf(_common([self._shape(item, template, names) for item in node.items]))

    @_shape.register
    def _name(self, node: nodes.Name, template: str, names: Names) -> Shape:
        found = names.get(node.name)
        if found is not None:
            if found.place:
                self.reading.used.add((found.place, node.name))
            return found.shape
        if node.name not in _BUILT_IN:
            self._unknown(node.name, names, Place(template, node.lineno))
        return ANYTHING

    def _unknown(self, name: str, known: Iterable[str], place: Place) -> None:
        self.reading.say(
            "template-name", place, f'there is no "{name}"{suggestion(name, known)}', "Correct the name; docs/templates.md lists them."
        )

    def _attribute(self, of: Shape, name: str, place: Place) -> Shape:
        if isinstance(of, Record):
            shape = of.attribute(name)
            if shape is None:
                self._unknown(name, of.names(), place)
            return shape or ANYTHING
        if isinstance(of, Table) and of.keys and name not in of.keys and not hasattr(dict, name):
            self._unknown(name, of.keys, place)
        return of.entry if isinstance(of, Table) and not hasattr(dict, name) else ANYTHING

    @_shape.register
    def _entry(self, node: nodes.Getitem, template: str, names: Names) -> Shape:
        of, key = self._shape(node.node, template, names), self._shape(node.arg, template, names)
        place = Place(template, node.lineno)
        if isinstance(of, ListOf):
            return of if isinstance(node.arg, nodes.Slice) else of.entry
        if isinstance(of, Table):
            missing = [word for word in key.words if word not in of.keys] if isinstance(key, Text) and of.keys else []
            if missing:
                self.reading.say("template-name", place, f"the table has no entry for {', '.join(missing)}", "Add one for each word.")
            return of.entry
        return ANYTHING

    @_shape.register
    def _filter(self, node: nodes.Filter, template: str, names: Names) -> Shape:
        of = self._shape(node.node, template, names)
        for argument in (*node.args, *(pair.value for pair in node.kwargs)):
            self._shape(argument, template, names)
        entry = of.entry if isinstance(of, ListOf) else ANYTHING
        path = next((pair.value for pair in node.kwargs if pair.key == "attribute"), None)
        if node.name in ("selectattr", "rejectattr") and node.args:
            path = node.args[0]
        if isinstance(path, nodes.Const) and isinstance(path.value, str):
            entry_of = self._path(entry, path.value, Place(template, node.lineno))
            entry = entry_of if node.name == "map" else entry
        if node.name == "map":
            return ListOf(entry if path is not None else ANYTHING)
        if node.name in _SAME_LIST:
            return ListOf(entry)
        return entry if node.name in _ONE_OF else ANYTHING

    def _path(self, of: Shape, path: str, place: Place) -> Shape:
        for name in path.split("."):
            of = self._attribute(of, name, place)
        return of

    @_shape.register
    def _call(self, node: nodes.Call, template: str, names: Names) -> Shape:
        if isinstance(node.node, nodes.Name) and node.node.name == "super" and self.within:
            name, level = self.within[-1]
            self._block(name, level + 1, dict(names))
            return ANYTHING
        for child in node.iter_child_nodes():
            self._shape(child, template, names)
        return ANYTHING

    @_shape.register
    def _compare(self, node: nodes.Compare, template: str, names: Names) -> Shape:
        left, place = self._shape(node.expr, template, names), Place(template, node.lineno)
        for operand in node.ops:
            right = self._shape(operand.expr, template, names)
            for value, written in ((left, operand.expr), (right, node.expr)):
                self._never(_entry_or_self(value), _written_words(written), place)
        return ANYTHING

    def _never(self, value: Shape, words: Iterable[str], place: Place) -> None:
        """A word that a closed list does not have can never be the value: one side of the branch is never shown."""
        known = value.words if isinstance(value, Text) and len(value.words) > 1 else ()
        for word in words if known else ():
            if word not in known:
                near = get_close_matches(word, known, 1)
                hint = f'did you mean "{near[0]}"?' if near else f"it is one of {', '.join(known)}"
                self.reading.say("template-never", place, f'the value is never "{word}"; {hint}', "Correct the word, or drop the branch.")

    @_shape.register
    def _dict(self, node: nodes.Dict, template: str, names: Names) -> Shape:
        entries = [self._shape(pair.value, template, names) for pair in node.items]
        keys = [pair.key.value for pair in node.items if isinstance(pair.key, nodes.Const)]
        return Table(_common(entries), tuple(str(key) for key in keys) if len(keys) == len(node.items) else ())


def _entry_or_self(shape: Shape) -> Shape:
    return shape.entry if isinstance(shape, ListOf) else shape


def _written_words(node: nodes.Node) -> list[str]:
    """The words that stand in the template itself: one, or those of a list."""
    parts = node.items if isinstance(node, nodes.List | nodes.Tuple) else [node]
    return [part.value for part in parts if isinstance(part, nodes.Const) and isinstance(part.value, str)]


def _either(one: Shape, other: Shape) -> Shape:
    return one if one == other else ANYTHING


def _common(shapes: Sequence[Shape]) -> Shape:
    """The shape of all entries of a list; the words of texts are put together."""
    if shapes and all(isinstance(shape, Text) and shape.words for shape in shapes):
        return Text(tuple(word for shape in shapes if isinstance(shape, Text) for word in shape.words))
    return shapes[0] if shapes and all(shape == shapes[0] for shape in shapes) else ANYTHING
