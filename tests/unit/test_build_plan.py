"""Recipes to plans: names, values, units, links, plots, what is filled in."""

from __future__ import annotations

import h5py
import numpy as np
import pytest

from nxtool.build.data import Referred
from nxtool.build.plan import PlannedField, PlannedGroup, PlannedLink
from nxtool.build.planner import judge, make_plan
from nxtool.recipe.model import load_recipe
from nxtool.schema.compile import default_schema


@pytest.fixture(scope="session")
def schema():
    return default_schema()


@pytest.fixture
def desk(schema, tmp_path):
    """Plans the entry of a recipe for NXtomo, or another definition."""
    opened = []

    def make(entry, definition="NXtomo", **top):
        lines = ["nxtool: 1", f"definition: {definition}", "output: out.nxs"]
        lines += [f"{key}: {value}" for key, value in top.items()]
        body = "\n".join("  " + line for line in entry.strip("\n").split("\n"))
        path = tmp_path / "r.nx.yaml"
        path.write_text("\n".join([*lines, "entry:", body, ""]))
        made = make_plan(load_recipe(path), schema, tmp_path / "out.nxs")
        opened.append(made)
        return made

    yield make
    for made in opened:
        made.close()


def node(desk, path):
    return desk.plan.root.find(f"/entry/{path}")


def value(desk, path):
    found = node(desk, path)
    assert isinstance(found, PlannedField), desk.problems
    return found.data.read(0, found.data.shape[0] if found.data.shape else 1)


def problems(desk):
    return [(p.code, p.mark.line, p.mark.column, p.message) for p in desk.problems]


# names


def test_unnamed_class_is_found_by_its_lower_case_name(desk):
    source = node(desk("instrument:\n  source: {name: Ring}"), "instrument/source")
    assert isinstance(source, PlannedGroup)
    assert source.nx_class == "NXsource"


def test_field_beats_class_of_the_same_name(desk):
    made = desk("instrument:\n  detector:\n    data: [[[1, 2]]]")
    assert isinstance(node(made, "instrument/detector/data"), PlannedField)


def test_own_group_says_its_class(desk):
    made = desk("instrument:\n  panel_2(NXdetector):\n    x_pixel_size: 1 mm")
    assert node(made, "instrument/panel_2").nx_class == "NXdetector"


def test_own_field_says_its_type(desk):
    made = desk('sample:\n  oven(NX_FLOAT): "20 degC"')
    assert value(made, "sample/oven").dtype == np.float64
    assert node(made, "sample/oven").attributes["units"] == "degC"


def test_partial_name_is_bound_to_its_placeholder(desk):
    made = desk("sample:\n  temperature: 20 K\n  temperature_errors: 1 K")
    assert node(made, "sample/temperature_errors").concept.name == "FIELDNAME_errors"


def test_anything_goes_in_a_collection(desk):
    made = desk("extra(NXcollection):\n  a: 1\n  b: {c: text, d: {value: 2, units: mm}}")
    assert value(made, "extra/a") == 1
    assert node(made, "extra/b").nx_class == "NXcollection"
    assert node(made, "extra/b/d").attributes["units"] == "mm"


def test_unknown_name_is_refused_at_its_place(desk):
    made = desk("sample:\n  temprature: 20 K")
    assert problems(made) == [("R01", 6, 5, "unknown name 'temprature' in NXsample")]
    assert made.problems[0].hint.startswith("did you mean temperature")


def test_unknown_class_is_refused_at_its_place(desk):
    made = desk("instrument:\n  a(NXdetektor): {x_pixel_size: 1 mm}")
    assert problems(made) == [("R01", 6, 7, "there is no class NXdetektor")]
    assert made.problems[0].hint == "did you mean NXdetector, NXdetector_group, NXaberration?" or (
        "NXdetector" in made.problems[0].hint
    )


def test_choice_asks_which_class(desk):
    made = desk("instrument:\n  detector:\n    pixel_shape: {vertices: [[0, 0, 0]]}")
    assert problems(made)[0][:2] == ("R01", 7)
    assert "pixel_shape(NXoff_geometry)" in made.problems[0].hint


def test_group_that_is_given_a_value_is_refused(desk):
    made = desk("sample: fossil")
    assert problems(made) == [("R02", 5, 11, "sample is a group, not text")]


# values


