from __future__ import annotations

import datetime
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nxtool.nodeview import ElementType
from nxtool.values import (
    DateVerdict,
    TypeFit,
    check_values,
    enum_matches,
    is_zone_offset,
    matches_type,
    nearest,
    parse_date,
    parse_enum_item,
)
from tests.examples import many

ISO = "is not like 2026-01-31T12:00:00+01:00"


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("2026-01-31T12:00", DateVerdict(True, False, "iso")),
        ("2026-01-31T12:00:05", DateVerdict(True, False, "iso")),
        ("2026-01-31T12:00:05.123456789012Z", DateVerdict(True, True, "iso")),
        ("2026-01-31T12:00:05+01:00", DateVerdict(True, True, "iso")),
        ("2026-01-31T12:00:05-0530", DateVerdict(True, True, "iso")),
        ("2026-01-31T12:00:05+01", DateVerdict(True, True, "iso")),
        ("2026-01-31 12:00:05+01:00", DateVerdict(True, True, "space")),
        ("2024-02-29T00:00", DateVerdict(True, False, "iso")),
        ("2016-12-31T23:59:60Z", DateVerdict(True, True, "iso")),
        (
            "2026-02-29T00:00",
            DateVerdict(False, False, "iso", "day 29 of 2026-02 does not exist"),
        ),
        ("2026-13-01T00:00", DateVerdict(False, False, "iso", "month 13 does not exist")),
        ("0000-01-01T00:00", DateVerdict(False, False, "iso", "day 1 of 0000-01 does not exist")),
        ("2026-01-31T25:00Z", DateVerdict(False, True, "iso", "time 25:00:00 does not exist")),
        ("2026-01-31T12:00:60", DateVerdict(False, False, "iso", "time 12:00:60 does not exist")),
        (
            "2026-01-31T12:00 CET",
            DateVerdict(False, True, "iso", "' CET' is not a time zone like Z or +01:00"),
        ),
        (
            "2026-01-31T12:00+25:00",
            DateVerdict(False, True, "iso", "time zone +25:00 is out of range"),
        ),
        ("2026-01-31", DateVerdict(False, False, "other", "has no time of day")),
        ("31.01.2026 12:00", DateVerdict(False, False, "other", ISO)),
        ("Mon Jan  5 10:00:00 2026", DateVerdict(False, False, "other", ISO)),
        ("２０２６-01-31T12:00", DateVerdict(False, False, "other", ISO)),
        ("", DateVerdict(False, False, "other", ISO)),
    ],
)
def test_date_is_judged(text, verdict):
    assert parse_date(text) == verdict


@given(st.datetimes(timezones=st.just(datetime.timezone.utc) | st.none()))
@settings(max_examples=50, deadline=None)
def test_what_python_writes_as_iso_is_a_date(when):
    assert parse_date(when.isoformat()) == DateVerdict(True, when.tzinfo is not None, "iso")


@given(st.text(max_size=60) | st.text("0123456789-:TZ+. ", max_size=40))
@many(100)
def test_any_text_is_judged_as_a_date(text):
    assert parse_date(text).ok != bool(parse_date(text).reason)


def test_zone_offset_alone_is_recognised():
    texts = ("+01:00", "-0530", "Z", "", "CET", "+25:00")
    assert [is_zone_offset(text) for text in texts] == [True, True, True, False, False, False]


STRING = ElementType("string", 0, "string")
INT = ElementType("integer", 4, "int32")
UINT = ElementType("integer", 2, "uint16", signed=False)
BYTE = ElementType("integer", 1, "uint8", signed=False)
CHAR = ElementType("integer", 1, "int8")
FLOAT = ElementType("float", 8, "float64")
BOOL = ElementType("boolean", 1, "bool", members=("FALSE", "TRUE"))
LOGIC = ElementType("enum", 1, "enum", members=("True", "False"))
COLOUR = ElementType("enum", 1, "enum", members=("RED", "BLUE"))
COMPLEX = ElementType("complex", 16, "complex128", members=("r", "i"))
POLAR = ElementType("compound", 16, "compound", members=("amplitude", "phase"))
QUATERNION = ElementType("compound", 32, "compound", members=("a", "b", "c", "d"))
OPAQUE = ElementType("opaque", 10, "opaque")
BITS = ElementType("bitfield", 1, "bitfield8")


