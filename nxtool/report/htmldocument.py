"""One HTML document that needs nothing else: style, script and pictures stand in it.

A policy in the document forbids everything but the style and the script that stand in it, and
pictures that do. All text from files is escaped.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Final

from nxtool.report.printable import printable

_PARTS: Final = Path(__file__).with_name("htmlparts")


def document(name: str, title: str, body: str, *, styles: Sequence[str] = ()) -> str:
    """The document with the style and the script called `name`, if there is one, and other
    `styles`; `body` is markup, `title` is text."""
    style = "".join(part(f"{one}.css") for one in ("base", *styles, name))
    script = part(f"{name}.js") if (_PARTS / f"{name}.js").is_file() else ""
    policy = (
        f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"{generator(name)}\n"
        f"<title>{text(title)}</title>\n<style>{style}</style>\n</head>\n<body>\n{body}"
        f"{f'<script>{script}</script>' if script else ''}\n</body>\n</html>\n"
    )


def generator(name: str) -> str:
    """The tag by which documents with the style called `name` are known."""
    return f'<meta name="generator" content="nxtool {name}">'


def part(name: str) -> str:
    """The text of a file beside this module that goes into documents."""
    return (_PARTS / name).read_text(encoding="utf-8")


def text(words: str) -> str:
    """`words` as text of a document, whatever they hold."""
    return escape(printable(words))


def _digest(content: str) -> str:
    """How a Content-Security-Policy names an inline script or style it allows."""
    return f"sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}"
