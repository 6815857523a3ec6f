"""Known findings."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nxtool.errors import NxtoolError
from nxtool.findings import Finding, Findings
from nxtool.validate.baseline import Baseline, read_baseline

ANY_TEXT = st.text(st.characters(codec=None, exclude_categories=()), max_size=5)


def item(path: str = "/x", message: str = "has 3 of 'a'", code: str = "T01") -> Finding:
    return Finding(code, "error", path, message)


def knowing(*items: Finding, file: str = "a.nxs") -> Baseline:
    baseline = Baseline(Path())
    baseline.add(Findings(file, list(items)))
    return baseline


def left(baseline: Baseline, *items: Finding, file: str = "a.nxs") -> list[Finding]:
    return baseline.new(Findings(file, list(items))).items


def test_a_known_finding_is_left_out_and_counted() -> None:
    found = knowing(item()).new(Findings("a.nxs", [item(), item("/y")]))
    assert (found.items, found.known) == ([item("/y")], 1)


def test_names_and_numbers_in_the_message_may_change() -> None:
    assert left(knowing(item()), item(message="has 44 of 'b'")) == []


@pytest.mark.parametrize("other", [item("/y"), item(code="T02"), item(message="lacks 3 of 'a'")])
def test_another_path_code_or_message_is_new(other: Finding) -> None:
    assert left(knowing(item()), other) == [other]


def test_the_same_in_another_file_is_new() -> None:
    assert left(knowing(item()), item(), file="b.nxs") == [item()]


def test_one_more_of_the_same_is_new() -> None:
    assert left(knowing(item(), item()), item(), item(), item()) == [item()]


def test_a_baseline_is_used_up_by_no_file() -> None:
    baseline = knowing(item())
    assert left(baseline, item()) == left(baseline, item()) == []


def test_files_are_named_from_the_folder_of_the_baseline(tmp_path: Path) -> None:
    baseline = Baseline(tmp_path)
    baseline.add(Findings(str(tmp_path / "data" / "a.nxs"), [item()]))
    assert list(baseline.files) == ["data/a.nxs"]


def test_the_file_is_as_described(tmp_path: Path) -> None:
    baseline = knowing(item("/y"), item(), item())
    baseline.add(Findings("fine.nxs"))
    assert baseline.to_text() == (
        '{\n "schema": "nxtool.baseline",\n "schema_version": 1,\n "files": {\n'
        '  "a.nxs": [\n'
        '   {\n    "code": "T01",\n    "path": "/x",\n    "message": "has _ of _",\n'
        '    "count": 2\n   },\n'
        '   {\n    "code": "T01",\n    "path": "/y",\n    "message": "has _ of _",\n'
        '    "count": 1\n   }\n  ]\n }\n}\n'
    )


@given(st.lists(st.tuples(ANY_TEXT, ANY_TEXT), max_size=4))
def test_what_is_written_is_read_again(
    tmp_path_factory: object, texts: list[tuple[str, str]]
) -> None:
    items = [item(*pair) for pair in texts]
    path = Path(tmp_path_factory.mktemp("b")) / "known.json"  # type: ignore[attr-defined]
    written = Baseline(path.parent)
    written.add(Findings(str(path.parent / "a.nxs"), items))
    path.write_text(written.to_text())
    assert left(read_baseline(path), *items, file=str(path.parent / "a.nxs")) == []


@pytest.mark.parametrize(
    "content",
    [
        "", "[]", "{}", "[" * 100_000, "\udce9",
        '{"schema": "nxtool.baseline", "schema_version": 1}',
        '{"schema": "nxtool.baseline", "schema_version": 1, "files": {"a": [3]}}',
        '{"schema": "nxtool.baseline", "schema_version": 1, "files": {"a": [{"code": "x"}]}}',
    ],
)  # fmt: skip
def test_another_file_is_no_baseline(tmp_path: Path, content: str) -> None:
    path = tmp_path / "known.json"
    path.write_text(content, errors="surrogateescape")
    with pytest.raises(NxtoolError) as caught:
        read_baseline(path)
    assert str(caught.value) == f"{path}: is no baseline (--write-baseline makes one)"


def test_a_baseline_of_another_version_is_not_guessed_at(tmp_path: Path) -> None:
    path = tmp_path / "known.json"
    path.write_text('{"schema": "nxtool.baseline", "schema_version": 2, "files": {}}')
    with pytest.raises(NxtoolError, match="a baseline of another version of nxtool"):
        read_baseline(path)
