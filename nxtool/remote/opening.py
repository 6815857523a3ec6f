"""Opening what a user named: an HDF5 file here, one behind a URL, or a domain of HSDS."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nxtool.hdf5.opening import Hdf5File
from nxtool.nodeview import GroupView
from nxtool.remote.address import address_of, check, kind_of


@contextmanager
def open_root(name: str | os.PathLike[str]) -> Iterator[GroupView]:
    """The root group of the file, or at the address, `name`, for the time of the block.

    Raises:
        FileUnreadable: it cannot be opened; of an address also when it cannot be read any more.
        MissingExtra: a library is not installed.
    """
    address = address_of(name)
    if not address:
        with Hdf5File(Path(name)) as file:
            yield file.root
        return
    check(address)
    if kind_of(address) == "hsds":
        from nxtool.remote.domain import Domain

        with Domain(address) as domain:
            yield domain.root
        return
    from nxtool.hdf5.stream import Hdf5Stream
    from nxtool.remote.ranged import RangedFile

    with RangedFile(address) as stream, Hdf5Stream(stream, stream.where) as file:
        yield file.root
