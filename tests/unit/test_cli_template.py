"""`nxtool template` and `nxtool schema`: text to stdout or to a file."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from nxtool.cli import schema, template
from nxtool.errors import DefinitionError, OutputError


def run(command, *arguments):
    return CliRunner().invoke(command, [str(one) for one in arguments])


def test_a_template_is_printed():
    result = run(template.command, "NXtomo")
    assert result.exit_code == 0
    assert result.output.splitlines()[0].startswith("# NXtomo: ")


def test_a_template_written_to_a_file_is_the_same(tmp_path):
    run(template.command, "NXtomo", "-o", tmp_path / "t.nx.yaml")
    assert (tmp_path / "t.nx.yaml").read_text(encoding="utf-8") == run(
        template.command, "NXtomo"
    ).output


def test_a_recipe_somebody_filled_in_is_not_replaced(tmp_path):
    (tmp_path / "t.nx.yaml").write_text("mine", encoding="utf-8")
    with pytest.raises(OutputError, match="exists already"):
        template.command.main(["NXtomo", "-o", str(tmp_path / "t.nx.yaml")], standalone_mode=False)
    assert (tmp_path / "t.nx.yaml").read_text(encoding="utf-8") == "mine"


def test_an_unknown_definition_is_told_with_near_names():
    with pytest.raises(DefinitionError) as error:
        template.command.main(["NXtomoo"], standalone_mode=False)
    assert error.value.hint.startswith("did you mean NXtomo")


def test_a_schema_is_json():
    assert json.loads(run(schema.command, "NXtomo").output)["title"] == "nxtool recipe for NXtomo"


def test_a_schema_replaces_an_older_one(tmp_path):
    (tmp_path / "s.json").write_text("old", encoding="utf-8")
    run(schema.command, "NXtomo", "-o", tmp_path / "s.json")
    assert json.loads((tmp_path / "s.json").read_text(encoding="utf-8"))["title"]
