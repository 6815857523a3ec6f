"""NXDL documentation (reStructuredText with Sphinx roles) as plain text to read.

The converter knows what the official definitions use: paragraphs, lists, literal blocks, tables,
notes, figures, roles, links and simple formulas. It never fails; what it does not know stays as
it is written.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from nxtool.nxdl.textex import plain_formula

_SILENT: Final = frozenset({"index", "todo", "image", "include", "literalinclude", "contents"})
"""Directives that hold nothing to read here."""
_VERBATIM: Final = frozenset({"code-block", "code", "parsed-literal", "csv-table", "table"})
_NAMED: Final = frozenset({"note", "warning", "hint", "important", "attention", "caution", "tip"})

_DIRECTIVE: Final = re.compile(r"\.\. ([\w-]+)::\s*(.*)")
_FOOTNOTE: Final = re.compile(r"\.\. \[([^\]]+)\]\s*(.*)")
_ITEM: Final = re.compile(r"([*+-]|#\.|\d+[.)]|\([a-z0-9]+\))(\s+)(?=\S)")
_RULER: Final = re.compile(r"=+(?: +=+)+|\+(?:[-=]+\+)+")
_OPTION: Final = re.compile(r":[\w-]+:(?: |$)")
_SENTENCE: Final = re.compile(
    r"(.*?(?<!\be\.g)(?<!\bi\.e)(?<!\bcf)(?<!\bvs)(?<!\bFig)[.!?])(?:\s+|$)"
)
_INLINE: Final = re.compile(
    r"``(?P<literal>.+?)``"
    r"|:(?P<role>[\w-]+):`(?P<argument>[^`]+)`"
    r"|`(?P<text>[^`<]*?)\s*<(?P<url>[^`>]+)>`_{0,2}"
    r"|`(?P<quoted>[^`]+)`_{0,2}"
    r"|\*\*(?P<strong>[^*]+)\*\*"
    r"|(?<![\w*])\*(?P<stressed>[^\s*](?:[^*]*[^\s*])?)\*(?![\w*])"
    r"|(?P<footnote>\[[#*\w]+\])_"
    r"|\$(?P<tex>[^$]+)\$",
    re.DOTALL,
)
_STRAY: Final = re.compile(r"`_{0,2}")
"""What is left of marks that somebody did not close."""
_LABELLED: Final = re.compile(r"(.*?)\s*<[^>]*>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of text: a paragraph to wrap, a list item with its bullet, or verbatim lines."""

    kind: Literal["paragraph", "item", "verbatim"]
    text: str
    indent: int = 0
    bullet: str = ""


def plain(doc: str, width: int | None = 80) -> str:
    """`doc` as text, paragraphs wrapped to `width` (None: one line each), no final newline.

    >>> print(plain("See :ref:`NXdata`.\\n\\n.. index:: plot\\n\\n* one\\n* ``two``"))
    See NXdata.
    <BLANKLINE>
    • one
    • two
    """
    parts: list[str] = []
    before: Block | None = None
    for block in blocks(doc):
        if before is not None:
            parts.append("\n" if before.kind == block.kind == "item" else "\n\n")
        parts.append(_laid_out(block, width))
        before = block
    return "".join(parts)


def first_sentence(doc: str) -> str:
    """The first sentence of the first paragraph, in one line; empty if there is none.

    >>> first_sentence("Data of a *scan*, e.g. of ``energy``. More.")
    'Data of a scan, e.g. of energy.'
    """
    for block in blocks(doc):
        if block.kind == "paragraph":
            found = _SENTENCE.match(block.text)
            return found[1] if found else block.text
    return ""


def blocks(doc: str) -> Iterator[Block]:
    """The blocks of `doc`, in order."""
    return _blocks(doc.split("\n"), 0)


def inline(text: str) -> str:
    """`text` without the marks of roles, links, literals and emphasis.

    >>> inline(":math:`\\\\lambda^2` of :ref:`the beam <NXbeam>`, see `here <https://x.org>`_")
    'λ² of the beam, see here (https://x.org)'
    """
    marked = _INLINE.sub(_inline_part, text)
    return re.sub(r"\\(?=[\\*`_|])", "", _STRAY.sub("", marked))


def _inline_part(match: re.Match[str]) -> str:
    part = match.groupdict()
    if part["tex"]:
        return plain_formula(part["tex"])
    if part["role"]:
        return _role(part["role"], part["argument"])
    if part["url"]:
        return f"{part['text']} ({part['url']})" if part["text"] else part["url"]
    kinds = ("literal", "quoted", "strong", "stressed", "footnote")
    return next((part[kind] for kind in kinds if part[kind]), "")


def _role(role: str, argument: str) -> str:
    if role == "math":
        return plain_formula(argument)
    if role in ("sup", "sub"):
        return plain_formula(f"{'^' if role == 'sup' else '_'}{{{argument}}}")
    labelled = _LABELLED.fullmatch(argument)
    text = labelled[1] if labelled and labelled[1] else argument
    return re.sub(r"-(?:group|field|attribute|link|choice)$", "", text.lstrip("!~"))


