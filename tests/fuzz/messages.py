"""Messages of the ESS, alone and many at once, and the structures that come with a start of run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import h5py
from hypothesis import HealthCheck, Phase, given, settings

from nxtool.errors import NxtoolError
from nxtool.messages.batch import decode_many
from nxtool.messages.decode import decode
from nxtool.messages.model import RunStart
from nxtool.messages.schemas import SCHEMAS
from nxtool.stream.structure import parse_structure
from tests.fuzz.target import Take
from tests.messageoracle import MESSAGES, oracle
from tests.streamfile import structure_of

LONGEST = 2048
WORDS = (
    *map(str.encode, sorted(SCHEMAS)), b'"children"', b'"type": "group"', b'"module"', b'"config"',
    b'"attributes"', b'"values"', b'"value"', b'"dtype"', b'"name"', b'"items"', b'"source"',
    b'"topic"', b'"double"', b'"string"', b'"mdat"', b'"link"', b'"dataset"', b'"stream"',
    b'"array_size"', b'"cue_interval"', b'"writer_module"', b'"target"', b"null", b"NaN", b"1e999",
    b"\\u0000", b"\\ud800", b"[[", b"]]",
)  # fmt: skip
COUNT = 12


def seeds() -> Iterator[bytes]:
    """Some messages of every schema, and structures."""
    for schema in sorted(MESSAGES):
        yield from _examples(schema)
    yield structure_of(("f144", {"source": "a", "topic": "t"})).encode()
    attributes = [{"name": "x", "values": 1}]
    yield structure_of(("ev44", {"source": "a", "topic": "t"}), attributes=attributes).encode()
    title = {"name": "title", "values": "a", "attributes": {"a": [1, 2]}}
    fixed = (
        ("mdat", {"items": ["start_time"]}),
        ("link", {"name": "l", "source": "../x"}),
        ("dataset", {"name": "n", "values": [[1, 2], [3, 4]], "dtype": "int32"}),
        ("dataset", title),
    )
    for one in fixed:
        yield structure_of(one, attributes=attributes).encode()


def _make(structure: str) -> None:
    with h5py.File("memory", "w", driver="core", backing_store=False) as file:
        parse_structure(structure, "structure.json").write(file)


def _examples(schema: str) -> list[bytes]:
    found: list[bytes] = []

    @settings(
        max_examples=COUNT, phases=[Phase.generate], database=None, derandomize=True,
        suppress_health_check=list(HealthCheck), deadline=None,
    )  # fmt: skip
    @given(MESSAGES[schema])
    def take(pair: tuple[bytes, object]) -> None:
        found.append(bytes(pair[0]))

    take()
    return found


def prepared(_folder: Path) -> Take:
    """Decodes a message alone, as one of many, and as a structure."""
    log = oracle.serialise_f144("a", 1.5, 1)

    def take(data: bytes) -> None:
        batch = decode_many([data, log, data])
        assert len(batch.undecodable) in (0, 2)
        try:
            message = decode(data)
        except NxtoolError:
            assert batch.undecodable
            message = None
        if isinstance(message, RunStart):
            _make(message.nexus_structure)
        if data[:1] == b"{":
            _make(data.decode(errors="surrogateescape"))

    return take
