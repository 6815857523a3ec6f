"""HDF5 filters by number: what they are called, who supplies them, whether they work here.

Source: the HDF Group's list of registered filter plugins (June 2026), and hdf5plugin for 32033.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping


class RegisteredFilter(NamedTuple):
    """A filter: its name, the Python package that brings it (empty: none known), and whether
    HDF5 or h5py have it built in.
    """

    name: str
    package: str = ""
    builtin: bool = False


_PLUGIN: Final = "hdf5plugin"

REGISTERED: Final[Mapping[int, RegisteredFilter]] = {
    1: RegisteredFilter("deflate", "h5py", builtin=True),
    2: RegisteredFilter("shuffle", "h5py", builtin=True),
    3: RegisteredFilter("fletcher32", "h5py", builtin=True),
    4: RegisteredFilter("szip", "h5py", builtin=True),
    5: RegisteredFilter("nbit", "h5py", builtin=True),
    6: RegisteredFilter("scaleoffset", "h5py", builtin=True),
    257: RegisteredFilter("hzip"),
    258: RegisteredFilter("fpzip"),
    305: RegisteredFilter("LZO"),
    307: RegisteredFilter("bzip2", _PLUGIN),
    32000: RegisteredFilter("LZF", "h5py", builtin=True),
    32001: RegisteredFilter("Blosc", _PLUGIN),
    32002: RegisteredFilter("MAFISC"),
    32003: RegisteredFilter("Snappy"),
    32004: RegisteredFilter("LZ4", _PLUGIN),
    32005: RegisteredFilter("APAX"),
    32006: RegisteredFilter("CBF"),
    32007: RegisteredFilter("JPEG-XR"),
    32008: RegisteredFilter("bitshuffle", _PLUGIN),
    32009: RegisteredFilter("SPDP"),
    32010: RegisteredFilter("LPC-Rice"),
    32011: RegisteredFilter("CCSDS-123"),
    32012: RegisteredFilter("JPEG-LS"),
    32013: RegisteredFilter("zfp", _PLUGIN),
    32014: RegisteredFilter("fpzip"),
    32015: RegisteredFilter("Zstandard", _PLUGIN),
    32016: RegisteredFilter("B3D"),
    32017: RegisteredFilter("SZ", _PLUGIN),
    32018: RegisteredFilter("FCIDECOMP", _PLUGIN),
    32019: RegisteredFilter("JPEG"),
    32020: RegisteredFilter("VBZ", "vbz-h5py-plugin"),
    32021: RegisteredFilter("FAPEC"),
    32022: RegisteredFilter("BitGroom"),
    32023: RegisteredFilter("Granular BitRound"),
    32024: RegisteredFilter("SZ3", _PLUGIN),
    32025: RegisteredFilter("Delta-Rice"),
    32026: RegisteredFilter("Blosc2", _PLUGIN),
    32027: RegisteredFilter("FLAC"),
    32028: RegisteredFilter("SPERR", _PLUGIN),
    32029: RegisteredFilter("TERSE/PROLIX"),
    32030: RegisteredFilter("FFMPEG", "h5ffmpeg"),
    32031: RegisteredFilter("JPEG2000"),
    32032: RegisteredFilter("BitRound"),
    32033: RegisteredFilter("HTJ2K", _PLUGIN),
}
"""Filters by their number in the file."""


def filter_name(filter_id: int) -> str:
    """The registered name, or what its number says about a filter nobody registered.

    >>> filter_name(32008), filter_name(40000)
    ('bitshuffle', 'private filter 40000')
    """
    known = REGISTERED.get(filter_id)
    if known:
        return known.name
    return f"{'private' if filter_id > 32767 else 'unknown'} filter {filter_id}"


def available(filter_id: int) -> bool:
    """Whether data behind this filter can be read and written here."""
    import h5py
    import hdf5plugin  # noqa: F401  registers its filters

    return bool(h5py.h5z.filter_avail(filter_id))


def missing_message(path: str, filter_id: int, name_in_file: str, options_text: str = "") -> str:
    """One line for the person whose data is behind a filter that is not here, with the way out.

    `name_in_file` is used where the number is not registered.
    """
    known = REGISTERED.get(filter_id)
    name = known.name if known else name_in_file.split("\0")[0][:60] or filter_name(filter_id)
    options = f", {options_text}" if options_text else ""
    return (
        f"{path}: the values are behind HDF5 filter {filter_id} ({name}{options}), "
        f"missing here; {how_to_get(filter_id)}"
    )


def how_to_get(filter_id: int) -> str:
    """What to install for a filter, for use as a hint."""
    known = REGISTERED.get(filter_id)
    if known is None or not known.package:
        return "no Python package brings it: ask who wrote the file; all metadata can be read"
    if known.package != _PLUGIN:
        return f"pip install {known.package}; all metadata can be read without it"
    return (
        "pip install hdf5plugin, or conda install -c conda-forge hdf5plugin; for h5dump, MATLAB "
        "and IDL set HDF5_PLUGIN_PATH to what "
        "`python -c 'import hdf5plugin; print(hdf5plugin.PLUGIN_PATH)'` prints; "
        "all metadata can be read without it"
    )
