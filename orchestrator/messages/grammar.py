"""What a template may say: the part of Jinja that cannot run code or grow without bound.

Values in, text out: variables, a few filters, conditions, short loops over lists that are written
out. Checked on the syntax tree when a template is loaded, before anything runs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from jinja2 import TemplateError, nodes

from accounts.nearest import nearest
from orchestrator.messages.sandbox import FILTERS, TESTS, TEXT

MOST_DEPTH = 30
MOST_LOOPS = 2
MOST_ROUNDS = 1_000  # of all loops together
MOST_PARTS = 4_000  # values, filters, comparisons: what takes time to be made into code
MOST_WORK = 50_000  # of them worked out in one rendering, those of a loop in each of its rounds

_ALLOWED = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Getattr, nodes.Const,
    nodes.If, nodes.For, nodes.Filter, nodes.Test, nodes.Compare, nodes.Operand, nodes.And,
    nodes.Or, nodes.Not, nodes.CondExpr, nodes.Concat, nodes.List, nodes.Tuple, nodes.Keyword,
)  # fmt: skip
_WORDS = {
    nodes.Call: "a template calls nothing",
    nodes.Getitem: "values have names, not [brackets]",
    nodes.Include: "a template stands alone: no include",
    nodes.Import: "a template stands alone: no import",
    nodes.FromImport: "a template stands alone: no import",
    nodes.Extends: "a template stands alone: no extends",
    nodes.Block: "a template stands alone: no blocks",
    nodes.Macro: "a template has no macros",
    nodes.CallBlock: "a template has no macros",
    nodes.Assign: "a template sets no variables",
    nodes.AssignBlock: "a template sets no variables",
    nodes.Scope: "escaping is not a template's choice",
}


class Forbidden(Exception):
    """Something that a template may not say, with its line and the mend."""

    def __init__(self, line: int, message: str, hint: str = "") -> None:
        # It quotes the source, and is told in one line.
        self.message = "".join(c if c.isprintable() else " " for c in message)
        super().__init__(self.message)
        self.line, self.hint = line, hint


@contextmanager
def below(lines: int) -> Iterator[None]:
    """Count the lines of what is forbidden in here from the top of the file, `lines` higher."""
    try:
        yield
    except Forbidden as error:
        raise Forbidden(error.line + lines, error.message, error.hint) from error


class Parsed:
    """A checked syntax tree, ready to compile, and the variables that it uses (dotted)."""

    def __init__(self, tree: nodes.Template, variables: frozenset[str]) -> None:
        self.tree, self.variables = tree, variables


def parse(source: str, above: int | None = None) -> Parsed:
    """The tree of a template in which every printed variable must have a value.

    What has none is told with its line, if it is known how many lines of the file stand `above`.
    Raises Forbidden.
    """
    try:
        tree = TEXT.parse(source)
        _walk(tree)
        if sum(1 for _ in tree.find_all(nodes.Expr)) > MOST_PARTS:
            raise Forbidden(1, f"it has more than {MOST_PARTS:,} values and conditions")
        if _work(tree) > MOST_WORK:
            raise Forbidden(1, f"its loops work out more than {MOST_WORK:,} values and conditions")
        variables = frozenset(_variables(tree, frozenset()))
        for output in tree.find_all(nodes.Output):
            output.nodes = [_need(node, above) for node in output.nodes]
    except TemplateError as error:
        raise Forbidden(getattr(error, "lineno", 1) or 1, f"{error.message}") from error
    except (RecursionError, ValueError, MemoryError) as error:
        raise Forbidden(1, "it is nested too deeply, or a number is too long") from error
    return Parsed(tree, variables)


# ---------------------------------------------------------------- what is allowed


def _walk(node: nodes.Node, depth: int = 0, loops: int = 0) -> int:
    """Check a node and all below it; how many rounds its loops make."""
    if type(node) not in _ALLOWED:
        raise Forbidden(node.lineno or 1, _words(node))
    if depth > MOST_DEPTH:
        raise Forbidden(node.lineno, f"it is nested more than {MOST_DEPTH} deep")
    if isinstance(node, nodes.Filter):
        _known(node, "filter", FILTERS)
    if isinstance(node, nodes.Test):
        _known(node, "test", TESTS)
    if isinstance(node, nodes.For):
        return _loop(node, depth, loops)
    rounds = sum(_walk(child, depth + 1, loops) for child in node.iter_child_nodes())
    if rounds > MOST_ROUNDS:
        raise Forbidden(node.lineno, f"its loops make more than {MOST_ROUNDS} rounds")
    return rounds


def _words(node: nodes.Node) -> str:
    for kind, words in _WORDS.items():
        if isinstance(node, kind):
            return words
    if isinstance(node, nodes.BinExpr | nodes.UnaryExpr):
        return "a template does not calculate"
    return f"a template has no {type(node).__name__.lower()}"


def _known(node: nodes.Filter | nodes.Test, what: str, allowed: Iterable[str]) -> None:
    names = set(allowed)
    if node.node is None or node.name not in names:
        hint = nearest(node.name, names)
        raise Forbidden(node.lineno, f"there is no {what} '{node.name}'", hint)


def _loop(node: nodes.For, depth: int, loops: int) -> int:
    if loops == MOST_LOOPS:
        raise Forbidden(node.lineno, f"loops stand at most {MOST_LOOPS} deep in each other")
    if node.recursive:
        raise Forbidden(node.lineno, "a loop does not call itself")
    if not isinstance(node.iter, nodes.List | nodes.Tuple):
        hint = "write it out, as in {% for word in ['one', 'two'] %}"
        raise Forbidden(node.lineno, "a loop goes over a list that stands in it", hint)
    below = sum(_walk(child, depth + 1, loops + 1) for child in node.iter_child_nodes())
    rounds = len(node.iter.items) * (1 + below)
    if rounds > MOST_ROUNDS:
        raise Forbidden(node.lineno, f"its loops make more than {MOST_ROUNDS} rounds")
    return rounds


def _work(node: nodes.Node) -> int:
    """How many values, filters and comparisons one rendering works out at most."""
    below = sum(map(_work, node.iter_child_nodes()))
    listed = node.iter if isinstance(node, nodes.For) else None
    rounds = len(listed.items) if isinstance(listed, nodes.List | nodes.Tuple) else 1
    return isinstance(node, nodes.Expr) + rounds * below


# ---------------------------------------------------------------- variables


def _variables(node: nodes.Node, own: frozenset[str]) -> Iterator[str]:
    """Every variable that comes from outside, dotted; `own` are the names of loops around."""
    if isinstance(node, nodes.Name | nodes.Getattr) and (name := _dotted(node)):
        if name.partition(".")[0] not in own:
            yield name
        return
    if isinstance(node, nodes.For):
        targets = node.target.find_all(nodes.Name)
        names = {node.target.name} if isinstance(node.target, nodes.Name) else set()
        own |= names | {target.name for target in targets}
    for child in node.iter_child_nodes():
        yield from _variables(child, own)


def _dotted(node: nodes.Node) -> str:
    """`contact.first_name`; "" for anything that is not a name with dots."""
    if isinstance(node, nodes.Name):
        return node.name
    if isinstance(node, nodes.Getattr) and (before := _dotted(node.node)):
        return f"{before}.{node.attr}"
    return ""


def _need(node: nodes.Expr, above: int | None) -> nodes.Expr:
    """The same expression, whose printed variables must have a value."""
    match node:
        case nodes.List() | nodes.Tuple():
            raise Forbidden(node.lineno, "a list cannot be printed")
        case nodes.Name() | nodes.Getattr():
            line = 0 if above is None else node.lineno + above
            said = [
                nodes.Const(one, lineno=node.lineno) for one in (_dotted(node) or "a value", line)
            ]
            return nodes.Filter(node, "needed", said, [], None, None, lineno=node.lineno)
        case nodes.Filter():
            if node.name != "default" and node.node:
                node.node = _need(node.node, above)
            node.args = [_need(one, above) for one in node.args]
        case nodes.Concat():
            node.nodes = [_need(one, above) for one in node.nodes]
        case nodes.CondExpr():
            node.expr1 = _need(node.expr1, above)
            node.expr2 = _need(node.expr2, above) if node.expr2 else None
        case nodes.And() | nodes.Or():
            node.right = _need(node.right, above)
    return node
