"""YAML text to nodes with places; the only module that knows the YAML library.

Accepted is one document of YAML without merge keys, with text keys that differ, and without tags
but `!invalid`, which makes null of what it stands before.
Aliases count as if written out, so no file becomes larger than `MAX_NODES` nodes. Whatever is
refused is a `RecipeError` with file, line, column and a way out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import yaml

from nxtool.errors import RecipeError
from nxtool.findings import Mark
from nxtool.yamltree.nodes import ListNode, MapNode, Node, Scalar, Style, resolve

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MAX_BYTES: Final = 16 * 2**20
MAX_NODES: Final = 100_000
MAX_DEPTH: Final = 100
INVALID: Final = "!invalid"
"""The one tag there is: a value that its author has not got right yet."""

_UNPRINTABLE: Final = re.compile(
    "[^\t\n\r -~\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)
_NEWLINE: Final = re.compile("\r\n|[\r\n\x85\u2028\u2029]")
_STYLES: Final[dict[str, Style]] = {"'": "quoted", '"': "quoted", "|": "block", ">": "block"}


def read_text(path: Path, mark: Mark | None = None) -> str:
    """The text of a recipe file; `mark` is the place that asked for it, if one did.

    Raises:
        RecipeError: the file is missing, not a file, too large or not UTF-8.
    """
    try:
        if path.exists() and not path.is_file():
            raise RecipeError(f"{path} is not a file", mark=mark)
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        reason = (error.strerror or "cannot be read").lower()
        raise RecipeError(f"{path}: {reason}", hint="check the name", mark=mark) from None
    except ValueError:
        raise RecipeError(f"{str(path)!r} is not a file name", mark=mark) from None
    if len(data) > MAX_BYTES:
        raise _too_large(str(path))
    return _decode(data, str(path))


def parse(text: str, file: str) -> Node:
    """The one document in `text`; `file` is the name that marks carry.

    Raises:
        RecipeError: the text is not YAML, or not the part of YAML that recipes use.
    """
    if len(text) > MAX_BYTES:
        raise _too_large(file)
    text = text.removeprefix("\ufeff")
    if match := _UNPRINTABLE.search(text):
        raise RecipeError(
            f"character U+{ord(match[0]):04X} cannot stand in a text file",
            hint="is this a recipe? recipes are UTF-8 text",
            mark=_place(text, match.start(), file),
        )
    builder = _Builder(file)
    try:
        for event in events_of(text):
            builder.take(event)
    except yaml.MarkedYAMLError as error:
        raise _explain(error, text, file) from None
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        raise RecipeError(f"not YAML: {error}", mark=Mark(file, 1, 1)) from None
    return builder.root()


def events_of(text: str) -> Iterator[Any]:
    """The events of the YAML library; what it refuses raises its own errors."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    events: Iterator[Any] = yaml.parse(text, Loader=loader)
    return events


