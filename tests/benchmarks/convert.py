"""What converting a large stack costs, against a plain h5py loop over the same frames.

    python tests/benchmarks/convert.py [--frames 2048] [--size 512] [--compression bitshuffle-lz4]

Writes uint16 frames to an HDF5 file and to TIFF files, then runs in turn, in processes of their
own: a plain loop (read a frame, write a frame, same filter, one frame a chunk) and `nxtool
convert`. Prints wall and CPU seconds, peak memory, and the ratios; nothing is asserted.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

RECIPE = """\
nxtool: 1
definition: NXtomo
output: out.nxs
defaults: {{timezone: UTC}}
sources:
  frames: "{source}"
  log: log.csv
entry:
  instrument:
    detector:
      data: {{from: frames, units: counts, compression: {compression}}}
      image_key: {{from: "log:key"}}
  sample:
    name: noise
    rotation_angle: {{from: "log:angle", units: deg}}
"""

LOOP = """\
import sys, h5py, hdf5plugin, numpy as np
from pathlib import Path
from nxtool.sources.model import SourceSpec
from nxtool.storage.spec import create_options, parse_filter
source, compression = sys.argv[1], sys.argv[2]
options = dict(create_options(parse_filter(compression), np.dtype("u2")))
with h5py.File("loop.h5", "w") as out:
    if source.endswith("data"):
        data = h5py.File("frames.h5")["data"]
        frames = (data[i] for i in range(len(data)))
        count, shape = len(data), data.shape[1:]
    else:
        import tifffile
        files = sorted(Path().glob("f_*.tif"))
        frames = map(tifffile.imread, files)
        count, shape = len(files), tifffile.imread(files[0]).shape
    done = out.create_dataset("data", (count, *shape), "u2", chunks=(1, *shape), **options)
    for i, frame in enumerate(frames):
        done[i] = frame
"""


def make_frames(folder: Path, frames: int, size: int) -> None:
    """Photon counts of about 3 a pixel, the same for both formats."""
    import h5py

    from nxtool.demo import write_tiff

    noise = np.random.default_rng(0)
    patterns = noise.poisson(3, (16, size, size)).astype(np.uint16)
    with h5py.File(folder / "frames.h5", "w") as file:
        data = file.create_dataset("data", (frames, size, size), "u2", chunks=(1, size, size))
        for index in range(frames):
            frame = patterns[index % 16] + np.uint16(index % 7)
            data[index] = frame
            write_tiff(folder / f"f_{index:05d}.tif", frame)
    rows = [f"{180 * i / frames},0" for i in range(frames)]
    (folder / "log.csv").write_text("angle,key\n" + "\n".join(rows) + "\n")


def measure(command: list[str], folder: Path) -> dict[str, float]:
    """Wall and CPU seconds and peak memory (MiB) of one process."""
    start = time.perf_counter()
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    if status:
        raise SystemExit(f"{command} failed with status {status}")
    cpu = usage.ru_utime + usage.ru_stime
    return {"wall s": wall, "cpu s": cpu, "peak MiB": usage.ru_maxrss / 1024}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--frames", type=int, default=2048)
    parser.add_argument("--size", type=int, default=512)
    parser.add_argument("--compression", default="bitshuffle-lz4")
    parser.add_argument("--repeat", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_frames(folder, options.frames, options.size)
        for source in ("frames.h5:/data", "f_*.tif"):
            recipe = folder / "scan.nx.yaml"
            recipe.write_text(RECIPE.format(source=source, compression=options.compression))
            compare(source, folder, options.compression, options.repeat)


def compare(source: str, folder: Path, compression: str, repeat: int) -> None:
    python = sys.executable
    commands = {
        "plain loop": [python, "-c", LOOP, source, compression],
        "nxtool": [python, "-m", "nxtool", "convert", "-q", "--overwrite", "scan.nx.yaml"],
    }
    runs: dict[str, list[dict[str, float]]] = {label: [] for label in commands}
    for _ in range(repeat):
        for label, command in commands.items():
            runs[label].append(measure(command, folder))
    medians = {
        label: {key: statistics.median(run[key] for run in found) for key in found[0]}
        for label, found in runs.items()
    }
    ratios = [
        nxtool["wall s"] / loop["wall s"]
        for nxtool, loop in zip(runs["nxtool"], runs["plain loop"], strict=True)
    ]
    print(source, compression, json.dumps(medians), f"ratio {statistics.median(ratios):.2f}")


if __name__ == "__main__":
    main()
