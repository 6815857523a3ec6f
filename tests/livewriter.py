"""A program that writes a file live until it is killed: `python livewriter.py FILE STEPS EVERY`.

Row n of every dataset is n; now and then there is a new dataset. After every checkpoint it prints
the number of rows.
"""

import sys
from pathlib import Path

import numpy as np

from nxtool.errors import OutputError
from nxtool.stream.growing import growing_dataset
from nxtool.stream.livefile import LiveFile


def main(path, steps, every):
    if path.exists():
        live, noted = LiveFile.resume(path)
        rows = noted["source"]
    else:
        live, rows = LiveFile.create(path), 0
    add(live, rows)
    for step in range(steps):
        count = 1 + step * 7 % 500
        for column in live.columns.values():
            column.append(np.arange(rows, rows + count, dtype=column.dtype))
        rows += count
        live.flush({"source": rows})
        sys.stdout.write(f"{rows}\n")
        sys.stdout.flush()
        if step % every == every - 1:
            add(live, rows)
    live.close()


def add(live, rows):
    """Another dataset, in a group of its own, named by the row it begins at."""
    with live.change({"source": rows}) as file:
        number = len(live.columns)
        group = file.require_group(f"entry/g{number % 5}")
        group.attrs[f"note {number}"] = "x" * 100
        filters = {"compression": "gzip"} if number % 2 else {}
        growing_dataset(group, f"from_{rows}_{number}", "i8", rows_a_chunk=256, filters=filters)


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
    except OutputError as error:
        sys.exit(str(error))