@pytest.mark.parametrize(
    ("text", "dtype", "shape"),
    [
        ("1", "f8", ()),
        ("[1, 2]", "f8", (2,)),
        ('"[[1], [2]] mm"', "f8", (2, 1)),
        ("1e-3", "f8", ()),
    ],
)
def test_numbers_take_the_type_of_the_definition(desk, text, dtype, shape):
    made = desk(f"instrument:\n  detector:\n    x_pixel_size: {text}")
    found = value(made, "instrument/detector/x_pixel_size")
    assert (found.dtype, found.shape) == (np.dtype(dtype), shape)


def test_whole_numbers_stay_whole(desk):
    made = desk("instrument:\n  detector:\n    image_key: [0, 1, 2]")
    assert value(made, "instrument/detector/image_key").dtype == np.int64


def test_fraction_is_no_whole_number(desk):
    made = desk("instrument:\n  detector:\n    image_key: [0, 1.5]")
    assert problems(made)[0][:3] == ("R04", 7, 18)
    assert "is not a whole number" in problems(made)[0][3]


def test_ragged_list_is_refused(desk):
    made = desk("instrument:\n  detector:\n    image_key: [[0, 1], [2]]")
    assert problems(made)[0][0] == "R04"


def test_number_in_a_text_field_is_kept_as_written(desk):
    assert value(desk("sample:\n  name: 007"), "sample/name")[()] == "007"


def test_null_means_not_filled(desk):
    made = desk("sample:\n  name:")
    assert node(made, "sample/name") is None
    missing = [f for f in judge(made) if f.path == "/entry/sample/name"]
    assert [(f.code, f.mark.line) for f in missing] == [("O01", 6)]


def test_linspace_is_expanded(desk):
    made = desk("sample:\n  rotation_angle: linspace(0, 180, 181) deg")
    assert value(made, "sample/rotation_angle")[-1] == 180
    assert node(made, "sample/rotation_angle").attributes["units"] == "deg"


def test_date_gets_its_zone(desk):
    made = desk("start_time: 2026-07-05T10:00:00", defaults="{timezone: Europe/Berlin}")
    assert value(made, "start_time")[()] == "2026-07-05T10:00:00+02:00"


def test_boolean_is_stored_as_one(desk):
    made = desk("instrument:\n  detector:\n    flatfield_applied: true")
    assert value(made, "instrument/detector/flatfield_applied").dtype == bool


def test_boolean_is_stored_in_another_type_where_asked(desk):
    made = desk("instrument:\n  detector:\n    flatfield_applied: {value: true, dtype: int8}")
    stored = value(made, "instrument/detector/flatfield_applied")
    assert (stored.dtype, stored[()]) == (np.int8, 1)


def test_linked_data_can_be_plotted(desk, tmp_path):
    with h5py.File(tmp_path / "raw.h5", "w") as file:
        file["data"] = np.zeros((2, 3, 4))
    made = desk(
        "instrument:\n  detector: {data: {from: raw}}\n$plot: {signal: instrument/detector/data}",
        sources="{raw: {path: 'raw.h5:/data', mode: link}}", definition="NXentry",
    )  # fmt: skip
    assert node(made, "data").attributes["signal"] == "data"


# units


def test_unit_is_converted_where_asked(desk):
    made = desk("instrument:\n  detector:\n    distance: {value: 120, units: mm, to: m}")
    assert value(made, "instrument/detector/distance") == 0.12
    assert node(made, "instrument/detector/distance").attributes["units"] == "m"


def test_temperature_is_converted_with_its_offset(desk):
    made = desk("sample:\n  temperature: {value: 20, units: degC, to: K}")
    assert value(made, "sample/temperature") == pytest.approx(293.15)


def test_conversion_between_kinds_is_refused(desk):
    made = desk("instrument:\n  detector:\n    distance: {value: 120, units: mm, to: s}")
    assert problems(made)[0][:3] == ("R04", 7, 45)


def test_two_units_are_refused(desk):
    made = desk("instrument:\n  detector:\n    distance: {value: 120 mm, units: m}")
    assert problems(made)[0][0] == "R02"


def test_wrong_unit_is_found_at_its_place(desk):
    made = desk("instrument:\n  detector:\n    distance: 120 s")
    found = [f for f in judge(made) if f.code == "U03"]
    assert [(f.path, f.mark.line, f.mark.column) for f in found] == [
        ("/entry/instrument/detector/distance@units", 7, 17)
    ]


# filled in


