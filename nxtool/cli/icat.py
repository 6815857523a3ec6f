"""`nxtool icat`: files for ICAT, and an ICAT server."""

from __future__ import annotations

import click

from nxtool.cli.icatpush import push


@click.group(no_args_is_help=True)
def icat() -> None:
    """Check files for ICAT, and push datasets to a server."""


icat.add_command(push)
