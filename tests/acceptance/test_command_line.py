"""The command line as its users meet it: text, exit codes, channels."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import h5py
import pytest

ROOT = Path(__file__).parents[2]


def run(*arguments: object, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run `python -m nxtool` and return what came of it."""
    return subprocess.run(
        [sys.executable, "-m", "nxtool", *(os.fsencode(str(item)) for item in arguments)],
        check=False,
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", **variables},
    )


def test_help_imports_no_command_and_no_heavy_package() -> None:
    code = (
        "import sys; from nxtool.cli import main; main(['--help']);"
        "heavy = {'h5py', 'numpy', 'lxml', 'rich', 'nxtool.cli.validate', 'nxtool.cli.show'};"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True
    )
    assert done.stderr == "[]\n"


def test_only_the_terminal_interface_imports_textual(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "x.nxs", "w") as file:
        file.create_group("entry").attrs["NX_class"] = "NXentry"
    (tmp_path / "x.nx.yaml").write_text("nxtool: 1\ndefinition: NXsas\nentry: {}\n")
    code = (
        "import sys; from nxtool.cli import main; main(['validate', 'x.nxs']);"
        "main(['check', 'x.nx.yaml']); main(['show', 'x.nxs']);"
        "print('textual' in sys.modules, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, check=True, capture_output=True, text=True
    )
    assert done.stderr == "False\n"


def test_the_terminal_interface_needs_a_terminal() -> None:
    done = run("tui")
    assert (done.returncode, done.stderr) == (
        2,
        "error: standard input is not a terminal\n"
        "  → run it in a terminal; `nxtool convert` and `nxtool check` need none\n",
    )


@pytest.mark.parametrize("arguments", [["-h"], ["--help"], ["--version"], ["validate", "-h"]])
def test_asking_for_help_is_no_failure(arguments: list[str]) -> None:
    assert run(*arguments).returncode == 0


def test_an_unknown_command_exits_with_2_and_names_a_near_one() -> None:
    done = run("validat", "x.nxs")
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1] == (
        "Error: No such command 'validat'; did you mean 'validate'?"
    )


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["xyzzy"], "'xyzzy'; the help lists all"),
        (["README.md"], "'README.md'; this looks at the file: nxtool show README.md"),
        (["filters", "README.md"], "'README.md'; there are bench, check, list, profiles"),
        (["openpmd", "upgrad"], "'upgrad'; did you mean 'upgrade'?"),
    ],
)
def test_who_leaves_out_a_command_is_told_which_there_are(arguments: list[str], told: str) -> None:
    done = run(*arguments)
    assert (done.returncode, done.stderr.splitlines()[-1]) == (2, f"Error: No such command {told}")


def test_an_unknown_option_exits_with_2() -> None:
    assert run("validate", "--nonsense", "x.nxs").returncode == 2


def test_a_closed_pipe_is_no_traceback() -> None:
    tree = f"{sys.executable} -m nxtool definitions tree NXem --base-classes --depth 9"
    done = subprocess.run(
        ["bash", "-c", f"{tree} | head -1; echo ${{PIPESTATUS[0]}}"],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
    )
    assert (done.stdout, done.stderr) == ("NXem  application\n141\n", "")


def test_an_interrupted_run_says_so_and_exits_with_130() -> None:
    code = (
        "import os, signal, sys, nxtool.cli.show as command;"
        "command.openpmd_series = lambda path: os.kill(os.getpid(), signal.SIGINT);"
        "from nxtool.cli import main; sys.exit(main(['show', 'x.nxs']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, check=False, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr.strip()) == (130, "interrupted")


def test_a_file_whose_name_is_no_utf8_is_judged(valid: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(valid.parent) + b"/caf\xe9.nxs"))
    valid.rename(path)
    done = run("validate", path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"{valid.parent}/caf\\xe9.nxs: valid")


def test_an_output_that_cannot_say_a_glyph_gets_an_escape() -> None:
    done = run("definitions", "tree", "NXtomo", PYTHONUTF8="0", PYTHONIOENCODING="ascii")
    assert done.returncode == 0
    assert done.stdout.splitlines()[-1] == r"\u25cf required  \u25cb recommended  \xb7 optional"


def test_an_unknown_definition_exits_with_2_and_names_near_ones() -> None:
    done = run("definitions", "show", "NXtomi")
    assert done.returncode == 2
    assert done.stderr == (
        "error: unknown definition 'NXtomi'\n  → did you mean NXtomo, NXatom, NXstm?\n"
    )


def test_a_broken_settings_file_exits_with_2_and_names_the_place(tmp_path: Path) -> None:
    settings = tmp_path / "nxtool" / "config.toml"
    settings.parent.mkdir()
    settings.write_text("definitions = [\n")
    done = run("definitions", "list", XDG_CONFIG_HOME=str(tmp_path))
    assert done.returncode == 2
    assert done.stderr == (
        f"error: {settings}:1:1: not valid TOML: Invalid value\n"
        "  → correct the file at this place\n"
    )


def test_a_real_file_is_judged_by_the_program_itself(corpus: Path) -> None:
    done = run("validate", corpus / "nexus" / "Therm_6_2.nxs")
    assert (done.returncode, done.stderr) == (1, "")
    assert "\x1b" not in done.stdout


def test_a_bad_setting_of_the_terminal_is_no_trouble(corpus: Path) -> None:
    done = run("show", corpus / "nexus" / "writer_2_1.hdf5", TERM="nonsense", NO_COLOR="1")
    assert (done.returncode, done.stderr) == (0, "")
