"""Arithmetic on arrays: `12.39842 / x`. No code: names, numbers, operators, a few functions.

Everything is computed in float64, complex128 where the data is complex.
"""

from __future__ import annotations

import ast
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from nxtool.errors import RecipeError
from nxtool.recipe.checks import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    import numpy as np

    from nxtool.yamltree.nodes import Scalar

MAX_LENGTH: Final = 500
MAX_NESTING: Final = 30
MAX_EXPONENT: Final = 100

FUNCTIONS: Final[Mapping[str, str]] = {
    "sqrt": "sqrt",
    "log": "log",
    "log10": "log10",
    "exp": "exp",
    "sin": "sin",
    "cos": "cos",
    "tan": "tan",
    "asin": "arcsin",
    "acos": "arccos",
    "atan": "arctan",
    "radians": "radians",
    "degrees": "degrees",
    "abs": "abs",
}
"""The functions an expression may call, and what numpy calls them."""

_OPERATORS: Final[Mapping[type[ast.AST], str]] = {
    ast.Add: "add",
    ast.Sub: "subtract",
    ast.Mult: "multiply",
    ast.Div: "divide",
    ast.Pow: "power",
    ast.UAdd: "positive",
    ast.USub: "negative",
}


@dataclass(frozen=True, slots=True)
class Expression:
    """A checked expression; `names` are the variables it needs."""

    source: Scalar
    names: frozenset[str]
    _tree: ast.expr

    def evaluate(self, values: Mapping[str, Any]) -> np.ndarray[Any, Any]:
        """The result for these values, which are broadcast against each other.

        Division by zero and the like give inf and nan, as in numpy.

        Raises:
            RecipeError: a name has no value, or shapes do not go together.
        """
        import numpy as np

        self.require(values)
        try:
            arrays = {name: _as_float(np.asarray(values[name])) for name in self.names}
            with np.errstate(all="ignore"):
                return np.asarray(_evaluate(self._tree, arrays))
        except (ValueError, TypeError) as error:
            message = f"{self.source.text!r}: {error}"
            raise RecipeError(message, mark=self.source.mark) from None

    def require(self, known: Collection[str]) -> None:
        """Make sure that every name is known.

        Raises:
            RecipeError: one is not.
        """
        for name in sorted(self.names.difference(known)):
            hint = did_you_mean(name, known) or f"known: {', '.join(sorted(known)) or 'none'}"
            message = f"{name!r} has no value in {self.source.text!r}"
            raise RecipeError(message, hint=hint, mark=self.source.mark)


def parse_expression(source: Scalar) -> Expression:
    """The expression written in `source`.

    Raises:
        RecipeError: it is no arithmetic, or too large; the mark is that of the wrong part.
    """
    text = source.text
    if len(text) > MAX_LENGTH or not text.isascii():
        message = f"an expression is at most {MAX_LENGTH} ASCII characters"
        raise RecipeError(message, mark=source.mark)
    indent = len(text) - len(text.lstrip())
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SyntaxWarning)
            tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        hint = "like 12.4 / x"
        raise RecipeError(f"{text!r} is not arithmetic", hint=hint, mark=source.mark) from None
    names: set[str] = set()
    _check(tree, source, indent, names, 0)
    return Expression(source, frozenset(names), tree)


def _check(node: ast.expr, source: Scalar, indent: int, names: set[str], depth: int) -> None:
    """Refuse whatever is not arithmetic, and collect the names."""
    parts = _parts(node)
    offset = indent + node.col_offset
    if parts is None or depth > MAX_NESTING:
        what = "nested too deep" if parts is not None else "not allowed in an expression"
        written = source.text[offset : indent + (node.end_col_offset or 0)]
        hint = f"use + - * / **, numbers, names and {' '.join(FUNCTIONS)}"
        raise RecipeError(f"{written!r} is {what}", hint=hint, mark=source.mark_at(offset))
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow) and _is_huge(node.right):
        message = f"an exponent is at most {MAX_EXPONENT}"
        place = source.mark_at(indent + node.right.col_offset)
        raise RecipeError(message, hint="use exp or a smaller one", mark=place)
    if isinstance(node, ast.Name):
        names.add(node.id)
    for part in parts:
        _check(part, source, indent, names, depth + 1)


def _parts(node: ast.expr) -> list[ast.expr] | None:
    """The operands of allowed arithmetic; None for anything else."""
    if isinstance(node, ast.Name):
        return []
    if isinstance(node, ast.Constant):
        return [] if type(node.value) in (int, float) else None
    if _function(node) is None:
        return None
    if isinstance(node, ast.BinOp):
        return [node.left, node.right]
    return [node.operand] if isinstance(node, ast.UnaryOp) else getattr(node, "args", [])


def _function(node: ast.expr) -> str | None:
    """What numpy calls this operator or function; None if it is not allowed."""
    if isinstance(node, ast.BinOp | ast.UnaryOp):
        return _OPERATORS.get(type(node.op))
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        fits = len(node.args) == 1 and not node.keywords
        return FUNCTIONS.get(node.func.id) if fits else None
    return None


def _is_huge(node: ast.expr) -> bool:
    while isinstance(node, ast.UnaryOp):
        node = node.operand
    return (
        isinstance(node, ast.Constant)
        and isinstance(node.value, int | float)
        and abs(node.value) > MAX_EXPONENT
    )


def _as_float(array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    if array.dtype.kind not in "biufc":
        raise ValueError(f"{array.dtype} is not numeric")
    return array.astype("complex128" if array.dtype.kind == "c" else "float64", copy=False)


def _evaluate(node: ast.expr, arrays: Mapping[str, Any]) -> Any:
    import numpy as np

    if isinstance(node, ast.Constant):
        return np.float64(str(node.value))
    if isinstance(node, ast.Name):
        return arrays[node.id]
    parts = [_evaluate(part, arrays) for part in _parts(node) or ()]
    return getattr(np, str(_function(node)))(*parts)
