"""`nxtool validate` for machines, projects and many files."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import h5py
import pytest

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty project that is the working directory."""
    folder = tmp_path / "project"
    (folder / ".git").mkdir(parents=True)
    monkeypatch.chdir(folder)
    return folder


@pytest.mark.parametrize(
    ("form", "begin", "end"),
    [
        ("text", "", "1 error\n"),
        ("json", "{\n", "}\n"),
        ("sarif", '{\n  "$schema": "https://json.schemastore.org/sarif-2.1.0.json"', "}\n"),
        ("junit", '<?xml version="1.0"', "</testsuites>\n"),
        ("github", "::error file=", "1 file: 1 invalid; 1 error\n"),
        ("html", "<!DOCTYPE html>\n", "</html>\n"),
    ],
)
def test_every_form_goes_to_stdout_or_to_a_file(
    nxtool: Run, invalid: Path, tmp_path: Path, form: str, begin: str, end: str
) -> None:
    command = ["validate", invalid, "--select", "P02", "--format", form]
    code, out, err = nxtool(*command)
    assert (code, err) == (1, "")
    assert out.startswith(begin)
    assert out.endswith(end)
    assert nxtool(*command, "-o", tmp_path / "report") == (1, "", "")
    assert (tmp_path / "report").read_text() == out


def test_a_report_does_not_replace_a_file_it_is_about(nxtool: Run, valid: Path) -> None:
    before = valid.read_bytes()
    assert nxtool("validate", valid, "-o", valid) == (
        2, "",
        f"error: {valid}: is one of the files to read\n  → choose another name\n",
    )  # fmt: skip
    assert valid.read_bytes() == before


def test_a_report_that_cannot_be_written_exits_with_2(
    nxtool: Run, valid: Path, tmp_path: Path
) -> None:
    output = tmp_path / "none" / "report"
    assert nxtool("validate", valid, "-o", output) == (
        2, "", f"error: {output}: no such file or directory\n  → choose another place\n",
    )  # fmt: skip


def test_quiet_still_writes_the_file(nxtool: Run, invalid: Path, tmp_path: Path) -> None:
    assert nxtool("validate", "-q", invalid, "-o", tmp_path / "report") == (1, "", "")
    assert (tmp_path / "report").stat().st_size > 0


def test_a_folder_is_searched_only_when_asked(nxtool: Run, valid: Path, invalid: Path) -> None:
    code, out, err = nxtool("validate", "-r", "--select", "P02", valid.parent)
    assert (code, err) == (1, "")
    assert out.splitlines()[-1] == "2 files: 1 valid, 1 invalid; 1 error"
    assert [line.split(":")[0] for line in out.splitlines() if " NeXus, " in line] == [
        str(invalid), str(valid),
    ]  # fmt: skip


def test_a_folder_without_files_exits_with_2(nxtool: Run, tmp_path: Path) -> None:
    assert nxtool("validate", "-r", tmp_path) == (
        2, "", f"error: {tmp_path}: there is no HDF5 file in it\n  → check the path\n",
    )  # fmt: skip


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "nxtool", *map(str, arguments)]


