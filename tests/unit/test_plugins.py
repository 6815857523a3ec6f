"""Readers of other packages: found by entry points, held to their word, blamed by name."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import numpy as np
import pytest

from nxtool.errors import SourceError
from nxtool.sources.formats import format_of
from nxtool.sources.model import SourceSpec
from nxtool.sources.opener import open_source

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

EXAMPLE = Path(__file__).parents[1] / "plugin"
FRAME = np.arange(6, dtype="<u2").reshape(2, 3)
CONTENT = b"TOY <u2 2 3 exposure=0.5\n" + FRAME.tobytes()


@pytest.fixture
def install(tmp_path, monkeypatch):
    """A function that installs a module with an entry point, as pip leaves it."""
    site = tmp_path / "site"
    site.mkdir()
    monkeypatch.syspath_prepend(site)
    installed = []

    def put(module, code, entries, package, version="1.0"):
        (site / f"{module}.py").write_text(code)
        info = site / f"{package.replace('-', '_')}-{version}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {package}\nVersion: {version}\n"
        )
        lines = "".join(f"{name} = {value}\n" for name, value in entries.items())
        (info / "entry_points.txt").write_text(f"[nxtool.readers]\n{lines}")
        importlib.invalidate_caches()
        installed.append(module)

    yield put
    for module in installed:
        sys.modules.pop(module, None)


@pytest.fixture
def example(install):
    """The example of docs/readers.md, installed."""
    project = tomllib.loads((EXAMPLE / "pyproject.toml").read_text())["project"]
    entries = project["entry-points"]["nxtool.readers"]
    code = (EXAMPLE / "nxtool_toy.py").read_text()
    install("nxtool_toy", code, entries, project["name"], project["version"])


@pytest.fixture
def plugin(install):
    """A function that installs a reader `odd` with the given body of its class."""

    def put(body, name="odd", module="odd_reader", package="odd-reader"):
        defaults = (
            f"    name = {name!r}\n    suffixes = ('.odd',)\n"
            "    def sniff(self, head, path): return 50\n"
            "    def open(self, path, options): return self\n"
            "    def keys(self): return iter(['x'])\n"
            "    def close(self): pass\n"
        )
        code = (
            "import numpy as np\n"
            "from nxtool.sources.model import ArrayInfo, Extent\n"
            f"class Odd:\n{defaults}{body}\n"
        )
        install(module, code, {name: f"{module}:Odd"}, package)

    return put


def told(folder, name="a.odd", **options):
    (folder / name).write_bytes(b"anything")
    with pytest.raises(SourceError) as error, open_source(SourceSpec(name, **options), folder) as s:
        s.array(next(iter(s.keys()))).read(0, 9)
    return str(error.value).replace(f"{folder}/", "")


WHO = "reader 'odd' of package odd-reader 1.0"
MEND = "(mend or remove the package, or set `format`)"


@pytest.mark.usefixtures("example")
def test_the_example_reads_a_stack_of_its_files(tmp_path):
    for number in range(3):
        (tmp_path / f"f_{number}.toy").write_bytes(CONTENT)
    with open_source(SourceSpec("f_*.toy"), tmp_path) as source:
        assert source.format == "toy"
        assert list(source.keys()) == ["#exposure"]
        array = source.array()
        assert (array.info.shape, array.info.dtype) == ((3, 2, 3), "<u2")
        np.testing.assert_array_equal(array.read(1, 3), [FRAME, FRAME])
        assert len(array.info.extents) == 3
        assert source.array("#exposure").info.units == "s"
        assert source.array("#exposure").read(0, 3).tolist() == [0.5] * 3


@pytest.mark.usefixtures("example")
@pytest.mark.parametrize("options", [{}, {"format": "toy"}])
def test_the_example_is_chosen_by_content_and_by_name(tmp_path, options):
    (tmp_path / "a.unknown").write_bytes(CONTENT)
    with open_source(SourceSpec("a.unknown", **options), tmp_path) as source:
        np.testing.assert_array_equal(source.array().read(0, 2), FRAME)


@pytest.mark.usefixtures("example")
def test_errors_of_a_reader_are_passed_on(tmp_path):
    (tmp_path / "a.toy").write_bytes(CONTENT[:-1])
    with pytest.raises(SourceError) as error:
        open_source(SourceSpec("a.toy"), tmp_path)
    assert str(error.value) == f"{tmp_path}/a.toy: is truncated (37 bytes are due)"


@pytest.mark.usefixtures("example")
def test_what_a_reader_lets_slip_is_told_with_its_name(tmp_path):
    (tmp_path / "a.toy").write_bytes(b"TOY <u2\n")
    with pytest.raises(SourceError) as error:
        open_source(SourceSpec("a.toy"), tmp_path)
    assert str(error.value) == (
        f"{tmp_path}/a.toy: reader 'toy' of package nxtool-toy 1.0 fails: ValueError:"
        f" not enough values to unpack (expected at least 3, got 2) {MEND}"
    )


@pytest.mark.usefixtures("example")
def test_an_unknown_format_lists_that_of_others_too(tmp_path):
    (tmp_path / "a.xyz").write_bytes(b"x")
    with pytest.raises(SourceError) as error:
        format_of(tmp_path / "a.xyz")
    assert str(error.value).endswith(", raw, toy)")
    with pytest.raises(SourceError) as error:
        open_source(SourceSpec("a.xyz", format="toi"), tmp_path)
    assert str(error.value) == "no format 'toi' (did you mean toy?)"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (
            "    raise RuntimeError('no\\nlibrary')",
            f"{WHO} cannot be loaded: RuntimeError: no library",
        ),
        ("    name = 'even'", f"{WHO} calls itself 'even'"),
        (
            "    del name",
            f"{WHO} cannot be loaded: AttributeError: 'Odd' object has no attribute 'name'",
        ),
        ("    def sniff(self, head, path): return 101", f"a.odd: {WHO} is 101 sure"),
        (
            "    def sniff(self, head, path): return 1 / 0",
            f"a.odd: {WHO} fails: ZeroDivisionError: division by zero",
        ),
        (
            "    def open(self, path, options): raise KeyError",
            f"a.odd: {WHO} fails: KeyError",
        ),
        (
            "    def keys(self): return 3",
            f"a.odd: {WHO} fails: TypeError: 'int' object is not iterable",
        ),
        (
            "    def array(self, selector): return self\n    info = None",
            f"a.odd: {WHO} describes an array by NoneType",
        ),
    ],
)
def test_a_broken_reader_is_blamed_by_name(plugin, tmp_path, body, message):
    plugin(body)
    hint = "(0 to 100 is due)" if "101" in message else MEND
    assert told(tmp_path) == f"{message} {hint}"


ARRAY = (
    "    def array(self, selector): return self\n"
    "    info = ArrayInfo((2, 3), np.dtype('<u2'){more})\n"
    "    def read(self, start, stop): return {values}\n"
)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ("np.zeros((2, 3), '>u2')", "gives (2, 3) >u2 where (2, 3) uint16 is due"),
        ("np.zeros((1, 3), '<u2')", "gives (1, 3) uint16 where (2, 3) uint16 is due"),
        ("[][0]", "fails: IndexError: list index out of range"),
    ],
)
def test_a_reader_is_held_to_what_it_promised(plugin, tmp_path, values, message):
    plugin(ARRAY.format(more="", values=values))
    assert told(tmp_path) == f"a.odd: {WHO} {message} {MEND}"


def test_bytes_in_place_must_be_as_many_as_the_array(plugin, tmp_path):
    plugin(ARRAY.format(more=", extents=(Extent('a.odd', 0, 3),)", values="None"))
    assert told(tmp_path) == f"a.odd: {WHO} names 3 bytes for an array of 12 {MEND}"


def test_a_suffix_of_ours_that_a_reader_wants_too_must_be_settled(plugin, tmp_path):
    plugin("    suffixes = ('.csv',)")
    assert told(tmp_path, "a.csv") == ("a.csv: may be csv or odd (set `format` to one of csv, odd)")
    (tmp_path / "a.csv").write_text("x,y\n1,2\n")
    with open_source(SourceSpec("a.csv", format="csv"), tmp_path) as source:
        assert source.array("x").read(0, 1).tolist() == [1]


def test_a_reader_that_does_not_know_the_file_leaves_it_to_us(plugin, tmp_path):
    plugin("    suffixes = ('.csv',)\n    def sniff(self, head, path): return 0")
    (tmp_path / "a.csv").write_text("x,y\n1,2\n")
    assert format_of(tmp_path / "a.csv") == "csv"


def test_of_two_readers_the_surer_one_is_taken(plugin, tmp_path):
    plugin("    def sniff(self, head, path): return 60")
    plugin("", name="even", module="even_reader", package="even-reader")
    (tmp_path / "a.odd").write_bytes(b"x")
    assert format_of(tmp_path / "a.odd") == "odd"


def test_two_equally_sure_readers_must_be_settled(plugin, tmp_path):
    plugin("")
    plugin("", name="even", module="even_reader", package="even-reader")
    assert told(tmp_path) == "a.odd: may be even or odd (set `format` to one of even, odd)"


def test_a_name_of_ours_is_refused(plugin, tmp_path):
    plugin("", name="csv")
    assert told(tmp_path) == (
        f"reader 'csv' of package odd-reader 1.0 has the name of a format of nxtool {MEND}"
    )
    (tmp_path / "a.dat").write_text("1 2\n")
    with open_source(SourceSpec("a.dat", format="csv"), tmp_path) as source:
        assert list(source.keys()) == ["1", "2"]


def test_two_readers_of_one_name_are_refused(plugin, tmp_path):
    plugin("")
    plugin("", module="other_reader", package="other-reader")
    names, _, rest = told(tmp_path).partition(" have ")
    assert sorted(names.split(" and ")) == [WHO, "reader 'odd' of package other-reader 1.0"]
    assert rest == "the same name (remove one of the packages)"


@pytest.mark.parametrize("suffixes", ["('odd',)", "('.ODD',)"])
def test_a_suffix_is_lower_case_with_a_dot(plugin, tmp_path, suffixes):
    plugin(f"    suffixes = {suffixes}")
    assert told(tmp_path) == (
        f"{WHO} has suffixes {suffixes} (they are lower case and begin with a dot)"
    )
