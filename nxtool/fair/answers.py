"""Answers and the score: values, made by the judges and printed by `nxtool.report.fair`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from nxtool.fair.checks import CHECKS, Check, Letter
from nxtool.fair.wording import listed

Verdict = Literal["yes", "no", "not applicable"]


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict about one entry, or the file: the paths looked at and what was found there.

    `entry` is empty where the question is about the file.
    """

    verdict: Verdict
    paths: tuple[str, ...]
    found: str
    entry: str = ""


def yes(found: str, *paths: str) -> Judgement:
    """The judgement yes, for what was found at the paths."""
    return Judgement("yes", paths, found)


def no(found: str, *paths: str) -> Judgement:
    """The judgement no."""
    return Judgement("no", paths, found)


def not_applicable(found: str, *paths: str) -> Judgement:
    """The question makes no sense here."""
    return Judgement("not applicable", paths, found)


@dataclass(frozen=True, slots=True)
class Answer:
    """What comes out of one check: no if any entry fails, else yes if any has it."""

    check: Check
    judgements: tuple[Judgement, ...]

    @property
    def verdict(self) -> Verdict:
        """The worst of what was said of the entries."""
        verdicts = {judgement.verdict for judgement in self.judgements}
        if "no" in verdicts:
            return "no"
        return "yes" if "yes" in verdicts else "not applicable"

    @property
    def deciding(self) -> tuple[Judgement, ...]:
        """The judgements that say what the answer says."""
        return tuple(one for one in self.judgements if one.verdict == self.verdict)

    @property
    def paths(self) -> tuple[str, ...]:
        """What was looked at to decide."""
        return tuple(dict.fromkeys(path for one in self.deciding for path in one.paths))

    @property
    def found(self) -> str:
        """What was found, in one line; the entries are named where there are several."""
        if len(self.judgements) == 1:
            return self.judgements[0].found
        return listed([f"{one.entry}: {one.found}" for one in self.deciding], "; ")

    @property
    def asked(self) -> int:
        """The points that count."""
        return 0 if self.verdict == "not applicable" else self.check.points

    @property
    def got(self) -> int:
        """The points given."""
        return self.check.points if self.verdict == "yes" else 0


@dataclass(frozen=True, slots=True)
class Fairness:
    """The answers about one file, in the order of the table."""

    file: str
    entries: tuple[str, ...]
    answers: tuple[Answer, ...]
    note: str = ""
    """What was left out, empty where all was looked at."""

    def of(self, letter: Letter) -> tuple[Answer, ...]:
        """The answers that serve a letter."""
        return tuple(answer for answer in self.answers if answer.check.letter == letter)

    @property
    def percent(self) -> int:
        """Points got of points asked, rounded down: what is shown as 70 is at least 70."""
        got, asked = points(self.answers)
        return got * 100 // asked if asked else 0


def points(answers: Sequence[Answer]) -> tuple[int, int]:
    """Points got, and points that apply."""
    return sum(one.got for one in answers), sum(one.asked for one in answers)


def most_points() -> int:
    """What a file gets for which every question applies and is answered yes."""
    return sum(check.points for check in CHECKS.values())
