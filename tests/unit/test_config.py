"""Settings files."""

from __future__ import annotations

from pathlib import Path

import pytest

from nxtool.config import PACK_NAMES, Settings, effective, read_all, schema_for
from nxtool.errors import NxtoolError
from nxtool.nxdl.sets import add
from nxtool.validate.rules import PACKS

NXDL = (
    '<definition xmlns="http://definition.nexusformat.org/nxdl/3.1" name="NXdata" '
    'category="base" extends="NXobject" type="group"><doc>{0}</doc></definition>'
)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project folder, with no settings of a user."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv("NEXUS_DEF_PATH", raising=False)
    folder = tmp_path / "project"
    (folder / ".git").mkdir(parents=True)
    return folder


def folder_of_definitions(folder: Path, doc: str) -> Path:
    folder.mkdir(parents=True)
    (folder / "NXdata.nxdl.xml").write_text(NXDL.format(doc))
    return folder


def test_without_files_there_are_no_settings(project: Path) -> None:
    assert read_all(project) == []


def test_folders_are_relative_to_the_file(project: Path) -> None:
    (project / ".nxtool.toml").write_text('definitions = ["nxdl", "/opt/nxdl"]')
    assert read_all(project) == [Settings((project / "nxdl", Path("/opt/nxdl")))]


def test_a_kept_set_is_meant_where_there_is_no_such_folder(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(project.parent / "data"))
    kept = add(str(folder_of_definitions(project.parent / "source", "kept")), name="mine")
    (project / ".nxtool.toml").write_text('definitions = ["mine", "./mine"]')
    assert read_all(project) == [Settings((kept.folder, project / "mine"))]
    (project / "mine").mkdir()
    assert read_all(project) == [Settings((project / "mine", project / "mine"))]


def test_the_nearest_file_above_counts(project: Path) -> None:
    (project / "pyproject.toml").write_text('[tool.nxtool]\ndefinitions = ["a"]')
    below = project / "b" / "c"
    below.mkdir(parents=True)
    (project / "b" / "pyproject.toml").write_text("[tool.other]\nx = 1")
    assert read_all(below) == [Settings((project / "a",))]


def test_nothing_above_the_repository_counts(project: Path) -> None:
    (project.parent / ".nxtool.toml").write_text('definitions = ["a"]')
    assert read_all(project) == []


def test_the_settings_of_the_user_come_after_those_of_the_project(project: Path) -> None:
    (project / ".nxtool.toml").write_text('definitions = ["a"]')
    user = project.parent / "config" / "nxtool"
    user.mkdir(parents=True)
    (user / "config.toml").write_text('definitions = ["b"]')
    assert read_all(project) == [Settings((project / "a",)), Settings((user / "b",))]


def test_every_key_is_read(project: Path) -> None:
    (project / "pyproject.toml").write_text(
        "[tool.nxtool]\nselect = ['p02']\nignore = ['G05']\nfail-on = 'warning'\n"
        "min-severity = 'info'\nbaseline = 'known.json'\nallow-missing-external = true\n"
        "packs = ['events']\n"
        "[tool.nxtool.severity]\no01 = 'warning'\n"
    )
    assert read_all(project) == [
        Settings(
            select=("P02",),
            ignore=("G05",),
            fail_on="warning",
            min_severity="info",
            baseline=project / "known.json",
            allow_missing_external=True,
            packs=("events",),
            severity={"O01": "warning"},
        )
    ]


def test_each_key_is_the_projects_or_else_the_users(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / ".nxtool.toml").write_text(
        "ignore = []\ndefinitions = ['a']\n[severity]\nO01 = 'info'\n"
    )
    user = project.parent / "config" / "nxtool"
    user.mkdir(parents=True)
    (user / "config.toml").write_text(
        "ignore = ['G05']\nfail-on = 'never'\ndefinitions = ['b']\n"
        "[severity]\nO01 = 'error'\nP02 = 'warning'\n"
    )
    monkeypatch.chdir(project)
    assert effective() == Settings(
        definitions=(project / "a", user / "b"),
        ignore=(),
        fail_on="never",
        severity={"O01": "info", "P02": "warning"},
    )


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ('definition = ["a"]', "unknown key 'definition' (did you mean 'definitions'?)"),
        (
            "colour = 1",
            "unknown key 'colour' (known keys: definitions, select, ignore, fail-on, "
            "min-severity, baseline, allow-missing-external, packs, severity)",
        ),
        (
            "[tool.nxtool]\nfail-on = 'error'",
            "unknown key 'tool' ([tool.nxtool] belongs into pyproject.toml; here keys stand "
            "without it)",
        ),
        ("fail_on = 'error'", "unknown key 'fail_on' (did you mean 'fail-on'?)"),
        ("fail-on = 'note'", "fail-on is 'note' (one of error, warning, never)"),
        ("min-severity = 1", "min-severity is 1 (one of error, warning, info)"),
        ("baseline = 1", 'baseline is not the name of a file (baseline = "known.json")'),
        ("ignore = 'G05'", 'ignore is not a list of rules (ignore = ["G05"])'),
        (
            "allow-missing-external = 1",
            "allow-missing-external is neither true nor false (write true or false)",
        ),
        ("severity = 'error'", 'severity is not a table (write [severity] and O01 = "warning")'),
        ("[severity]\nO01 = 'bad'", "severity: O01 is 'bad' (one of error, warning, info)"),
        ("packs = ['event']", "packs is not a list of packs of rules (known packs: events)"),
        ("packs = 'events'", "packs is not a list of packs of rules (known packs: events)"),
        ("definitions = 3", 'definitions is not a list of folders (definitions = ["nxdl"])'),
    ],
)
def test_a_wrong_key_or_value_is_an_error(project: Path, text: str, error: str) -> None:
    path = project / ".nxtool.toml"
    path.write_text(text)
    with pytest.raises(NxtoolError) as caught:
        read_all(project)
    assert str(caught.value) == f"{path}: {error}"


def test_the_names_of_packs_are_those_of_the_rules() -> None:
    assert set(PACK_NAMES) == set(PACKS)


def test_a_broken_file_is_an_error_with_its_place(project: Path) -> None:
    path = project / ".nxtool.toml"
    path.write_text("a = 1\nb = = 2\n")
    with pytest.raises(NxtoolError) as caught:
        read_all(project)
    assert str(caught.value) == (
        f"{path}:2:5: not valid TOML: Invalid value (correct the file at this place)"
    )


def test_folders_are_looked_through_from_the_flag_to_the_settings(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flag = folder_of_definitions(project / "flag", "flag")
    variable = folder_of_definitions(project / "variable", "variable")
    configured = folder_of_definitions(project / "configured", "configured")
    (project / ".nxtool.toml").write_text('definitions = ["configured"]')
    monkeypatch.chdir(project)
    monkeypatch.setenv("NEXUS_DEF_PATH", str(variable))
    folders = schema_for([flag]).catalogue.folders
    assert folders[:3] == (flag, variable, configured)
