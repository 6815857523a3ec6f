"""The schema of recipes in the language server that editors use: what people see as they type."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

import nxtool
from nxtool.nxdl.catalogue import Catalogue, official_folder
from nxtool.schema.compile import Schema
from tests.languageserver import Absent, Server, installed

pytestmark = pytest.mark.slow

TEMPLATES = Path(__file__).parents[2] / "templates"
HEAD = "# yaml-language-server: $schema=./NXmx.schema.json\n"
RECIPE = f"""{HEAD}nxtool: 1
definition: NXmx
entry:
  instrument:
    detector:
      sensor_material: Si
      \n\
  source:
    type: \n\
  \n\
"""
IN_DETECTOR, IN_TYPE, IN_ENTRY = (7, 6), (9, 10), (10, 2)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the schema, as `nxtool schema NXmx -o NXmx.schema.json` writes it."""
    folder = tmp_path_factory.mktemp("recipes")
    text = json.dumps(nxtool.json_schema("NXmx"), indent=1, ensure_ascii=False)
    (folder / "NXmx.schema.json").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def server(folder: Path, pytestconfig: pytest.Config) -> Iterator[Server]:
    """A running server that knows the recipe above."""
    assert pytestconfig.cache is not None
    try:
        command = installed(pytestconfig.cache.mkdir("yaml-language-server"))
    except Absent as reason:
        pytest.skip(str(reason))
    with Server(command, folder) as running:
        assert running.open("recipe.nx.yaml", RECIPE) == []
        yield running


@pytest.fixture(scope="module")
def detector() -> set[str]:
    """The names that NXmx has for fields and named groups of a detector."""
    schema = Schema(Catalogue([official_folder()]))
    instrument = schema.application("NXmx").match_group("instrument", "NXinstrument")
    assert isinstance(instrument, tuple)
    found = instrument[0].match_group("detector", "NXdetector")
    assert isinstance(found, tuple)
    fields = {name for name, field in found[0].fields.items() if not field.is_variadic}
    return fields | {group.name for group in found[0].groups if not group.is_variadic}


def told(server: Server, name: str, text: str) -> list[tuple[int, str]]:
    """The line and the text of each diagnostic."""
    found = server.open(name, HEAD + text)
    return [(item["range"]["start"]["line"], item["message"]) for item in found]


def test_names_of_the_definition_are_completed(server: Server, detector: set[str]) -> None:
    offered = {item["label"] for item in server.completions("recipe.nx.yaml", *IN_DETECTOR)}
    assert detector - offered == {"sensor_material"}  # it is there already
    assert {"detector_module", "transformations", "$attrs"} <= offered


def test_what_is_required_comes_first(server: Server) -> None:
    labels = [item["label"] for item in server.completions("recipe.nx.yaml", *IN_DETECTOR)]
    assert labels.index("data") < labels.index("acquisition_mode")


@pytest.mark.parametrize("place", [IN_DETECTOR, IN_ENTRY])
def test_every_name_is_explained_and_completed_with_its_colon(
    server: Server, place: tuple[int, int]
) -> None:
    offered = server.completions("recipe.nx.yaml", *place)
    assert [item["label"] for item in offered if not item["documentation"]] == []
    bare = [item["label"] for item in offered if ":" not in item["insertText"]]
    assert bare == []


def test_completion_tells_type_unit_and_meaning(server: Server) -> None:
    offered = server.completions("recipe.nx.yaml", *IN_DETECTOR)
    distance = next(item for item in offered if item["label"] == "distance")
    assert distance["insertText"] == "distance: "
    assert distance["documentation"].startswith(
        "number in m (NX_LENGTH), array [nP, i, j]\n\nDistance from the sample to the beam center."
    )
    module = next(item for item in offered if item["label"] == "detector_module")
    assert module["insertText"] == "detector_module: "
    assert module["documentation"].startswith("NXdetector_module\n\nMany detectors consist of")


def test_the_words_of_an_enumeration_are_completed(server: Server) -> None:
    labels = [item["label"] for item in server.completions("recipe.nx.yaml", *IN_TYPE)]
    assert {"Synchrotron X-ray Source", "Free-Electron Laser"} <= set(labels)


def test_a_name_is_explained_where_the_pointer_rests(server: Server) -> None:
    field = server.hover("recipe.nx.yaml", 6, 10)
    assert "text\n\nAt times, radiation is not directly sensed by the detector." in field
    group = server.hover("recipe.nx.yaml", 5, 6)
    assert "NXdetector\n\nNormally the detector group will have the name detector." in group


@pytest.mark.parametrize(
    ("text", "diagnostics"),
    [
        ("entry:\n  instrument:\n    detector:\n      sensor_materiall: Si\n",
         [(4, "Property sensor_materiall is not allowed.")]),
        ("entry:\n  instrument: 55 eV\n",
         [(2, "Incorrect type. Expected one of object, null.")]),
        ("entry:\n  sample:\n    temperature: {value: 5, unit: K}\n",
         [(3, "Property unit is not allowed.")]),
        ("sources:\n  frames: {path: a.h5, exspect: 5}\n",
         [(2, "Property exspect is not allowed.")]),
    ],
)  # fmt: skip
def test_a_mistake_is_told_once(
    server: Server, text: str, diagnostics: list[tuple[int, str]]
) -> None:
    assert told(server, f"wrong_{abs(hash(text))}.nx.yaml", text) == diagnostics


@pytest.mark.parametrize("name", ["lysozyme", "i99"])
def test_ready_recipes_are_right(server: Server, name: str) -> None:
    text = (TEMPLATES / "eiger_nxmx" / f"{name}.nx.yaml").read_text(encoding="utf-8")
    assert told(server, f"{name}.nx.yaml", text) == []


def test_the_template_is_right(server: Server) -> None:
    assert told(server, "template.nx.yaml", nxtool.template("NXmx", "all")) == []
