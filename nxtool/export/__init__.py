"""NeXus files to catalogues: `nxtool.export.icat` and its kin. Importing this loads nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nxtool.export.api import Export, icat

__all__ = ("Export", "icat")


def __getattr__(name: str) -> Any:
    """A public name, loaded now (PEP 562)."""
    if name not in __all__:
        raise AttributeError(f"module 'nxtool.export' has no attribute {name!r}")
    from nxtool.export import api

    return getattr(api, name)
