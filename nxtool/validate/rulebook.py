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
    Rule("T01", _E, "type", "type does not match",
         "Store the values with the type the definition asks for.", "nxdlTypes.xsd"),
    Rule("T03", _E, "type", "values do not match the type",
         "NX_POSINT must be above 0, NX_UINT not negative, NX_BOOLEAN 0 or 1.", "nxdlTypes.xsd"),
    Rule("T10", _E, "date", "date and time is not ISO 8601",
         "Write 2026-01-05T10:00:00+01:00.", "manual, NX_DATE_TIME"),
    Rule("T14", _E, "type", "an array stands where one string is due",
         "Store a scalar string.", "manual, Strings"),
    Rule("T15", _E, "type", "there is no value",
         "Write a value, or leave the item out.", "manual, NXDL"),
    Rule("T16", _W, "type", "text is not valid UTF-8",
         "Write text as UTF-8.", "manual, Strings"),
    Rule("T18", _W, "type", "value could not be read, so it was not checked",
         "Install the filter, or bring the missing file.", "manual, HDF5"),
    Rule("E01", _E, "enumeration", "value is not one of those allowed",
         "Use one of the listed values, spelled exactly so.", "nxdl.xsd, enumeration"),
    Rule("E03", _W, "enumeration", "value is not one of those suggested",
         "Use a listed value, or state `custom`.", "nxdl.xsd, open enumeration"),
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
    # dimensions
    Rule("D01", _E, "dimensions", "rank differs",
         "Store the array with the rank of the definition.", "nxdl.xsd, dimensions"),
    Rule("D03", _E, "dimensions", "a dimension has the wrong length",
         "The length is prescribed by the definition.", "nxdl.xsd, dim"),
    Rule("D05", _E, "dimensions", "lengths with the same symbol differ",
         "Fields that share a symbol have the same length there.", "nxdl.xsd, symbols"),
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
    # links
    Rule("L01", _E, "links", "link leads nowhere",
         "Bring the missing file or object, or remove the link.", "manual, Links"),
    Rule("L02", _E, "links", "`target` does not lead to the object itself",
         "`target` is the absolute path of the original.", "manual, Links"),
    Rule("L05", _W, "links", "not a link, though the definition asks for one",
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