@pytest.mark.parametrize(
    ("nx_type", "element", "shape", "fit"),
    [
        ("NX_CHAR", STRING, (), TypeFit("yes")),
        ("", STRING, (), TypeFit("yes")),
        ("", INT, (), TypeFit("no", "is int32, not NX_CHAR")),
        ("NX_CHAR", FLOAT, (), TypeFit("no", "is float64, not NX_CHAR")),
        ("NX_INT", INT, (), TypeFit("yes")),
        ("NX_INT", UINT, (3,), TypeFit("yes")),
        ("NX_INT", FLOAT, (), TypeFit("no", "is float64, not NX_INT")),
        ("NX_INT", BOOL, (), TypeFit("no", "is bool, not NX_INT")),
        ("NX_UINT", UINT, (), TypeFit("yes")),
        (
            "NX_UINT",
            INT,
            (),
            TypeFit("values", "is int32, which can be negative, not NX_UINT"),
        ),
        ("NX_POSINT", INT, (), TypeFit("values")),
        ("NX_POSINT", FLOAT, (), TypeFit("no", "is float64, not NX_POSINT")),
        ("NX_FLOAT", FLOAT, (), TypeFit("yes")),
        ("NX_FLOAT", INT, (), TypeFit("no", "is int32, not NX_FLOAT")),
        ("NX_NUMBER", INT, (), TypeFit("yes")),
        ("NX_NUMBER", FLOAT, (), TypeFit("yes")),
        ("NX_NUMBER", COMPLEX, (), TypeFit("no", "is complex128, not NX_NUMBER")),
        ("NX_NUMBER", BOOL, (), TypeFit("no", "is bool, not NX_NUMBER")),
        ("NX_BOOLEAN", BOOL, (), TypeFit("yes")),
        ("NX_BOOLEAN", LOGIC, (), TypeFit("yes")),
        ("NX_BOOLEAN", COLOUR, (), TypeFit("no", "is enum, not NX_BOOLEAN")),
        ("NX_BOOLEAN", BYTE, (), TypeFit("values")),
        ("NX_BOOLEAN", STRING, (), TypeFit("values", "is text, not NX_BOOLEAN")),
        ("NX_BOOLEAN", BITS, (), TypeFit("lenient", "is a bit field, not NX_BOOLEAN")),
        ("NX_CHAR_OR_NUMBER", STRING, (), TypeFit("yes")),
        ("NX_CHAR_OR_NUMBER", FLOAT, (), TypeFit("yes")),
        ("NX_CHAR_OR_NUMBER", OPAQUE, (), TypeFit("no", "is opaque, not NX_CHAR_OR_NUMBER")),
        ("NX_DATE_TIME", STRING, (), TypeFit("yes")),
        ("NX_DATE_TIME", INT, (), TypeFit("no", "is int32, not NX_DATE_TIME")),
        ("NX_BINARY", BYTE, (9,), TypeFit("yes")),
        ("NX_BINARY", CHAR, (9,), TypeFit("lenient", "is int8; NX_BINARY is kept as uint8")),
        ("NX_BINARY", OPAQUE, (), TypeFit("lenient", "is opaque; NX_BINARY is kept as uint8")),
        ("NX_BINARY", UINT, (), TypeFit("no", "is uint16, not NX_BINARY")),
        ("NX_COMPLEX", COMPLEX, (), TypeFit("yes")),
        ("NX_PCOMPLEX", POLAR, (), TypeFit("yes")),
        (
            "NX_COMPLEX",
            FLOAT,
            (5, 2),
            TypeFit("lenient", "is float64 in pairs, not a complex type"),
        ),
        ("NX_COMPLEX", FLOAT, None, TypeFit("no", "is float64, not NX_COMPLEX")),
        ("NX_QUATERNION", QUATERNION, (), TypeFit("yes")),
        ("NX_QUATERNION", FLOAT, (7, 4), TypeFit("yes")),
        ("NX_QUATERNION", FLOAT, (4, 7), TypeFit("no", "is float64, not NX_QUATERNION")),
        ("NX_FUTURE", OPAQUE, (), TypeFit("yes")),
    ],
)
def test_stored_type_is_held_against_the_nxdl_type(nx_type, element, shape, fit):
    assert matches_type(nx_type, element, shape) == fit


