"""The rules: code, severity, what it asks, and where the standard says so.

This table is the only list of codes. A rule may be graded: the severity here is the worst it
gives, a milder one is chosen where the rule is broken in a milder way (by a base class instead
of an application definition, say). Sources: `manual` is the NeXus manual; class names stand for
the page of that definition; `nxdl.xsd` for the schema of NXDL.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from nxtool.findings import Severity


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: `title` is a phrase for tables, `help` says what to do about a finding."""

    code: str
    severity: Severity
    family: str
    title: str
    help: str
    source: str


_E: Final[Severity] = "error"
_W: Final[Severity] = "warning"
_I: Final[Severity] = "info"

_TABLE: Final = (
    # presence
    Rule("O01", _E, "presence", "required or recommended item is missing",
         "Add the item; a recommended one only warns.", "manual, Defining optionality"),
    Rule("O05", _E, "presence", "too few or too many instances",
         "Add or remove groups or fields until the number fits.", "nxdl.xsd, minOccurs/maxOccurs"),
    Rule("O07", _E, "presence", "no NXentry in the file",
         "Every NeXus file holds at least one NXentry group below its root.", "NXroot"),
    # names and kinds
    Rule("N01", _E, "names", "name is not allowed",
         "Use letters, digits, `_` and, not first or last, `.`.", "nxdl.xsd, validItemName"),
    Rule("N02", _W, "names", "name is longer than 63 characters",
         "Shorten the name: some programs cut it.", "manual, Rules for naming"),
    Rule("N03", _I, "names", "name is allowed but discouraged",
         "Prefer lower case, a letter first and no dots.", "manual, Rules for naming"),
    Rule("N04", _W, "names", "class name is not well formed",
         "A class name is NX followed by letters, digits and `_`.", "manual, Rules for naming"),
    Rule("N05", _I, "names", "name starts with a reserved prefix",
         "The prefix belongs to another producer; choose another name.",
         "manual, Reserved prefixes"),
    Rule("N06", _W, "names", "reserved suffix without the field it belongs to",
         "`x_errors` needs a field `x` in the same group.", "manual, Reserved suffixes"),
    Rule("N08", _W, "names", "name refers to a group that is not there",
         "`x_log` belongs to a field or group `x` beside it.", "NXobject"),
    Rule("N10", _E, "names", "a group stands where a field is due, or the reverse",
         "Store the item as the kind the definition names.", "manual, NXDL"),
    Rule("N12", _E, "class", "group has another class than its name prescribes",
         "Correct NX_class, or rename the group.", "manual, NXDL, group type"),
    # classes and undocumented items
    Rule("G01", _W, "class", "group without NX_class",
         "Give the group an NX_class attribute; NXcollection for free content.",
         "manual, NeXus groups"),
    Rule("G02", _E, "class", "NX_class is unknown",
         "Correct the spelling; classes not adopted by the NIAC must not start with NX.",
         "manual, Design"),
    Rule("G03", _E, "class", "an application definition is used as NX_class",
         "Application definitions are named by the field `definition`.", "manual, Design"),
    Rule("G04", _W, "class", "class is not foreseen in this group",
         "Move the group, or put it into an NXcollection.", "manual, NXDL"),
    Rule("G05", _W, "undocumented", "item is not in the definitions",
         "Check the spelling; free content belongs into an NXcollection.",
         "manual, Validation items"),
    Rule("G07", _W, "class", "NX_class is not one string",
         "Write NX_class as a scalar string.", "manual, NeXus groups"),
    Rule("S08", _E, "class", "group is none of the classes to choose from",
         "Use one of the classes that the definition lists.", "nxdl.xsd, choice"),
    # types and values
    Rule("T01", _E, "type", "not text, though NX_CHAR is due",
         "Store a string, fixed or variable, ASCII or UTF-8.", "nxdlTypes.xsd, NX_CHAR"),
    Rule("T02", _E, "type", "no integer, though NX_INT is due",
         "Store integers of any size.", "nxdlTypes.xsd, NX_INT"),
    Rule("T03", _E, "type", "not an unsigned integer, or negative, though NX_UINT is due",
         "Store unsigned integers; a signed type without negative values only warns.",
         "nxdlTypes.xsd, NX_UINT"),
    Rule("T04", _E, "type", "no integer, or not above 0, though NX_POSINT is due",
         "Store integers, each greater than zero.", "nxdlTypes.xsd, NX_POSINT"),
    Rule("T05", _E, "type", "not floating point, though NX_FLOAT is due",
         "Store floating-point numbers of any size.", "nxdlTypes.xsd, NX_FLOAT"),
    Rule("T06", _E, "type", "no number, though NX_NUMBER is due",
         "Store integers or floating-point numbers.", "nxdlTypes.xsd, NX_NUMBER"),
    Rule("T07", _E, "type", "neither true nor false, though NX_BOOLEAN is due",
         "Store an h5py bool, or integers 0 and 1.", "nxdlTypes.xsd, NX_BOOLEAN"),
    Rule("T08", _E, "type", "neither text nor number, though NX_CHAR_OR_NUMBER is due",
         "Store a string or numbers.", "nxdlTypes.xsd, NX_CHAR_OR_NUMBER"),
    Rule("T09", _E, "type", "not text, though a date and time is due",
         "Store a string such as 2026-01-05T10:00:00+01:00.", "nxdlTypes.xsd, NX_DATE_TIME"),
    Rule("T10", _E, "date", "date and time is not ISO 8601",
         "Write 2026-01-05T10:00:00+01:00.", "manual, NX_DATE_TIME"),
    Rule("T11", _E, "type", "no bytes, though NX_BINARY is due",
         "Store uint8.", "manual, NX_BINARY"),
    Rule("T12", _E, "type", "no complex numbers, though NX_COMPLEX is due",
         "Store a compound of two floats, as numpy complex arrays are.",
         "nxdlTypes.xsd, NX_COMPLEX"),
    Rule("T13", _E, "type", "no quaternions, though NX_QUATERNION is due",
         "Store four floats each.", "nxdlTypes.xsd, NX_QUATERNION"),
    Rule("T14", _E, "type", "an array stands where one string is due",
         "Store a scalar string.", "manual, Strings"),
    Rule("T15", _E, "type", "there is no value",
         "Write a value, or leave the item out.", "manual, NXDL"),
    Rule("T16", _W, "type", "text is not valid UTF-8",
         "Write text as UTF-8.", "manual, Strings"),
    Rule("T17", _E, "type", "attribute without a stated type is not text",
         "NX_CHAR is the default type of attributes too.", "nxdl.xsd, attribute"),
    Rule("T18", _W, "type", "value could not be read, so it was not checked",
         "Install the filter, or bring the missing file.", "manual, HDF5"),
    Rule("E01", _E, "enumeration", "value is not one of those allowed",
         "Use one of the listed values, spelled exactly so.", "nxdl.xsd, enumeration"),
    Rule("E03", _W, "enumeration", "value is not one of those suggested",
         "Use a listed value, or state `custom`.", "nxdl.xsd, open enumeration"),
    Rule("E04", _I, "enumeration", "`custom` is stated though the value is listed",
         "Leave `custom` out, or set it to false.", "nxdl.xsd, open enumeration"),
    Rule("E05", _E, "class", "`definition` names no application definition",
         "Correct the name, or add the folder of your definitions with --definitions.",
         "NXentry/definition"),
    # units
    Rule("U01", _W, "units", "unit cannot be understood",
         "Use UDUNITS spelling, for instance `mm`, `1/angstrom`, `m s-1`.", "manual, Units"),
    Rule("U03", _E, "units", "unit is missing or of the wrong kind",
         "Give the unit that belongs to the quantity.", "nxdlTypes.xsd, units"),
    Rule("U04", _W, "units", "unit is ambiguous",
         "`A` reads as ampere and `C` as coulomb; write `angstrom` and `degC`.", "UDUNITS-2"),
    Rule("U05", _E, "units", "unit does not suit the kind of transformation",
         "A translation has a length, a rotation an angle.", "NXtransformations"),
    Rule("U06", _E, "units", "unit is not like the one of the definition",
         "Use a unit that can be converted to the example.", "nxdl.xsd, units"),
    Rule("U07", _I, "units", "text with a unit",
         "Leave `units` out.", "manual, Units"),
    # dimensions
    Rule("D01", _E, "dimensions", "rank differs",
         "Store the array with the rank of the definition.", "nxdl.xsd, dimensions"),
    Rule("D02", _I, "dimensions", "other rank than in the base class, as in a scan",
         "Fine where the first dimension counts the points of a scan, or is left out.",
         "manual, Scans"),
    Rule("D03", _E, "dimensions", "a dimension has the wrong length",
         "The length is prescribed by the definition.", "nxdl.xsd, dim"),
    Rule("D05", _E, "dimensions", "lengths with the same symbol differ",
         "Fields that share a symbol have the same length there.", "nxdl.xsd, symbols"),
    Rule("D07", _E, "dimensions", "attribute has the wrong shape",
         "The definition prescribes how many values it has.", "nxdl.xsd, dimensions"),
    Rule("D08", _E, "dimensions", "`stride` and `data_offset` do not suit the field",
         "Both together, integers, one for each dimension.", "manual, Rules for Storing Data"),
    # NXdata and the default plot
    Rule("P01", _E, "nxdata", "NXdata has no signal",
         "Name the field to plot in the attribute `signal`.", "NXdata/@signal"),
    Rule("P02", _E, "nxdata", "the signal does not exist",
         "`signal` names a field of the same group.", "NXdata/@signal"),
    Rule("P03", _E, "nxdata", "`axes` does not suit the signal",
         "One name for each dimension of the signal; `.` where there is none.", "NXdata/@axes"),
    Rule("P04", _E, "nxdata", "an axis does not exist",
         "`axes` names fields of the same group.", "NXdata/@axes"),
    Rule("P05", _E, "nxdata", "`_indices` do not suit the axis or the signal",
         "One integer for each dimension of the axis, naming a dimension of the signal.",
         "NXdata/@AXISNAME_indices"),
    Rule("P06", _E, "nxdata", "axis and signal have different lengths",
         "As many values as the signal, or one more for bin edges.", "NXdata"),
    Rule("P07", _E, "nxdata", "an auxiliary signal is missing or has another shape",
         "Auxiliary signals are fields of the same group, shaped like the signal.",
         "NXdata/@auxiliary_signals"),
    Rule("P08", _E, "nxdata", "errors, weights or mask have another shape than their field",
         "Shape them like the field they belong to.", "NXdata/FIELDNAME_errors"),
    Rule("P09", _W, "nxdata", "default_slice does not suit the signal",
         "One entry for each dimension: an index or `.`.", "NXdata/@default_slice"),
    Rule("P10", _E, "nxdata", "`default` leads nowhere",
         "`default` names a group below; the chain ends in an NXdata.", "NXroot/@default"),
    Rule("P11", _W, "nxdata", "older way to mark signal and axes",
         "Use the group attributes `signal` and `axes`.", "NXdata, older methods"),
    Rule("P12", _W, "nxdata", "interpretation is unknown or does not suit the rank",
         "Use scalar, spectrum, image, rgb-image or another listed word.",
         "NXdata/@interpretation"),
    # transformations
    Rule("X01", _E, "transformations", "depends_on leads nowhere",
         "Name a transformation by a relative or absolute path, or `.`.", "manual, depends_on"),
    Rule("X02", _E, "transformations", "depends_on leads to something that is no transformation",
         "The target carries `vector`, or is an NXcoordinate_system.", "NXtransformations"),
    Rule("X03", _E, "transformations", "chain of depends_on is not closed properly",
         "A chain ends with depends_on `.` and never comes back to itself.", "NXtransformations"),
    Rule("X04", _E, "transformations", "vector, offset or transformation_type is wrong",
         "`vector` and `offset` are three numbers, a vector is not zero.", "NXtransformations"),
    Rule("X05", _I, "transformations", "axis does not say what it depends on",
         "Add the attribute depends_on, `.` at the end of the chain.", "NXtransformations"),
    Rule("X07", _W, "transformations", "values of an axis are neither one nor a list",
         "Store a scalar, one value for each point, or the grid of the data in NXdata.",
         "NXtransformations/AXISNAME"),
    # links
    Rule("L01", _E, "links", "link leads nowhere",
         "Bring the missing file or object, or remove the link.", "manual, Links"),
    Rule("L02", _E, "links", "`target` does not lead to the object itself",
         "`target` is the absolute path of the original.", "manual, Links"),
    Rule("L04", _I, "links", "older attribute `napimount`",
         "Use an HDF5 external link.", "manual, Links"),
    Rule("S09", _W, "links", "not the link the definition asks for",
         "Link to the original instead of copying it.", "nxdl.xsd, link"),
    # deprecation
    Rule("Z01", _W, "deprecated", "item is deprecated",
         "Use what the definition names instead.", "nxdl.xsd, deprecated"),
    # file
    Rule("F01", _E, "file", "attribute of the root is missing or wrong",
         "Root attributes say who wrote the file and when.", "NXroot"),
    Rule("F02", _I, "file", "file was written for another release of the definition",
         "Findings may come from the difference; --definitions names another release.",
         "NXentry/definition@version"),
    Rule("F03", _I, "file", "entry names no application definition",
         "Only the base classes were checked.", "NXentry/definition"),
    Rule("F05", _W, "file", "groups are nested too deeply to be checked",
         "Below this depth nothing was looked at.", "nxtool"),
    # events, a pack that is asked for
    Rule("V01", _E, "events", "detector number stands for several pixels",
         "Number the pixels of a detector without repeating.", "NXdetector/detector_number"),
    Rule("V02", _E, "events", "event of no known pixel",
         "event_id holds numbers of detector_number.", "NXevent_data/event_id"),
    Rule("V03", _E, "events", "event_index falls, leads beyond the events, or is too small",
         "Store the index of the first event of each pulse as 8-byte integers.",
         "NXevent_data/event_index"),
    Rule("V04", _E, "events", "log without a value and a time for each entry",
         "An NXlog holds `time` and `value` of equal length.", "NXlog"),
    Rule("V05", _E, "events", "speed of a chopper is not a frequency",
         "Give rotation_speed units such as Hz.", "NXdisk_chopper/rotation_speed"),
    Rule("V06", _W, "events", "offset without offset_units",
         "Say the unit of the offset.", "NXtransformations/AXISNAME@offset_units"),
    Rule("V07", _E, "events", "event fields of different lengths",
         "event_time_zero is as long as event_index, event_time_offset as event_id.",
         "NXevent_data"),
    # recipes
    Rule("R01", _E, "recipe", "unknown name in a recipe",
         "Use a name of the definition, or say what it is: `name(NXclass)`, `name(NX_FLOAT)`.",
         "nxtool, recipe language"),
    Rule("R02", _E, "recipe", "form of a value is wrong",
         "See the recipe language for the forms a value can have.", "nxtool, recipe language"),
    Rule("R03", _E, "recipe", "unknown variable",
         "Define it under vars.", "nxtool, recipe language"),
    Rule("R04", _E, "recipe", "value cannot be read or converted",
         "Correct the value.", "nxtool, recipe language"),
    Rule("R05", _E, "recipe", "source is missing or unreadable",
         "Check path, format and selector; `nxtool sources FILE` lists what a file offers.",
         "nxtool, recipe language"),
)  # fmt: skip

RULES: Final = {rule.code: rule for rule in _TABLE}
"""All rules by code."""
