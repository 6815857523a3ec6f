"""Measures of the code, printed and held against the targets of CONTRIBUTING.md.

    python tests/benchmarks/measures.py nxtool [FOLDER ...]

Lengths of functions and modules, how many functions say what they take and give, handlers that
catch everything and do not raise it again, `print` outside of cli and report, and how often a
checker is told to look away. Exit code 1 where a wall (the longest function or module) is passed, 0
otherwise; other figures beyond their targets are only marked. Lines of a function are counted from
`def` to its last line, docstring included; decorators are not.
"""

from __future__ import annotations

import ast
import re
import statistics
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

FUNCTION_MEDIAN, FUNCTION_P95, FUNCTION_MAX = 9, 40, 80
MODULE_MEDIAN, MODULE_MAX = 150, 500
LOOKED_AWAY_PER_1000_LINES = 1
_LOOK_AWAY = re.compile(r"#.*(type: ignore|noqa)")
_MAY_PRINT = ("cli", "report")


@dataclass(frozen=True, slots=True, order=True)
class Size:
    """So many lines at a place."""

    lines: int
    place: str


@dataclass(frozen=True, slots=True)
class Module:
    """A file of Python, read."""

    path: Path
    text: str
    tree: ast.Module

    @property
    def size(self) -> Size:
        """Its lines."""
        return Size(len(self.text.splitlines()), str(self.path))

    def functions(self) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
        """Every function and method, nested ones too."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield node

    def catches_all(self) -> Iterator[str]:
        """Where whatever is raised ends."""
        for node in ast.walk(self.tree):
            if not isinstance(node, ast.ExceptHandler) or not _is_broad(node.type):
                continue
            if not any(isinstance(one, ast.Raise) for one in ast.walk(node)):
                yield f"{self.path}:{node.lineno}"

    def prints(self) -> Iterator[str]:
        """Where something is printed by a room that should not."""
        for node in ast.walk(self.tree):
            is_print = isinstance(node, ast.Call) and ast.unparse(node.func) == "print"
            if is_print and not set(_MAY_PRINT) & set(self.path.parts):
                yield f"{self.path}:{node.lineno}"


def _is_broad(caught: ast.expr | None) -> bool:
    return caught is None or ast.unparse(caught) in {"Exception", "BaseException"}


def modules(folders: list[Path]) -> list[Module]:
    """The Python files below the folders."""
    found = sorted(path for folder in folders for path in folder.rglob("*.py"))
    texts = [path.read_text(encoding="utf-8") for path in found]
    return [Module(path, text, ast.parse(text)) for path, text in zip(found, texts, strict=True)]


def function_size(module: Module, node: ast.FunctionDef | ast.AsyncFunctionDef) -> Size:
    """The lines of a function."""
    lines = (node.end_lineno or node.lineno) - node.lineno + 1
    return Size(lines, f"{module.path}:{node.lineno} {node.name}")


def is_annotated(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """True where every argument but `self` and what comes back have types."""
    given = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    given += [one for one in (node.args.vararg, node.args.kwarg) if one is not None]
    return node.returns is not None and all(
        one.annotation is not None or one.arg in {"self", "cls"} for one in given
    )


def percentile_95(sizes: list[Size]) -> int:
    """The length that 95 of 100 do not exceed."""
    return sorted(sizes)[max(0, -(-len(sizes) * 95 // 100) - 1)].lines


def main(folders: list[Path]) -> int:
    """Print the figures; the exit code."""
    read = modules(folders)
    nodes = [(module, node) for module in read for node in module.functions()]
    files = [module.size for module in read]
    found = [function_size(module, node) for module, node in nodes]
    longest_file, longest = max(files), max(found)
    lines = sum(size.lines for size in files)
    bare = [size for size, (_, node) in zip(found, nodes, strict=True) if not is_annotated(node)]
    looked_away = sum(len(_LOOK_AWAY.findall(module.text)) for module in read)
    figures = (
        ("functions", len(found), None),
        ("  median", int(statistics.median(size.lines for size in found)), FUNCTION_MEDIAN),
        ("  p95", percentile_95(found), FUNCTION_P95),
        (f"  max  {longest.place}", longest.lines, FUNCTION_MAX),
        ("  without types", len(bare), 0),
        ("modules", len(files), None),
        ("  median", int(statistics.median(size.lines for size in files)), MODULE_MEDIAN),
        (f"  max  {longest_file.place}", longest_file.lines, MODULE_MAX),
        ("handlers that catch all", sum(len(list(one.catches_all())) for one in read), None),
        ("print outside of cli and report", sum(len(list(one.prints())) for one in read), 0),
        ("type: ignore, noqa", looked_away, lines * LOOKED_AWAY_PER_1000_LINES // 1000),
    )
    for name, value, target in figures:
        verdict = "" if target is None else f"  (target {target})"
        mark = "  ABOVE" if target is not None and value > target else ""
        print(f"{value:6d}{verdict:14}{mark:7} {name}")
    return int(longest.lines > FUNCTION_MAX or longest_file.lines > MODULE_MAX)


if __name__ == "__main__":
    sys.exit(main([Path(name) for name in sys.argv[1:]]))