@pytest.mark.parametrize(
    ("nx_type", "values", "problem"),
    [
        ("NX_POSINT", np.array([1, 2, 3], "u2"), ""),
        ("NX_POSINT", np.array([[1, 0], [2, -5]]), "0 is not above 0 (2 of 4 values)"),
        ("NX_POSINT", -1, "-1 is not above 0"),
        ("NX_UINT", np.int32(-7), "-7 is below 0"),
        ("NX_UINT", [0, 1], ""),
        ("NX_UINT", np.empty(0, "i4"), ""),
        ("NX_BOOLEAN", np.array([0, 1, 1]), ""),
        ("NX_BOOLEAN", np.array([True, False]), ""),
        ("NX_BOOLEAN", np.array([0, 2]), "2 is neither 0 nor 1 (1 of 2 values)"),
        ("NX_BOOLEAN", "True", ""),
        ("NX_BOOLEAN", ["0", "false"], ""),
        ("NX_BOOLEAN", "yes", "'yes' is neither 0 nor 1"),
        ("NX_FLOAT", -1.0, ""),
    ],
)
def test_values_are_held_against_the_nxdl_type(nx_type, values, problem):
    assert check_values(nx_type, values) == problem


@pytest.mark.parametrize(
    ("text", "item"),
    [
        ("[0, 0, 1]", (0, 0, 1)),
        ("['.', 'radial_axis']", (".", "radial_axis")),
        ("[-1, 0.5]", (-1, 0.5)),
        ("[]", ()),
        ("1", "1"),
        ("X-Ray Diffraction (XRD)", "X-Ray Diffraction (XRD)"),
        ("[open('x')]", "[open('x')]"),
        ("[a]", "[a]"),
        (r"['\d']", r"['\d']"),
        ("[1,", "[1,"),
        ("[[1]]", "[[1]]"),
    ],
)
def test_enumeration_item_is_read_without_running_it(text, item):
    assert parse_enum_item(text) == item


@given(st.text("[]'\",.0123456789ab\\ -*\n", max_size=40) | st.text(max_size=40))
@many(100)
def test_any_enumeration_item_can_be_read(text):
    assert isinstance(parse_enum_item(text), str | tuple)


@pytest.mark.parametrize(
    ("items", "value", "matches"),
    [
        (["x-ray", "neutron"], "x-ray", True),
        (["x-ray", "neutron"], "X-ray", False),
        (["x-ray", "neutron"], ["x-ray", "neutron", "x-ray"], True),
        (["x-ray", "neutron"], ["x-ray", "muon"], False),
        (["x-ray"], b"x-ray", True),
        (["x-ray"], [], False),
        (["1", "2"], 1, True),
        (["1", "2"], np.int64(2), True),
        (["1", "2"], 2.0, True),
        (["1", "2"], 3, False),
        (["1000000"], 1000001, False),
        (["1"], 10**400, False),
        (["0.1"], np.float32(0.1), True),
        (["1.0"], "1.0", True),
        (["1"], True, True),
        (["false"], np.bool_(False), True),
        (["neutron"], 1, False),
        (["[0, 0, 1]", "[1, 0, 0]"], np.array([0.0, 0.0, 1.0]), True),
        (["[0, 0, 1]", "[1, 0, 0]"], np.array([[0, 0, 1]]), True),
        (["[0, 0, 1]"], [[0, 0, 1]], True),
        (["[0, 0, 1]"], np.array([0.0, 1.0, 0.0]), False),
        (["['.', 'radial_axis']"], [".", "radial_axis"], True),
        (["['kinetic_energy']"], "kinetic_energy", True),
        (["image/*"], "image/png", True),
        (["image/*"], "image/", False),
        (["image/*"], "text/plain", False),
    ],
)
def test_value_is_held_against_the_enumeration(items, value, matches):
    assert enum_matches(items, value) is matches


def test_nearest_word_ignores_case_and_small_slips():
    words = ["Spallation Neutron Source", "Synchrotron X-ray Source", "Rotating Anode X-ray"]
    assert [
        nearest(word, words) for word in ("synchrotron x-ray source", "Rotatin Anode", "q")
    ] == [
        "Synchrotron X-ray Source",
        "Rotating Anode X-ray",
        "",
    ]


def test_module_loads_without_numpy():
    code = "import sys, nxtool.values; print('numpy' in sys.modules)"
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert result.stdout == "False\n"
