"""Completion of words in shells, as docs/commands.md says to switch it on."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from nxtool.cli.commands import COMMANDS

PROGRAM = Path(sys.executable).with_name("nxtool")


def run(*command: str | Path, **variables: str) -> str:
    """What a program prints; it must succeed."""
    path = os.pathsep.join([str(PROGRAM.parent), os.environ["PATH"]])
    done = subprocess.run(
        command, env={**os.environ, "PATH": path, **variables},
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    return done.stdout


@pytest.fixture(autouse=True)
def installed() -> None:
    if not PROGRAM.exists():
        pytest.skip("nxtool is not installed")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_script_for_the_shell_is_printed(shell: str) -> None:
    if shutil.which("bash") is None:
        pytest.skip("there is no bash, whose version click asks for")
    assert f"_NXTOOL_COMPLETE={shell}_complete" in run(PROGRAM, _NXTOOL_COMPLETE=f"{shell}_source")


@pytest.mark.parametrize(
    ("shell", "incomplete", "told"),
    [
        ("bash", {"COMP_WORDS": "nxtool val", "COMP_CWORD": "1"}, "plain,validate\n"),
        (
            "zsh",
            {"COMP_WORDS": "nxtool val", "COMP_CWORD": "1"},
            f"plain\nvalidate\n{COMMANDS['validate'].help}\n",
        ),
        (
            "fish",
            {"COMP_WORDS": "nxtool val", "COMP_CWORD": "val"},
            f"plain\nvalidate\n{COMMANDS['validate'].help}\n",
        ),
    ],
)
def test_a_command_is_completed(shell: str, incomplete: dict[str, str], told: str) -> None:
    answer = run(PROGRAM, _NXTOOL_COMPLETE=f"{shell}_complete", **incomplete)
    assert answer.replace("plain,validate\t", "plain\nvalidate\n") == told


def test_an_option_and_its_values_are_completed() -> None:
    asked = {"_NXTOOL_COMPLETE": "bash_complete"}
    options = run(PROGRAM, COMP_WORDS="nxtool validate --fail", COMP_CWORD="2", **asked)
    assert options == "plain,--fail-on\n"
    words = "nxtool validate --fail-on "
    values = run(PROGRAM, COMP_WORDS=words, COMP_CWORD="3", **asked)
    assert values == "plain,error\nplain,warning\nplain,never\n"


def test_bash_itself_completes_a_command() -> None:
    if shutil.which("bash") is None:
        pytest.skip("there is no bash")
    script = (
        'eval "$(_NXTOOL_COMPLETE=bash_source nxtool)"; COMP_WORDS=(nxtool repa); COMP_CWORD=1; '
        '_nxtool_completion nxtool; echo "${COMPREPLY[@]}"'
    )
    assert run("bash", "-c", script) == "repack\n"