def test_definition_and_version_are_filled_in(desk):
    definition = node(desk("title: x"), "definition")
    assert definition.data.read(0, 1)[()] == "NXtomo"
    assert definition.attributes["version"].startswith("v20")


TOMO = """
instrument:
  detector:
    data: {value: [[[1, 2]], [[3, 4]]], units: counts}
    image_key: [0, 0]
sample:
  name: x
  rotation_angle: "[0, 1] deg"
"""


def test_declared_links_and_their_group_are_made(desk):
    made = desk(TOMO)
    links = {name: node(made, f"data/{name}") for name in ("data", "image_key", "rotation_angle")}
    assert isinstance(made.plan.root.children["entry"].children["data"], PlannedGroup)
    data = made.plan.root.children["entry"].children["data"].children
    assert {name: link.target for name, link in data.items()} == {
        "data": "/entry/instrument/detector/data",
        "rotation_angle": "/entry/sample/rotation_angle",
        "image_key": "/entry/instrument/detector/image_key",
    }
    assert all(links.values())


def test_plot_is_inferred_where_it_is_certain(desk):
    made = desk(TOMO)
    group = made.plan.root.children["entry"].children["data"]
    assert group.attributes["signal"] == "data"
    assert group.attributes["axes"] == ["rotation_angle", ".", "."]
    assert made.plan.root.attributes["default"] == "entry"


XAS = """
  instrument:
    monochromator: {energy: "[8200, 8300, 8400] eV"}
    incoming_beam: {data: [5.0, 5.0, 5.0]}
    absorbed_beam: {data: [4.0, 3.0, 2.0]}
"""


def test_of_two_curves_the_one_of_a_detector_is_the_signal(desk):
    group = desk(XAS + "  data: {mode: Transmission}", "NXxas").plan.root.children["entry"]
    found = group.children["data"].attributes
    assert (found["signal"], found["axes"]) == ("absorbed_beam", ["energy"])


def test_of_two_curves_of_detectors_none_is_certain(desk):
    more = (
        "  data: {mode: Transmission, i0(NX_FLOAT): {link: /entry/instrument/incoming_beam/data}}"
    )
    group = desk(XAS + more, "NXxas").plan.root.children["entry"]
    assert "signal" not in group.children["data"].attributes


def test_original_of_a_link_carries_its_path(desk):
    made = desk(TOMO)
    assert (
        node(made, "instrument/detector/data").attributes["target"]
        == "/entry/instrument/detector/data"
    )


def test_plan_of_a_complete_recipe_has_no_fault(desk):
    assert [f for f in judge(desk(TOMO)) if f.severity != "info"] == []


def test_single_allowed_value_is_filled_in(desk):
    made = desk("data:\n  Q: '[1, 2] 1/nm'\n  I: {value: [3, 4], units: 1/cm}", "NXcanSAS")
    group = made.plan.root.children["entry"].children["data"]
    assert group.attributes["canSAS_class"] == "SASdata"
    assert group.attributes["signal"] == "I"


# plots and transformations


def test_plot_links_its_signal_and_axes(desk):
    entry = TOMO + "$plot: {signal: instrument/detector/data, axes: [sample/rotation_angle, ., .]}"
    group = desk(entry).plan.root.children["entry"].children["data"]
    assert group.attributes["axes"] == ["rotation_angle", ".", "."]
    assert group.attributes["rotation_angle_indices"] == 0


def test_plot_links_its_auxiliary_signals(desk):
    plot = "$plot: {signal: instrument/detector/data, auxiliary: [instrument/detector/dark]}"
    text = TOMO.replace("data: ", "dark(NX_INT): [[[1]]]\n    data: ", 1) + plot
    group = desk(text).plan.root.children["entry"].children["data"]
    assert group.attributes["auxiliary_signals"] == ["dark"]
    assert group.children["dark"].target == "/entry/instrument/detector/dark"


def test_plot_of_an_unknown_auxiliary_signal_is_refused(desk):
    made = desk(TOMO + "$plot: {signal: instrument/detector/data, auxiliary: [instrument/x]}")
    assert [(item.code, item.message) for item in made.problems] == [
        ("R01", "there is no field 'instrument/x'")
    ]


def test_plot_of_an_unknown_field_is_refused(desk):
    made = desk(TOMO + "$plot: {signal: instrument/detector/dota}")
    assert problems(made)[0][0] == "R01"
    assert "did you mean instrument/detector/data" in made.problems[0].hint


