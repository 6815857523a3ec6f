"""NeXus files to catalogues: `nxtool.export.icat` and its kin. Importing this loads nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nxtool.export.api import Export, datacite, icat, jsonld, rocrate, scicat

__all__ = ("Export", "datacite", "icat", "jsonld", "rocrate", "scicat")


def __getattr__(name: str) -> Any:
    """A public name, loaded now (PEP 562)."""
    if name not in __all__:
        raise AttributeError(f"module 'nxtool.export' has no attribute {name!r}")
    from nxtool.export import api

    return getattr(api, name)
