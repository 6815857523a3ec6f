"""Named datatypes: copied once, and shared again by all that shared them."""

from __future__ import annotations

from typing import Any

from h5py import h5f, h5g, h5o, h5p, h5t

from nxtool.repack.objects import address_of


class NamedTypes:
    """The named datatypes of the target, by their address in the source.

    A type may be needed before a link to it is made, or have none at all. So each is put into a
    group that has no name, and that is gone when the file is closed.
    """

    def __init__(self, target: h5f.FileID) -> None:
        self._shelf = h5g.create(target, None)
        self._made: dict[int, h5t.TypeID] = {}

    def target_of(self, kind: h5t.TypeID) -> h5t.TypeID:
        """The type for the target: `kind` itself unless it is a named one."""
        if not kind.committed():
            return kind
        address = address_of(kind)
        if address not in self._made:
            name = b"%d" % address
            h5o.copy(kind, b".", self._shelf, name, without_attributes())
            self._made[address] = h5o.open(self._shelf, name)
        return self._made[address]


def without_attributes() -> Any:
    """Object copy properties: attributes are copied by ourselves, so that references hold."""
    plist = h5p.create(h5p.OBJECT_COPY)
    plist.set_copy_object(h5o.COPY_WITHOUT_ATTR_FLAG)
    return plist
