"""The screen of findings, and going from one to where it is mended."""

from __future__ import annotations

import pytest

from nxtool.findings import Finding, Mark
from nxtool_tui.app import NxtoolApp
from nxtool_tui.findings import FindingsScreen, in_one_line
from tests.tui.frames import at_every_size, drive, frame, golden
from tests.tui.waiting import until

RECIPE = """\
nxtool: 1
definition: NXxas
output: xas.nxs
entry:
  title: Ni foil
  start_time: 2026-11-22T09:51:00+01:00
  instrument:
    source: {type: Synchrotron X-ray Source, name: here, probe: X-Ray, colour: red}
    monochromator: {energy: "[8.2, 8.3] kev"}
  sample: {name: Ni foil, temperature: 300}
  monitor: {mode: timer, preset: 1, data: [1, 2]}
"""


@pytest.fixture
def app(tmp_path, monkeypatch):
    """The application with a recipe that has mistakes."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    file = tmp_path / "xas.nx.yaml"
    file.write_text(RECIPE)
    return NxtoolApp(file)


async def findings_of(pilot) -> FindingsScreen:
    """The screen of findings, when the recipe is checked."""
    author = pilot.app.screen
    await until(pilot, lambda: author.outcome is not None)
    await pilot.press("f6")
    await until(pilot, lambda: isinstance(pilot.app.screen, FindingsScreen))
    return pilot.app.screen


def codes(screen: FindingsScreen) -> list[str]:
    return [item.code for item in screen.list.items]


async def at_code(pilot, screen: FindingsScreen, code: str) -> None:
    screen.list.move_to(codes(screen).index(code))
    await pilot.pause()


@at_every_size
def test_findings_are_listed_worst_first_with_what_mends_them(app, size):
    async def steps(pilot):
        screen = await findings_of(pilot)
        await at_code(pilot, screen, "E01")
        golden(f"findings-{'x'.join(map(str, size))}", frame(pilot.app))

    drive(app, steps, size)


def test_enter_opens_the_editor_of_the_value(app):
    async def steps(pilot):
        screen = await findings_of(pilot)
        await at_code(pilot, screen, "E01")
        author = pilot.app.screen_stack[-2]
        await pilot.press("enter")
        assert pilot.app.screen is author
        assert author.outline.current.path == "/entry/instrument/source/probe"
        assert author.editor.is_open
        assert author.editor.input.value == "X-Ray"

    drive(app, steps)


def test_enter_leads_to_the_row_of_a_place_in_the_recipe(app):
    async def steps(pilot):
        screen = await findings_of(pilot)
        await at_code(pilot, screen, "R01")
        author = pilot.app.screen_stack[-2]
        await pilot.press("enter")
        assert author.outline.current.path == "/entry/instrument/source/colour"

    drive(app, steps)


def test_mended_finding_goes_and_comes_back_when_that_is_undone(app):
    async def steps(pilot):
        screen = await findings_of(pilot)
        await at_code(pilot, screen, "E01")
        await pilot.press("f")
        await until(pilot, lambda: "E01" not in codes(screen))
        assert "probe: x-ray" in pilot.app.session.document.text
        await pilot.press("u")
        await until(pilot, lambda: "E01" in codes(screen))
        assert pilot.app.session.document.text == RECIPE

    drive(app, steps)


def test_finding_without_a_remedy_says_so(app):
    async def steps(pilot):
        screen = await findings_of(pilot)
        await at_code(pilot, screen, "O01")
        await pilot.press("f")
        told = [one.message for one in pilot.app._notifications]
        assert told == ["only you can know: enter leads there"]
        assert pilot.app.session.document.text == RECIPE

    drive(app, steps)


def test_only_one_severity_is_listed_when_asked_for(app):
    async def steps(pilot):
        screen = await findings_of(pilot)
        for key, severities in (("2", {"error"}), ("3", {"warning"}), ("4", {"info"})):
            await pilot.press(key)
            assert {item.severity for item in screen.list.items} == severities
        await pilot.press("1")
        assert len(screen.list.items) == len(screen.items)

    drive(app, steps)


def test_rule_of_a_finding_is_explained(app):
    async def steps(pilot):
        screen = await findings_of(pilot)
        await at_code(pilot, screen, "U01")
        await pilot.press("d")
        assert "U01  unit cannot be understood" in frame(pilot.app)
        await pilot.press("d")
        assert "'kev' is not a unit" in frame(pilot.app)

    drive(app, steps)


def test_escape_leads_back_without_opening_anything(app):
    async def steps(pilot):
        await findings_of(pilot)
        await pilot.press("escape")
        assert not pilot.app.screen.editor.is_open

    drive(app, steps)


def test_finding_is_copied_in_one_line():
    one = Finding("R01", "error", "", "unknown name 'a'", hint="b?", mark=Mark("x.yaml", 3, 1))
    assert in_one_line(one) == "line 3: error R01: unknown name 'a' (b?)"


def test_hostile_text_reaches_no_terminal():
    one = Finding("G05", "warning", "/a\x1b[2J", "\x07")
    assert in_one_line(one) == "/a\\x1b[2J: warning G05: \\x07"
