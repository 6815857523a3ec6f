"""Changes by `--set` that nothing asks for: a variable or a source in a spelling of its own.

Other names are judged where they stand in the recipe. These two would only lie there unused, and
the file would be made of the values and the data that were to be replaced.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from nxtool.findings import Finding, Mark
from nxtool.recipe.checks import did_you_mean, mistake
from nxtool.remote.address import shown
from nxtool.yamltree.nodes import MapNode, Node, Scalar

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_KINDS: Final = {"vars": "variable", "sources": "source"}
_NAMING: Final = ("from", "virtual", "rows")
"""Names whose values begin with that of a source."""


def unasked(before: MapNode, after: MapNode, settings: Sequence[str]) -> Iterator[Finding]:
    """The mistakes in `settings`, which made `after` of the recipe `before`.

    A variable or a source that the recipe does not have is right if the recipe refers to it.
    """
    for setting in settings:
        part, _, rest = setting.partition("=")[0].partition(".")
        kind, name = _KINDS.get(part.strip(), ""), rest.partition(".")[0].strip()
        below = before.get(part.strip())
        known = list(below) if isinstance(below, MapNode) else []
        if kind and name not in known and not _refers(after, kind, name):
            hint = did_you_mean(name, known) or f"known: {', '.join(known) or 'none'}"
            mark = Mark(f"--set {shown(setting)}", 1, 1)
            yield mistake("R01", mark, f"there is no {kind} {name!r}", hint)


def _refers(recipe: MapNode, kind: str, name: str) -> bool:
    """Whether anything in the recipe names that variable or source."""
    if kind == "source":
        # a source whose own name comes from a variable may be any
        named = ((key, text.partition(":")[0]) for key, text in _texts(recipe))
        return any(key in _NAMING and (text == name or "${" in text) for key, text in named)
    word = re.compile(rf"\b{re.escape(name)}\b")
    return any(
        ("${" in text or key == "expr") and word.search(text) for key, text in _texts(recipe)
    )


def _texts(node: Node, key: str = "") -> Iterator[tuple[str, str]]:
    """All names and single values below, each with the name it belongs to."""
    if isinstance(node, Scalar):
        yield key, node.text
    elif isinstance(node, MapNode):
        for name, value in node.items:
            yield key, name.text
            yield from _texts(value, name.text)
    else:
        for item in node.items:
            yield from _texts(item, key)
