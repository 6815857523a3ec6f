"""Draw the pictures of the README from real runs: `python docs/pictures.py`.

Every picture is a terminal in which commands were typed in a folder that `nxtool demo` made. What
they print is caught from a pseudo-terminal, so colours and widths are those that users see.
"""

from __future__ import annotations

import fcntl
import io
import os
import pty
import re
import shlex
import struct
import subprocess
import sys
import tempfile
import termios
from dataclasses import dataclass
from pathlib import Path

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.text import Text

IMAGES = Path(__file__).with_name("images")
COLUMNS = 110
FONT_FACES = re.compile(r"@font-face \{\{.*?\}\}\s*", re.DOTALL)
"""They would be fetched from the network; any monospaced font will do."""

SPACE = "&#160;"
CHARACTER = 12.2
"""The width of a character in rich's drawing."""
INDENTED = re.compile(
    r'(?P<head><text class="[^"]*" )x="(?P<x>[^"]*)"(?P<middle> y="[^"]*" )'
    r'textLength="(?P<length>[^"]*)"(?P<tail>[^>]*>)(?P<spaces>(?:&#160;)+)(?=[^<&]|&(?!#160))'
)


@dataclass(frozen=True, slots=True)
class Picture:
    """A terminal: its title, and the commands typed in it."""

    name: str
    title: str
    commands: tuple[str, ...]


PICTURES = (
    Picture(
        "terminal",
        "raw data and a recipe to a validated NeXus file",
        (
            "nxtool check slip.nx.yaml",
            "nxtool convert tomo.nx.yaml",
            "nxtool validate tomo.nxs",
            "nxtool show tomo.nxs --depth 3",
        ),
    ),
    Picture("definitions", "what a definition asks for", ("nxtool definitions tree NXtomo",)),
)

SLIPS = (("x_pixel_size: ${pixel}", "x_pixel_size: 6.5 keV"), (" distance:", " distanse:"))
"""What is wrong in the recipe of the first picture."""


def main() -> None:
    """Draw all of them."""
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "demo"
        run("nxtool demo demo", Path(place))
        for file in folder.glob("*.nxs"):
            file.unlink()
        recipe = (folder / "tomo.nx.yaml").read_text(encoding="utf-8")
        for right, wrong in SLIPS:
            recipe = recipe.replace(right, wrong)
        (folder / "slip.nx.yaml").write_text(recipe, encoding="utf-8")
        for picture in PICTURES:
            svg = draw(picture, folder)
            (IMAGES / f"{picture.name}.svg").write_text(svg, encoding="utf-8")


def draw(picture: Picture, folder: Path) -> str:
    """The picture as SVG."""
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), color_system="truecolor")
    for command in picture.commands:
        console.print(Text.assemble(("$ ", "bold green"), (command, "bold")))
        console.print(Text.from_ansi(run(command, folder)))
    code_format = FONT_FACES.sub("", CONSOLE_SVG_FORMAT)
    svg = console.export_svg(title=picture.title, code_format=code_format, unique_id=picture.name)
    return INDENTED.sub(_moved, svg)


def _moved(text: re.Match[str]) -> str:
    """A piece of text placed where its first letter is: not every viewer keeps leading spaces."""
    spaces = text["spaces"].count(SPACE)
    x = float(text["x"]) + spaces * CHARACTER
    length = float(text["length"]) - spaces * CHARACTER
    return f'{text["head"]}x="{x:g}"{text["middle"]}textLength="{length:g}"{text["tail"]}'


def run(command: str, folder: Path) -> str:
    """What `command` prints in a terminal, escape sequences included."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, COLUMNS, 0, 0))
    arguments = [sys.executable, "-m", *shlex.split(command)]
    environment = {**os.environ, "TERM": "xterm-256color", "SOURCE_DATE_EPOCH": "1767603600"}
    environment.pop("NO_COLOR", None)
    with subprocess.Popen(  # noqa: S603 - the commands are those above
        arguments, cwd=folder, stdout=theirs, stderr=theirs, env=environment
    ):
        os.close(theirs)
        return _read(ours)


def _read(terminal: int) -> str:
    """All that is written to the other end, until it is closed."""
    pieces: list[bytes] = []
    with open(terminal, "rb", buffering=0) as stream:
        while True:
            try:
                piece = stream.read(65536)
            except OSError:  # Linux says so when the last writer has gone
                break
            if not piece:
                break
            pieces.append(piece)
    return b"".join(pieces).decode().replace("\r\n", "\n")


if __name__ == "__main__":
    main()