def test_plot_with_a_name_of_its_own(desk):
    made = desk(TOMO + "$plot: {signal: instrument/detector/image_key, name: keys, title: Keys}")
    entry = made.plan.root.children["entry"]
    assert entry.attributes["default"] == "keys"
    assert value(made, "keys/title")[()] == "Keys"


STEPS = """
sample:
  transformations:
    - {name: phi, rotate: [0, 1, 0], by: 5 deg}
    - {name: lift, translate: [0, 0, 1], by: 2 mm, offset: "[0, 0, 10] mm"}
"""


def test_transformations_become_a_chain(desk):
    made = desk(STEPS)
    assert value(made, "sample/depends_on")[()] == "/entry/sample/transformations/phi"
    phi, lift = (node(made, f"sample/transformations/{name}") for name in ("phi", "lift"))
    assert phi.attributes["depends_on"] == "/entry/sample/transformations/lift"
    assert lift.attributes["depends_on"] == "."
    assert phi.attributes["transformation_type"] == "rotation"
    assert lift.attributes["units"] == "mm"
    assert np.array_equal(lift.attributes["offset"], [0, 0, 10])


def test_step_with_increment_moves_over_the_frames(desk):
    entry = TOMO.replace(
        "  name: x",
        "  name: x\n  transformations:\n"
        "    - {name: om, rotate: [1, 0, 0], by: 10 deg, increment: 0.5 deg}",
    )
    made = desk(entry + "$plot: {signal: instrument/detector/data}")
    assert value(made, "sample/transformations/om").tolist() == [10, 10.5]


def step_in(desk, step):
    """A plan in which two frames were taken, with one step."""
    steps = f"  name: x\n  transformations:\n    - {{name: z, {step}}}"
    return desk(TOMO.replace("  name: x", steps) + "$plot: {signal: instrument/detector/data}")


@pytest.mark.parametrize(
    ("step", "positions", "unit"),
    [
        ("translate: [0, 0, 1], increment: 5 mm", [0, 5], "mm"),
        ("translate: [0, 0, 1], increment: 5 mm, units: m", [0, 0.005], "m"),
        ("translate: [0, 0, 1], by: 1 mm, increment: 500 um", [1, 1.5], "mm"),
        ("rotate: [0, 0, 1], by: 1, increment: 0.5 deg", [1, 1.5], "deg"),
        ("rotate: [0, 0, 1], by: 1 deg, increment: 0.5", [1, 1.5], "deg"),
        ("rotate: [0, 0, 1], increment: 0.5", [0, 0.5], "deg"),
    ],
)
def test_increment_counts_in_its_own_unit(desk, step, positions, unit):
    made = step_in(desk, step)
    assert value(made, "sample/transformations/z").tolist() == pytest.approx(positions)
    assert node(made, "sample/transformations/z").attributes["units"] == unit


@pytest.mark.parametrize(
    ("step", "message"),
    [
        ("rotate: [0, 0, 1], by: 1 deg, increment: 1 mm",
         "increment: 'mm' cannot be converted to 'deg'"),
        ("rotate: [0, 0, 1], increment: [1, 2]", "increment is not one number"),
        ("rotate: [0, 0, 1], by: [[1, 2], [3]]", "by: the rows of the list differ in length"),
        ("rotate: [0, 0, 1], by: 1 deg, units: rad", "by has two units, 'deg' and 'rad'"),
        ("rotate: [0, 0, 1], offset: [[1, 2], [3]]",
         "offset: the rows of the list differ in length"),
    ],
)  # fmt: skip
def test_step_that_makes_no_sense_is_told_at_its_place(desk, step, message):
    made = step_in(desk, step)
    assert [problem.message for problem in made.problems] == [message]
    assert [item.message for item in judge(made) if item.code == "X01"] == []


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        ("title: {value: a b, units: mm, to: m}", "to changes numbers, and title is text"),
        ("title: {value: a b, dtype: float64}", "dtype changes numbers, and title is text"),
        ("title: {from: 'log:who', units: mm, to: m}", "to changes numbers, and title is text"),
        ("title: {from: 'log:who', expr: x * 2}", "expr changes numbers, and title is text"),
        ("title: {from: 'log:who', dtype: string}", None),
    ],
)
def test_what_is_asked_of_numbers_is_refused_of_text(desk, tmp_path, entry, told):
    (tmp_path / "who.csv").write_text("who\nA\nB\n")
    made = desk(entry, sources="{log: who.csv}")
    assert [problem.message for problem in made.problems] == ([told] if told else [])


