"""Validating a file: open it, walk it, give findings."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from os import PathLike
from pathlib import Path

from nxtool.config import lasting_schema
from nxtool.errors import NxtoolError
from nxtool.findings import Findings
from nxtool.remote.address import named
from nxtool.remote.opening import open_root
from nxtool.schema.compile import Schema
from nxtool.validate.engine import validate_tree
from nxtool.validate.policy import Policy
from nxtool.validate.rulebook import RULES
from nxtool.validate.visit import Options


def validate(
    path: str | PathLike[str],
    schema: Schema | None = None,
    options: Options | None = None,
    *,
    definition: str | None = None,
    definitions: Sequence[str | PathLike[str]] = (),
    select: Collection[str] = (),
    ignore: Collection[str] = (),
) -> Findings:
    """Judge the HDF5 file at `path` by the definitions; or at an address, as `remote` knows them.

    `definition` is the application to judge every entry by, None for those the file names.
    `definitions` are folders of NXDL to prefer; they are kept in memory for the next call, and
    not looked at where a `schema` is given. Rules in `ignore` do not count, and only those in
    `select` if there are any.

    The file is opened read-only, without a lock, in this process; a file that makes libhdf5 crash
    takes the process with it, unlike on the command line.

    Raises:
        FileUnreadable: it cannot be opened; what is wrong inside becomes findings.
        MissingExtra: an address needs a library that is not installed.
        DefinitionError: `definition` is no application definition.
        NxtoolError: a code names no rule.
    """
    policy = Policy(_known(select), _known(ignore))
    schema = schema or lasting_schema([Path(folder) for folder in definitions])
    options = options or Options()
    if definition:
        schema.application(definition)
        options = replace(options, definition=definition)
    with open_root(path) as root:
        items, applications = validate_tree(root, schema, options)
    return policy.applied(Findings(named(path), items, tuple(applications)))


def _known(codes: Collection[str]) -> frozenset[str]:
    for code in codes:
        if code not in RULES:
            hint = "`nxtool validate --list-rules` shows all"
            raise NxtoolError(f"there is no rule {code!r}", hint=hint)
    return frozenset(codes)
