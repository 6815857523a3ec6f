"""Pages of the site that lie outside docs/, and the links between them and those inside.

Markdown in the repository links to files as they lie there, so that it can be read in place. A link
to a page is one to its place in the site; a link to any other file of the repository brings a copy
of that file along. What leads nowhere is left as it is, and MkDocs warns of it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

from mkdocs.structure.files import File, Files

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.pages import Page

ROOT: Final = Path(__file__).parents[1]
PAGES: Final = {
    "README.md": "readme.md",
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "SECURITY.md": "security.md",
    "templates/README.md": "templates/index.md",
}
"""Pages outside docs/ by their place in the repository, and where the site has them."""

_LINK: Final = re.compile(r"(?<=\]\()(?P<path>[^)#\s:]+)(?=(#[^)\s]*)?\))")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """All files of docs/, the pages outside it, and the files that either link to."""
    for source, place in PAGES.items():
        files.append(File.generated(config, place, abs_src_path=str(ROOT / source)))
    pages = [file for file in files if file.is_documentation_page()]
    for page in pages:
        for target in _targets(page):
            if target.is_file() and files.get_file_from_path(_place(target)) is None:
                files.append(File.generated(config, _place(target), abs_src_path=str(target)))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """The text of a page, its links as they lead in the site."""
    source = _source(page.file)

    def moved(link: re.Match[str]) -> str:
        target = _target(source, link["path"])
        if not target.is_file():
            return link["path"]
        return os.path.relpath(_place(target), PurePosixPath(page.file.src_uri).parent)

    return _LINK.sub(moved, markdown)


def _source(page: File) -> Path:
    """Where the text of a page lies."""
    return Path(str(page.abs_src_path))


def _targets(page: File) -> Iterator[Path]:
    """What a page links to, as it would lie in the repository."""
    for link in _LINK.finditer(_source(page).read_text(encoding="utf-8")):
        yield _target(_source(page), link["path"])


def _target(source: Path, link: str) -> Path:
    """The file a link means; of a folder its README, if it has one."""
    path = Path(os.path.normpath(source.parent / link))
    return path / "README.md" if (path / "README.md").is_file() else path


def _place(target: Path) -> str:
    """Where the site has a file of the repository."""
    path = target.relative_to(ROOT).as_posix()
    return PAGES.get(path, path.removeprefix("docs/"))
