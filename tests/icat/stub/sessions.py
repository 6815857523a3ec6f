"""Who is logged in."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Final

from tests.icat.stub.fault import Fault

MINUTES: Final = 120.0


class Sessions:
    """Sessions of users, whose passwords are given by `authenticator/name`."""

    def __init__(self, passwords: Mapping[str, str]) -> None:
        self.passwords = passwords
        self._users: dict[str, str] = {}

    @property
    def authenticators(self) -> list[str]:
        """The names of what checks passwords."""
        return sorted({user.partition("/")[0] for user in self.passwords})

    def login(self, authenticator: str, credentials: Mapping[str, str]) -> str:
        """A new session. Raises `Fault` where name and password do not belong together."""
        user = f"{authenticator}/{credentials.get('username', '')}"
        password = self.passwords.get(user)
        if password is None or password != credentials.get("password"):
            raise Fault("SESSION", "the user name and the password do not match")
        session = secrets.token_hex(16)
        self._users[session] = user
        return session

    def user(self, session: str) -> str:
        """Whose session it is. Raises `Fault` where it is unknown or over."""
        if session not in self._users:
            raise Fault("SESSION", f"there is no session {session!r}")
        return self._users[session]

    def end(self, session: str) -> None:
        """Forget a session. Raises `Fault` where there is none."""
        self.user(session)
        del self._users[session]

    def has(self, user: str) -> bool:
        """Whether a user is logged in."""
        return user in self._users.values()

    def expire(self) -> None:
        """End every session."""
        self._users.clear()
