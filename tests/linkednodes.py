"""JSON-LD as a reader sees it without a network: its nodes, and the rules that must hold."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def nodes(value: Any) -> Iterator[dict[str, Any]]:
    """All objects in a document, from outside in, without the context."""
    if isinstance(value, dict):
        yield value
        for key, inner in value.items():
            if key != "@context":
                yield from nodes(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from nodes(inner)


def references(value: Any) -> set[str]:
    """What is referred to by `@id` alone."""
    return {node["@id"] for node in nodes(value) if set(node) == {"@id"}}


def described(value: Any) -> set[str]:
    """What has an `@id` and is described."""
    return {node["@id"] for node in nodes(value) if "@id" in node and len(node) > 1}


def empties(value: Any) -> list[tuple[str, Any]]:
    """Keys that hold nothing, which JSON-LD drops or takes for something else."""
    empty = (None, "", [], {})
    return [(key, inner) for node in nodes(value) for key, inner in node.items() if inner in empty]
