"""Filters set on a dataset creation property list: new ones, or those of an existing dataset.

A filter completes its options when a dataset is created, and some do so again when they are given
their own, so that copied chunks would read as wrong values. What is to be asked for to have the
same filter again is known here for the filters in `KNOWN` alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from h5py import h5p, h5z

from nxtool.storage.codecs import OPTIONAL, StoredFilter, user_options
from nxtool.storage.spec import FilterSpec, create_options

if TYPE_CHECKING:
    import numpy as np

FLETCHER: Final = 3
NBIT: Final = 5
LZF: Final = 32000
KNOWN: Final = frozenset((1, 2, FLETCHER, 4, NBIT, 6, 307, LZF, 32001, 32004, 32008, 32015, 32026))
"""Lossless filters (6 with integers) that can be asked for again by their stored options."""
_SZIP_BLOCK: Final = 8


def set_filter(plist: h5p.PropDCID, spec: FilterSpec, dtype: np.dtype[Any]) -> None:
    """Replace the filters of `plist` by those that `spec` means for `dtype`; a checksum stays.

    Raises:
        FilterError: the filter does not take this type.
    """
    options = create_options(spec, dtype)
    has_checksum = any(one.number == FLETCHER for one in filters_of(plist))
    plist.remove_filter(h5z.FILTER_ALL)
    if options.get("shuffle"):
        plist.set_shuffle()
    if "compression" in options:
        _set_compression(plist, options["compression"], options.get("compression_opts"))
    if has_checksum:
        plist.set_fletcher32()


def _set_compression(plist: h5p.PropDCID, name: object, options: Any) -> None:
    if name == "gzip":
        plist.set_deflate(options)
    elif name == "szip":
        plist.set_szip(h5z.SZIP_NN_OPTION_MASK, _SZIP_BLOCK)
    elif name == "lzf":
        plist.set_filter(h5z.FILTER_LZF, OPTIONAL)
    else:
        plist.set_filter(name, OPTIONAL, options)


def ask_again(plist: h5p.PropDCID) -> None:
    """Replace the filters of `plist`, taken from a dataset, by what asks for them again.

    Only for filters in `KNOWN`.
    """
    filters = filters_of(plist)
    plist.remove_filter(h5z.FILTER_ALL)
    for one in filters:
        if one.number == NBIT:
            plist.set_filter(NBIT, one.flags)
        else:
            plist.set_filter(one.number, one.flags, user_options(one.number, one.options))


def filters_of(plist: h5p.PropDCID) -> Sequence[StoredFilter]:
    """The filters of a property list, in the order of writing."""
    found = (plist.get_filter(index) for index in range(plist.get_nfilters()))
    return tuple(StoredFilter(number, flags, tuple(cd)) for number, flags, cd, _ in found)
