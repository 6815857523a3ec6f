"""What a server says that is no good HSDS: nonsense is told of where it stands, and breaks nothing.

Domains of a real server are in test_remote_servers.py.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.remoteservers import DIRECT, WebServer

pytest.importorskip("h5pyd", reason="needs the extra hsds")
TEXT = {"class": "H5T_STRING", "length": "H5T_VARIABLE", "charSet": "H5T_CSET_UTF8"}
SCALAR = {"class": "H5S_SCALAR"}
ADDRESS = "hdf5://home/me/scan.h5"


def hard(name: str) -> dict[str, str]:
    return {"class": "H5L_TYPE_HARD", "id": name}


def soft(path: str) -> dict[str, str]:
    return {"class": "H5L_TYPE_SOFT", "h5path": path}


def text(value: object) -> dict[str, Any]:
    return {"type": TEXT, "shape": SCALAR, "value": value}


ENTRY = {"NX_class": text("NXentry")}
GOOD: dict[str, Any] = {
    "index": {"root": "g-1"},
    "groups/g-1": {"links": {"entry": hard("g-2")}, "attributes": {}},
    "groups/g-2": {"links": {"start_time": hard("d-1")}, "attributes": ENTRY},
    "datasets/d-1": {
        "type": TEXT, "shape": {"class": "H5S_SIMPLE", "dims": [1]}, "attributes": {},
        "creationProperties": {"layout": {"class": "H5D_CHUNKED", "dims": [1]}},
    },
    "datasets/d-1/value": b"\x14\0\0\0" + b"2026-01-05T10:00:00Z",
}  # fmt: skip


def judged(nxtool, monkeypatch, folder: Path, answers: Mapping[str, Any]) -> Any:
    """The outcome of judging the domain that consists of these answers."""
    for name, answer in answers.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        place = folder / name if not (folder / name).is_dir() else folder / name / "index"
        place.write_bytes(answer if isinstance(answer, bytes) else json.dumps(answer).encode())
    with WebServer(folder) as web:
        for name, value in {**DIRECT, "HS_ENDPOINT": web.url, "HOME": str(folder)}.items():
            monkeypatch.setenv(name, value)
        return nxtool("validate", "--format", "json", ADDRESS)


def ordered(answers: Mapping[str, Any]) -> dict[str, Any]:
    """Longer names first, so that folders are there before what is asked of them."""
    return {name: answers[name] for name in sorted(answers, key=len, reverse=True)}


def findings(done: Any) -> list[tuple[str, str, str]]:
    found = json.loads(done.out)["files"][0]["findings"]
    told = (one for one in found if one["severity"] != "info")
    return [(one["code"], one["path"], one["message"]) for one in told]


def test_a_good_domain_has_no_findings(nxtool, monkeypatch, tmp_path):
    assert findings(judged(nxtool, monkeypatch, tmp_path, ordered(GOOD))) == []


def test_soft_links_through_soft_links_end_soon(nxtool, monkeypatch, tmp_path):
    links = {f"l{n}": soft(f"l{n + 1}/l{n + 1}/l{n + 1}/l{n + 1}") for n in range(15)}
    group = {"links": {**links, "l15": soft(".")}, "attributes": ENTRY}
    done = judged(nxtool, monkeypatch, tmp_path, ordered({**GOOD, "groups/g-2": group}))
    deep = [f"/entry/l{n}" for n in range(14)]
    assert sorted(path for code, path, _ in findings(done) if code == "L01") == sorted(deep)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"groups/g-2": {"links": {"loop": soft("loop")}, "attributes": ENTRY}},
         [("L01", "/entry/loop", "soft link leads nowhere: 'loop' does not exist")]),
        ({"groups/g-2": {"links": {"gone": hard("d-9")}, "attributes": ENTRY}},
         [("T18", "/entry/gone", "cannot be opened: the server has no such object")]),
        ({"groups/g-2": {"links": {"odd": {"class": 7}, "other": 3}, "attributes": ENTRY}},
         [("L01", "/entry/odd", "other link leads nowhere: is of unknown kind")]),
        ({"datasets/d-1/value": b"\xff\xff\xff\xff"},
         [("T18", "/entry/start_time",
           "cannot be read: the server gives no such values: ends inside a text")]),
        ({"groups/g-1": {"links": [], "attributes": []}},
         [("O07", "/", "the file has no NXentry")]),
    ],
)  # fmt: skip
def test_nonsense_is_told_where_it_stands(nxtool, monkeypatch, tmp_path, changes, expected):
    done = judged(nxtool, monkeypatch, tmp_path, ordered({**GOOD, **changes}))
    assert findings(done) == expected


@pytest.mark.slow
@pytest.mark.parametrize("changes", [{"index": b"<html>"}, {"groups/g-1": b"[1]"}])
def test_what_is_no_hsds_is_told(nxtool, monkeypatch, tmp_path, changes):
    done = judged(nxtool, monkeypatch, tmp_path, ordered({**GOOD, **changes}))
    assert done.code == 2
    assert done.err.endswith(" does not answer as HSDS does\n  → is HS_ENDPOINT right?\n")
