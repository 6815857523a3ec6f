"""The configuration that lets python-icat's scripts log in to a stub."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tests.icat.stub.server import ProtocolStub


def write(
    stub: ProtocolStub, path: Path, sections: Mapping[str, str] | None = None, url: str = ""
) -> Path:
    """Write an `icat.cfg`; by default with a section for each user, called by the plain name."""
    passwords = stub.service.sessions.passwords
    sections = sections or {user.partition("/")[2]: user for user in passwords}
    lines = []
    for section, user in sections.items():
        authenticator, _, name = user.partition("/")
        lines += [
            f"[{section}]",
            f"url = {url or stub.url}",
            f"auth = {authenticator}",
            f"username = {name}",
            f"password = {passwords[user]}",
            "",
        ]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path
