"""Examples for the help of each command: lines to type as they stand, on files of one's own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

EXAMPLES: Final[Mapping[str, tuple[str, ...]]] = {
    "demo": (
        "nxtool demo",
        "nxtool demo tryout",
    ),
    "convert": (
        "nxtool convert scan.nx.yaml",
        "nxtool convert scan.nx.yaml --set vars.run=7 -o run_7.nxs",
        "nxtool convert scan.nx.yaml --plan",
        "nxtool convert run.jsonl -o run.nxs",
    ),
    "listen": (
        "nxtool listen kafka://broker:9092/motors,detector -o run.nxs",
        "nxtool listen kafka://broker:9092 --nexus-structure estia.json -o run.nxs",
        "nxtool listen kafka://broker:9092/det_* -o run.nxs --from latest --until idle:30s",
    ),
    "replay": ("nxtool replay run.jsonl --to kafka://127.0.0.1:9092/documents --rate 100",),
    "sources": (
        "nxtool sources scan.h5",
        "nxtool sources 'frame_*.tif'",
    ),
    "new": (
        "nxtool new",
        "nxtool new --definition NXtomo --source frames='frame_*.tif' -o scan.nx.yaml",
        "nxtool new --from run.jsonl --definition NXxas -o xas.nx.yaml",
    ),
    "template": (
        "nxtool template NXsas -o my.nx.yaml",
        "nxtool template NXtomo --from old.nxs -o my.nx.yaml",
    ),
    "import-eln": ("nxtool import-eln eln_data.yaml --definition NXxps -o xps.nx.yaml",),
    "schema": ("nxtool schema NXsas -o NXsas.schema.json",),
    "tui": (
        "nxtool tui",
        "nxtool tui scan.nx.yaml",
        "nxtool tui scan.nxs",
        "nxtool tui --serve scan.nxs",
    ),
    "check": (
        "nxtool check scan.nx.yaml",
        "nxtool check scan.nx.yaml --plan",
        "nxtool check scan.nx.yaml --set sources.run.path=yesterday.jsonl",
    ),
    "validate": (
        "nxtool validate scan.nxs",
        "nxtool validate -r -j 4 data --format junit -o report.xml",
        "nxtool validate --fix scan.nxs -o mended.nxs",
        "nxtool validate --explain O01",
    ),
    "show": (
        "nxtool show scan.nxs",
        "nxtool show scan.nxs --depth 2",
        "nxtool show scan.nxs --html -o scan.html",
    ),
    "fair": (
        "nxtool fair scan.nxs",
        "nxtool fair data/*.nxs --min 70 --quiet",
    ),
    "edit": (
        "nxtool edit scan.nxs --set '/entry/sample/temperature=100 K' --reason 'read from the log'",
        "nxtool edit scan.nxs --delete /entry/sample/phi --dry-run",
    ),
    "restore": (
        "nxtool restore scan.nxs --list",
        "nxtool restore scan.nxs -o back",
    ),
    "recover": ("nxtool recover run.nxs",),
    "filters": (
        "nxtool filters list",
        "nxtool filters check scan.h5",
        "nxtool filters bench scan.h5::/entry/data --bandwidth 200",
    ),
    "repack": (
        "nxtool repack scan.nxs -o small.nxs --profile archive --verify",
        "nxtool repack scan.nxs --in-place --filter gzip:4",
    ),
    "export": (
        "nxtool export icat scan.nxs -o scan.xml",
        "nxtool export scicat scan.nxs --set scicat.ownerGroup=p241 -o scan.json",
    ),
    "icat": (
        "nxtool icat lint scan.xml",
        "nxtool icat push scan.nxs --config icat.cfg --section hzb --dry-run",
    ),
    "batch": (
        "nxtool batch convert 'raw/*.h5' --recipe scan.nx.yaml --source raw -o 'out/{stem}.nxs'",
        "nxtool batch convert -m night.csv",
        "nxtool batch validate 'data/**/*.nxs' --state results --executor local:4",
    ),
    "openpmd": (
        "nxtool openpmd to-nexus simulation.h5 -o both.h5",
        "nxtool openpmd from-nexus scan.nxs -o scan_both.nxs",
        "nxtool openpmd fix simulation.h5 -o mended.h5",
    ),
    "seal": (
        "nxtool seal scan.nxs -o scan.nxs.age --recipient lab.pub",
        "nxtool seal scan.nxs -o scan.nxs.age --passphrase",
    ),
    "open": ("nxtool open scan.nxs.age -o scan.nxs --identity lab.key",),
    "definitions": (
        "nxtool definitions search small angle",
        "nxtool definitions tree NXtomo",
        "nxtool definitions show NXtomo/ENTRY/sample/rotation_angle",
    ),
}


def epilog(command: str) -> str | None:
    """What stands at the end of the help of a command, as click wants it; None for nothing."""
    lines = EXAMPLES.get(command)
    return None if lines is None else "\n".join(("\b", "Examples:", *(f"  {one}" for one in lines)))
