"""A recipe to a plan, and the plan to findings.

The order matters: what the author wrote, then links the definition declares, then what needs the
whole tree (moving axes, default plots), then what leaves no choice, then provenance.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Final

from nxtool import nxpath, units
from nxtool.build import fill, plot, provenance, reduction
from nxtool.build.data import Literal
from nxtool.build.desk import Desk
from nxtool.build.groups import entry_slot, plan_group
from nxtool.build.later import Later
from nxtool.build.naming import names_in
from nxtool.build.plan import Plan, PlannedField, PlannedGroup
from nxtool.build.planview import root_view
from nxtool.build.transformations import set_in_motion
from nxtool.errors import DefinitionError
from nxtool.findings import Finding
from nxtool.recipe.checks import did_you_mean
from nxtool.recipe.model import Recipe
from nxtool.schema.compile import Schema
from nxtool.validate.engine import validate_tree
from nxtool.validate.rulebook import RULES
from nxtool.validate.visit import Options
from nxtool.validate.waivers import waive

_FILL_IN: Final = "fill it in, or say under waive why it cannot be given"
_OF_VALUES: Final = ("type", "date", "enumeration", "dimensions", "links")
"""Families of rules about what stands in a field, not about the field itself."""
_CHAIN: Final = "X01"
"""The rule about where `depends_on` leads."""
_PLOTS: Final = ("P01", "P02", "L01")
_UNIT: Final = "U03"
"""The rule about units that are missing, or of another quantity."""
_MISSING: Final = ("O01", *_PLOTS)
"""Rules about what is not there: pointless to tell while sources cannot be read."""


def make_plan(recipe: Recipe, schema: Schema, output: Path, *, is_ahead: bool = False) -> Desk:
    """Plan the file `output`; the desk holds the plan, the open sources and the mistakes. With
    `is_ahead` runs may be missing that are still to come.

    Raises:
        DefinitionError: the definition is unknown or not an application; the mark says where.
    """
    root = PlannedGroup("/", "NXroot")
    desk = Desk(recipe, schema, Plan(root), is_ahead=is_ahead)
    later = Later()
    try:
        schema.entry(recipe.definition)  # it must be right also where every entry has its own
        for name, node in recipe.entries.items():
            slot = entry_slot(desk, name, node)
            entry = plan_group(desk, later, slot, node, f"/{name}")
            if isinstance(entry, PlannedGroup):
                root.children[name] = entry
        _complete(desk, later)
        for table in filter(recipe.sources.get, recipe.tables):
            desk.source(table)  # groups came from its rows, so it counts among the used sources
        desk.tell_expected()
        _add_provenance(desk, output)
    except DefinitionError as error:
        desk.close()
        mark = error.mark or recipe.definition_mark
        raise DefinitionError(error.message, hint=error.hint, mark=mark) from error
    except BaseException:
        desk.close()
        raise
    return desk


def _entries(desk: Desk) -> list[PlannedGroup]:
    return [node for node in desk.plan.root.children.values() if isinstance(node, PlannedGroup)]


def _complete(desk: Desk, later: Later) -> None:
    for entry in fill.entries_in(desk.plan.root):
        fill.fill_definition(desk, entry)
        fill.fill_links(desk, entry)
    set_in_motion(desk, later, plot.frame_count(desk, later.plots))
    for owner, form in later.plots:
        plot.plan_plot(desk, owner, form)
    for entry in _entries(desk):
        fill.fill_single_values(entry)
        plot.infer_plots(desk, entry)
    plot.default_chain(desk.plan.root)
    fill.set_targets(desk)


def _add_provenance(desk: Desk, output: Path) -> None:
    for path, waiver in desk.recipe.waive.items():
        absolute = path if path.startswith("/") else f"/{path}"
        desk.plan.waived[absolute] = waiver.reason
    desk.plan.root.attributes = {
        **provenance.root_attributes(desk, output),
        **desk.plan.root.attributes,
    }
    for entry in _entries(desk):
        provenance.plan_provenance(desk, entry)
        reduction.plan_reductions(desk, entry)


def judge(desk: Desk) -> list[Finding]:
    """Mistakes in the recipe, and findings about the planned file, each with its mark.

    Where a mistake is known already, what follows from it is not told again.
    """
    findings: list[Finding] = []
    with desk.telling(None):
        findings, _ = validate_tree(root_view(desk.plan.root), desk.schema, Options())
    _check_waivers(desk, findings)
    findings = undeclared(desk.plan, waive(findings, desk.plan.waived))
    missing = {nxpath.base(item.path) for item in findings if _is_missing_field(item)}
    placed = [
        _placed(desk.plan, item)
        for item in findings
        if not (_is_missing_link(item) and nxpath.base(item.path) in missing)
    ]
    return [*desk.problems, *(item for item in placed if not _follows(desk, item))]


def _is_missing_field(item: Finding) -> bool:
    return item.code == "O01" and not _is_missing_link(item)


def _is_missing_link(item: Finding) -> bool:
    """A link that the definition declares: nxtool makes it where there is something to link to."""
    return item.code == "O01" and item.message.startswith("required link")


def _check_waivers(desk: Desk, findings: Iterable[Finding]) -> None:
    """A waiver that waives nothing because no such thing is foreseen is a slip of the pen."""
    missing = [item.path for item in findings if item.code == "O01"]
    for path, waiver in desk.recipe.waive.items():
        absolute = f"/{path.removeprefix('/')}"
        group = desk.plan.root.find(nxpath.parent(absolute))
        if absolute in missing or not isinstance(group, PlannedGroup) or group.concept is None:
            continue
        name = nxpath.base(absolute).partition("@")[0]
        known = [*names_in(group.concept), *group.children, *group.concept.links]
        if name not in known and group.concept.match_field(name) is None:
            hint = did_you_mean(name, known) or "name it as `nxtool check` does without the waiver"
            message = f"{path!r}: nothing called {name!r} can be missing there"
            desk.problem("R01", waiver.mark, message, hint)


def _placed(plan: Plan, item: Finding) -> Finding:
    """The finding with its place in the recipe, and what to do where the rule does not say it
    of this case."""
    rule = RULES[item.code]
    hint = _FILL_IN if item.code == "O01" else _unit_to_add(plan, item) or item.hint or rule.help
    mark = plan.values.get(item.path) if rule.family in _OF_VALUES else None
    return replace(item, mark=mark or plan.mark(item.path), hint=hint)


def _unit_to_add(plan: Plan, item: Finding) -> str:
    """How a recipe gives the unit that a field lacks; empty for any other finding."""
    field = plan.root.find(item.path) if item.code == _UNIT and "@" not in item.path else None
    unit = units.example(item.expected) if field is not None else ""
    if not unit or not isinstance(field, PlannedField):
        return ""
    if not isinstance(field.data, Literal):
        return f"say it beside from: {{from: …, units: {unit}}}"
    form = f"{{value: […], units: {unit}}}" if field.data.shape else f"1 {unit}"
    return f"write it with the value, for instance {form}"


def _follows(desk: Desk, item: Finding) -> bool:
    """True for what is only missing, or only wrong, because of a mistake that is noted."""
    if item.code in _MISSING and desk.has_unread:
        return True
    place = item.path.partition("@")[0]
    group = place if item.code in _PLOTS else nxpath.parent(place)
    refers = item.code in (*_PLOTS, _CHAIN)
    if refers and any(path.startswith(f"{group.rstrip('/')}/") for path in desk.failed):
        return True
    return place in desk.failed or item.path in desk.failed


def undeclared(plan: Plan, findings: Iterable[Finding]) -> list[Finding]:
    """The findings without those that only repeat what the author declared: that an item is not
    in the definition."""
    return [
        item
        for item in findings
        if item.code not in ("G04", "G05") or item.path not in plan.declared
    ]
