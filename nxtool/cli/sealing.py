"""`nxtool seal` and `nxtool open`: whole files encrypted with age, and opened again."""

from __future__ import annotations

from pathlib import Path

import click

from nxtool.cli import options
from nxtool.cli.output import show
from nxtool.errors import NxtoolError
from nxtool.report.terminal import line, styled
from nxtool.sealing import open_by_passphrase, open_with, seal_by_passphrase, seal_for

_file = click.argument("file", type=options.file_here)
_output = click.option(
    "-o", "--output", type=click.Path(readable=False, path_type=Path), required=True,
    metavar="FILE", help="The file to write.",
)  # fmt: skip
_overwrite = click.option("--overwrite", is_flag=True, help="Replace the output if it exists.")
_by_prompt = click.option("--passphrase", "asks", is_flag=True, help="Ask for a passphrase.")
_by_file = click.option(
    "--passphrase-file", "words", type=click.Path(readable=False, path_type=Path),
    metavar="FILE", help="Take the first line of FILE as the passphrase.",
)  # fmt: skip
_quiet = click.option("-q", "--quiet", is_flag=True, help="Print only what is wrong.")


@click.command(no_args_is_help=True)
@_file
@_output
@click.option(
    "-r", "--recipient", "recipients", multiple=True, metavar="KEY",
    help="A public key (age1..., ssh-...) or a file of them; may be repeated.",
)  # fmt: skip
@_by_prompt
@_by_file
@_overwrite
@_quiet
@options.no_color
def seal(
    file: Path,
    output: Path,
    recipients: tuple[str, ...],
    asks: bool,
    words: Path | None,
    overwrite: bool,
    quiet: bool,
) -> None:
    """Encrypt FILE as a whole, so that only who has the key can read any of it.

    FILE stays as it is. The format is that of the program age. Exit code: 0 written, 2 something
    could not be read or written.
    """
    _check_one_way(bool(recipients), asks, words, "--recipient")
    if recipients:
        seal_for(file, output, recipients, overwrite=overwrite)
    else:
        passphrase = _passphrase(words, confirm=True)
        seal_by_passphrase(file, output, passphrase, overwrite=overwrite)
    _tell("sealed ", output, quiet=quiet)


@click.command("open", no_args_is_help=True)
@_file
@_output
@click.option(
    "-i", "--identity", "identities", multiple=True, metavar="FILE",
    type=click.Path(readable=False, path_type=Path),
    help="A file with private keys, of age-keygen or ssh; may be repeated.",
)  # fmt: skip
@_by_prompt
@_by_file
@_overwrite
@_quiet
@options.no_color
def unseal(
    file: Path,
    output: Path,
    identities: tuple[Path, ...],
    asks: bool,
    words: Path | None,
    overwrite: bool,
    quiet: bool,
) -> None:
    """Decrypt a sealed FILE.

    FILE stays as it is, and the output appears only when all of it was decrypted. Exit code:
    0 written, 2 the key does not fit, or something could not be read or written.
    """
    _check_one_way(bool(identities), asks, words, "--identity")
    if identities:
        open_with(file, output, identities, overwrite=overwrite)
    else:
        passphrase = _passphrase(words, confirm=False)
        open_by_passphrase(file, output, passphrase, overwrite=overwrite)
    _tell("opened ", output, quiet=quiet)


def _check_one_way(by_key: bool, asks: bool, words: Path | None, key_option: str) -> None:
    if by_key + asks + (words is not None) != 1:
        raise click.UsageError(f"give one of {key_option}, --passphrase and --passphrase-file")


def _passphrase(words: Path | None, *, confirm: bool) -> str:
    """The passphrase from a file, or else of the person at the terminal."""
    if words is None:
        told: str = click.prompt(
            "Passphrase", hide_input=True, confirmation_prompt=confirm, err=True
        )
        return told
    try:
        text = words.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        message = f"{words}: no passphrase can be read there"
        raise NxtoolError(message, hint="it is the first line of a text file") from error
    found = (text.splitlines() or [""])[0]
    if not found:
        raise NxtoolError(f"{words}: its first line is empty", hint="write the passphrase there")
    return found


def _tell(word: str, output: Path, *, quiet: bool) -> None:
    if not quiet:
        show([line(styled(word, "good"), styled(str(output), "title"))])
