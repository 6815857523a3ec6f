"""How long functions and modules are, printed and held against the targets of CONTRIBUTING.md.

    python tests/benchmarks/sizes.py nxtool [FOLDER ...]

Exit code 1 where a wall (the longest function or module) is passed, 0 otherwise; a median or a
95th percentile above its target is only said. Lines of a function are counted from `def` to its
last line, docstring included; decorators are not.
"""

from __future__ import annotations

import ast
import statistics
import sys
from dataclasses import dataclass
from pathlib import Path

FUNCTION_MEDIAN, FUNCTION_P95, FUNCTION_MAX = 9, 40, 80
MODULE_MEDIAN, MODULE_MAX = 150, 500


@dataclass(frozen=True, slots=True, order=True)
class Size:
    """So many lines at a place."""

    lines: int
    place: str


def functions(path: Path) -> list[Size]:
    """Every function and method of the module, nested ones too."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [
        Size(
            (node.end_lineno or node.lineno) - node.lineno + 1, f"{path}:{node.lineno} {node.name}"
        )
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]


def modules(folders: list[Path]) -> list[Path]:
    """The Python files below the folders."""
    return sorted(path for folder in folders for path in folder.rglob("*.py"))


def module_size(path: Path) -> Size:
    """The lines of a file."""
    return Size(len(path.read_text(encoding="utf-8").splitlines()), str(path))


def percentile_95(sizes: list[Size]) -> int:
    """The length that 95 of 100 do not exceed."""
    return sorted(sizes)[max(0, -(-len(sizes) * 95 // 100) - 1)].lines


def main(folders: list[Path]) -> int:
    """Print the figures; the exit code."""
    files = [module_size(path) for path in modules(folders)]
    found = [size for path in modules(folders) for size in functions(path)]
    longest_file, longest = max(files), max(found)
    figures = (
        ("functions", len(found), None),
        ("  median", int(statistics.median(size.lines for size in found)), FUNCTION_MEDIAN),
        ("  p95", percentile_95(found), FUNCTION_P95),
        (f"  max  {longest.place}", longest.lines, FUNCTION_MAX),
        ("modules", len(files), None),
        ("  median", int(statistics.median(size.lines for size in files)), MODULE_MEDIAN),
        (f"  max  {longest_file.place}", longest_file.lines, MODULE_MAX),
    )
    for name, value, target in figures:
        verdict = "" if target is None else f"  (target {target})"
        mark = "  ABOVE" if target is not None and value > target else ""
        print(f"{value:6d}{verdict:14}{mark:7} {name}")
    return int(longest.lines > FUNCTION_MAX or longest_file.lines > MODULE_MAX)


if __name__ == "__main__":
    sys.exit(main([Path(name) for name in sys.argv[1:]]))
