"""A file in, its answers out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from nxtool.defaultplot import default_plot
from nxtool.errors import FileUnreadable
from nxtool.fair import accessible, findable, interoperable, reusable
from nxtool.fair.answers import Answer, Fairness, Judgement
from nxtool.fair.checks import CHECKS, Check
from nxtool.fair.checksums import compared, sidecar_of
from nxtool.fair.context import Context
from nxtool.fair.facts import Entry
from nxtool.fair.survey import survey
from nxtool.hdf5.opening import Hdf5File
from nxtool.schema.compile import Schema
from nxtool.validate.engine import validate_tree

OF_ENTRY: Final[Mapping[str, Callable[[Entry, Context], Judgement]]] = {
    "F01": findable.identifier,
    "F02": findable.experiment,
    "F03": findable.title,
    "F04": findable.instrument,
    "F05": findable.sample_name,
    "F06": findable.sample_identity,
    "F07": findable.users,
    "F08": findable.investigator,
    "F09": findable.orcid,
    "I01": interoperable.definition,
    "I02": interoperable.version,
    "I03": interoperable.technique,
    "I04": interoperable.probe,
    "R01": reusable.licence,
    "R02": reusable.start,
    "R03": reusable.end,
    "R04": reusable.facility,
    "R05": reusable.program,
    "R06": reusable.history,
    "R08": reusable.relations,
}
"""Who answers the questions about each entry."""
OF_FILE: Final[Mapping[str, Callable[[Context], Judgement]]] = {
    "A01": accessible.filters,
    "A02": accessible.other_files,
    "A03": accessible.absolute_paths,
    "A04": accessible.emails,
    "I05": interoperable.units,
    "I06": interoperable.validity,
    "I07": interoperable.default_plot,
    "I08": interoperable.root,
    "R07": reusable.checksums,
}
"""Who answers the questions about the file as a whole."""
CUT: Final = "the file is too large or deep to look at all of it; the rest was not judged"


def fairness(path: Path, schema: Schema, *, checksums: bool = False) -> Fairness:
    """The answers about the file at `path`; with `checksums` what they are about is read.

    Raises:
        FileUnreadable: it cannot be opened, or holds no NXentry.
    """
    with Hdf5File(path) as file:
        facts = survey(file.root, schema.knows)
        if not facts.entries:
            hint = "a NeXus file has an NXentry below its root"
            raise FileUnreadable(f"{path}: holds no NXentry", hint=hint)
        findings, _ = validate_tree(file.root, schema)
        context = Context(
            facts,
            findings,
            default_plot(file.root),
            schema,
            path.resolve().parent,
            compared(file, facts) if checksums else None,
            sidecar_of(path),
        )
        answers = tuple(_answer(check, context) for check in CHECKS.values())
    entries = tuple(entry.path for entry in facts.entries)
    return Fairness(str(path), entries, answers, CUT if facts.cut else "")


def _answer(check: Check, context: Context) -> Answer:
    if check.code in OF_FILE:
        return Answer(check, (OF_FILE[check.code](context),))
    judge = OF_ENTRY[check.code]
    found = (replace(judge(entry, context), entry=entry.path) for entry in context.facts.entries)
    return Answer(check, tuple(found))
