"""An ICAT server through python-icat: finding and making objects, and its errors in our words."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from configparser import Error as ConfigParserError
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final, TypeVar

from nxtool.errors import NxtoolError
from nxtool.export.icatmodel import ENTITIES, VERSIONS, Version
from nxtool.export.icatthings import Plain, Thing
from nxtool.sources.extras import load

T = TypeVar("T")
EXTRA: Final = "icat"
_TALK: Final = "talking to an ICAT server"


class ServerTrouble(NxtoolError):
    """An ICAT server cannot be reached, or refuses what is asked of it."""


class Server:
    """A session on a server; use it in a `with` block. Objects found once are remembered."""

    def __init__(self, config: Path, section: str) -> None:
        """Log in as `section` of the file `config` says.

        Raises:
            MissingExtra: python-icat is not installed.
            ServerTrouble: the file is wrong, the server away, or the password refused.
        """
        load("icat", _TALK, EXTRA)
        self._settings = load("icat.config", _TALK, EXTRA)
        self._exception = load("icat.exception", _TALK, EXTRA)
        self._query = load("icat.query", _TALK, EXTRA).Query
        self._helper = load("icat.helper", _TALK, EXTRA)
        if config.is_dir():
            raise ServerTrouble(f"{config}: is a folder", hint="name the configuration: --config")
        if not config.is_file():
            raise ServerTrouble(f"{config}: no such file", hint="name the configuration: --config")
        self._where = f"{config} [{section}]"
        self._found: dict[str, Any] = {}
        self._client, self._conf = self._told(lambda: self._configured(config, section))
        self._login()

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_error: object) -> None:
        self._client.cleanup()

    @property
    def version(self) -> Version:
        """The release of the server that our tables know, not newer than it is."""
        reached = [one for one in VERSIONS if self._client.apiversion >= one]
        return reached[-1] if reached else VERSIONS[0]

    def find(self, thing: Thing) -> Any:
        """The object on the server that `thing` stands for, None where there is none.

        Raises:
            ServerTrouble: there are several.
        """
        if thing.key in self._found:
            return self._found[thing.key]
        conditions = self._conditions(thing)
        if conditions is None:
            return None
        found = self._call(lambda: self._search(thing.entity, conditions))
        if len(found) > 1:
            hint = "tell which facility it is of, with --facility and --with-static"
            raise ServerTrouble(f"the server has several {shown(thing)}", hint=hint)
        self._found[thing.key] = found[0] if found else None
        return self._found[thing.key]

    def forget(self, things: Iterable[Thing]) -> None:
        """Keep these objects no longer in memory."""
        for thing in things:
            self._found.pop(thing.key, None)

    def make(self, thing: Thing) -> None:
        """Make the object; those it refers to must be there."""
        related = {name: self.find(other) for name, other in thing.relations.items()}
        new = self._client.new(thing.entity, **dict(thing.attributes), **related)
        self._call(new.create)
        self._found[thing.key] = new

    def differences(self, thing: Thing, there: Any) -> list[str]:
        """The attributes that the server has otherwise than `thing`, in words."""
        told = []
        for name, value in thing.attributes.items():
            kind = there.getAttrType(name)
            ours = self._helper.parse_attr_string(_as_text(value), kind)
            theirs = getattr(there, name, None)
            if not _same(theirs, ours):
                told.append(f"{name} is {theirs!s}, not {value}")
        return told

    def _conditions(self, thing: Thing) -> dict[str, str] | None:
        """What the object is searched by; None where an object it depends on is not there."""
        pid = thing.attributes.get("pid")
        if pid is not None and thing.entity != "sample":
            return {"pid": _equal(pid)}
        conditions: dict[str, str] = {}
        for name in ENTITIES[thing.entity].key:
            if related := thing.relations.get(name):
                found = self.find(related)
                if found is None:
                    return None
                conditions[f"{name}.id"] = f"= {found.id}"
            elif name in thing.attributes:
                conditions[name] = _equal(thing.attributes[name])
        return conditions

    def _search(self, entity: str, conditions: dict[str, str]) -> list[Any]:
        name = self._client.typemap[entity].BeanName
        query = self._query(self._client, name, conditions=conditions)
        found: list[Any] = self._client.search(query)
        return found

    def _configured(self, config: Path, section: str) -> Any:
        arguments = ["--configfile", str(config), "--configsection", section]
        return self._settings.Config(args=arguments, ids=False).getconfig()

    def _login(self) -> None:
        self._told(lambda: self._client.login(self._conf.auth, self._conf.credentials))

    def _call(self, action: Callable[[], T]) -> T:
        """The result of a call; a session that ended on the way is begun anew, once."""

        def again() -> T:
            try:
                return action()
            except self._exception.ICATSessionError:
                self._client.login(self._conf.auth, self._conf.credentials)
                return action()

        return self._told(again)

    def _told(self, action: Callable[[], T]) -> T:
        """The result of a call; whatever the client raises becomes a `ServerTrouble`. suds lets
        anything through that the network, the XML or the server does."""
        try:
            return action()
        except NxtoolError:
            raise
        except (self._exception.ConfigError, ConfigParserError, UnicodeDecodeError) as error:
            hint = "a section needs url, auth, username and password"
            raise ServerTrouble(f"{self._where}: {_line(error)}", hint=hint) from error
        except self._exception.ICATSessionError as error:
            hint = "check auth, username and password"
            raise ServerTrouble(f"{self._where}: not let in: {_line(error)}", hint=hint) from error
        except self._exception.ServerError as error:
            raise ServerTrouble(f"the server refuses it: {_line(error)}") from error
        except SystemExit as error:
            raise ServerTrouble(f"{self._where}: cannot be used") from error
        except Exception as error:
            hint = "is the address right, and the server up? what was pushed so far stays"
            raise ServerTrouble(f"{self._where}: {_line(error)}", hint=hint) from error


def shown(thing: Thing) -> str:
    """An object for people: `parameterType beam/flux 1/s`."""
    names = [str(value) for name, value in sorted(thing.lookup.items()) if "." not in name]
    return " ".join([thing.entity, *names])


def _equal(value: Plain) -> str:
    return "= '{}'".format(str(value).replace("'", "''"))


def _same(theirs: object, ours: object) -> bool:
    """Whether the server has what was sent: of a second it keeps as much as its data base can."""
    if isinstance(theirs, datetime) and isinstance(ours, datetime):
        return abs(theirs - ours) < timedelta(seconds=1)
    return theirs == ours


def _as_text(value: Plain) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _line(error: BaseException) -> str:
    if error.args and isinstance(error.args[0], tuple):  # suds gives status and reason of HTTP so
        return " ".join(map(str, error.args[0]))
    return " ".join(str(error).split()) or type(error).__name__
