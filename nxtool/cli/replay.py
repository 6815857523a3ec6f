"""`nxtool replay`: stored runs and messages, sent to Kafka again."""

from __future__ import annotations

from pathlib import Path

import click

from nxtool.cli import options
from nxtool.cli.interrupt import asked
from nxtool.cli.output import show
from nxtool.report.printable import printable
from nxtool.report.terminal import line, styled
from nxtool.stream.kafka.address import parse_address, read_client_settings
from nxtool.stream.kafka.replaying import replay as send
from nxtool.stream.kafka.replaying import stored_messages


@click.command(no_args_is_help=True)
@click.argument("file", type=options.file_here)
@click.option("--to", "address", required=True, metavar="kafka://HOST:PORT/TOPIC",
              help="Where to send.")  # fmt: skip
@click.option("--rate", type=click.FloatRange(min=0), default=0.0, metavar="N",
              help="So many messages a second.  [default: as fast as it goes]")  # fmt: skip
@click.option("--client-config", "client", default=None, metavar="FILE",
              type=click.Path(readable=False, path_type=Path),
              help="Settings of the client (librdkafka), name=value a line.")  # fmt: skip
@click.option("-q", "--quiet", is_flag=True, help="Print only what is wrong.")
@options.no_color
def replay(file: Path, address: str, rate: float, client: Path | None, quiet: bool) -> None:
    """Send what FILE holds to a topic of Kafka, for demonstrations and tests.

    FILE has documents of Bluesky in any form, or messages as JSON lines: {"value": BASE64}, with
    "key", "topic", "partition" and "time" (in ms) where they matter.
    """
    settings = read_client_settings(client) if client else {}
    with asked() as is_asked:
        where = parse_address(address)
        count = send(stored_messages(file), where, settings, rate=rate, is_asked=is_asked)
    if not quiet:
        told = f"{count:,} messages of {printable(str(file))}"
        show([line(styled("sent ", "good"), told)])
