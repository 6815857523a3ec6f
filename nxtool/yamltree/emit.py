"""Nodes back to YAML text that means the same, in one canonical form."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

from nxtool.yamltree.nodes import ListNode, MapNode, Node, Scalar, resolve

if TYPE_CHECKING:
    from collections.abc import Iterator

_PLAIN: Final = re.compile(r"[^\W_]([\w ./+()-]*[\w.)])?")
_SPECIAL: Final = re.compile("[\x7f-\xa0\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")


def to_yaml(node: Node) -> str:
    """`node` as YAML; `parse` gives the same values and names in the same order."""
    return "\n".join(_lines(node, "")) + "\n"


def _lines(node: Node, indent: str) -> Iterator[str]:
    if isinstance(node, MapNode) and node:
        for key, value in node.items:
            yield from _entry(f"{indent}{quoted(key.text)}:", value, indent)
    elif isinstance(node, ListNode) and node:
        for item in node.items:
            yield from _entry(f"{indent}-", item, indent)
    else:
        yield indent + inline(node)


def _entry(head: str, value: Node, indent: str) -> Iterator[str]:
    """A name or a dash with what belongs to it."""
    if isinstance(value, Scalar) or not value or _is_flat(value):
        yield f"{head} {inline(value)}"
    else:
        yield head
        yield from _lines(value, indent + "  ")


def _is_flat(node: Node) -> bool:
    return isinstance(node, ListNode) and all(isinstance(item, Scalar) for item in node.items)


def inline(node: Node) -> str:
    """`node` as YAML on one line."""
    if isinstance(node, MapNode):
        pairs = (f"{quoted(key.text)}: {inline(value)}" for key, value in node.items)
        return f"{{{', '.join(pairs)}}}"
    if isinstance(node, ListNode):
        return f"[{', '.join(map(inline, node.items))}]"
    if isinstance(node.value, str):
        return quoted(node.value)
    return "null" if node.value is None else node.text


def quoted(text: str) -> str:
    """Text that is read as text again, without quotes where they are not needed."""
    if _PLAIN.fullmatch(text) and isinstance(resolve(text), str):
        return text
    return flow(text)


def flow(value: object) -> str:
    """What JSON can tell, as YAML on one line; text stays text."""
    text = json.dumps(value, ensure_ascii=False)
    return _SPECIAL.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
