"""OPUS files: spectra by their short names, axes and parameters."""

import struct
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nxtool.errors import MissingExtra, SourceError
from nxtool.sources.formats import format_of
from nxtool.sources.opusfile import opener
from tests.examples import many
from tests.sourcedamage import read_damaged

pytest.importorskip("brukeropus")

Y = np.array([1, 2, 4], "<f4")
STATUS = {"DPF": 1, "NPT": 3, "FXV": 4000.0, "LXV": 400.0, "CSF": 1.0, "MXY": 4.0, "MNY": 1.0}
ABSORBANCE = 3 | 3 << 2 | 4 << 10


def parameters(entries):
    content = b""
    for key, value in entries.items():
        if isinstance(value, int):
            kind, raw = 0, struct.pack("<i", value)
        elif isinstance(value, float):
            kind, raw = 1, struct.pack("<d", value)
        else:
            kind, raw = 2, value.encode() + b"\0" * (2 - len(value) % 2)
        content += key.encode() + b"\0" + struct.pack("<hh", kind, len(raw) // 2) + raw
    content += b"END\0" + bytes(4)
    return content + bytes(-len(content) % 4)


def opus(values=Y, status=STATUS):
    """A file as the directory of Bruker's format has it: header, directory, blocks."""
    texts = {"DXU": "WN", "DAT": "05/01/2026", "TIM": "10:00:00.000 (GMT+1)"}
    blocks = [
        (ABSORBANCE, values.tobytes()),
        (ABSORBANCE | 1 << 4, parameters({**status, **texts})),
        (0 | 10 << 4, parameters({"SNM": "a film", "RES": 4.0})),
    ]
    place = 24 + 12 * (len(blocks) + 1)
    table = b""
    for kind, content in blocks:
        table += struct.pack("<Iii", kind, len(content) // 4, place)
        place += len(content)
    head = b"\n\n\xfe\xfe" + struct.pack("<diii", 920622.0, 24, len(blocks) + 1, len(blocks))
    return head + table + bytes(12) + b"".join(content for _, content in blocks)


@pytest.fixture
def read(tmp_path):
    def opened(content):
        (tmp_path / "a.0").write_bytes(content)
        return opener({})(tmp_path / "a.0")

    return opened


@pytest.mark.parametrize(
    ("selector", "value"),
    [
        ("a", [1, 2, 4]),
        ("a:x", [4000, 2200, 400]),
        ("a:#dxu", "WN"),
        ("a:#npt", 3),
        ("#snm", "a film"),
        ("#res", 4),
    ],
)
def test_a_spectrum_goes_by_its_short_name(read, selector, value):
    assert read(opus()).array(selector).read(0, 9).tolist() == value


def test_values_keep_their_type(read):
    assert read(opus()).array("a").info.dtype == np.float32


def test_the_format_is_known_by_its_first_bytes(read, tmp_path):
    read(opus())
    assert format_of(tmp_path / "a.0") == "opus"


NEGATIVE = opus().replace(b"NPT\0\0\0\2\0", b"NPT\0\0\0\xfc\xff")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "it is no OPUS file"),
        (opus()[:-1], f"a block should end at byte {len(opus())}"),
        (opus()[:60], "a block should end at byte 84"),
        (opus(Y[:2]), "its spectra are damaged, or there is none"),
        (NEGATIVE, "a parameter has a negative size"),
    ],
)
def test_damage_is_told(read, tmp_path, content, message):
    with pytest.raises(SourceError) as error:
        read(content)
    assert str(error.value) == f"{tmp_path}/a.0: brukeropus cannot read it: {message}"


@many(200)
@given(st.integers(0, 10**6), st.integers(0, 255))
def test_damage_gives_spectra_or_a_source_error(tmp_path_factory, place, byte):
    content = bytearray(opus())
    content[place % len(content)] = byte
    file = tmp_path_factory.getbasetemp() / "damaged.0"
    read_damaged(opener({}), file, content)


def test_without_brukeropus_it_is_said_what_to_install(read, monkeypatch):
    monkeypatch.setitem(sys.modules, "brukeropus", None)
    with pytest.raises(MissingExtra) as error:
        read(b"")
    assert str(error.value) == (
        "reading the spectrum a.0 needs an optional package (pip install 'nxtool[spectra]')"
    )
