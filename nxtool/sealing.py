"""Whole files encrypted with age, for those who have the key, and opened again.

The file is whatever its bytes are: nothing of it can be read without the key, names and sizes
included. Results appear under their names only when they are complete, and the input is never
touched. Format: https://age-encryption.org/v1, so the program `age` reads and writes the same.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final, TypeVar

from nxtool.build.partfile import part_file
from nxtool.errors import FileUnreadable, MissingExtra, NxtoolError, OutputError

if TYPE_CHECKING:
    from collections.abc import Iterator

_T = TypeVar("_T")

LARGEST_BY_PASSPHRASE: Final = 1024**3
"""The largest file, in bytes, for a passphrase: it goes through memory in one piece."""
_ARMOR: Final = b"-----BEGIN AGE ENCRYPTED FILE-----"
_BINARY: Final = b"age-encryption.org/v1"
_WRONG: Final = "the key does not fit, or the file is damaged"


def seal_for(path: Path, out: Path, recipients: Sequence[str], *, overwrite: bool = False) -> None:
    """Encrypt `path` as `out` for all of `recipients`: public keys, or files with one a line.

    Raises:
        MissingExtra: pyrage is not installed.
        NxtoolError: a recipient is no public key.
        FileUnreadable: `path` cannot be read.
        OutputError: `out` exists or cannot be written.
    """
    age = _age()
    keys = [_recipient(age, line) for one in recipients for line in _lines_of(one)]

    def encrypt(reader: _Stream, writer: _Stream) -> None:
        age.encrypt_io(reader, writer, keys)

    _through(age, path, out, encrypt, overwrite=overwrite)


def seal_by_passphrase(path: Path, out: Path, passphrase: str, *, overwrite: bool = False) -> None:
    """Encrypt `path`, of at most 1 GiB, as `out` by a passphrase; raises as `seal_for`."""
    age = _age()
    _check_size(path)

    def encrypt(reader: _Stream, writer: _Stream) -> None:
        writer.write(age.passphrase.encrypt(reader.read(-1), passphrase))

    _through(age, path, out, encrypt, overwrite=overwrite)


def open_with(
    path: Path, out: Path, identities: Sequence[Path], *, overwrite: bool = False
) -> None:
    """Decrypt `path` as `out` by the first private key that fits, out of the files `identities`.

    Raises:
        MissingExtra: pyrage is not installed.
        NxtoolError: there is no private key in a file, or none fits.
        FileUnreadable: `path` cannot be read, or is no sealed file.
        OutputError: `out` exists or cannot be written.
    """
    age = _age()
    keys = [key for one in identities for key in _identities(age, one)]
    _check_sealed(path)

    def decrypt(reader: _Stream, writer: _Stream) -> None:
        age.decrypt_io(reader, writer, keys)

    with _refusals(age, path):
        _through(age, path, out, decrypt, overwrite=overwrite)


def open_by_passphrase(path: Path, out: Path, passphrase: str, *, overwrite: bool = False) -> None:
    """Decrypt `path` as `out` by the passphrase it was sealed by; raises as `open_with`."""
    age = _age()
    _check_sealed(path)
    _check_size(path)

    def decrypt(reader: _Stream, writer: _Stream) -> None:
        writer.write(age.passphrase.decrypt(reader.read(-1), passphrase))

    with _refusals(age, path):
        _through(age, path, out, decrypt, overwrite=overwrite)


def _age() -> Any:
    try:
        return importlib.import_module("pyrage")
    except ImportError as error:
        raise MissingExtra("sealing files", "seal") from error


@contextmanager
def _refusals(age: Any, path: Path) -> Iterator[None]:
    try:
        yield
    except age.DecryptError as error:
        hint = "was it sealed for another key, or by another passphrase?"
        raise NxtoolError(f"{path}: {_WRONG}", hint=hint) from error


class _Stream:
    """A file as pyrage reads or writes it; `fault` is what went wrong, which pyrage forgets."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self.fault: BaseException | None = None

    def read(self, size: int) -> bytes:
        return self._kept(lambda: self._stream.read(size))

    def write(self, data: bytes) -> int:
        return self._kept(lambda: self._stream.write(data))

    def flush(self) -> None:
        self._kept(self._stream.flush)

    def _kept(self, action: Callable[[], _T]) -> _T:
        try:
            return action()
        except BaseException as error:
            self.fault = error
            raise


