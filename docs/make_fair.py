"""Write docs/fair.md from the table of checks: `python docs/make_fair.py`."""

from __future__ import annotations

from pathlib import Path

from nxtool.fair.answers import most_points
from nxtool.fair.checks import CHECKS, LETTERS, Check

PAGE = Path(__file__).with_name("fair.md")

HEAD = """\
# How FAIR is a file?

Data are worth more when others find, read, understand and may use them:
[FAIR](https://doi.org/10.1038/sdata.2016.18). `nxtool fair` asks a NeXus file {count} questions,
each answered by yes or no from what stands in the file, and adds up points.

```console
$ nxtool fair scan.nxs
$ nxtool fair scan.nxs --checksums
$ nxtool fair *.nxs --min 70 --quiet
$ nxtool fair scan.nxs --format json
$ nxtool fair --list
```

For every no the report says what was found, where, and what to do. With `--min` the exit code is 1
where a file has less than so many percent, so a script or CI can ask for it; without, it is 0. It
is 2 where a file could not be read or holds no NXentry; the other files are still judged.

## How it is counted

- A question is worth its points. What does not apply (absolute paths where there are no links to
  other files, the history of data that nobody processed) is neither given nor asked for. The
  percentage is rounded down.
- In a file with several entries every one is asked; one no makes a no, and the report names it.
  What an entry shares with another by links counts for both. Where an entry has no text of its own,
  that of its NXsubentry counts.
- Units and errors are the validator's word: a field needs a unit where its definition says so. A
  field that no definition knows needs one if it holds numbers of floating point; `1` or an empty
  text says that it is a mere ratio.
- Whether data were processed, no file says for sure: the question is asked where there is an
  NXprocess, or where the application definition is one for processed data ({processed}).
- NXentry has no place for a licence. A field or attribute named `license` (or `licence`, `rights`,
  `spdx`…) is looked for in the entry, in its NXcollections and NXnotes, and among the attributes of
  the root; so is what stands in a group of that name. It must be an identifier of the
  [SPDX list](https://spdx.org/licenses) or an https address.
- Nothing but small texts is read. With `--checksums` that is done as well: the recipe and the raw
  files that nxtool recorded (those that lie beside the file, and those kept in it), any NXnote with
  checksum and algorithm, and `FILE.sha256` beside the file, as `sha256sum FILE` prints it.
- Two questions are hints, worth a point each.

A file with all {points} points is well described; whether it is good science, no program can tell.

## The questions

This part is made from the table that the program uses (`make rules`).
"""


def page() -> str:
    """The page as Markdown, questions by letter."""
    from nxtool.fair.reusable import PROCESSED

    processed = ", ".join(sorted(PROCESSED))
    parts = [HEAD.format(count=len(CHECKS), points=most_points(), processed=processed)]
    for letter, name in LETTERS.items():
        parts.append(f"\n### {name}\n\n| code | points | question | why | what to do | source |\n")
        parts.append("|---|---|---|---|---|---|\n")
        parts += [_row(check) for check in CHECKS.values() if check.letter == letter]
    return "".join(parts)


def _row(check: Check) -> str:
    points = f"{check.points} (hint)" if check.hint else str(check.points)
    cells = (f"`{check.code}`", points, check.title, check.why, check.fix, check.source)
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
