"""What rules of openPMD are given beside the model, and how they say what they find."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from nxtool import nxpath
from nxtool.findings import Finding, Severity
from nxtool.nodeview import NodeView
from nxtool.openpmd.header import Header
from nxtool.openpmd.opening import Backend
from nxtool.openpmd.profiles import PROFILES
from nxtool.validate.rulebook import RULES

MAX_TEXT: Final = 300


@dataclass(frozen=True, slots=True)
class Asking:
    """What holds for one file: what it declares, what stores it, and how strictly it is judged.

    `profile` is a key of `PROFILES`; `values` says whether rules may read data, of which at most
    `max_read` bytes of one record.
    """

    header: Header
    backend: Backend = "HDF5"
    profile: str = ""
    values: bool = False
    max_read: int = 64 * 1024 * 1024

    @property
    def is_draft(self) -> bool:
        """Whether the rules of the draft 2.0 hold."""
        return self.header.is_draft

    def declares(self, extension: str) -> bool:
        return extension in self.header.extensions

    def tell(
        self,
        code: str,
        path: str,
        message: str,
        aspect: str = "",
        *,
        severity: Severity | None = None,
        expected: object = "",
        found: object = "",
        hint: str = "",
    ) -> Finding:
        """A finding of rule `code`. Where the profile says how severe that rule is, or this
        `aspect` of it, that holds instead of `severity`."""
        grades = PROFILES[self.profile]
        graded = grades.get(f"{code}.{aspect}") or grades.get(code) or severity
        return Finding(
            code,
            graded or RULES[code].severity,
            path,
            _short(message),
            _short(str(expected)),
            _short(str(found)),
            hint,
        )

    def of_attribute(
        self,
        code: str,
        node: NodeView,
        name: str,
        message: str,
        aspect: str = "",
        *,
        severity: Severity | None = None,
        expected: object = "",
        found: object = "",
        hint: str = "",
    ) -> Finding:
        """Likewise, about the attribute `name` of a node."""
        return self.tell(
            code,
            nxpath.attribute(node.path, name),
            message,
            aspect,
            severity=severity,
            expected=expected,
            found=found,
            hint=hint,
        )

    def milder_in_draft(self) -> Severity:
        """What openPMD 1.x requires and the draft 2.0 recommends."""
        return "warning" if self.is_draft else "error"


def _short(text: str) -> str:
    """`text` as far as people read it: attributes may hold megabytes."""
    return text if len(text) <= MAX_TEXT else f"{text[:MAX_TEXT]}…"
