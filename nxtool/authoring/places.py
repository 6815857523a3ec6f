"""Where in a recipe a finding leads: the row that an author goes to."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from nxtool.errors import RecipeError
from nxtool.yamltree.layout import names_at

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nxtool.authoring.document import Document, Names
    from nxtool.authoring.rows import Row
    from nxtool.findings import Finding


def row_of(finding: Finding, document: Document, tops: Sequence[Row]) -> Row | None:
    """The row a finding is about: that of its path, or the nearest one to its path or its place in
    the text; None where it is about the file as a whole."""
    rows = [row for top in tops for row in top.walk()]
    owner = finding.path.partition("@")[0]
    for path in dict.fromkeys((finding.path, owner)):
        exact = next((row for row in rows if row.path == path), None)
        if exact is not None:
            return exact
    names = marked_names(finding, document)
    near = [row for row in rows if names[: len(row.names)] == row.names]
    near += [row for row in rows if owner.startswith(f"{row.path}/")]
    return max(near, key=lambda row: len(row.names), default=None)


def marked_names(finding: Finding, document: Document) -> Names:
    """The names at the place in the recipe that a finding carries; none where it carries none, or
    one in another file."""
    mark = finding.mark
    if mark is None or not mark.line or Path(mark.file) != document.path:
        return ()
    try:
        return names_at(document.text, mark.line, mark.column)
    except RecipeError:
        return ()
