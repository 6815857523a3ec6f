"""What `import nxtool` offers: names, shapes and what they cost."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
from pathlib import Path

import h5py
import pytest

import nxtool
from nxtool.testing import assert_valid

NAMES = (
    "Finding", "Findings", "NxtoolError", "Recipe", "Series", "__version__", "batch", "convert",
    "dense_frames", "edit", "export", "json_schema", "load_definition", "load_recipe", "restore",
    "template", "validate", "validate_openpmd",
)  # fmt: skip


@pytest.fixture
def invalid(tmp_path: Path) -> Path:
    """A file with an error: the signal of its NXdata does not exist."""
    path = tmp_path / "invalid.nxs"
    with h5py.File(path, "w") as file:
        for name, nx_class in (("entry", "NXentry"), ("entry/data", "NXdata")):
            file.create_group(name).attrs["NX_class"] = nx_class
        file["entry/data"].attrs["signal"] = "nothing"
    return path


def test_the_public_names_are_these() -> None:
    assert nxtool.__all__ == NAMES
    assert set(NAMES) <= set(dir(nxtool))
    assert all(hasattr(nxtool, name) for name in NAMES)


def test_the_page_about_python_lists_the_public_names() -> None:
    page = Path(nxtool.__file__).parents[1] / "docs" / "python.md"
    rows = re.findall(r"^\| `nxtool\.(\w+)` \|", page.read_text("utf-8"), re.MULTILINE)
    assert sorted(rows) == sorted(NAMES)


@pytest.mark.parametrize(
    ("name", "signature"),
    [
        ("load_definition", "(name: 'str', *, definitions: 'Folders' = ()) -> 'Definition'"),
        ("json_schema", "(name: 'str', *, definitions: 'Folders' = ()) -> 'dict[str, Any]'"),
        (
            "validate_openpmd",
            "(path: 'str | PathLike[str]', *, profile: 'str' = '', data: 'bool' = False)"
            " -> 'Findings'",
        ),
        (
            "template",
            "(name: 'str', level: \"Literal['required', 'recommended', 'all']\" = 'required', *, "
            "definitions: 'Folders' = ()) -> 'str'",
        ),
        (
            "convert",
            "(recipe: 'str | PathLike[str] | Recipe | Mapping[str, Any]', *, "
            "output: 'str | PathLike[str]' = '', settings: 'Sequence[str]' = (), "
            "mode: 'Check' = 'strict', overwrite: 'bool' = False, "
            "verify_restore: 'bool' = False, definitions: 'Folders' = ()) -> 'Outcome'",
        ),
        (
            "edit",
            "(path: 'str | PathLike[str]', values: 'Mapping[str, Any]' = mappingproxy({}), *, "
            "delete: 'Sequence[str]' = (), reason: 'str' = '', "
            "output: 'str | PathLike[str]' = '', overwrite: 'bool' = False, "
            "allow_invalid: 'bool' = False, dry_run: 'bool' = False, "
            "definitions: 'Folders' = ()) -> 'EditOutcome'",
        ),
        (
            "restore",
            "(path: 'str | PathLike[str]', folder: 'str | PathLike[str]', *, "
            "force: 'bool' = False) -> 'list[Path]'",
        ),
    ],
)
def test_the_functions_take_these_arguments(name: str, signature: str) -> None:
    assert str(inspect.signature(getattr(nxtool, name))) == signature


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match=r"^module 'nxtool' has no attribute 'validata'$"):
        _ = nxtool.validata  # type: ignore[attr-defined]


def test_importing_nxtool_loads_nothing() -> None:
    program = (
        "import sys; before = set(sys.modules); import nxtool; "
        "print(sorted(set(sys.modules) - before - {'__future__', 'typing'}))"
    )
    done = subprocess.run([sys.executable, "-S", "-c", program], capture_output=True, text=True,
                          check=True, cwd=Path(nxtool.__file__).parents[1])  # fmt: skip
    loaded = done.stdout
    assert "nxtool." not in loaded
    assert "h5py" not in loaded


@pytest.mark.parametrize("first", ["", "import nxtool.validate.api; ", "import nxtool.cli; "])
def test_validate_can_be_called_whatever_was_imported_before(first: str, invalid: Path) -> None:
    program = f"import nxtool; {first}print(nxtool.validate({str(invalid)!r}).ok)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True,
                          check=True, cwd=Path(nxtool.__file__).parents[1])  # fmt: skip
    assert done.stdout == "False\n"


def test_validate_gives_findings(invalid: Path) -> None:
    findings = nxtool.validate(invalid, select=["P02"])
    assert isinstance(findings, nxtool.Findings)
    assert (findings.ok, len(findings), findings.count("error")) == (False, 1, 1)
    (finding,) = findings
    assert isinstance(finding, nxtool.Finding)
    assert (finding.code, finding.severity, finding.path, finding.found) == (
        "P02", "error", "/entry/data@signal", "nothing",
    )  # fmt: skip
    assert findings.at_least("warning") == [finding]


def test_validate_judges_by_the_definition_asked_for(invalid: Path) -> None:
    assert nxtool.validate(invalid, definition="NXsas").definitions == ("/entry: NXsas",)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"definition": "NXsass"}, "unknown definition 'NXsass'"),
        ({"ignore": ["P99"]}, "there is no rule 'P99'"),
        ({"definitions": ["/nowhere"]}, "/nowhere: no such folder of definitions"),
    ],
)
def test_wrong_use_is_an_error(invalid: Path, options: dict[str, object], message: str) -> None:
    with pytest.raises(nxtool.NxtoolError) as caught:
        nxtool.validate(invalid, **options)  # type: ignore[arg-type]
    assert caught.value.message == message


def test_a_definition_is_loaded_by_name() -> None:
    assert nxtool.load_definition("NXsas").name == "NXsas"


def test_a_template_is_a_recipe(tmp_path: Path) -> None:
    path = tmp_path / "sas.nx.yaml"
    path.write_text(nxtool.template("NXsas"), encoding="utf-8")
    assert nxtool.load_recipe(path).definition == "NXsas"


def test_a_recipe_is_converted(tmp_path: Path) -> None:
    recipe = tmp_path / "a.nx.yaml"
    recipe.write_text("definition: NXsas\nentry:\n  title: a\n")
    outcome = nxtool.convert(recipe, output=tmp_path / "a.nxs")
    assert (outcome.ok, outcome.written) == (False, None)


def test_a_file_without_raw_files_restores_none(invalid: Path, tmp_path: Path) -> None:
    with pytest.raises(nxtool.NxtoolError) as caught:
        nxtool.restore(invalid, tmp_path / "back")
    assert caught.value.message == f"{invalid}: holds no raw files, and no record of any"


def test_a_schema_for_editors_is_made() -> None:
    assert nxtool.json_schema("NXsas")["type"] == "object"


def test_assert_valid_is_silent_about_what_does_not_count(invalid: Path) -> None:
    assert_valid(invalid, ignore=["P02"])


def test_assert_valid_fails_with_the_report(invalid: Path) -> None:
    with pytest.raises(AssertionError) as caught:
        assert_valid(invalid)
    assert str(caught.value).splitlines()[:2] == [
        f"{invalid}  base classes only",
        "  error    P02  /entry/data@signal  there is no field 'nothing'",
    ]


def test_assert_valid_can_be_stricter(invalid: Path) -> None:
    with pytest.raises(AssertionError):
        assert_valid(invalid, definition="NXsas", fail_on="warning", ignore=["P02"])


def test_assert_valid_fails_where_the_file_is_missing(tmp_path: Path) -> None:
    path = tmp_path / "none.nxs"
    with pytest.raises(AssertionError) as caught:
        assert_valid(path)
    assert str(caught.value) == f"{path}: No such file or directory (check the path)"


@pytest.mark.slow
def test_pytest_shows_the_report_and_not_our_code(pytester: pytest.Pytester, invalid: Path) -> None:
    pytester.makepyfile(
        f"from nxtool.testing import assert_valid\ndef test_it(): assert_valid({str(invalid)!r})"
    )
    result = pytester.runpytest_subprocess("-q", "-p", "no:cacheprovider")
    result.stdout.fnmatch_lines(
        ["E  *AssertionError: *invalid.nxs  base classes only",
         "E  *error    P02  /entry/data@signal  there is no field 'nothing'"]
    )  # fmt: skip
    assert "nxtool/testing.py" not in result.stdout.str()
