"""The small bugs that can be put into a module: one change of its syntax tree each. Pure."""

import ast
import itertools
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

Apply = Callable[[], None]

CONTEXT = 30
"""Characters shown before and after a change."""
_UNSEEN = {"annotation", "returns", "decorator_list", "type_params"}
"""Parts of the tree that mean nothing to a running program, or only to the machinery of classes."""
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_COMPARED: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
_COMPUTED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.Pow: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}


@dataclass(frozen=True, slots=True)
class Change:
    """`key` names it whatever else stands in the module; `function` is where it is, empty at the module's level."""

    number: int
    line: int
    function: str
    key: str


def changes(source: str) -> list[Change]:
    """All changes of a module, in a fixed order."""
    found, seen = list[Change](), Counter[str]()
    tree = ast.parse(source)
    for number, (node, function, _) in enumerate(_all(tree)):
        line = getattr(node, "lineno", 0)
        said = f"{function or 'module'}: {_said(source, number)}"
        seen[said] += 1
        found.append(Change(number, line, function, said if seen[said] == 1 else f"{said} #{seen[said]}"))
    return found


def mutated(source: str, number: int) -> ast.Module:
    """The module with that one change."""
    tree = ast.parse(source)
    _, _, apply = next(itertools.islice(_all(tree), number, None))
    apply()
    return ast.fix_missing_locations(tree)


def _said(source: str, number: int) -> str:
    """The change in words: the text before and after."""
    tree = ast.parse(source)
    node, _, apply = next(itertools.islice(_all(tree), number, None))
    before = _text(node)
    apply()
    return _difference(before, _text(ast.fix_missing_locations(node)))


def _difference(before: str, after: str) -> str:
    """Both texts, without what they have in common beyond a few words."""
    first = _alike(before, after)
    last = min(_alike(before[::-1], after[::-1]), len(before) - first, len(after) - first)
    begin, end = max(0, first - CONTEXT), max(0, last - CONTEXT)
    return f"{_cut(before, begin, end)} → {_cut(after, begin, end)}"


def _alike(one: str, other: str) -> int:
    """How many characters both begin with."""
    return next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def _cut(text: str, begin: int, end: int) -> str:
    return f"{'…' if begin else ''}{text[begin : len(text) - end]}{'…' if end else ''}"


def _text(node: ast.AST) -> str:
    if isinstance(node, ast.If):
        return f"if {ast.unparse(node.test)}"
    if isinstance(node, ast.comprehension):
        return ast.unparse(node).strip()
    return " ".join(ast.unparse(node).split())


def _all(tree: ast.Module) -> Iterator[tuple[ast.AST, str, Apply]]:
    for node, function in _nodes(tree, ""):
        for apply in _of(node, inside=bool(function)):
            yield node, function, apply


def _nodes(node: ast.AST, within: str, classes: str = "") -> Iterator[tuple[ast.AST, str]]:
    """Every node that a running program meets, and the function that it is in."""
    for name, value in ast.iter_fields(node):
        if name in _UNSEEN or (name == "slice" and not within):
            continue
        for child in value if isinstance(value, list) else [value]:
            if not isinstance(child, ast.AST) or _is_docstring(child):
                continue
            # Defaults of parameters are computed when the module is loaded.
            function, outer = ("" if isinstance(child, ast.arguments) else within), classes
            if isinstance(child, ast.ClassDef):
                outer = f"{classes}{child.name}."
            elif isinstance(child, _FUNCTIONS) and not within:
                function = f"{classes}{child.name}"
            yield child, function
            yield from _nodes(child, function, outer)


def _is_docstring(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _of(node: ast.AST, *, inside: bool) -> Iterator[Apply]:
    match node:
        case ast.Compare():
            yield from _compared(node)
        case ast.Constant():
            yield from _constant(node)
        case ast.If() | ast.IfExp():
            yield from _condition(node)
        case ast.Tuple(ctx=ast.Load()) | ast.List(ctx=ast.Load()) | ast.Set() | ast.Dict():
            yield from () if inside else _table(node)
        case ast.Call():
            yield from (_deleting(node.keywords, keyword) for keyword in node.keywords if keyword.arg)
        case _:
            yield from _statement(node) if inside else ()


def _statement(node: ast.AST) -> Iterator[Apply]:
    match node:
        case ast.BoolOp():
            yield _setting(node, "op", ast.Or() if isinstance(node.op, ast.And) else ast.And())
        case ast.UnaryOp(op=ast.Not()):
            yield _setting(node, "operand", ast.UnaryOp(ast.Not(), node.operand))
        case ast.BinOp(op=op) if type(op) in _COMPUTED:
            yield _setting(node, "op", _COMPUTED[type(op)]())
        case ast.Return(value=ast.expr() as value) | ast.Assign(value=value):
            if not isinstance(value, ast.Constant):
                yield _setting(node, "value", ast.Constant(None))
        case ast.Expr(value=ast.Call() | ast.Await()):
            yield _setting(node, "value", ast.Constant(None))
        case ast.comprehension():
            yield from (_replacing(node.ifs, test, ast.UnaryOp(ast.Not(), test)) for test in node.ifs)
        case _:
            return


def _compared(node: ast.Compare) -> Iterator[Apply]:
    for place in node.ops:
        for other in _COMPARED[type(place)]:
            yield _replacing(node.ops, place, other())


def _constant(node: ast.Constant) -> Iterator[Apply]:
    match node.value:
        case bool():
            yield _setting(node, "value", not node.value)
        case int() | float():
            yield _setting(node, "value", node.value + 1)
        case str():
            yield _setting(node, "value", f"XX{node.value}")
        case _:
            return


def _condition(node: ast.If | ast.IfExp) -> Iterator[Apply]:
    """Comparisons and negations have changes of their own."""
    if not isinstance(node.test, ast.Compare | ast.UnaryOp):
        yield _setting(node, "test", ast.UnaryOp(ast.Not(), node.test))


def _table(node: ast.Tuple | ast.List | ast.Set | ast.Dict) -> Iterator[Apply]:
    """A row of a table is left out."""
    if not isinstance(node, ast.Dict):
        yield from (_deleting(node.elts, row) for row in node.elts)
        return
    for place in range(len(node.keys)):

        def leave_out(place: int = place) -> None:
            del node.keys[place], node.values[place]

        yield leave_out


def _setting(node: ast.AST, member: str, value: object) -> Apply:
    return lambda: setattr(node, member, value)


def _replacing(nodes: list[ast.cmpop] | list[ast.expr], old: ast.AST, new: ast.AST) -> Apply:
    def apply() -> None:
        place = next(n for n, node in enumerate(nodes) if node is old)
        nodes[place] = new  # type: ignore[call-overload]  # of the same kind

    return apply


def _deleting(nodes: list[ast.expr] | list[ast.keyword], old: ast.AST) -> Apply:
    def apply() -> None:
        del nodes[next(n for n, node in enumerate(nodes) if node is old)]

    return apply
