"""`nxtool icat push`: datasets to an ICAT server."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import click

from nxtool.cli.exportoptions import (
    Reading,
    check_files,
    manner_of,
    reading,
    show_apart,
    telling_of,
)
from nxtool.cli.output import show


@click.command(no_args_is_help=True)
@click.option(
    "--config", type=click.Path(readable=False, path_type=Path), default="icat.cfg",
    show_default=True, metavar="FILE", help="The configuration of python-icat.",
)  # fmt: skip
@click.option("--section", required=True, metavar="NAME", help="The section of it to log in with.")
@click.option("--dry-run", is_flag=True, help="Write nothing; list what the server lacks.")
@click.option(
    "--with-static", is_flag=True,
    help="Make facility, instrument, types, users and the investigation where they are missing.",
)  # fmt: skip
@reading
@click.pass_context
def push(
    ctx: click.Context,
    reading: Reading,
    config: Path,
    section: str,
    *,
    dry_run: bool,
    with_static: bool,
) -> None:
    """Put datasets on an ICAT server; what is there already is compared and left as it is.

    Exit code: 0 fine, 1 something needed is missing there, or differs, 2 could not do it.
    """
    from nxtool.export.datasets import datasets
    from nxtool.export.icatpush import Pushed
    from nxtool.export.icatpush import push as push_record
    from nxtool.export.icatserver import Server
    from nxtool.report.icatpush import missing_lines, pushed_lines, tally_line

    check_files(reading)
    manner = manner_of(reading)
    total: Counter[str] = Counter()
    missing: dict[str, None] = {}
    samples: dict[str, None] = {}
    code = 0
    with Server(config, section) as server, telling_of(reading) as telling:
        for exported in datasets(reading.files, manner, telling.step):
            refused = any(item.severity == "error" for item in exported.notes)
            pushed = Pushed(exported.record.text("dataset.name"))
            if not refused:
                pushed = push_record(
                    exported.record, server, static=with_static, dry_run=dry_run
                )  # fmt: skip
            exported.notes.extend(pushed.notes)
            telling.tell(exported)
            show_apart(pushed_lines(pushed, quiet=reading.quiet))
            missing.update(dict.fromkeys(pushed.missing))
            samples.update(dict.fromkeys(pushed.samples if dry_run else ()))
            total.update(made=pushed.made.total(), there=pushed.there.total(), datasets=1)
            code = max(code, 1 if refused or not pushed.ok else 0)
    show(missing_lines(list(missing), list(samples)))
    if not reading.quiet:
        show([tally_line(total, dry_run=dry_run)])
    ctx.exit(code)
