"""Manifests and patterns to tasks, and what is refused before any of them is done."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nxtool.batch.manifest import read_manifest
from nxtool.batch.model import Action, Manner, Task
from nxtool.batch.planning import Wish, filled, plan
from nxtool.errors import NxtoolError
from nxtool.recipe.model import load_recipe
from tests.batchfiles import RECIPE, make_raw, wish


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    make_raw(tmp_path, 3)
    return tmp_path


def manifest(folder: Path, text: str, name: str = "list.csv") -> list[Task]:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return plan(Wish("convert", manifest=path))


def refusal(folder: Path, text: str, name: str = "list.csv") -> str:
    with pytest.raises(NxtoolError) as caught:
        manifest(folder, text, name)
    return str(caught.value).replace(f"{folder}/", "")


def test_a_pattern_and_a_recipe_are_a_task_for_each_file(folder: Path) -> None:
    tasks = plan(wish(folder))
    assert [str(task.output) for task in tasks] == [
        f"{folder}/out/scan0000{number}.nxs" for number in range(3)
    ]
    assert tasks[1] == Task(
        "convert", folder / "scan.nx.yaml", folder / "out" / "scan00001.nxs",
        folder / "out" / "scan00001.nxs.nxtool.json",
        (f'sources.raw.path="{folder}/raw/scan00001.h5"',), Manner(),
    )  # fmt: skip


def test_a_line_of_csv_is_a_task_with_its_settings(folder: Path) -> None:
    (task,) = manifest(
        folder,
        "recipe,output,sources.raw.path,vars.sample,entry.title\n"
        'scan.nx.yaml,a.nxs,raw/scan00000.h5,"Fe: 3 %, #2",\n',
    )
    assert (task.input, task.output) == (folder / "scan.nx.yaml", folder / "a.nxs")
    assert task.settings == ("sources.raw.path=raw/scan00000.h5", 'vars.sample="Fe: 3 %, #2"')


def test_a_line_of_json_is_a_task_whose_text_stays_text(folder: Path) -> None:
    line = {
        "recipe": "scan.nx.yaml", "output": "a.nxs", "vars.sample": "007", "entry.run": 7,
        "entry.list": [1, 2], "entry.none": None,
    }  # fmt: skip
    (task,) = manifest(folder, json.dumps(line), "list.jsonl")
    assert task.settings == ('vars.sample="007"', "entry.run=7", "entry.list=[1, 2]")


def test_text_in_json_may_hold_what_ends_lines_of_yaml(folder: Path) -> None:
    text = "a\x85b\u2028c\nd"
    line = {"recipe": "scan.nx.yaml", "output": "a.nxs", "vars.sample": text}
    (task,) = manifest(folder, json.dumps(line, ensure_ascii=False), "list.jsonl")
    recipe = load_recipe(task.input, task.settings, [])
    assert recipe.text.count('sample: "a\\u0085b\\u2028c\\nd"') == 1


def test_settings_of_a_row_win_over_those_of_all(folder: Path) -> None:
    path = folder / "list.csv"
    path.write_text("output,vars.sample\na.nxs,Fe\n")
    (task,) = plan(
        Wish("convert", manifest=path, recipe=folder / "scan.nx.yaml", settings=["vars.sample=x"])
    )
    assert task.settings == ("vars.sample=x", "vars.sample=Fe")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "recipe,output,ouput\n",
            "list.csv:1:15: 'ouput' names nothing (did you mean output, input?)",
        ),
        (
            "recipe,sample\n",
            "list.csv:1:8: 'sample' names nothing (input, recipe, output, or a setting like"
            " vars.sample or sources.raw.path)",
        ),
        ("output,,recipe\n", "list.csv:1:8: this column has no name (input, recipe, output, or a"
         " setting like vars.sample or sources.raw.path)"),
        ("output,output\n", "list.csv:1:8: 'output' stands here again (keep one of them)"),
        ("output\n", "list.csv: names no task (write a line for each file to make)"),
        ("output\na.nxs,b\n", "list.csv:2:7: more cells than the 1 columns (quote cells with a"
         " separator in them, or name the column in the first line)"),
        ("output,recipe\na.nxs,\n", "list.csv:2:7: no recipe is given (fill in the column recipe,"
         " or give --recipe)"),
        ("output,recipe\n,scan.nx.yaml\n", "list.csv:2:1: no output is given (give -o"
         " 'out/{stem}.nxs', or a column output in the manifest)"),
        ("output,recipe\na\0.nxs,scan.nx.yaml\n", "list.csv:2:1: 'a\\x00.nxs' is not a file name"
         " (check the name)"),
        ("output,recipe\n/,scan.nx.yaml\n", "list.csv:2:1: /: names no file (give another"
         " output)"),
        ("output,recipe\na.nxs,no.nx.yaml\n", "list.csv:2:7: no.nx.yaml: no such file or directory"
         " (check the name)"),
        ("output,recipe,vars.smple\na.nxs,scan.nx.yaml,Fe\n", "list.csv:2:20: scan.nx.yaml has no"
         " variable 'smple' (did you mean sample?)"),
        ("output,recipe,sources.a.path\na.nxs,scan.nx.yaml,x\n", "list.csv:2:20: scan.nx.yaml has"
         " no source 'a' (it has raw)"),
        ("output,recipe\na.nxs,scan.nx.yaml\n./a.nxs,scan.nx.yaml\n", "list.csv:3:1: a.nxs: is"
         " written by another task too (list.csv:2:1) (use {parent} or {index} in the output, or"
         " another name)"),
        ("output,recipe\nscan.nx.yaml,scan.nx.yaml\n", "list.csv:2:1: scan.nx.yaml: is an input"
         " too (write the output elsewhere)"),
        ("output,recipe,vars.sample\na.nxs,scan.nx.yaml,[1\n", "list.csv:2:20: expected ','"
         " or a closing bracket (close the bracket; quote text that holds any of [ ] { } ,)"),
        ("output,input,recipe\na.nxs,raw/scan00000.h5,scan.nx.yaml\n", "list.csv:2:7:"
         " raw/scan00000.h5: is no source yet (--source NAME says which source of the recipe it"
         " is)"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_line_and_column(folder: Path, text: str, message: str) -> None:
    assert refusal(folder, text) == message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "list.jsonl:1:2: no JSON: Expecting property name enclosed in double quotes (write an"
         " object a line)"),
        ("[1]", 'list.jsonl:1:1: this line is no object ({"output": "scan1.nxs", "vars.sample":'
         ' "Fe"})'),
        ('\n{"output": 3}', 'list.jsonl:2:2: output must be text, the name of a file ("output":'
         ' "scan.nxs")'),
        ('{"output": "a", "outptu": "b"}', "list.jsonl:1:17: 'outptu' names nothing (did you mean"
         " output?)"),
        ('{"output": "a", "output": "b"}', "list.jsonl:1:1: no JSON: 'output' stands in it twice"
         " (write an object a line)"),
        ('{"output": "\\ud800"}', "list.jsonl:1:2: '\\ud800' is not a file name (check the name)"),
        ('{"output": NaN}', "list.jsonl:1:1: no JSON: NaN is no JSON number (write an object a"
         " line)"),
        ("[" * 100_000, "list.jsonl:1:1: no JSON: it is nested too deeply (write an object a"
         " line)"),
    ],
)  # fmt: skip
def test_a_mistake_in_json_is_told_with_line_and_column(
    folder: Path, text: str, message: str
) -> None:
    assert refusal(folder, text, "list.jsonl") == message


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"inputs": ["raw/*.h5"], "manifest": Path("x.csv")}, "give either files or a manifest"
         " ('raw/*.h5', or -m list.csv)"),
        ({"inputs": ["raw/*.h5"], "recipe": None}, "no recipe is given (give --recipe"
         " FILE, one with the source raw)"),
        ({"inputs": ["raw/*.h5"], "source": "rw"}, "scan.nx.yaml has no source 'rw' (did you mean"
         " raw?)"),
        ({"inputs": ["raw/*.h5"], "output": "o/{stm}"}, "o/{stm}: {stm} stands for nothing (known"
         " are {stem}, {name}, {parent}, {index})"),
        ({"inputs": ["raw/*.h5"], "output": "o/a.nxs"}, "raw/*.h5: o/a.nxs: is written by another"
         " task too (raw/*.h5) (use {parent} or {index} in the output, or another name)"),
        ({"inputs": ["raw/*.h5"], "output": "raw/{name}"}, "raw/*.h5: raw/scan00000.h5: is an input"
         " too (write the output elsewhere)"),
        ({"inputs": ["raw/*.h5"], "settings": ["vars.x=1"]}, "scan.nx.yaml has no variable 'x' (it"
         " has sample)"),
        ({"inputs": ["scan.nx.yaml"], "action": "validate"}, "scan.nx.yaml: no folder for the"
         " results is given (--state DIR)"),
    ],
)  # fmt: skip
def test_wrong_use_is_refused_before_anything_is_done(
    folder: Path, changes: dict[str, object], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    usual = Wish("convert", recipe=Path("scan.nx.yaml"), source="raw", output="out/{stem}.nxs")
    with pytest.raises(NxtoolError) as caught:
        plan(replace(usual, **changes))
    assert str(caught.value).replace(f"{folder}/", "") == message


@pytest.mark.parametrize(
    ("action", "column", "message"),
    [
        ("repack", "vars.sample", "list.csv:2:20: vars.sample means nothing to repack (its columns"
         " are input and output)"),
        ("export", "scicat.ownrGroup", "list.csv:2:20: there is no target 'scicat.ownrGroup' (did"
         " you mean scicat.ownerGroup, scicat.owner, scicat.accessGroups?)"),
    ],
)  # fmt: skip
def test_a_column_that_means_nothing_is_refused(
    folder: Path, action: Action, column: str, message: str
) -> None:
    path = folder / "list.csv"
    path.write_text(f"input,output,{column}\nraw/a.nxs,out.json,x\n")
    with pytest.raises(NxtoolError) as caught:
        plan(Wish(action, manifest=path))
    assert str(caught.value).replace(f"{folder}/", "") == message


def test_records_of_a_batch_are_no_inputs_of_another(tmp_path: Path) -> None:
    for name in ("a.nxs", "b.nxs", "a.nxs.nxtool.json"):
        (tmp_path / name).touch()
    tasks = plan(Wish("validate", [str(tmp_path / "*")], state=tmp_path / "state"))
    assert [task.input.name for task in tasks] == ["a.nxs", "b.nxs"]


def test_an_address_is_refused_as_an_input(folder: Path) -> None:
    told = (
        "https://host/scan.h5: a batch takes only files that are here (download it first; a source"
        " of a recipe may be an address: sources.NAME.path)"
    )
    with pytest.raises(NxtoolError) as caught:
        plan(Wish("validate", ["https://me:word@host/scan.h5"], state=folder / "state"))
    assert str(caught.value) == told
    text = "input,output\nhttps://me:word@host/scan.h5,a.nxs\n"
    assert refusal(folder, text) == f"list.csv:2:1: {told}"


def test_empty_rows_count_not(folder: Path) -> None:
    text = "\r\noutput;recipe\r\n;\r\na.nxs;scan.nx.yaml\r\n;\r\n"
    assert [task.name for task in manifest(folder, text)] == [str(folder / "a.nxs")]


def test_records_of_judged_files_with_one_name_are_kept_apart(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "scan.nxs").touch()
    tasks = plan(Wish("validate", [str(tmp_path / "*" / "scan.nxs")], state=tmp_path / "state"))
    assert len({task.record for task in tasks}) == 2
    assert {task.record.parent for task in tasks} == {tmp_path / "state"}


def test_a_recipe_is_read_once_for_all_its_rows(tmp_path: Path) -> None:
    (tmp_path / "scan.nx.yaml").write_text(RECIPE)
    rows = "".join(f"a{number}.nxs,scan.nx.yaml,{number}\n" for number in range(2000))
    assert len(manifest(tmp_path, f"output,recipe,vars.sample\n{rows}")) == 2000


@given(st.text(max_size=20))
def test_a_template_without_braces_is_itself(text: str) -> None:
    plain = text.replace("{", "").replace("}", "")
    assert filled(plain, {"stem": "x"}) == plain


@given(st.binary(max_size=60), st.sampled_from([".csv", ".jsonl"]))
def test_any_bytes_are_rows_or_an_error(data: bytes, suffix: str) -> None:
    with TemporaryDirectory() as name:
        path = Path(name, f"list{suffix}")
        path.write_bytes(b"output,vars.x\n" + data if suffix == ".csv" else data)
        with suppress(NxtoolError):
            assert read_manifest(path)
