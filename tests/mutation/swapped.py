"""A function whose code is replaced where it stands: how a change inside of it comes to life in a fork."""

import ast
import importlib
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, FunctionType


def swap(module: str, path: Path, tree: ast.Module, function: str) -> None:
    """From now on that function (by its qualified name) runs as it stands in the tree."""
    [code] = [code for code in _codes(compile(tree, str(path), "exec")) if code.co_qualname == function]
    _function(module, function).__code__ = code


def _codes(code: CodeType) -> Iterator[CodeType]:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield constant
            yield from _codes(constant)


def _function(module: str, name: str) -> FunctionType:
    *classes, last = name.split(".")
    owner = importlib.import_module(module)
    for part in classes:
        owner = getattr(owner, part)
    found = vars(owner)[last]
    for wrapped in ("fget", "__func__", "__wrapped__"):
        found = getattr(found, wrapped, None) or found
    if not isinstance(found, FunctionType):
        raise TypeError(f"{module}.{name} is no plain function")
    return found
