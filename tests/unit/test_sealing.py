"""Files sealed and opened: the same bytes with the right key, nothing without."""

from __future__ import annotations

import os
import signal
import sys
import threading

import pytest

from nxtool import cli

pyrage = pytest.importorskip("pyrage")

CONTENT = bytes(range(256)) * 1000
WRONG = (
    "error: {}: the key does not fit, or the file is damaged\n"
    "  → was it sealed for another key, or by another passphrase?\n"
)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The working directory: a file to seal, two pairs of keys, and passphrases."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "scan.nxs").write_bytes(CONTENT)
    for name in ("mine", "other"):
        key = pyrage.x25519.Identity.generate()
        (tmp_path / f"{name}.key").write_text(f"# made for a test\n{key}\n")
        (tmp_path / f"{name}.pub").write_text(f"# made for a test\n{key.to_public()}\n")
        (tmp_path / f"{name}.words").write_text(f"{name} horse battery\n")
    return tmp_path


@pytest.fixture
def run(capsys):
    """Runs the command line; exit code, stdout and stderr."""

    def call(*arguments):
        code = cli.main(arguments)
        told = capsys.readouterr()
        return code, told.out, told.err

    return call


@pytest.mark.parametrize(
    ("by", "with_"),
    [
        (("--recipient", "mine.pub"), ("--identity", "mine.key")),
        (("-r", "other.pub", "-r", "mine.pub"), ("-i", "mine.key")),
        (("-r", "other.pub"), ("-i", "mine.key", "-i", "other.key")),
        pytest.param(
            *(("--passphrase-file", "mine.words"), ("--passphrase-file", "mine.words")),
            marks=pytest.mark.slow,
        ),
    ],
)
def test_sealed_file_is_opened_by_its_key(folder, run, by, with_):
    assert run("seal", "scan.nxs", "-o", "scan.age", *by) == (0, "sealed scan.age\n", "")
    assert run("open", "scan.age", "-o", "back.nxs", *with_) == (0, "opened back.nxs\n", "")
    assert (folder / "back.nxs").read_bytes() == CONTENT
    assert (folder / "scan.nxs").read_bytes() == CONTENT
    assert CONTENT[:64] not in (folder / "scan.age").read_bytes()


def test_key_may_stand_on_the_command_line(folder, run):
    key = (folder / "mine.pub").read_text().split("\n")[1]
    assert run("seal", "scan.nxs", "-o", "scan.age", "-r", key, "-q") == (0, "", "")
    assert run("open", "scan.age", "-o", "back.nxs", "-i", "mine.key", "-q") == (0, "", "")
    assert (folder / "back.nxs").read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("by", "with_"),
    [
        (("--recipient", "mine.pub"), ("--identity", "other.key")),
        (("--recipient", "mine.pub"), ("--passphrase-file", "mine.words")),
        pytest.param(
            ("--passphrase-file", "mine.words"),
            ("--passphrase-file", "other.words"),
            marks=pytest.mark.slow,
        ),
        pytest.param(
            ("--passphrase-file", "mine.words"), ("--identity", "mine.key"), marks=pytest.mark.slow
        ),
    ],
)
def test_wrong_key_opens_nothing(folder, run, by, with_):
    run("seal", "scan.nxs", "-o", "scan.age", *by)
    before = set(folder.iterdir())
    assert run("open", "scan.age", "-o", "back.nxs", *with_) == (2, "", WRONG.format("scan.age"))
    assert set(folder.iterdir()) == before


@pytest.mark.parametrize("end", [100_000, -1])
def test_truncated_file_opens_to_nothing(folder, run, end):
    run("seal", "scan.nxs", "-o", "scan.age", "-r", "mine.pub")
    (folder / "part.age").write_bytes((folder / "scan.age").read_bytes()[:end])
    message = "error: part.age: is damaged or truncated\n  → copy it again\n"
    assert run("open", "part.age", "-o", "back.nxs", "-i", "mine.key") == (2, "", message)
    assert not (folder / "back.nxs").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("open", "scan.nxs", "-o", "a", "-i", "mine.key"),
         "scan.nxs: is not sealed\n  → only files of age can be opened"),
        (("seal", "absent.nxs", "-o", "a", "-r", "mine.pub"),
         "absent.nxs: No such file or directory\n  → check the path"),
        (("seal", "scan.nxs", "-o", "scan.nxs", "-r", "mine.pub", "--overwrite"),
         "scan.nxs: is the input\n  → name another file with -o"),
        (("seal", "scan.nxs", "-o", "mine.pub", "-r", "mine.pub"),
         "mine.pub: exists already\n  → name another file with -o, or add --overwrite"),
        (("seal", "scan.nxs", "-o", "a", "-r", "age1x"),
         "'age1x' is not a public key\n  → age-keygen makes one, age1..."),
        (("seal", "scan.nxs", "-o", "a", "-r", "nobody"),
         "nobody: no key can be read there\n"
         "  → a public key begins with age1 or ssh-; else name a file of them"),
        (("open", "scan.age", "-o", "a", "-i", "mine.words"),
         "mine.words: holds no private key\n"
         "  → name the file that age-keygen made, or a private key of ssh"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_told(folder, run, arguments, message):
    assert run(*arguments) == (2, "", f"error: {message}\n")
    assert (folder / "scan.nxs").read_bytes() == CONTENT
    assert not (folder / "a").exists()


@pytest.mark.parametrize("command", ["seal", "open"])
def test_one_way_must_be_chosen(folder, run, command):
    option = {"seal": "--recipient", "open": "--identity"}[command]
    code, _, error = run(command, "scan.nxs", "-o", "a")
    assert code == 2
    last = f"Error: give one of {option}, --passphrase and --passphrase-file"
    assert error.splitlines()[-1] == last


def test_interruption_leaves_nothing(folder, run):
    os.mkfifo(folder / "pipe")
    ended = threading.Event()

    def feed():
        with (folder / "pipe").open("wb", buffering=0) as pipe:
            pipe.write(CONTENT)
            os.kill(os.getpid(), signal.SIGINT)
            ended.wait(60)

    feeder = threading.Thread(target=feed)
    feeder.start()
    told = run("seal", "pipe", "-o", "scan.age", "-r", "mine.pub")
    ended.set()
    feeder.join()
    assert told == (130, "", "\ninterrupted\n")
    assert not [path for path in folder.iterdir() if "age" in path.name]


def test_without_the_extra_it_is_named(folder, run, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyrage", None)
    told = "error: sealing files needs an optional package\n  → pip install 'nxtool[seal]'\n"
    assert run("seal", "scan.nxs", "-o", "a", "-r", "mine.pub") == (2, "", told)
