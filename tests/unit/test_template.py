"""Templates of all application definitions: valid, stable, and with names that bind."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from nxtool.build.planner import judge, make_plan
from nxtool.errors import DefinitionError
from nxtool.recipe.model import load_recipe
from nxtool.schema.compile import Schema, default_schema
from nxtool.schema.template import template

MISSING = ("O01", "P01", "P02", "P10", "Z01")
"""Something required is missing, an NXdata lacks its signal, something required is deprecated."""

NXTOMO = """\
entry:
  # nxtool fills in definition, data
  instrument:  # NXinstrument: Collection of the components of the instrument or beamline
    detector:  # NXdetector: A detector, detector bank, or multidetector
      data: null       # integer in any unit, array [nFrames, xSize, ySize]. Data values from the
                       # detector
      image_key: null  # integer, array [nFrames]. In order to distinguish between sample
                       # projections, dark and flat images, a magic number is recorded per frame
  sample:      # NXsample: Any information on the sample
    name: null            # text. Descriptive name of sample
    rotation_angle: null  # number in deg (NX_ANGLE), array [nFrames]. In practice this axis is
                          # always aligned along one pixel direction on the detector and usually
                          # vertical
"""


@pytest.fixture(scope="module")
def schema() -> Schema:
    return default_schema()


def findings_of(text: str, schema: Schema, folder: Path) -> list[str]:
    path = folder / "template.nx.yaml"
    path.write_text(text, encoding="utf-8")
    desk = make_plan(load_recipe(path), schema, folder / "out.nxs")
    return [f"{item.code} {item.path} {item.message}" for item in judge(desk)]


def uncommented(text: str) -> str:
    """The template with everything in use that it offers."""
    offered = re.compile(
        r"^( *)# ((?:# )*)( *)(\$?[\w.]+(?:\(NX\w+\))?:(?: null| \{\}|)(?: +#.*)?)$"
    )
    head, entry = text.split("\n\n", 1)
    lines = [offered.sub(r"\1\3\4", line) for line in entry.split("\n")]
    return "\n".join([head, "", *lines])


@pytest.mark.slow
def test_every_application_has_a_template_that_only_lacks_values(schema, tmp_path):
    wrong = {}
    for name in schema.applications:
        found = findings_of(template(schema, name), schema, tmp_path)
        others = [text for text in found if not text.startswith(MISSING)]
        if others:
            wrong[name] = others
    assert wrong == {}


@pytest.mark.parametrize("name", ["NXtomo", "NXmx", "NXcanSAS", "NXarpes", "NXmpes_arpes"])
def test_every_name_that_is_commented_out_binds(schema, tmp_path, name):
    text = uncommented(template(schema, name, "all", base_classes=True))
    found = findings_of(text, schema, tmp_path)
    assert text.count(": null") > 100
    assert [one for one in found if one.startswith("R")] == []


@pytest.mark.parametrize("level", ["required", "recommended", "all"])
def test_the_same_template_comes_out_twice(level):
    first, second = (template(default_schema(), "NXmx", level) for _ in range(2))
    assert first == second


def test_no_line_is_wider_than_the_page(schema):
    for name in ("NXtomo", "NXmx", "NXem", "NXmpes_arpes"):
        lines = template(schema, name, "all", base_classes=True).split("\n")
        assert [line for line in lines if len(line) > 100 and " # " in line] == []


def test_all_of_a_large_definition_stays_readable(schema):
    text = template(schema, "NXem", "all", base_classes=True)
    assert text.count("\n") < 8000
    assert "are not spelled out: `nxtool definitions tree NXclass`" in " ".join(text.split("\n# "))


def test_a_small_template_looks_like_this(schema):
    assert template(schema, "NXtomo").split("\n\n", 1)[1] == NXTOMO


def test_what_comes_from_the_builder_is_not_asked_for(schema):
    text = template(schema, "NXmx")
    assert "nxtool fills in definition" in text
    assert "depends_on: null  # text. This" not in text
    assert "- {name: height, translate: [0, 1, 0], by: 10 mm}" in text


def test_required_attributes_stand_in_the_long_form(schema):
    lines = [
        line.partition("#")[0].strip() for line in template(schema, "NXtransmission").split("\n")
    ]
    first = lines.index("definition:")
    words = [line for line in lines[first:] if line]
    assert words[:4] == ["definition:", "value: NXtransmission", "attrs:", "URL: null"]


def test_a_base_class_is_no_application(schema):
    with pytest.raises(DefinitionError, match="is a base class"):
        template(schema, "NXdetector")
