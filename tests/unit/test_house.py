"""What holds for the project as a whole: sizes, docstrings, imports, the README, the wheel."""

from __future__ import annotations

import ast
import runpy
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import nxtool
from nxtool.cli.commands import COMMANDS
from nxtool.yamltree.nodes import MapNode
from nxtool.yamltree.yamlfile import parse

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).parents[2]
MODULES = sorted((ROOT / "nxtool").rglob("*.py"))


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    """Run a program in the root of the project; it must succeed."""
    done = subprocess.run(
        [*map(str, arguments)], check=False, cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done


def readme_command(name: str) -> str:
    """A command of the README, taken out as CI does it."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    done = subprocess.run(
        ["bash", ROOT / ".ci" / "readme-command", name],
        check=True,
        input=readme,
        capture_output=True,
        text=True,
    )
    return done.stdout


def docstring(node: ast.AST) -> str | None:
    assert isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
    return ast.get_docstring(node)


def test_there_are_modules_to_look_at() -> None:
    assert len(MODULES) > 50


def test_version_is_three_numbers() -> None:
    assert [part.isdecimal() for part in nxtool.__version__.split(".")] == [True] * 3


def test_citation_names_the_version() -> None:
    lines = (ROOT / "CITATION.cff").read_text(encoding="utf-8").splitlines()
    assert f"version: {nxtool.__version__}" in lines


def test_every_module_says_what_it_is() -> None:
    silent = [path for path in MODULES if not docstring(ast.parse(path.read_text("utf-8")))]
    assert silent == []


def test_no_module_is_named_like_one_of_the_standard_library() -> None:
    rooms = {path for path in (ROOT / "nxtool").iterdir() if path.suffix == ".py" or path.is_dir()}
    names = {path.stem for path in rooms} - {"__init__", "__main__", "__pycache__"}
    assert names & set(sys.stdlib_module_names) == set()


def test_every_source_file_is_under_version_control() -> None:
    if not (ROOT / ".git").exists() or shutil.which("git") is None:
        pytest.skip("not a checkout, or no git")
    git = ("git", "-c", "safe.directory=*", "ls-files", "--others", "--ignored")
    hidden = run(*git, "--exclude-standard", "nxtool")
    assert [line for line in hidden.stdout.splitlines() if not line.endswith(".pyc")] == []


def test_page_of_rules_is_up_to_date() -> None:
    script = runpy.run_path(str(ROOT / "docs" / "make_rules.py"))
    page = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8")
    assert page == script["page"](), "run `make rules`"


@pytest.mark.parametrize(
    ("page", "function"),
    [("commands.md", "commands_page"), ("recipe-reference.md", "recipe_page")],
)
def test_pages_of_reference_are_up_to_date(page: str, function: str) -> None:
    script = runpy.run_path(str(ROOT / "docs" / "make_reference.py"))
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    assert text == script[function](), "run `make rules`"


@pytest.mark.slow
def test_measures_are_printed_and_within_the_walls() -> None:
    done = run(sys.executable, "tests/benchmarks/measures.py", "nxtool", "tui")
    assert len(done.stdout.splitlines()) == 11
    assert "ABOVE" not in done.stdout


def test_rooms_import_only_what_lies_below_them() -> None:
    program = Path(sys.executable).with_name("lint-imports")
    done = run(program, "--no-logo", "--no-cache")
    assert done.stdout.rstrip().endswith(" kept, 0 broken.")


@pytest.mark.parametrize("name", ["demo", "test"])
def test_readme_has_commands_for_a_fresh_machine_in_one_line(name: str) -> None:
    lines = readme_command(name).splitlines()
    assert len(lines) == 1
    assert " && " in lines[0]


@pytest.mark.parametrize("name", ["demo", "test"])
def test_readme_commands_are_correct_shell(name: str) -> None:
    run("bash", "-n", "-c", readme_command(name))


def test_readme_commands_end_in_the_demo_and_in_the_tests() -> None:
    last = [readme_command(name).rstrip().rpartition(" && ")[2] for name in ("demo", "test")]
    assert last == [".venv/bin/nxtool demo", ".venv/bin/pytest"]


def test_links_of_the_pages_lead_somewhere() -> None:
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), ROOT / "definitions" / "README.md"]
    broken = [
        f"{page.name}: {link}"
        for page in pages
        for link in relative_links(page.read_text(encoding="utf-8"))
        if not (page.parent / link).exists()
    ]
    assert broken == []


def relative_links(text: str) -> Iterator[str]:
    """The files that Markdown text links to or shows."""
    for piece in text.split("](")[1:]:
        target = piece.partition(")")[0].partition("#")[0]
        if target and "://" not in target:
            yield target


@pytest.mark.parametrize("page", ["README.md", "docs/recipe-language.md"])
def test_yaml_of_the_pages_is_yaml_as_recipes_are_read(page: str) -> None:
    blocks = fenced((ROOT / page).read_text(encoding="utf-8"), "yaml")
    assert len(blocks) > 0
    assert all(isinstance(parse(block, page), MapNode) for block in blocks)


def test_commands_shown_in_the_pages_exist() -> None:
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    blocks = [b for page in pages for b in fenced(page.read_text(encoding="utf-8"), "console")]
    lines = [line for block in blocks for line in block.splitlines()]
    shown = {line.split()[2] for line in lines if line.startswith("$ nxtool ")}
    assert shown - set(COMMANDS) == set()


def fenced(text: str, language: str) -> list[str]:
    """The fenced blocks of a language in Markdown text."""
    pieces = text.split(f"```{language}\n")[1:]
    return [piece.partition("\n```")[0] + "\n" for piece in pieces]


@pytest.fixture(scope="module")
def project() -> dict[str, Any]:
    """What pyproject.toml says of the project."""
    document = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return dict(document["project"])


def test_every_extra_of_users_is_in_all(project: dict[str, Any]) -> None:
    extras = set(project["optional-dependencies"]) - {"all", "docs", "test", "test-servers"}
    assert project["optional-dependencies"]["all"] == [f"nxtool[{','.join(sorted(extras))}]"]


@pytest.mark.slow
def test_wheel_holds_the_library_its_definitions_and_its_templates(tmp_path: Path) -> None:
    run(
        sys.executable, "-m", "pip", "wheel", ".", "--no-deps", "--no-build-isolation",
        "--no-index", "--quiet", "--wheel-dir", tmp_path,
    )  # fmt: skip
    (wheel,) = tmp_path.glob("nxtool-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    wanted = {path.relative_to(ROOT).as_posix() for path in MODULES}
    wanted |= {"nxtool/py.typed", "nxtool_tui/__init__.py", "nxtool/_assets/definitions/README.md"}
    wanted.add("nxtool_tui/web/app_index.html")
    for path in (ROOT / "templates").rglob("*.yaml"):
        wanted.add(f"nxtool/_assets/{path.relative_to(ROOT).as_posix()}")
    assert wanted - names == set()
