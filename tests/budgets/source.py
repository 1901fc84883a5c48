"""A Python file as read once: its text, its syntax tree, its functions."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that breaks a budget, with the place to look at."""

    path: PurePosixPath
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.text}"


@dataclass(frozen=True, slots=True)
class Source:
    """``path`` is relative to the repository."""

    path: PurePosixPath
    text: str
    tree: ast.Module

    @classmethod
    def parse(cls, path: PurePosixPath, text: str) -> "Source":
        """SyntaxError where the text is no Python."""
        return cls(path, text, ast.parse(text, filename=str(path)))

    def is_under(self, folder: str) -> bool:
        return self.path.is_relative_to(folder)

    def at(self, node: ast.AST, text: str) -> Finding:
        return Finding(self.path, getattr(node, "lineno", 1), text)

    def functions(self) -> Iterator[Function]:
        """Every function and method, nested ones too."""
        for node in ast.walk(self.tree):
            if isinstance(node, Function):
                yield node

    def calls(self) -> Iterator[tuple[ast.Call, str]]:
        """Every call with the dotted name of what is called."""
        yield from calls_in(self.tree)


def calls_in(tree: ast.AST) -> Iterator[tuple[ast.Call, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield node, ast.unparse(node.func)
