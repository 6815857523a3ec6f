"""YAML as data, by the rules of recipes."""

import pytest

from nxtool.errors import SourceError
from nxtool.sources.yamldata import opener

TEXT = """\
sample: {name: LaB6, mass: 1e-3}
on: 2026-01-05
angles: [1, 2.5]
names: [a, b]
"""


@pytest.fixture
def read(tmp_path):
    def write(text=TEXT):
        (tmp_path / "a.yaml").write_bytes(text.encode() if isinstance(text, str) else text)
        return opener({})(tmp_path / "a.yaml")

    return write


@pytest.mark.parametrize(
    ("pointer", "dtype", "value"),
    [
        ("/sample/name", "object", "LaB6"),
        ("/sample/mass", "float64", 0.001),
        ("/on", "object", "2026-01-05"),
        ("/angles", "float64", [1, 2.5]),
        ("/names/1", "object", "b"),
    ],
)
def test_a_value_is_found_by_its_pointer(read, pointer, dtype, value):
    array = read().array(pointer)
    assert array.info.dtype == dtype
    assert array.read(0, 9).tolist() == value


def test_keys_are_pointers(read):
    assert list(read().keys()) == ["/sample/name", "/sample/mass", "/on", "/angles", "/names"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: !x y\n", ":1:4: tag !x is not allowed"),
        ("a: 1\na: 2\n", ":2:1: 'a' stands here again; the first is at {file}:1:1"),
        ("a: [1, 2\n", ":2:1: expected ',' or a closing bracket"),
        ("a: 1\n---\nb: 2\n", ":2:1: a second document begins here"),
        (b"\xff", ":1:1: this is not UTF-8 text"),
        ("", ":1:1: the file is empty"),
    ],
)
def test_what_is_no_safe_yaml_is_told_with_its_place(read, tmp_path, text, message):
    with pytest.raises(SourceError) as error:
        read(text)
    file = f"{tmp_path}/a.yaml"
    assert str(error.value) == file + message.format(file=file)


def test_aliases_count_as_if_written_out(read, tmp_path):
    bomb = "a0: &a0 [x]\n" + "".join(
        f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 9)
    )
    with pytest.raises(SourceError) as error:
        read(bomb)
    assert error.value.message == "more than 100000 values"
