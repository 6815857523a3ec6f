"""`$repeat: {rows: table}`: one group for each row, its columns as variables."""

from __future__ import annotations

from pathlib import Path

import h5py
import pytest

from nxtool.build.convert import check, convert
from nxtool.findings import Mark
from nxtool.recipe.checks import CollectedError
from nxtool.recipe.model import load_recipe
from nxtool.schema.compile import default_schema

RECIPE = """\
nxtool: 1
definition: NXtomo
output: out.nxs
sources: {log: log.csv}
entry:
  instrument:
    "panel_${name}(NXdetector)":
      $repeat: {rows: log}
      local_name: ${name}
      distance: "${z} mm"
"""


def entry_of(folder: Path, table: str, recipe: str = RECIPE):
    """The entry of a recipe beside a table, with the sources that made groups."""
    (folder / "log.csv").write_text(table)
    (folder / "r.nx.yaml").write_text(recipe)
    loaded = load_recipe(folder / "r.nx.yaml")
    return loaded.entries["entry"].to_python(), loaded.tables


def mistakes(folder: Path, table: str, recipe: str = RECIPE) -> list[str]:
    with pytest.raises(CollectedError) as caught:
        entry_of(folder, table, recipe)
    return [f"{item.code} {item.mark}: {item.message}" for item in caught.value.problems]


def test_every_row_makes_a_group(tmp_path):
    entry, tables = entry_of(tmp_path, "name,z [mm]\na,1.50\nb,2\n")
    assert entry == {
        "instrument": {
            "panel_a(NXdetector)": {"local_name": "a", "distance": "1.5 mm"},
            "panel_b(NXdetector)": {"local_name": "b", "distance": "2.0 mm"},
        }
    }
    assert tables == ("log",)


def test_a_column_alone_keeps_its_type(tmp_path):
    recipe = RECIPE.replace('distance: "${z} mm"', "sequence_number: ${z}")
    entry, _ = entry_of(tmp_path, "name,z\na,7\n", recipe)
    assert entry["instrument"]["panel_a(NXdetector)"]["sequence_number"] == 7


def test_text_of_a_table_stays_text_and_is_not_filled_in_again(tmp_path):
    recipe = RECIPE.replace("panel_${name}", "panel_${z}")
    entry, _ = entry_of(tmp_path, "name,z\n${z},1\nb,2\n", recipe)
    assert entry["instrument"]["panel_1(NXdetector)"]["local_name"] == "${z}"


def test_lists_run_together_with_rows(tmp_path):
    recipe = RECIPE.replace("{rows: log}", "{rows: log, i: 5..6}").replace("${z} mm", "${i} mm")
    entry, _ = entry_of(tmp_path, "name,z\na,1\nb,2\n", recipe)
    assert [group["distance"] for group in entry["instrument"].values()] == ["5 mm", "6 mm"]


def test_the_source_may_use_variables(tmp_path):
    recipe = RECIPE.replace("log.csv}", '"${t}.csv"}\nvars: {t: log}')
    entry, _ = entry_of(tmp_path, "name,z\na,1\n", recipe)
    assert list(entry["instrument"]) == ["panel_a(NXdetector)"]


def test_a_column_that_a_list_has_too_is_a_mistake(tmp_path):
    recipe = RECIPE.replace("{rows: log}", "{rows: log, z: [1]}")
    where = Mark(str(tmp_path / "r.nx.yaml"), 8, 28)
    assert mistakes(tmp_path, "name,z\na,1\n", recipe) == [
        f"R02 {where}: 'z' comes from two places"
    ]


def test_a_table_without_rows_is_a_mistake(tmp_path):
    where = Mark(str(tmp_path / "r.nx.yaml"), 8, 23)
    assert mistakes(tmp_path, "name,z\n") == [f"R02 {where}: table 'log' has 0 rows"]


def test_a_table_of_too_many_rows_is_a_mistake(tmp_path):
    where = Mark(str(tmp_path / "r.nx.yaml"), 8, 23)
    table = "name,z\n" + "a,1\n" * 10_001
    assert mistakes(tmp_path, table) == [f"R02 {where}: table 'log' has 10001 rows"]


def test_columns_without_names_cannot_be_repeated(tmp_path):
    where = Mark(str(tmp_path / "r.nx.yaml"), 8, 23)
    told = f"R02 {where}: source 'log' has no columns to repeat"
    assert mistakes(tmp_path, "1,2\n3,4\n") == [told]


def test_a_damaged_table_is_told_at_its_line(tmp_path):
    where = Mark(str(tmp_path / "log.csv"), 3, 3)
    told = f"R05 {where}: 'x' is not a number"
    assert mistakes(tmp_path, "name,z\na,1\nb,x\n") == [told]


def test_a_value_that_does_not_fit_is_told_where_the_recipe_uses_it(tmp_path):
    (tmp_path / "log.csv").write_text("name,z\na,1\n")
    path = tmp_path / "r.nx.yaml"
    path.write_text(RECIPE.replace("${z} mm", "${z} keV"))
    told = [item for item in check(path, default_schema()).findings if item.code.startswith("U")]
    (where,) = {item.mark for item in told}
    assert (where.line, told[0].path.split("@")[0]) == (10, "/entry/instrument/panel_a/distance")


def test_a_missing_table_is_told_once(tmp_path):
    path = tmp_path / "r.nx.yaml"
    path.write_text(
        RECIPE.replace("  instrument:", "  title: {from: 'log:name[0]'}\n  instrument:")
    )
    outcome = check(path, default_schema())
    told = [(item.code, item.message) for item in outcome.findings if item.severity == "error"]
    assert told == [("R05", f"{tmp_path / 'log.csv'}: no such file")]
    assert outcome.could_not


def test_the_table_is_among_the_sources_of_the_file(tmp_path):
    (tmp_path / "log.csv").write_text("name,z\na,1\nb,2\n")
    recipe = tmp_path / "r.nx.yaml"
    recipe.write_text(RECIPE)
    outcome = convert(recipe, default_schema(), mode="allow-invalid")
    assert outcome.written is not None
    with h5py.File(outcome.written) as file:
        assert list(file["entry/instrument"]) == ["panel_a", "panel_b"]
        assert "log.csv" in str(_texts(file["entry/nxtool/record"]))


def _texts(group: h5py.Group) -> list[object]:
    found: list[object] = []
    group.visititems(lambda _, item: found.append(item[()]) if hasattr(item, "dtype") else None)
    return found
