"""Recipes: read, planned beside small sources, and judged; nothing is written."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import h5py
import numpy as np
import yaml

from nxtool.build.convert import check
from nxtool.config import lasting_schema
from tests.fuzz.target import Take

LONGEST = 4096
ROOT = Path(__file__).parents[2]
WORDS = (
    b"nxtool: 1\n", b"definition: ", b"output: ", b"include: ", b"vars: ", b"defaults: ",
    b"sources: ", b"entry:\n  ", b"waive: ", b"provenance: ", b"from: ", b"value: ", b"units: ",
    b"link: ", b"$repeat: ", b"$attrs: ", b"$plot: ", b"rows: ", b"${", b"}", b"${x + 1}", b"[0]",
    b"name(NXlog)", b"(NXcollection)", b"compression: ", b"gzip:4", b"bitshuffle", b"chunks: ",
    b"reduce: ", b"sum", b"mean", b"shape: ", b"dtype: ", b"path: ", b"options: ", b"expect: ",
    b"missing: ", b"where: ", b"frames.h5:/data", b"log.csv", b"meta.json", b"!invalid ", b"&a ",
    b"*a", b"<<: ", b"? ", b"- ", b"|\n", b">\n", b"---\n", b"1e999", b".nan", b"0x10", b"@units",
    b"5 mm", b"2026-01-05T10:00:00", b"Europe/Berlin", b"transformations: ", b"depends_on: ",
    b"rotation: ", b"lossy: ", b"slice: ", b"[:, 0]", b"timezone: ", b"../", b"/dev/zero",
    b"NXtomo",
)  # fmt: skip


def seeds() -> Iterator[bytes]:
    """The templates, the recipes of the tests, and a small one with many forms."""
    for path in sorted(
        [*ROOT.glob("templates/*/*.nx.yaml"), *ROOT.glob("tests/acceptance/recipes/*")]
    ):
        yield path.read_bytes()
    sound = yaml.safe_load((ROOT / "tests/mistakes.yaml").read_text())["sound"]
    yield sound.encode()
    yield _SMALL


def prepared(folder: Path) -> Take:
    """Checks a recipe in a folder with a few sources."""
    _make_sources(folder)
    schema, path = lasting_schema([]), folder / "scan.nx.yaml"

    def take(data: bytes) -> None:
        path.write_bytes(data)
        check(path, schema)

    return take


def _make_sources(folder: Path) -> None:
    with h5py.File(folder / "frames.h5", "w") as file:
        file["data"] = np.arange(2 * 4 * 5, dtype=np.uint16).reshape(2, 4, 5)
        file["data"].attrs["units"] = "counts"
        file["name"] = "é"
    (folder / "log.csv").write_text("time,temp (K),file\n1,2.5,a\n2,3.5,b\n")
    (folder / "meta.json").write_text('{"sample": {"name": "iron"}, "x": [1, 2, 3]}')
    (folder / "base.nx.yaml").write_text("defaults: {timezone: UTC}\n")


_SMALL = b"""nxtool: 1
definition: NXentry
output: out.nxs
include: base.nx.yaml
vars: {x: 2, y: "${x * 2} mm"}
sources:
  frames: {path: "frames.h5:/data", expect: 2}
  log: log.csv
  meta: meta.json
defaults: {compression: "gzip:4", chunks: auto}
waive: {/entry/title: no title}
provenance: {embed: none, hash: none}
entry:
  title: "run ${x}"
  sample:
    name: {from: "meta:sample/name"}
    temperature: {from: "log:temp", units: K, $attrs: {note: [1, 2]}}
    c(NXcollection):
      $repeat: {rows: log, as: row}
      "f_${row.file}": {value: "${row.time}", units: s}
  instrument:
    detector:
      data: {from: frames, units: counts, reduce: sum, chunks: [1, 4, 5]}
      transformations:
        z: {value: "[0, 1] mm", rotation: [0, 0, 1]}
      depends_on: z
  data:
    $plot: {signal: data, axes: [z]}
    data: {link: /entry/instrument/detector/data}
"""