def _decode(data: bytes, file: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8", "replace")
        raise RecipeError(
            "this is not UTF-8 text",
            hint="save the file as UTF-8",
            mark=_place(before, len(before), file),
        ) from None


def _too_large(file: str) -> RecipeError:
    return RecipeError(
        f"{file} is larger than {MAX_BYTES // 2**20} MiB",
        hint="put bulk data into a file of its own and name it under sources",
    )


def _place(text: str, index: int, file: str) -> Mark:
    """The line and column of character `index`."""
    line, start = 1, 0
    for match in _NEWLINE.finditer(text, 0, index):
        line, start = line + 1, match.end()
    return Mark(file, line, index - start + 1)


@dataclass(slots=True)
class _Open:
    """A collection whose end has not come yet, or an anchored node with its measures."""

    mark: Mark
    anchor: str | None
    is_map: bool
    children: list[Node] = field(default_factory=list)
    keys: dict[str, Mark] = field(default_factory=dict)
    size: int = 1
    height: int = 1


@dataclass(frozen=True, slots=True)
class _Anchored:
    """A finished node that aliases may repeat: how many nodes it is, and how deep."""

    node: Node
    size: int
    height: int


class _Builder:
    """Builds nodes from events, without recursion, and keeps count."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._open: list[_Open] = []
        self._anchors: dict[str, _Anchored] = {}
        self._root: Node | None = None
        self._total = 0

    def root(self) -> Node:
        if self._root is None:
            raise RecipeError(
                "the file is empty",
                hint="a recipe begins with `nxtool: 1`; see nxtool template",
                mark=Mark(self._file, 1, 1),
            )
        return self._root

    def take(self, event: Any) -> None:
        mark = Mark(self._file, event.start_mark.line + 1, event.start_mark.column + 1)
        if isinstance(event, yaml.DocumentStartEvent):
            self._refuse_second(mark)
        elif isinstance(event, yaml.AliasEvent):
            self._add_alias(str(event.anchor), mark)
        elif isinstance(event, yaml.ScalarEvent):
            if event.tag != INVALID:
                _refuse_tag(event.tag, mark)
            self._add(_scalar(event, mark), 1, 1, event.anchor)
        elif isinstance(event, yaml.CollectionStartEvent):
            _refuse_tag(event.tag, mark)
            self._begin(event, mark)
        elif isinstance(event, yaml.CollectionEndEvent):
            self._finish(self._open.pop())

    def _refuse_second(self, mark: Mark) -> None:
        if self._root is not None:
            raise RecipeError(
                "a second document begins here", hint="remove what follows the '---'", mark=mark
            )

    def _begin(self, event: Any, mark: Mark) -> None:
        if event.anchor is not None:
            self._anchors.pop(event.anchor, None)
        self._open.append(_Open(mark, event.anchor, isinstance(event, yaml.MappingStartEvent)))
        self._check_depth(0, mark)

    def _finish(self, done: _Open) -> None:
        node: Node
        if done.is_map:
            pairs = zip(done.children[::2], done.children[1::2], strict=True)
            items = tuple((key, value) for key, value in pairs if isinstance(key, Scalar))
            node = MapNode(items, done.mark)
        else:
            node = ListNode(tuple(done.children), done.mark)
        self._add(node, done.size, done.height + 1, done.anchor)

    def _add_alias(self, name: str, mark: Mark) -> None:
        anchored = self._anchors.get(name)
        if anchored is None:
            raise RecipeError(
                f"no anchor &{name} is complete before this",
                hint=f"quote text that begins with '*': \"*{name}\"",
                mark=mark,
            )
        self._check_depth(anchored.height, mark)
        self._count(anchored.size, mark)
        self._attach(anchored.node, anchored.size, anchored.height, mark)

    def _add(self, node: Node, size: int, height: int, anchor: str | None) -> None:
        self._count(1, node.mark)
        self._attach(node, size, height, node.mark)
        if anchor is not None:
            self._anchors[anchor] = _Anchored(node, size, height)

    def _attach(self, node: Node, size: int, height: int, mark: Mark) -> None:
        if not self._open:
            self._root = node
            return
        parent = self._open[-1]
        if parent.is_map and len(parent.children) % 2 == 0:
            node = _key(node, parent.keys, mark)
        parent.children.append(node)
        parent.size += size
        parent.height = max(parent.height, height)

    def _count(self, size: int, mark: Mark) -> None:
        self._total += size
        if self._total > MAX_NODES:
            raise RecipeError(
                f"more than {MAX_NODES} values",
                hint="put bulk data into a file of its own and name it under sources",
                mark=mark,
            )

    def _check_depth(self, height: int, mark: Mark) -> None:
        if len(self._open) + height > MAX_DEPTH:
            raise RecipeError(f"nested deeper than {MAX_DEPTH} levels", mark=mark)


def _refuse_tag(tag: str | None, mark: Mark) -> None:
    if tag is not None:
        raise RecipeError(
            f"tag {tag} is not allowed",
            hint="remove it; quote text that begins with '!'",
            mark=mark,
        )


def _scalar(event: Any, mark: Mark) -> Scalar:
    style = _STYLES.get(event.style, "plain") if event.style else "plain"
    text: str = event.value
    if event.style == '"':
        text.encode()  # PyYAML, unlike libyaml, lets escapes make half a character
    value = resolve(text) if style == "plain" else text
    if event.tag == INVALID:
        return Scalar(None, text, mark, style, None, is_invalid=True)
    around = 1 if style == "quoted" else 0
    length = event.end_mark.index - event.start_mark.index
    literal = event.start_mark.line == event.end_mark.line and length == len(text) + 2 * around
    return Scalar(value, text, mark, style, around if literal and style != "block" else None)


def _key(node: Node, keys: dict[str, Mark], mark: Mark) -> Scalar:
    """`node` as a key: its text, whatever the text would mean as a value."""
    if not isinstance(node, Scalar):
        raise RecipeError(
            "a name cannot be a list or a mapping",
            hint='quote it; a variable in {} is written "${x}"',
            mark=mark,
        )
    if node.text == "<<" and node.style == "plain":
        raise RecipeError(
            "merge keys (<<) are not part of the language",
            hint="put the common part into a file and name it under include",
            mark=mark,
        )
    if not node.text:
        raise RecipeError("a name is missing before the colon", mark=mark)
    if node.text in keys:
        first = keys[node.text]
        raise RecipeError(
            f"{node.text!r} stands here again; the first is at {first}",
            hint="keep one of the two",
            mark=mark,
        )
    keys[node.text] = mark
    return Scalar(node.text, node.text, node.mark, node.style, node.lead)


_WORDING: Final = (
    (
        r"mapping values are not allowed",
        "a second ': ' on one line, or wrong indentation",
        "quote text that holds ': '",
    ),
    (
        r"cannot start any token",
        "text cannot begin with {char!r}",
        "quote it; attributes are written attrs: {{name: value}}",
    ),
    (
        r"expected ',' or",
        "expected ',' or a closing bracket",
        "close the bracket; quote text that holds any of [ ] {{ }} ,",
    ),
    (
        r"node content",
        "a value is missing, or a bracket is never closed",
        "close the bracket; quote text that begins with any of , ] }}",
    ),
    (r"unexpected end of stream", "the quote that begins here is never closed", "close the quote"),
    (r"could not find expected ':'", "a name without ': value'", "write name: value"),
    (
        r"expected key|<block end>",
        "this does not fit what stands above",
        "check the indentation; quote the whole text if it begins with a quote or a bracket",
    ),
    (
        r"unknown escape",
        "the quoted text that begins here has an unknown escape",
        "use single quotes",
    ),
)
"""The library's words, ours, and the way out."""


def _explain(error: Any, text: str, file: str) -> RecipeError:
    """A syntax error in the author's words, at the place where the author must look."""
    problem = error.problem or "unreadable"
    where = error.problem_mark or error.context_mark
    if re.search("end of stream|escape", problem) and error.context_mark:
        where = error.context_mark
    line, column = (where.line, where.column) if where else (0, 0)
    rest = _line(text, line)[column:]
    special = _special_case(_line(text, line), rest, column)
    if special:
        message, hint, column = special
        return RecipeError(message, hint=hint, mark=Mark(file, line + 1, column + 1))
    for pattern, ours, hint in _WORDING:
        if re.search(pattern, problem):
            message = ours.format(char=rest[:1])
            return RecipeError(message, hint=hint.format(), mark=Mark(file, line + 1, column + 1))
    return RecipeError(f"not YAML: {problem}", mark=Mark(file, line + 1, column + 1))


def _special_case(line: str, rest: str, column: int) -> tuple[str, str, int] | None:
    """The three mistakes recipes invite: message, hint and column; None for any other."""
    if rest.startswith("\t"):
        return "a tab cannot indent", "use spaces", column
    before = line[:column]
    if rest.startswith("{") and before.endswith("$"):
        return "a variable within { } or [ ] needs quotes", 'write "${x}"', column - 1
    if before.rstrip().endswith("]"):
        return "text after a list", 'quote a list with a unit: "[1, 2] mm"', column
    return None


def _line(text: str, number: int) -> str:
    lines = _NEWLINE.split(text, maxsplit=number + 1)
    return lines[number] if number < len(lines) else ""
