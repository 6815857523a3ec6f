"""Files for ICAT's importers, read piece by piece: `icatingest` 1.0 and 1.1, and `icatdata`.

The parser is expat with every door shut: a document type declaration ends the reading, so there
are no entities and nothing outside the file is opened. Size and depth are bounded. At any time one
object of the file is in memory, however long the file is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final, Literal
from xml.parsers import expat

from nxtool.errors import FileUnreadable
from nxtool.findings import Mark

MAX_BYTES: Final = 256 * 2**20
MAX_DEPTH: Final = 32
"""Objects nested in objects, as far as ICAT's relations go, need ten."""
Form = Literal["icatingest", "icatdata"]

_BLOCK: Final = 2**16
_INGEST_VERSIONS: Final = ("1.0", "1.1")
_SCHEMA_LOCATIONS: Final = "http://www.w3.org/2001/XMLSchema-instance "


@dataclass(slots=True)
class Element:
    """An XML element with its place. `text` is all text directly below it, not stripped.

    `comment` is the place of the first comment or processing instruction directly below it, None
    where there is none.
    """

    name: str
    attributes: dict[str, str]
    mark: Mark
    text: str = ""
    children: list[Element] = field(default_factory=list)
    comment: Mark | None = None

    def child(self, name: str) -> Element | None:
        """The first child called `name`; None where there is none."""
        return next((child for child in self.children if child.name == name), None)

    def text_of(self, name: str) -> str:
        """The text of a child without white space around it; empty where there is none."""
        child = self.child(name)
        return "" if child is None else child.text.strip()


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a file, in order: the root (without what is in it), what is below it besides
    <data>, then of every <data> its beginning, each object, and its end.

    The element of the end has what stands beside the objects: text, the first comment.
    """

    kind: Literal["root", "other", "data", "object", "end"]
    element: Element


def read_parts(path: Path) -> Iterator[Part]:
    """The pieces of the file `path`; the first is the root.

    Raises:
        FileUnreadable: the file is missing, too large, not XML, cut off, has a document type
            declaration, or is neither an `icatingest` 1.0 or 1.1 nor an `icatdata` file.
    """
    builder = _Builder(str(path))
    with _opened(path) as stream:
        for block in _blocks(stream, path):
            builder.feed(block)
            yield from builder.take()


def _opened(path: Path) -> BinaryIO:
    try:
        if path.is_dir():
            raise FileUnreadable(f"{path}: is a folder", hint="name the XML files in it")
        if path.stat().st_size > MAX_BYTES:
            raise _too_large(path)
        return path.open("rb")
    except OSError as error:
        reason = (error.strerror or "cannot be read").lower()
        raise FileUnreadable(f"{path}: {reason}", hint="check the name") from error
    except ValueError as error:
        raise FileUnreadable(f"{str(path)!r} is not a file name") from error


def _too_large(path: Path) -> FileUnreadable:
    limit = MAX_BYTES // 2**20
    return FileUnreadable(f"{path}: larger than {limit} MiB", hint="write several files")


def form_of(root: Element) -> Form:
    """Which of the two formats a root is of."""
    return "icatingest" if root.name == "icatingest" else "icatdata"


def _blocks(stream: BinaryIO, path: Path) -> Iterator[bytes]:
    """The content, an empty block at last."""
    read = 0
    block = b"."
    while block:
        try:
            block = stream.read(_BLOCK)
        except OSError as error:
            raise FileUnreadable(f"{path}: {error.strerror or 'cannot be read'}") from error
        read += len(block)
        if read > MAX_BYTES:  # a pipe tells no size
            raise _too_large(path)
        yield block


class _Builder:
    """Makes parts of what expat tells."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.ready: list[Part] = []
        self.stack: list[Element] = []
        self.texts: list[list[str]] = []
        """The pieces of text below each element of the stack."""
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        self.parser.CharacterDataHandler = self.characters
        self.parser.CommentHandler = self.comment
        self.parser.ProcessingInstructionHandler = self.instruction
        self.parser.StartDoctypeDeclHandler = self.doctype

    def feed(self, block: bytes) -> None:
        """Parse a block of the file; an empty one is its end. Raises `FileUnreadable`."""
        try:
            self.parser.Parse(block, not block)
        except expat.ExpatError as error:
            mark = Mark(self.file, max(error.lineno, 1), error.offset + 1)
            reason = expat.ErrorString(error.code) or "broken"
            hint = "open the file at this place; was it written to its end?"
            raise FileUnreadable(
                f"cannot be parsed as XML: {reason}", hint=hint, mark=mark
            ) from error
        except (ValueError, LookupError) as error:
            raise self.error(f"cannot be decoded: {error}", "write it as UTF-8") from error

    def take(self) -> list[Part]:
        """The parts that are complete by now."""
        ready, self.ready = self.ready, []
        return ready

    def mark(self) -> Mark:
        line, column = self.parser.CurrentLineNumber, self.parser.CurrentColumnNumber
        return Mark(self.file, max(line, 1), max(column, 0) + 1)

    def error(self, message: str, hint: str) -> FileUnreadable:
        return FileUnreadable(message, hint=hint, mark=self.mark())

    @property
    def in_data(self) -> bool:
        return len(self.stack) > 1 and self.stack[1].name == "data"

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if len(self.stack) >= MAX_DEPTH:
            raise self.error(f"nested deeper than {MAX_DEPTH}", "no file for ICAT is")
        element = Element(name, attributes, self.mark())
        self.stack.append(element)
        self.texts.append([])
        if len(self.stack) == 1:
            self.root(element)
        elif len(self.stack) == 2 and name == "data":
            self.ready.append(Part("data", element))
        elif len(self.stack) > (3 if self.in_data else 2):
            self.stack[-2].children.append(element)

    def root(self, element: Element) -> None:
        hints = "icatingest or icatdata files are read"
        if element.name not in ("icatingest", "icatdata"):
            namespace, _, name = element.name.rpartition(" ")
            where = f" in the namespace {namespace}" if namespace else ""
            raise self.error(f"the root is <{name}>{where}", hints)
        version = element.attributes.get("version")
        if element.name == "icatingest" and version not in _INGEST_VERSIONS:
            told = "has no version" if version is None else f"has the version {version!r}"
            raise self.error(f"<icatingest> {told}", "known are 1.0 and 1.1")
        for name in [name for name in element.attributes if name.startswith(_SCHEMA_LOCATIONS)]:
            del element.attributes[name]
        self.ready.append(Part("root", element))

    def end(self, _name: str) -> None:
        element = self.stack.pop()
        element.text = "".join(self.texts.pop())
        if len(self.stack) == 2 and self.in_data:
            self.ready.append(Part("object", element))
        elif len(self.stack) == 1:
            self.ready.append(Part("end" if element.name == "data" else "other", element))

    def characters(self, text: str) -> None:
        mixed = len(self.stack) < 3 or self.stack[-1].children
        if not mixed or text.strip():  # what only indents the next element is nothing
            self.texts[-1].append(text)

    def comment(self, _text: str) -> None:
        if self.stack and self.stack[-1].comment is None:
            self.stack[-1].comment = self.mark()

    def instruction(self, _target: str, _data: str) -> None:
        self.comment("")

    def doctype(self, *_declaration: object) -> None:
        raise self.error(
            "has a document type declaration, which may define entities",
            "files for ICAT need none; remove <!DOCTYPE ...>",
        )
