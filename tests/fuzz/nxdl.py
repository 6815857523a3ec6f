"""NXDL files: read, linted, compiled, and made templates and JSON Schemas of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path

from nxtool.findings import Mark
from nxtool.lint.conflicts import conflicts
from nxtool.lint.stated import Stated
from nxtool.nxdl.catalogue import Catalogue, official_folder
from nxtool.nxdl.doctext import first_sentence, plain
from nxtool.nxdl.elements import Definition
from nxtool.nxdl.reader import parse_definition
from nxtool.nxdl.xsd import NxdlSchema
from nxtool.schema.compile import Schema
from nxtool.schema.editor import json_schema
from nxtool.schema.template import template
from tests.fuzz.target import Take

LONGEST = 8192
WORDS = (
    b"<group ", b"</group>", b"<field ", b"</field>", b"<attribute ", b"</attribute>", b"<choice ",
    b"<link ", b"<dimensions ", b"<dim ", b"<enumeration>", b"<item ", b"<symbols>", b"<symbol ",
    b"<doc>", b"</doc>", b' name="', b' type="', b' nameType="any"', b' nameType="partial"',
    b' extends="', b' minOccurs="', b' maxOccurs="unbounded"', b' optional="true"', b' rank="',
    b' index="', b' value="', b' units="NX_LENGTH"', b' units="', b' target="', b' open="true"',
    b' deprecated="', b' ref="', b' incr="', b' required="', b"NXentry", b"NXdata", b"NXobject",
    b"NXfuzz", b"NX_FLOAT", b"NX_CHAR", b"<!DOCTYPE x [", b"<!ENTITY a ", b"&a;", b"<![CDATA[",
)  # fmt: skip
_FILE = Path("NXfuzz.nxdl.xml")
_SEEDS = ("NXarpes", "NXsas", "NXmonopd", "NXpinhole", "NXfluo", "NXbeam_stop")


class _WithOne(Catalogue):
    """The official definitions and one more, which wins."""

    def __init__(self, official: Catalogue, one: Definition) -> None:
        super().__init__(official.folders)
        self._official, self._one = official, one

    @cached_property
    def files(self) -> Mapping[str, Path]:
        return {**self._official.files, self._one.name: self._one.path}

    def __getitem__(self, name: str) -> Definition:
        return self._one if name == self._one.name else self._official[name]


def seeds() -> Iterator[bytes]:
    """Official definitions that are not long, and a small one with nearly everything."""
    for name in _SEEDS:
        yield Catalogue([official_folder()]).files[name].read_bytes()
    yield _SMALL


def prepared(_folder: Path) -> Take:
    """Does everything with a definition that the commands do."""
    official, xsd = Catalogue([official_folder()]), NxdlSchema()

    def take(data: bytes) -> None:
        list(xsd.violations(data, _FILE))
        definition = parse_definition(data, _FILE)
        schema = Schema(_WithOne(official, definition))
        list(Stated(definition, _mark, schema.knows).faults())
        list(conflicts(schema, definition, _mark))
        plain(definition.body.doc)
        first_sentence(definition.body.doc)
        if len(data) % 2:
            template(schema, definition.name, "all")
        else:
            json_schema(schema, definition.name)

    return take


def _mark(line: int) -> Mark:
    return Mark(str(_FILE), line, 1)


_SMALL = b"""<?xml version="1.0"?>
<definition xmlns="http://definition.nexusformat.org/nxdl/3.1" name="NXfuzz" extends="NXobject"
 type="group" category="application" ignoreExtraFields="true">
<symbols><doc>s</doc><symbol name="n"><doc>points</doc></symbol></symbols>
<doc>Text with :ref:`a` and *b*.

.. note:: c

* d
</doc>
<group type="NXentry"><doc/>
<field name="definition"><enumeration><item value="NXfuzz"/></enumeration></field>
<field name="title" minOccurs="0" type="NX_CHAR"/>
<field name="AXISNAME_x" nameType="partial" type="NX_FLOAT" units="NX_LENGTH">
<dimensions rank="2"><dim index="1" value="n"/><dim index="2" value="3" required="false"/>
</dimensions>
<attribute name="a" type="NX_INT" optional="true">
<enumeration open="true"><item value="1"/></enumeration></attribute>
</field>
<choice name="shape"><group type="NXoff_geometry"/><group type="NXcylindrical_geometry"/></choice>
<group type="NXdata" name="data"><link name="x" target="/NXentry/title"/></group>
<group type="NXinstrument"><group type="NXdetector" minOccurs="1">
<field name="data" deprecated="no" signal="1"/></group></group>
</group></definition>
"""
