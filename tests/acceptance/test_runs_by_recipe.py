"""Real runs of every kind, converted by a recipe to application definitions, judged by two."""

import json

import h5py
import numpy as np
import pytest

import nxtool
from nxtool.bluesky.documents import DocumentFile
from nxtool.sources.blueskyrun import opener
from tests.blueskyruns import KINDS, record, store
from tests.nexusformat import is_explained, nexusformat_errors

QUICK = ("rewind",)
EVERY = [kind if kind in QUICK else pytest.param(kind, marks=pytest.mark.slow) for kind in KINDS]

HEAD = """\
nxtool: 1
definition: {definition}
output: {definition}_{number}.nxs
sources:
  run: {{path: {name}, options: {{run: {number}}}}}
entry:
  title: {title}
  start_time: {{from: "run:start/time@iso"}}
"""
BODIES = {
    "NXscan": """\
  end_time: {{from: "run:stop/time@iso"}}
  instrument:
    detector:
      data: {images}
  sample:
    rotation_angle: {{from: "{number_key}", dtype: float64, units: deg}}
  monitor:
    data: {{from: "{stream}@seq_num"}}
""",
    "NXxas": """\
  instrument:
    source: {{type: Synchrotron X-ray Source, name: BESSY II, probe: x-ray}}
    monochromator:
      energy: {{from: "{number_key}", dtype: float64, units: eV}}
    incoming_beam:
      data: {{from: "{number_key}"}}
    absorbed_beam:
      data: {{from: "{number_key}"}}
  sample: {{name: LaB6}}
  monitor:
    mode: timer
    preset: {{value: 1, units: s}}
    data: {{from: "{number_key}"}}
  data:
    mode: Transmission
""",
    "NXsas": """\
  instrument:
    name: SAXS
    source: {{type: Synchrotron X-ray Source, name: BESSY II, probe: x-ray}}
    monochromator:
      wavelength: {{value: 1.2, units: angstrom}}
    detector:
      data: {images}
      distance: {{value: [[[1.5]]], units: m}}
      x_pixel_size: {{value: [[0.1]], units: mm}}
      y_pixel_size: {{value: [[0.1]], units: mm}}
  sample: {{name: LaB6}}
""",
}


def recipes(path, definition):
    """A recipe for each run in a file, with its first number and its images, or in their place an
    image of one pixel an event."""
    for number, start in enumerate(_starts(path), start=1):
        reader = opener({"run": number})(path)
        infos = {key: reader.array(key).info for key in _keys(reader.run)}
        stream = next(iter(infos)).partition("/")[0]
        numbers = [key for key, info in infos.items() if len(info.shape) == 1]
        number_key = numbers[0] if numbers else f"{stream}@elapsed"
        shown = [key for key, info in infos.items() if len(info.shape) == 3]
        rows = reader.array(f"{stream}@seq_num").info.shape[0]
        if definition == "NXsas":
            images = f'{{from: "run:{shown[0]}[0]"}}' if shown else "{value: [[1, 2], [3, 4]]}"
        else:
            images = f'{{from: "run:{shown[0]}", dtype: int32}}' if shown else (
                f"{{value: {[[[row]] for row in range(rows)]}}}"
            )  # fmt: skip
        reader.close()
        title = json.dumps(str(start.get("plan_name", "a run")))
        head = HEAD.format(definition=definition, number=number, name=path.name, title=title)
        body = BODIES[definition].format(
            number_key=f"run:{number_key}", images=images, stream=f"run:{stream}"
        )
        yield number, number_key, head + body


def _starts(path):
    return [one.doc for one in DocumentFile(path) if one.name == "start"]


def _keys(run):
    """The keys of a run that are numbers."""
    for name, stream in run.streams.items():
        for key, column in stream.table.columns.items():
            if key in stream.assets or column.dtype.kind in "iuf":
                yield f"{name}/{key}"


@pytest.mark.parametrize("definition", BODIES)
@pytest.mark.parametrize("kind", EVERY)
def test_a_run_of_any_kind_is_valid_by_a_recipe(tmp_path, kind, definition):
    path = store(record(kind, tmp_path), "lines", tmp_path)
    for number, key, text in recipes(path, definition):
        recipe = tmp_path / f"{number}.nx.yaml"
        recipe.write_text(text)
        outcome = nxtool.convert(recipe)
        assert [
            f"{one.path}: {one.message}" for one in outcome.findings if one.severity == "error"
        ] == []
        result = tmp_path / f"{definition}_{number}.nxs"
        assert nxtool.validate(result).ok
        assert [one for one in nexusformat_errors(result) if not is_explained(one)] == []
        if definition == "NXxas":
            reader = opener({"run": number})(path)
            with h5py.File(result) as file:
                found = file["entry/instrument/incoming_beam/data"][()]
            assert np.array_equal(found, reader.array(key).read(0, len(found)), equal_nan=True)
            reader.close()