def _through(
    age: Any,
    path: Path,
    out: Path,
    action: Callable[[_Stream, _Stream], None],
    *,
    overwrite: bool,
) -> None:
    """Let `action` make `out` of `path`, whole or not at all."""
    if out.exists() and out.samefile(path):
        raise OutputError(f"{out}: is the input", hint="name another file with -o")
    if out.exists() and not overwrite:
        raise OutputError(
            f"{out}: exists already", hint="name another file with -o, or add --overwrite"
        )
    with _opened(path) as source, part_file(out) as part:
        with part.open("xb") as target:
            streams = _Stream(source), _Stream(target)
            with _faults_of(age, streams, path):
                action(*streams)
        part.replace(out)


@contextmanager
def _faults_of(age: Any, streams: Sequence[_Stream], path: Path) -> Iterator[None]:
    """What went wrong at a stream, where pyrage tells something else."""
    try:
        yield
    except (OSError, age.EncryptError, age.DecryptError) as error:
        for stream in streams:
            if stream.fault is not None:
                raise stream.fault from None
        if not isinstance(error, OSError):
            raise
        raise FileUnreadable(f"{path}: is damaged or truncated", hint="copy it again") from error


@contextmanager
def _opened(path: Path) -> Iterator[IO[bytes]]:
    try:
        stream = path.open("rb")
    except OSError as error:
        raise FileUnreadable(f"{path}: {error.strerror}", hint="check the path") from error
    with stream:
        yield stream


def _check_size(path: Path) -> None:
    if path.is_file() and path.stat().st_size > LARGEST_BY_PASSPHRASE:
        hint = "seal it for a key: --recipient (made by age-keygen)"
        raise NxtoolError(f"{path}: is too large for a passphrase, which takes 1 GiB", hint=hint)


def _check_sealed(path: Path) -> None:
    with _opened(path) as stream:
        head = stream.read(len(_ARMOR))
    if not head.startswith((_ARMOR, _BINARY)):
        raise FileUnreadable(f"{path}: is not sealed", hint="only files of age can be opened")


def _lines_of(text: str) -> list[str]:
    """A key itself, or the lines of the file it names."""
    if text.startswith(("age1", "ssh-")):
        return [text]
    return _key_lines(Path(text), "a public key begins with age1 or ssh-; else name a file of them")


def _key_lines(path: Path, hint: str) -> list[str]:
    """The lines of a file of keys, without comments."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError) as error:
        raise NxtoolError(f"{path}: no key can be read there", hint=hint) from error
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def _recipient(age: Any, text: str) -> Any:
    kind = age.ssh if text.startswith("ssh-") else age.x25519
    try:
        return kind.Recipient.from_str(text)
    except age.RecipientError as error:
        raise NxtoolError(
            f"{text[:40]!r} is not a public key", hint="age-keygen makes one, age1..."
        ) from error


def _identities(age: Any, path: Path) -> list[Any]:
    hint = "name the file that age-keygen made, or a private key of ssh"
    lines = _key_lines(path, hint)
    try:
        if lines and lines[0].startswith("-----BEGIN"):
            return [age.ssh.Identity.from_buffer(path.read_bytes())]
        found = [age.x25519.Identity.from_str(line) for line in lines]
    except age.IdentityError as error:
        raise NxtoolError(f"{path}: holds no private key", hint=hint) from error
    if not found:
        raise NxtoolError(f"{path}: holds no private key", hint=hint)
    return found