def test_increment_without_frames_is_refused(desk):
    made = desk(
        "sample:\n  transformations:\n    - {name: om, rotate: [1, 0, 0], increment: 0.5 deg}"
    )
    assert "number of frames is not known" in problems(made)[0][3]


# sources


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "log.csv"
    path.write_text("angle (deg),key,t (degC)\n0,0,20\n1,1,21\n")
    return "{log: log.csv}"


def test_unit_of_a_source_is_taken_over(desk, table):
    made = desk("sample:\n  rotation_angle: {from: 'log:angle'}", sources=table)
    assert node(made, "sample/rotation_angle").attributes["units"] == "deg"
    assert value(made, "sample/rotation_angle").dtype == np.float64


def test_source_is_converted_on_the_way(desk, table):
    made = desk("sample:\n  temperature: {from: 'log:t', to: K}", sources=table)
    assert value(made, "sample/temperature").tolist() == [293.15, 294.15]


def test_expression_of_a_source(desk, table):
    made = desk(
        "sample:\n  rotation_angle: {from: 'log:angle', expr: 'x * turn', units: deg}",
        sources=table, vars="{turn: 2}",
    )  # fmt: skip
    assert value(made, "sample/rotation_angle").tolist() == [0, 2]


def test_expression_without_the_data_of_the_source_is_refused(desk, table):
    made = desk("sample:\n  rotation_angle: {from: 'log:angle', expr: '2 * 3'}", sources=table)
    assert problems(made) == [
        ("R04", 7, 47, "'2 * 3' makes no use of x, the data of the source")
    ]  # fmt: skip


def test_dtype_that_would_change_values_is_refused_when_read(desk, table):
    from nxtool.errors import SourceError

    made = desk(
        "sample:\n  rotation_angle: {from: 'log:angle', expr: 'x / 3', dtype: int32}", sources=table
    )
    with pytest.raises(SourceError, match=r"0\.33.* does not fit int32") as told:
        value(made, "sample/rotation_angle")
    assert str(told.value.mark).endswith("r.nx.yaml:7:63")


def test_contradicting_units_are_told(desk, table):
    made = desk("sample:\n  rotation_angle: {from: 'log:angle', units: rad}", sources=table)
    assert [(p.severity, p.message) for p in made.problems] == [
        ("warning", "the source says 'deg', the recipe 'rad'")
    ]
    assert node(made, "sample/rotation_angle").attributes["units"] == "rad"


def test_unknown_source_is_refused_with_near_names(desk, table):
    made = desk("sample:\n  rotation_angle: {from: 'lgo:angle'}", sources=table)
    assert problems(made)[0][3] == "there is no source 'lgo'"
    assert made.problems[0].hint == "did you mean log?"


def test_unknown_column_is_told_once_at_the_selector(desk, table):
    made = desk("sample:\n  name: x\n  rotation_angle: {from: 'log:angel'}", sources=table)
    told = [f for f in judge(made) if f.code == "R05" or "rotation_angle" in f.path]
    assert [(f.code, f.mark.line, f.mark.column) for f in told] == [("R05", 8, 33)]


def test_what_is_missing_besides_an_unknown_column_is_told(desk, table):
    made = desk("sample:\n  rotation_angle: {from: 'log:angel'}", sources=table)
    assert "/entry/sample/name" in [f.path for f in judge(made) if f.code == "O01"]


def test_virtual_source_is_left_in_place(desk, tmp_path):
    for number in (1, 2):
        with h5py.File(tmp_path / f"f_{number}.h5", "w") as file:
            file["data"] = np.full((3, 4, 5), number, dtype=np.uint16)
    made = desk(
        "instrument:\n  detector:\n    data: {from: frames}",
        sources='{frames: {path: "f_*.h5:/data", mode: virtual}}',
    )
    data = node(made, "instrument/detector/data").data
    assert isinstance(data, Referred)
    assert data.shape == (6, 4, 5)


def test_filter_and_chunks_of_data_left_in_place_are_told_to_do_nothing(desk, tmp_path):
    with h5py.File(tmp_path / "f_1.h5", "w") as file:
        file["data"] = np.zeros((3, 4, 5), dtype=np.uint16)
    made = desk(
        "instrument:\n  detector:\n    data: {from: frames, compression: gzip, chunks: [1, 4, 5]}",
        sources='{frames: {path: "f_*.h5:/data", mode: virtual}}',
    )
    assert [(f.severity, f.message, f.hint) for f in made.problems] == [
        ("warning", f"{key} makes no difference: data stays in its source, stored as it is there",
         f"leave {key} out")
        for key in ("compression", "chunks")
    ]  # fmt: skip