def _laid_out(block: Block, width: int | None) -> str:
    margin = " " * block.indent
    if block.kind == "verbatim":
        return textwrap.indent(block.text, margin + "  ")
    lead = f"{margin}{block.bullet} " if block.bullet else margin
    if width is None:
        return lead + block.text
    return textwrap.fill(
        block.text,
        max(width, len(lead) + 20),
        initial_indent=lead,
        subsequent_indent=" " * len(lead),
        break_long_words=False,
        break_on_hyphens=False,
    )


def _blocks(lines: list[str], indent: int) -> Iterator[Block]:
    """The blocks of `lines`, which are `indent` deep in the document."""
    at = 0
    while at < len(lines):
        line = lines[at].strip()
        if not line:
            at += 1
        elif line.startswith("..") and (line == ".." or line[2:3] == " "):
            end = _end_of_body(lines, at)
            yield from _explicit(line, lines[at + 1 : end], indent)
            at = end
        elif _ITEM.match(line):
            end = _end_of_body(lines, at)
            yield from _item(lines[at:end], indent)
            at = end
        elif _RULER.fullmatch(line):
            end = _end_of_table(lines, at)
            yield Block("verbatim", _dedented(lines[at:end], marks=False), indent)
            at = end
        else:
            end = _end_of_paragraph(lines, at)
            yield from _paragraph(lines[at:end], indent)
            if lines[end - 1].rstrip().endswith("::"):
                start, end = end, _end_of_body(lines, at, after=end)
                yield from _verbatim(lines[start:end], indent)
            at = end


def _paragraph(lines: list[str], indent: int) -> Iterator[Block]:
    text = _joined(lines)
    text = re.sub(r"\s*::$", ":", text) if text != "::" else ""
    if text:
        yield Block("paragraph", inline(text), indent)


def _item(lines: list[str], indent: int) -> Iterator[Block]:
    """A list item: the paragraph behind its bullet, then what is nested in it."""
    first = lines[0].strip()
    match = _ITEM.match(first)
    assert match is not None  # noqa: S101 - the caller looked
    bullet = "•" if match[1] in "*+-" else match[1]
    body = [first[match.end() :], *lines[1:]]
    end = _end_of_paragraph(body, 0, nested=True)
    text = _joined(body[:end])
    rest = body[end:]
    yield Block("item", inline(re.sub(r"\s*::$", ":", text)), indent, bullet)
    if text.endswith("::"):
        yield from _verbatim(rest, indent + 2)
    else:
        yield from _blocks(rest, indent + len(bullet) + 1)


def _explicit(line: str, body: list[str], indent: int) -> Iterator[Block]:
    """What a directive or a footnote says; targets and comments say nothing."""
    footnote = _FOOTNOTE.fullmatch(line)
    if footnote:
        yield Block(
            "paragraph", inline(_joined([footnote[2], *body])), indent + 4, f"[{footnote[1]}]"
        )
        return
    directive = _DIRECTIVE.fullmatch(line)
    if directive is None or directive[1] in _SILENT:
        return
    name, argument = directive[1], directive[2]
    while body and _OPTION.match(body[0].strip()):
        body = body[1:]
    body = textwrap.dedent("\n".join(body)).split("\n")
    if name == "math":
        yield Block("verbatim", plain_formula(_joined([argument, *body])), indent)
    elif name in _VERBATIM:
        if name.endswith("table") and argument:
            yield Block("paragraph", inline(argument), indent)
        yield from _verbatim(body, indent)
    elif name in _NAMED:
        yield Block("paragraph", f"{name.capitalize()}:", indent)
        yield from _blocks([argument, *body], indent + 2)
    else:  # figure, admonition, rubric and the like: a title, then text
        if argument and name != "figure":
            yield Block("paragraph", inline(argument), indent)
        yield from _blocks(body, indent + (2 if name == "admonition" else 0))


def _verbatim(lines: list[str], indent: int) -> Iterator[Block]:
    text = _dedented(lines, marks=True)
    if text:
        yield Block("verbatim", text, indent)


def _end_of_body(lines: list[str], at: int, after: int | None = None) -> int:
    """The first line after `at` (or `after`) that is not indented more than line `at`."""
    depth = _depth(lines[at])
    end = at + 1 if after is None else after
    while end < len(lines) and (not lines[end].strip() or _depth(lines[end]) > depth):
        end += 1
    return end


def _end_of_paragraph(lines: list[str], at: int, *, nested: bool = False) -> int:
    """Where the paragraph ends: a blank line, a list item, or another indentation.

    Behind a bullet (`nested`) the second line sets the indentation.
    """
    first = at + 1 if nested and at + 1 < len(lines) else at
    depth, end = _depth(lines[first]), at + 1
    while end < len(lines) and (text := lines[end].strip()):
        if _depth(lines[end]) != depth or (_depth(lines[at]) != depth and not nested):
            break
        if (nested and _ITEM.match(text)) or text.startswith(".. "):
            break
        end += 1
    return end


def _end_of_table(lines: list[str], at: int) -> int:
    end = at + 1
    while end < len(lines) and lines[end].strip():
        end += 1
    return end


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip())


def _joined(lines: list[str]) -> str:
    return " ".join(" ".join(lines).split())


def _dedented(lines: list[str], *, marks: bool) -> str:
    """The lines without their common indentation; `marks` False also drops inline marks."""
    text = textwrap.dedent("\n".join(lines)).strip("\n").rstrip()
    return text if marks else inline(text)
