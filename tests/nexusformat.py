"""What nexusformat's validator says of a file."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import nexusformat

from nxtool import assets

EXPLAINED = (
    # a name with upper-case letters is one the author chooses (nameType any or partial), which
    # nxvalidate takes literally unless it is one run of capitals before or after small letters
    r"Group: \w*[A-Z]\w*: NX\w+",
    r"Field: /entry/data/(DATA|AXISNAME)",
    # NXxrd makes fields of what NXmonopd, which it extends, wants to be links
    r"Field: /entry/(data|experiment_result)/(polar_angle|data)",
)
"""Objections of nxvalidate that the standard does not support."""


def is_explained(objection: str) -> bool:
    """True for what nexusformat says and the standard does not."""
    return any(re.fullmatch(pattern, objection) for pattern in EXPLAINED)


def with_ours(folder: Path) -> Path:
    """A folder of the official definitions and those of nxtool, made below `folder`."""
    official = Path(nexusformat.__file__).parent / "definitions"
    made = folder / "definitions"
    made.mkdir()
    for name in ("base_classes", "contributed_definitions", "NXDL_VERSION"):
        (made / name).symlink_to(official / name)
    (made / "applications").mkdir()
    for source in (official / "applications", assets.folder("definitions")):
        for file in source.glob("*.nxdl.xml"):
            (made / "applications" / file.name).symlink_to(file)
    return made


def nexusformat_errors(path: Path, definitions: Path | None = None) -> list[str]:
    """The places where nexusformat's `nxvalidate` finds an error in the file."""
    program = Path(sys.executable).with_name("nxvalidate")
    command = [program, "-e", *(("-d", definitions) if definitions else ()), path]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    told = re.sub(r"\x1b\[[0-9;]*m", "", done.stdout)
    total = re.search(r"Total number of errors: (\d+)", told)
    assert total is not None, told
    kinds = "(?:Field|Group|Attribute|Link): "
    place = re.compile(rf"^ *({kinds}.*)\n(?! *{kinds}) +\S", re.MULTILINE)
    found = place.findall(told)
    assert len(found) == int(total[1]), told
    return found