def test_filter_of_text_is_told_to_do_nothing(desk):
    made = desk('sample:\n  description: {value: [one, two], compression: "gzip:4"}')
    assert [(f.severity, f.message) for f in made.problems] == [
        ("warning", "compression makes no difference: description is text")
    ]


def test_conversion_of_data_left_in_place_is_refused(desk, tmp_path):
    with h5py.File(tmp_path / "f_1.h5", "w") as file:
        file["data"] = np.zeros((3, 4, 5), dtype=np.uint16)
    made = desk(
        "instrument:\n  detector:\n    data: {from: frames, dtype: int32}",
        sources='{frames: {path: "f_*.h5:/data", mode: virtual}}',
    )
    assert "mode virtual leaves them in place" in problems(made)[0][3]


def test_link_outside_is_external(desk):
    made = desk("instrument:\n  detector:\n    data: {link: raw.h5:/entry/data}")
    link = made.plan.root.children["entry"].children["instrument"].children["detector"]
    assert isinstance(link.children["data"], PlannedLink)
    assert (link.children["data"].file, link.children["data"].target) == ("raw.h5", "/entry/data")


# storage


def test_bulk_data_get_the_default_filter_and_small_ones_none(desk, tmp_path):
    np.save(tmp_path / "big.npy", np.zeros((4, 300, 300), dtype=np.uint16))
    made = desk(
        "instrument:\n  detector:\n    data: {from: big}\n    image_key: [0, 0, 0, 0]",
        sources="{big: big.npy}", defaults="{compression: 'gzip:3'}",
    )  # fmt: skip
    data = node(made, "instrument/detector/data")
    assert data.compression.text == "gzip:3"
    assert data.chunks is not None
    assert node(made, "instrument/detector/image_key").compression is None


def test_unknown_filter_is_refused_at_its_place(desk):
    made = desk("instrument:\n  detector:\n    data: {value: [[[1]]], compression: gzpi}")
    assert problems(made) == [("R04", 7, 43, "'gzpi' is not a filter")]


def test_profile_picks_the_filter_by_the_kind_of_data_and_a_field_may_say_otherwise(desk, tmp_path):
    np.save(tmp_path / "big.npy", np.zeros((4, 300, 300), dtype=np.uint16))
    field = "instrument:\n  detector:\n    data: {from: big%s}\n    image_key: [0, 0, 0, 0]"
    said = ("", ", compression: 'archive:smooth'", ", compression: none", ", chunks: pixel")
    top = {"sources": "{big: big.npy}", "defaults": "{compression: archive}"}
    plans = [desk(field % more, **top) for more in said]
    chosen = [node(one, "instrument/detector/data") for one in plans]
    words = [one.compression and one.compression.text for one in chosen]
    assert words == ["blosc2-zstd:5", "zstd:7", None, "blosc2-zstd:5"]
    assert [one.chunks for one in chosen] == [(1, 300, 300)] * 3 + [(4, 150, 300)]


def test_unknown_way_of_access_is_refused_with_those_there_are(desk):
    made = desk("instrument:\n  detector:\n    data: {value: [[[1]]], chunks: pixels}")
    assert problems(made) == [("R04", 7, 38, "chunks 'pixels' is not known")]


