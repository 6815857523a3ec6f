"""Profiles and the filters they pick, for people and for programs.

`filters profiles --format json`:
{"schema": "nxtool.filters.profiles", "schema_version": 1, "profiles": [{"name", "purpose",
 "filters": {kind: filter}}], "kinds": {kind: what belongs to it}}
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from nxtool.report.terminal import Line, line, styled
from nxtool.storage.profiles import KINDS, PROFILES, Profile


def profile_lines() -> Iterator[Line]:
    """Every profile with its filter by kind of data, then what the kinds are."""
    for name, profile in PROFILES.items():
        yield line(styled(f"{name:<10}", "title"), profile.purpose)
        for kind, word in profile.filters.items():
            yield line(styled(f"  {kind:<8}", "faint"), word)
    yield line("")
    yield line(styled("kinds of data, by type and shape; a recipe may say archive:smooth", "faint"))
    for kind, what in KINDS.items():
        yield line(styled(f"  {kind:<8}", "faint"), what)


def profiles_json() -> str:
    """The same for programs."""
    document = {
        "schema": "nxtool.filters.profiles",
        "schema_version": 1,
        "profiles": [
            {"name": name, "purpose": profile.purpose, "filters": _by_kind(profile)}
            for name, profile in PROFILES.items()
        ],
        "kinds": {str(kind): what for kind, what in KINDS.items()},
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _by_kind(profile: Profile) -> dict[str, str]:
    return {str(kind): word for kind, word in profile.filters.items()}
