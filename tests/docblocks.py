"""The command blocks of a page, run as a reader would, in a folder with what the page presumes.

- `sh`: run as one script of bash; it must succeed.
- `console`: each line after `$ ` is run. What the page shows after it must be what is printed,
  where `…` stands for any text and a line `...` for any lines. Where nothing is shown, nothing is
  compared, and the command must succeed.
- `python`: those that follow each other without commands between them are one program, begun with
  the file `before.py` of the folder.

Comments above a block that readers do not see:

- `<!-- not run: REASON -->`: the next block needs what a test cannot have.
- `<!-- file: NAME -->`: the next block is written to a file, as readers are asked to do.
- `<!-- run: COMMAND -->`: run here, for what the text asks of readers in other words.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from textwrap import dedent

RUN = ("sh", "console", "python")
_COMMENT = re.compile(r"<!-- (?P<word>not run|file|run): (?P<text>.*) -->")
_FENCE = re.compile(r" *```(?P<language>\w*).*")
_ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Block:
    """A fenced block, or a hidden command (`run`); `comment` and `said` are of the line above."""

    line: int
    language: str
    text: str
    comment: str = ""
    said: str = ""


def blocks(page: str) -> Iterator[Block]:
    """What a page has to run or to write, in its order."""
    lines = iter(enumerate(page.splitlines(), start=1))
    word = said = ""
    for number, line in lines:
        if comment := _COMMENT.fullmatch(line.strip()):
            word, said = comment["word"], comment["text"]
            if word == "run":
                yield Block(number, "run", said)
                word = said = ""
        elif fence := _FENCE.fullmatch(line):
            body = dedent("".join(_body(lines)))
            yield Block(number, fence["language"], body, word, said)
            word = said = ""


def _body(lines: Iterator[tuple[int, str]]) -> Iterator[str]:
    for _, line in lines:
        if line.lstrip().startswith("```"):
            return
        yield f"{line}\n"


def not_run(page: str) -> list[str]:
    """The reasons why blocks of a page are not run."""
    return [block.said for block in blocks(page) if block.comment == "not run"]


def troubles(page: Path, folder: Path) -> Iterator[str]:
    """Run the blocks of a page in `folder`; what does not go as the page says, with its line."""
    found = (one for one in blocks(page.read_text("utf-8")) if one.comment != "not run")
    for block in _programs(found):
        if block.comment == "file":
            (folder / block.said).write_text(block.text, encoding="utf-8")
            continue
        for trouble in _run(block, folder):
            yield f"{page.name}:{block.line}: {trouble}"


def _programs(found: Iterable[Block]) -> Iterator[Block]:
    """What is written or run, blocks of Python between two commands as one."""
    kept = (block for block in found if block.comment == "file" or block.language in (*RUN, "run"))
    for is_python, some in groupby(kept, lambda one: one.language == "python" and not one.comment):
        several = list(some)
        if is_python:
            yield replace(several[0], text="\n".join(one.text for one in several))
        else:
            yield from several


def _run(block: Block, folder: Path) -> Iterator[str]:
    if block.language in ("sh", "run"):
        yield from _failed(_bash(block.text, folder))
    elif block.language == "python":
        before = folder / "before.py"
        first = before.read_text(encoding="utf-8") if before.exists() else ""
        yield from _failed(_program([sys.executable, "-c", first + block.text], folder))
    elif block.language == "console":
        for command, shown in commands(block.text):
            done = _bash(command, folder)
            if not shown:
                yield from _failed(done)
            elif not matches(shown, done.stdout):
                yield f"{command}: exit code {done.returncode}, it prints\n{done.stdout}"


def _failed(done: subprocess.CompletedProcess[str]) -> Iterator[str]:
    if done.returncode:
        yield f"{done.args[-1].strip()}: exit code {done.returncode}\n{done.stdout}"


def commands(block: str) -> Iterator[tuple[str, str]]:
    """Commands of a `console` block, each with what is shown after it."""
    for piece in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        command = re.match(r"(?:.*\\\n)*.*\n", piece)
        assert command is not None
        yield command[0].rstrip("\n"), piece[command.end() :]


def matches(shown: str, printed: str) -> bool:
    """Whether a program printed what a page shows, but for trailing blanks."""
    lines = "".join(f"{line.rstrip()}\n" for line in printed.splitlines())
    wanted = "".join(
        r"(?:.*\n)*" if line == "..." else re.escape(line).replace("…", ".*") + r"\n"
        for line in shown.rstrip("\n").splitlines()
    )
    return re.fullmatch(wanted, lines.rstrip("\n") + "\n") is not None


def _bash(script: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return _program(["bash", "-euo", "pipefail", "-c", script], folder)


def _program(arguments: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run in `folder`, with this Python first on the path and none of the user's settings."""
    paths = [str(Path(sys.executable).parent), os.environ["PATH"]]
    environment = {
        **os.environ,
        "PATH": os.pathsep.join(paths),
        "PYTHONPATH": os.pathsep.join([str(_ROOT), str(_ROOT / "tui")]),
        "HOME": str(folder.parent),
        "XDG_CONFIG_HOME": str(folder.parent / "config"),
        "XDG_DATA_HOME": str(folder.parent / ".local" / "share"),
        "XDG_STATE_HOME": str(folder.parent / "state"),
        "LC_ALL": "C.UTF-8",
        "NO_COLOR": "1",
    }
    return subprocess.run(
        arguments, cwd=folder, env=environment, text=True, check=False,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