@pytest.mark.parametrize(
    ("form", "message"),
    [
        ("{method: bitround, bits: 3}", "the loss is not accepted"),
        ("{method: bitround, bits: 3, i_accept_loss: false}", "the loss is not accepted"),
        ("{method: bitround, i_accept_loss: true}", "bitround needs bits"),
        ("{method: bitgroom, bits: 3, i_accept_loss: true}", "bitgroom needs digits"),
        ("{bits: 3, i_accept_loss: true}", "lossy needs a method"),
        ("{method: round, bits: 3, i_accept_loss: true}", "method cannot be 'round'"),
        ("{method: sigbits, bits: 99, i_accept_loss: true}",
         "sigbits keeps from 1 to 63 bits of int64"),
        ("{method: bitround, bits: 3, i_accept_loss: true}",
         "bitround is for float32 and float64, not int64"),
        ("{method: sigbits, bits: 3, i_accept_loss: true}",
         "data is rounded, which saves nothing without compression"),
        ("{method: bitround, bits: 3, bound: 1, i_accept_loss: true}",
         "bitround goes by bits, not bound"),
        ("{method: zfp, i_accept_loss: true}", "zfp needs a bound"),
        ("{method: zfp, bound: much, i_accept_loss: true}", "bound must be a number, not 'much'"),
        ("{method: zfp, bound: 0.1}", "the loss is not accepted"),
        ("{method: sz3, bound: 0, i_accept_loss: true}", "sz3 needs a bound above 0"),
        ("{method: zfp, bound: 0.1, i_accept_loss: true}",
         "zfp is for float32 and float64, not int64"),
        ("{method: sperr, bound: 0.1, i_accept_loss: true}, dtype: float64",
         "data is too small for sperr, and stays as it is"),
        ("{method: sz3, bound: 2, i_accept_loss: true}, compression: gzip",
         "sz3 compresses by itself"),
        ("yes", "lossy must be a mapping, not 'yes'"),
    ],
)  # fmt: skip
def test_rounding_needs_a_method_a_measure_and_consent(desk, form, message):
    made = desk(f"instrument:\n  detector:\n    data: {{value: [[[1]]], lossy: {form}}}")
    assert [one[3] for one in problems(made)] == [message]


def test_single_value_cannot_be_rounded(desk):
    form = "{value: 1.5 m, lossy: {method: bitround, bits: 3, i_accept_loss: true}}"
    made = desk(f"instrument:\n  detector:\n    distance: {form}")
    assert [one[3] for one in problems(made)] == [
        "distance cannot be rounded: it is no array of numbers written here"
    ]


def test_chunks_of_another_rank_are_refused(desk):
    made = desk("instrument:\n  detector:\n    data: {value: [[[1]]], chunks: [1, 1]}")
    assert "do not suit the shape" in problems(made)[0][3]


# waivers


def test_waived_item_is_only_noted(desk):
    made = desk(TOMO.replace("  name: x\n", ""), waive="{entry/sample/name: lost label}")
    found = [f for f in judge(made) if f.path == "/entry/sample/name"]
    assert [(f.severity, f.message) for f in found] == [
        ("info", "required field name (NX_CHAR) is missing (waived: lost label)")
    ]


SUB = (
    TOMO
    + """
fluo(NXsubentry):
  definition: NXxas
  title: sub
  start_time: 2026-01-05T10:00:00Z
  instrument:
    source: {type: Synchrotron X-ray Source, name: x, probe: x-ray}
    monochromator: {energy: "[1.0, 2.0] keV"}
    incoming_beam: {data: [1, 2]}
    absorbed_beam: {data: [1, 2]}
  sample: {name: y}
  monitor: {mode: timer, preset: 1.0, data: [1, 2]}
  data:
    $attrs: {signal: absorbed_beam, axes: [energy]}
    mode: Transmission
"""
)


def test_a_subentry_follows_its_own_definition(desk):
    made = desk(SUB)
    assert [(i.path, i.message) for i in judge(made) if i.severity == "error"] == []
    link = node(made, "fluo/data/energy")
    assert isinstance(link, PlannedLink)
    assert link.target == "/entry/fluo/instrument/monochromator/energy"
    assert node(made, "data/data").target == "/entry/instrument/detector/data"
    assert node(made, "fluo/definition").attributes["version"].startswith("v")


def test_an_unknown_definition_of_a_subentry_is_told_at_its_place(desk):
    made = desk(SUB.replace("NXxas", "NXxsa"))
    found = [item for item in made.problems if item.code == "R04"]
    assert [(item.message, item.hint) for item in found] == [
        ("unknown definition 'NXxsa'", "did you mean NXxps, NXxas, NXsas?")
    ]


def test_an_entry_may_follow_another_definition_than_the_recipe(schema, tmp_path):
    path = tmp_path / "r.nx.yaml"
    path.write_text(
        "nxtool: 1\ndefinition: NXtomo\n"
        "two(NXentry):\n  definition: NXsas\n  instrument: {collimator: {}}\n"
    )
    made = make_plan(load_recipe(path), schema, tmp_path / "out.nxs")
    messages = [item.message for item in judge(made)]
    made.close()
    assert any("monochromator" in message for message in messages)
    assert not any("rotation_angle" in message for message in messages)
