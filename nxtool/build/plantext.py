"""A plan as rows for people: what will be written, where from, how large, how stored."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from nxtool.build.data import FieldData, Literal, Referred, Sourced, element_type
from nxtool.build.lossy import Coded, Quantized
from nxtool.build.plan import Plan, Planned, PlannedField, PlannedGroup, PlannedLink
from nxtool.build.reduced import Reduced


@dataclass(frozen=True, slots=True)
class PlanRow:
    """One line of a plan: `depth` is the level in the tree, `what` the content in a few words,
    `origin` says who asked for it where that is not the recipe."""

    depth: int
    name: str
    what: str
    origin: str = ""


def plan_rows(plan: Plan) -> Iterator[PlanRow]:
    """The rows of a plan, in the order of writing."""
    for child in plan.root.children.values():
        yield from _rows(child, 0)


def _rows(node: Planned, depth: int) -> Iterator[PlanRow]:
    origin = "" if node.origin == "recipe" else node.origin
    if isinstance(node, PlannedLink):
        target = f"{node.file}:{node.target}" if node.file else node.target
        yield PlanRow(depth, node.name, f"→ {target}", origin)
    elif isinstance(node, PlannedField):
        yield PlanRow(depth, node.name, _field(node), origin)
    else:
        yield PlanRow(depth, node.name, _group(node), origin)
        if node.origin != "nxtool":
            for child in node.children.values():
                yield from _rows(child, depth + 1)


def _group(node: PlannedGroup) -> str:
    marks = [f"@{name}={node.attributes[name]}" for name in ("default",) if name in node.attributes]
    if "signal" in node.attributes:
        axes = node.attributes.get("axes", [])
        marks.append(f"plot {node.attributes['signal']} over {', '.join(axes) or 'nothing'}")
    if node.sparse is not None:
        frames = node.sparse
        marks.append(f"of {_value(frames.data)}, only pixels above {frames.above}")
    return " ".join([node.nx_class, *marks])


def _field(node: PlannedField) -> str:
    parts = [_value(node.data), str(node.attributes.get("units", ""))]
    if isinstance(node.data, Coded) and node.chunks is not None:
        parts.append(f"{node.data.bounded.method} in chunks {_shape(node.chunks)}")
    if node.compression is not None and node.chunks is not None:
        parts.append(f"{node.compression.text} in chunks {_shape(node.chunks)}")
    return " ".join(part for part in parts if part)


def _value(data: FieldData) -> str:
    kind = element_type(data.dtype).text
    if isinstance(data, Literal) and not data.shape:
        value = data.read(0, 1)[()]
        return (
            repr(str(value)) if kind == "string" else f"{value:g}" if kind != "bool" else str(value)
        )
    if isinstance(data, Quantized):
        return f"{_value(data.data)} rounded to {data.quantizer.text}"
    if isinstance(data, Coded):
        return f"{_value(data.data)} kept within {data.bounded.text}"
    if isinstance(data, Reduced):
        return f"{_value(data.data)} {data.text} to {_shape(data.shape)}"
    described = f"{kind} {_shape(data.shape)}" if data.shape else kind
    if isinstance(data, Sourced):
        return f"{described} from source"
    if isinstance(data, Referred):
        return f"{described} left in {len(data.locations) or len(data.extents)} places"
    return described


def _shape(shape: tuple[int, ...]) -> str:
    return "×".join(map(str, shape))
