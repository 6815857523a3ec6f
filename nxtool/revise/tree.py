"""The parts of an openPMD file that revisions look at, each object once."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from typing import Final

from nxtool.nodeview import FieldView, GroupView, is_group
from nxtool.openpmd.header import Header, read_header
from nxtool.openpmd.model import Iteration, Mesh, iterations_of, nodes_in

_DEEPEST: Final = 12


def iterations(root: GroupView) -> tuple[Header, list[Iteration]]:
    """What the root declares, and the iterations of the file."""
    header = read_header(root)
    return header, list(iterations_of(root, header))


def meshes(root: GroupView) -> Iterator[Mesh]:
    """All meshes of all iterations."""
    for iteration in iterations(root)[1]:
        yield from iteration.meshes.values()


def objects(root: GroupView) -> Iterator[GroupView | FieldView]:
    """The iterations, and all groups and datasets of meshes and particles, each once."""
    seen: set[Hashable] = set()
    for iteration in iterations(root)[1]:
        yield iteration.view
        for group in (iteration.meshes_group, iteration.particles_group):
            if group is not None:
                yield from _below(group, _DEEPEST, seen)


def _below(
    node: GroupView | FieldView, depth: int, seen: set[Hashable]
) -> Iterator[GroupView | FieldView]:
    if node.identity in seen or not depth:
        return
    seen.add(node.identity)
    yield node
    if is_group(node):
        for _, child in nodes_in(node):
            yield from _below(child, depth - 1, seen)
