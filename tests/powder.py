"""A recipe of a powder pattern, and its raw data."""

from pathlib import Path

RECIPE = """\
nxtool: 1
definition: NXmonopd
output: powder.nxs
sources:
  pattern: powder.csv
entry:
  title: LaB6
  start_time: 2026-01-05T10:00:00+01:00
  instrument:
    source: {name: lab, type: Fixed Tube X-ray, probe: x-ray}
    crystal: {wavelength: "[1.5406] angstrom"}
    detector:
      polar_angle: {from: "pattern:angle", units: deg}
      data: {from: "pattern:counts", units: counts}
  sample: {name: LaB6, rotation_angle: 0 deg}
  monitor: {mode: timer, preset: 1.0 s, integral: 1.0}
"""


def write_rows(folder: Path, count: int) -> None:
    """The file `powder.csv` the recipe reads, of so many points."""
    rows = "".join(f"{5 + step * 0.1:.1f},{step}\n" for step in range(count))
    (folder / "powder.csv").write_text(f"angle,counts\n{rows}")