def test_names_are_read_from_stdin(valid: Path, invalid: Path) -> None:
    done = subprocess.run(
        command("validate", "--select", "P02", "-"), check=False, capture_output=True, text=True,
        input=f"{valid}\n\n{invalid}\n", cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.splitlines()[-1] == "2 files: 1 valid, 1 invalid; 1 error"


def test_no_name_on_stdin_is_nothing_to_do() -> None:
    done = subprocess.run(
        command("validate", "-"), check=False, capture_output=True, text=True, input="",
        cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_report_is_the_same_with_several_processes(
    nxtool: Run, valid: Path, invalid: Path, truncated: Path
) -> None:
    files = [invalid, valid, truncated] * 5
    assert nxtool("validate", "-j", "3", *files) == nxtool("validate", *files)


def test_findings_above_the_limit_are_counted_and_still_fail(nxtool: Run, invalid: Path) -> None:
    assert nxtool("validate", "--select", "P02", "--max-findings", "0", invalid) == (
        1,
        "  and 1 more, for --max-findings is 0\n"
        f"{invalid}: invalid NeXus, by base classes only: 1 error\n",
        "",
    )


def test_with_a_baseline_only_new_findings_are_shown_and_fail(
    nxtool: Run, invalid: Path, tmp_path: Path
) -> None:
    known = tmp_path / "known.json"
    command = ["validate", "--select", "P02", invalid]
    assert nxtool(*command, "--write-baseline", known)[0] == 0
    assert nxtool(*command, "--baseline", known) == (
        0,
        f"{invalid}: valid NeXus, by base classes only; 1 known from the baseline\n",
        "",
    )
    with h5py.File(invalid, "r+") as file:
        data = file.create_group("entry/more")
        data.attrs.update({"NX_class": "NXdata", "signal": "nothing"})
    code, out, _ = nxtool(*command, "--baseline", known)
    assert code == 1
    assert out.splitlines()[1:] == [
        "  error    P02  /entry/more@signal  there is no field 'nothing'",
        f"{invalid}: invalid NeXus, by base classes only: 1 error; 1 known from the baseline",
    ]


def test_a_missing_baseline_exits_with_2(nxtool: Run, invalid: Path, tmp_path: Path) -> None:
    known = tmp_path / "known.json"
    assert nxtool("validate", invalid, "--baseline", known) == (
        2,
        "",
        f"error: {known}: No such file or directory\n  → --write-baseline makes one\n",
    )


def test_settings_of_the_project_count(nxtool: Run, invalid: Path, project: Path) -> None:
    (project / ".nxtool.toml").write_text(
        'select = ["P02"]\nfail-on = "error"\n[severity]\nP02 = "warning"\n'
    )
    code, out, _ = nxtool("validate", invalid)
    assert code == 0
    assert out.splitlines()[1] == (
        "  warning  P02  /entry/data@signal  there is no field 'nothing'"
    )


def test_the_command_line_wins_over_the_settings(nxtool: Run, invalid: Path, project: Path) -> None:
    (project / "pyproject.toml").write_text(
        '[tool.nxtool]\nfail-on = "never"\nignore = ["P02"]\nmin-severity = "error"\n'
    )
    assert nxtool("validate", invalid)[0] == 0
    assert nxtool("validate", invalid, "--fail-on", "error", "--ignore", "G05")[0] == 1
    assert " note " in nxtool("validate", invalid, "--min-severity", "info")[1]


def test_the_baseline_of_the_settings_is_beside_them(
    nxtool: Run, invalid: Path, project: Path
) -> None:
    (project / ".nxtool.toml").write_text('baseline = "known.json"\n')
    assert nxtool("validate", invalid)[0] == 2
    assert nxtool("validate", invalid, "--write-baseline", "known.json")[0] == 0
    assert nxtool("validate", invalid)[0] == 0


def test_a_rule_in_the_settings_that_does_not_exist_exits_with_2(
    nxtool: Run, invalid: Path, project: Path
) -> None:
    (project / ".nxtool.toml").write_text('[severity]\nXYZ = "error"\n')
    assert nxtool("validate", invalid) == (
        2,
        "",
        "error: the settings name rule 'XYZ'\n"
        "  → there is no rule 'XYZ'; `--list-rules` shows all\n",
    )


def test_ctrl_c_leaves_neither_a_process_nor_a_part_of_a_report(
    valid: Path, tmp_path: Path
) -> None:
    names = "".join(f"{valid}\n" for _ in range(20_000))
    (tmp_path / "names").write_text(names)
    with (tmp_path / "names").open() as stream:
        process = subprocess.Popen(
            command("validate", "-j", 2, "-v", "-"), stdin=stream, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2],
            start_new_session=True,
        )  # fmt: skip
    assert process.stdout is not None
    process.stdout.readline()
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate()
    assert (process.returncode, err) == (130, "\ninterrupted\n")
    with pytest.raises(ProcessLookupError):
        os.killpg(process.pid, 0)


def test_an_interrupted_report_is_not_there(valid: Path, tmp_path: Path) -> None:
    code = (
        "import signal; from pathlib import Path; from nxtool.cli.reportfile import report_to\n"
        f"with report_to(Path({str(tmp_path / 'report')!r}), [], quiet=False) as say:\n"
        "    say('half'); signal.raise_signal(signal.SIGINT)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=False, capture_output=True,
                   cwd=Path(__file__).parents[2])  # fmt: skip
    assert sorted(path.name for path in tmp_path.iterdir()) == ["valid.nxs"]


def test_json_of_a_real_run_has_the_concept_in_parts(nxtool: Run, valid: Path) -> None:
    _, out, _ = nxtool("validate", valid, "--definition", "NXsas", "--format", "json")
    found = json.loads(out)["files"][0]["findings"]
    concepts = [item["concept"] for item in found if item["concept"]]
    assert concepts[0]["definition"] == "NXsas"
    assert concepts[0]["line"] > 0
