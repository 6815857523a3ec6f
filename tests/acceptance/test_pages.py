"""The README and the pages of docs/ say what is so: their commands are run, outputs compared."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest

from nxtool.cli.commands import command_line
from tests import docblocks, docfolders

ROOT = Path(__file__).parents[2]
QUICK = (
    "docs/edit.md", "docs/encryption.md", "docs/icat-lint.md", "docs/python.md", "docs/restore.md",
    "docs/series.md",
)  # fmt: skip
"""Pages whose commands take about a second; the others are for CI."""


def pages() -> list[str]:
    """All pages that have something to run."""
    found = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    return [path.relative_to(ROOT).as_posix() for path in found if to_run(path)]


def to_run(path: Path) -> list[docblocks.Block]:
    """The blocks of a page that are run."""
    found = docblocks.blocks(path.read_text(encoding="utf-8"))
    return [one for one in found if one.language in docblocks.RUN and one.comment != "not run"]


@pytest.mark.parametrize(
    "page", [p if p in QUICK else pytest.param(p, marks=pytest.mark.slow) for p in pages()]
)
def test_commands_of_a_page_do_what_it_says(page: str, tmp_path: Path) -> None:
    folder = tmp_path / "page"
    docfolders.prepare(page, folder)
    assert "\n".join(docblocks.troubles(ROOT / page, folder)) == ""


def test_only_what_a_test_cannot_have_is_not_run() -> None:
    reasons = {
        f"{path.name}: {reason}"
        for path in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
        for reason in docblocks.not_run(path.read_text(encoding="utf-8"))
    }
    assert reasons == {
        "README.md: it sets up a machine",
        "batch.md: it needs Slurm",
        "batch.md: it sends mail",
        "batch.md: its schedulers run until they are stopped",
        "bluesky.md: it needs a server of tiled",
        "encryption.md: age-keygen belongs to age",
        "hardening.md: it takes long",
        "icat.md: it needs an ICAT server",
        "install.md: it sets up a machine",
        "live-runs.md: it reads a run while it lasts",
        "recipe-language.md: it needs a file with sparse frames",
        "remote.md: it needs servers",
        "streams.md: it needs a broker",
        "tutorial-beamline.md: it needs a broker",
        "tui.md: it needs another machine",
        "tui.md: it serves until it is stopped",
        "tui.md: it waits for keys",
    }


def test_commands_within_sentences_have_only_options_that_there_are() -> None:
    pages = [ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").glob("*.md")]
    found = [(page.name, text) for page in pages for text in inline_commands(page)]
    assert len(found) > 100
    assert [f"{page}: {text}" for page, text in found if not options_exist(text)] == []


def inline_commands(page: Path) -> list[str]:
    """What stands between backticks and begins with the name of the program."""
    return re.findall(r"`(nxtool\s[^`]+)`", page.read_text(encoding="utf-8"))


def options_exist(text: str) -> bool:
    """Whether the command that is meant has all options that are given to it."""
    command: click.Command = command_line
    context = click.Context(command)
    words = shlex.split(text)[1:]
    while words and isinstance(command, click.Group):
        inner = command.get_command(context, words.pop(0))
        if inner is None:
            return True  # a word for several, like `nxtool batch convert|validate`
        command = inner
    known = {
        name for one in command.get_params(context) for name in (*one.opts, *one.secondary_opts)
    }
    return all(word in known for word in words if re.fullmatch(r"-\w|--[a-z-]+", word))


def test_a_command_with_an_option_of_another_is_noticed() -> None:
    assert options_exist("nxtool check scan.nx.yaml --format sarif")
    assert not options_exist("nxtool check scan.nx.yaml --format sarif -o nxtool.sarif")


def test_the_table_of_extras_has_all_of_them() -> None:
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    extras = re.search(r"\[project.optional-dependencies\]\n(.*?)\n\[project", project, re.DOTALL)
    assert extras is not None
    names = set(re.findall(r"^([a-z-]+) = \[", extras[1], re.MULTILINE))
    page = (ROOT / "docs" / "install.md").read_text(encoding="utf-8")
    developers = {"docs", "test", "test-servers"}
    assert set(re.findall(r"^\| `([a-z]+)` \|", page, re.MULTILINE)) == names - developers
    together = re.search(r'^all = \["nxtool\[(.*)\]"\]', extras[1], re.MULTILINE)
    assert together is not None
    assert set(together[1].split(",")) == names - developers - {"all"}


@pytest.mark.parametrize(
    ("shown", "printed", "same"),
    [
        ("a\n", "a\n", True),
        ("a\n", "a  \n", True),
        ("a\n", "a\nb\n", False),
        ("a … c\n", "a b c\n", True),
        ("a … c\n", "a\nc\n", False),
        ("a\n...\nc\n", "a\nc\n", True),
        ("a\n...\nc\n", "a\nb\nb\nc\n", True),
        ("a\n...\nc\n", "a\nb\n", False),
        ("a [b] (c)\n", "a [b] (c)\n", True),
    ],
)
def test_what_is_shown_is_compared_with_what_is_printed(
    shown: str, printed: str, same: bool
) -> None:
    assert docblocks.matches(shown, printed) is same


def test_a_console_block_is_commands_with_what_they_print() -> None:
    block = "$ one \\\n    --more\nout\n$ two\n$ three\n1\n2\n"
    assert list(docblocks.commands(block)) == [
        ("one \\\n    --more", "out\n"), ("two", ""), ("three", "1\n2\n"),
    ]  # fmt: skip


def test_a_page_that_says_what_is_not_so_is_told(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "<!-- file: a.txt -->\n```\ntext\n```\n"
        "```console\n$ cat a.txt\ntext\n$ cat a.txt\nother\n```\n"
        "<!-- run: mv a.txt b.txt -->\n```sh\ncat b.txt\nexit 3\n```\n"
        "<!-- not run: no reason -->\n```sh\nfalse\n```\n"
        "```python\na = 1\n```\n```python\nassert a == 2\n```\n"
    )
    told = list(docblocks.troubles(page, tmp_path))
    assert [line.partition("Traceback")[0] for line in told] == [
        "page.md:5: cat a.txt: exit code 0, it prints\ntext\n",
        "page.md:12: cat b.txt\nexit 3: exit code 3\ntext\n",
        "page.md:20: a = 1\n\nassert a == 2: exit code 1\n",
    ]
