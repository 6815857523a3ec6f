"""nxtool: write, check and export NeXus and openPMD files.

`import nxtool` loads nothing; each name below loads what it needs when it is first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nxtool import batch, export
    from nxtool.api import (
        convert,
        edit,
        json_schema,
        load_definition,
        restore,
        template,
        validate_openpmd,
    )
    from nxtool.build.series import Series
    from nxtool.errors import NxtoolError
    from nxtool.findings import Finding, Findings
    from nxtool.hdf5.sparseframes import dense_frames
    from nxtool.recipe.model import Recipe, load_recipe
    from nxtool.validate.api import validate

__version__ = "0.1.0"
__all__ = (
    "Finding",
    "Findings",
    "NxtoolError",
    "Recipe",
    "Series",
    "__version__",
    "batch",
    "convert",
    "dense_frames",
    "edit",
    "export",
    "json_schema",
    "load_definition",
    "load_recipe",
    "restore",
    "template",
    "validate",
    "validate_openpmd",
)

_HOMES = (
    ("nxtool.api", ("convert", "edit", "json_schema", "load_definition", "restore", "template")),
    ("nxtool.api", ("validate_openpmd",)),
    ("nxtool.build.series", ("Series",)),
    ("nxtool.errors", ("NxtoolError",)),
    ("nxtool.findings", ("Finding", "Findings")),
    ("nxtool.hdf5.sparseframes", ("dense_frames",)),
    ("nxtool.recipe.model", ("Recipe", "load_recipe")),
)


def __getattr__(name: str) -> Any:
    """A public name, loaded now (PEP 562)."""
    from importlib import import_module

    if name in ("batch", "export", "validate"):
        return import_module(f"nxtool.{name}")
    for home, names in _HOMES:
        if name in names:
            return getattr(import_module(home), name)
    raise AttributeError(f"module 'nxtool' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
