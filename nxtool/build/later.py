"""What can only be planned when the whole tree is there."""

from __future__ import annotations

from dataclasses import dataclass, field

from nxtool.build.plan import PlannedGroup
from nxtool.recipe.forms import PlotForm
from nxtool.recipe.transformations import TransformationForm


@dataclass(slots=True)
class Later:
    """Default plots, and transformations that move from frame to frame."""

    plots: list[tuple[PlannedGroup, PlotForm]] = field(default_factory=list)
    moving: list[tuple[PlannedGroup, TransformationForm]] = field(default_factory=list)
