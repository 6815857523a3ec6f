"""An HDF5 file that is not a file here, but anything that can be read from any place.

No other file is opened for it: not by external links, virtual datasets or external values. HDF5
would look for those here, where a stranger's file has no business.
"""

from __future__ import annotations

from typing import Protocol

from h5py import h5f, h5fd, h5g, h5p

from nxtool.hdf5.opening import bound_cache, check_head, unreadable
from nxtool.hdf5.view import FAULTS, Hdf5Group

_HEAD = 512


class Stream(Protocol):
    """What HDF5 needs of a stream."""

    def readinto(self, buffer: memoryview, /) -> int: ...
    def read(self, size: int = -1, /) -> bytes: ...
    def seek(self, offset: int, whence: int = 0, /) -> int: ...
    def tell(self) -> int: ...


class Hdf5Stream:
    """An open HDF5 file; use it in a `with` block. `root` is its root group."""

    def __init__(self, stream: Stream, name: str) -> None:
        """Open what `stream` holds; messages call it `name`.

        Raises:
            FileUnreadable: it is no HDF5 file, or a truncated one; the text says which.
        """
        stream.seek(0)
        check_head(name, stream.read(_HEAD))
        self._fid = _opened(stream, name)
        try:
            bound_cache(self._fid)
            self.root = Hdf5Group(h5g.open(self._fid, b"/"), "/", None)
        except FAULTS as error:
            self._fid.close()
            raise unreadable(name, str(error)) from error

    def __enter__(self) -> Hdf5Stream:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file, not the stream."""
        self._fid.close()


def _opened(stream: Stream, name: str) -> h5f.FileID:
    access = h5p.create(h5p.FILE_ACCESS)
    access.set_fileobj_driver(h5fd.fileobj_driver, stream)
    # an object left open would keep the file open until HDF5 ends, after Python and the stream
    access.set_fclose_degree(h5f.CLOSE_STRONG)
    try:
        return h5f.open(b"stream", h5f.ACC_RDONLY, fapl=access)
    except FAULTS as error:
        raise unreadable(name, str(error)) from error
