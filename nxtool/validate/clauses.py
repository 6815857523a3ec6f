"""Clauses of the standard that say how the rules judge, and have no findings of their own.

They keep the numbers people know from discussions of the standard; `told_as` names the rules
whose findings they shape. Sources are written as in `nxtool.validate.rulebook`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause: `title` says what holds, `told_as` where its breach is told (codes)."""

    code: str
    told_as: tuple[str, ...]
    family: str
    title: str
    source: str


_TABLE: Final = (
    Clause("S03", ("T01", "T06", "U03", "D01"), "class",
           "what a definition leaves open is as its base class says", "manual, Inheritance"),
    Clause("S04", ("E01", "T01", "U03"), "class",
           "what an application definition says holds against its base class",
           "manual, Inheritance"),
    Clause("S06", ("O01", "U03"), "presence",
           "`optional=\"false\"` is no option: booleans of NXDL are read as words", "nxdl.xsd"),
    Clause("S07", ("O01",), "presence",
           "further groups at the top of an application are looked for beside the entry",
           "NXcxi_ptycho"),
    Clause("S11", ("O01", "T05"), "type",
           "an attribute and a field of one name are two things", "NXmx"),
    Clause("S12", (), "nxdata",
           "older attributes that NXDL writes into a field are never asked for", "nxdl.xsd"),
    Clause("S13", ("E01",), "enumeration",
           "a list among the allowed values is compared as a list", "NXxps"),
    Clause("N07", ("O01", "G05"), "names",
           "upper case stands for other letters only where nameType says so", "nxdl.xsd, nameType"),
    Clause("N09", ("T02", "T05"), "names",
           "an exact name wins over a pattern, a pattern over any name", "manual, NXDL name types"),
    Clause("N11", ("N10",), "names",
           "an NXlog or NXevent_data may stand where a field is due", "manual, Rules"),
    Clause("N13", ("O01",), "presence",
           "a group serves one item of the definition, of its own class", "manual, NXDL"),
    Clause("O02", ("O01",), "presence",
           "what a base class requires is asked of groups that are there", "nxdl.xsd, minOccurs"),
    Clause("O03", ("O01",), "presence",
           "of an absent optional group nothing is asked; of what is missing, the topmost is told",
           "manual, Defining optionality"),
    Clause("O04", ("O01",), "presence",
           "every instance of a repeated group is checked", "manual, Defining optionality"),
    Clause("O06", ("U03",), "units",
           "a unit category in the definition makes the units attribute due", "nxdlTypes.xsd"),
    Clause("E02", ("E01",), "enumeration",
           "numbers are compared as numbers with those allowed", "nxdl.xsd, enumerationType"),
    Clause("U02", ("U03",), "units",
           "a unit measures what its category measures; angles and counts are kinds of their own",
           "nxdlTypes.xsd"),
    Clause("D04", ("D01",), "dimensions",
           "a dimension that is not required may be absent at the end", "nxdl.xsd, dim"),
    Clause("D06", (), "dimensions",
           "dimensions given by `ref` or without a value are not checked", "nxdl.xsd, dim"),
    Clause("X06", ("X04",), "transformations",
           "directions of a detector module are judged as transformations are",
           "NXdetector_module"),
    Clause("L03", ("T01",), "links",
           "an object is judged once, however many links lead to it, and circles end",
           "manual, Links"),
    Clause("G06", (), "undocumented",
           "below an NXcollection anything may stand", "NXcollection"),
    Clause("F04", (), "file",
           "a file that HDF5 cannot open is no finding but an error, and the exit code is 2",
           "nxtool"),
)  # fmt: skip

CLAUSES: Final = {clause.code: clause for clause in _TABLE}
"""All clauses by code."""
