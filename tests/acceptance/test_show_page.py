"""`nxtool show --html`: where the page goes, and how a real browser shows it."""

from __future__ import annotations

import asyncio
import io
from pathlib import Path

import h5py
import numpy as np
import pytest

from nxtool.build.convert import convert
from nxtool.demo import make_raw_data
from nxtool.report.htmldocument import generator
from nxtool.schema.compile import default_schema
from tests import openpmdfile
from tests.parsedpage import ParsedPage
from tests.tui.browser import CHROMIUM, Page, browser

with_browser = pytest.mark.skipif(
    CHROMIUM is None, reason="there is no chromium to open the page in"
)
BAD = '"><img src=x onerror="hacked=1"></style></script><script>hacked=1</script>\u202e\x1b[31m'


def test_the_page_is_written_into_this_folder_and_written_anew(
    nxtool, invalid, tmp_path, monkeypatch
):
    """Findings are told as the settings want it, and are no error of the command."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    Path("invalid.html").write_text(generator("show"))
    Path(".nxtool.toml").write_text('ignore = ["F01"]\n')
    told = "invalid.html: 3 names, no picture, 1 error, 2 notes\n"
    assert nxtool("show", invalid, "--html") == (0, told, "")
    assert sorted(path.name for path in Path.cwd().iterdir()) == [".nxtool.toml", "invalid.html"]
    text = Path("invalid.html").read_text(encoding="utf-8")
    assert generator("show") in text
    found = ParsedPage(text)
    assert (found.open, found.loads, found.scripts) == ([], [], 1)


def test_what_is_no_such_page_is_not_replaced(nxtool, valid, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("valid.html").write_text("<p>mine")
    done = nxtool("show", valid, "--html")
    assert (done.code, done.out) == (2, "")
    assert done.err == (
        "error: valid.html: is there already, and is no page about a file\n"
        "  → name the page with -o\n"
    )
    assert Path("valid.html").read_text() == "<p>mine"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-o", "x.html"], "-o goes with --html"),
        (["--html", "--lossy"], "--html goes neither with --lossy nor with --format json"),
        (["--html", "--format", "json"], "--html goes neither with --lossy nor with --format json"),
    ],
)
def test_options_that_do_not_go_together_are_refused(nxtool, valid, arguments, message):
    done = nxtool("show", valid, *arguments)
    assert (done.code, done.err.splitlines()[-1]) == (2, f"Error: {message}")


def test_a_file_that_cannot_be_opened_leaves_no_page(nxtool, truncated, tmp_path):
    page = tmp_path / "page.html"
    done = nxtool("show", truncated, "--html", "-o", page)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"error: {truncated}: is truncated: ")
    assert list(tmp_path.glob("*.html*")) == []


def test_the_page_does_not_replace_the_file(nxtool, valid):
    before = valid.read_bytes()
    done = nxtool("show", valid, "--html", "-o", valid)
    assert (done.code, done.err.splitlines()[0]) == (
        2, f"error: {valid}: is one of the files to read",
    )  # fmt: skip
    assert valid.read_bytes() == before


@pytest.fixture(scope="module")
def demo(tmp_path_factory) -> Path:
    """The results of `nxtool demo`."""
    folder = tmp_path_factory.mktemp("results") / "demo"
    for recipe in make_raw_data(folder):
        assert convert(recipe, default_schema()).written
    return folder


async def visit(folder: Path, file: Path, look) -> None:
    """Open a page from the disk, without a network, and `look` at it; nothing else is asked for."""
    async with browser(folder / "profile") as page:
        await page.call(
            "Network.emulateNetworkConditions",
            offline=True, latency=0, downloadThroughput=-1, uploadThroughput=-1,
        )  # fmt: skip
        await page.open(file.as_uri())
        await look(page)
        asked = [url for url in page.requested if not url.startswith("data:image/png;base64,")]
        assert (asked, page.complaints) == ([file.as_uri()], [])


async def is_seen(page: Page, selector: str) -> bool:
    """Whether something a selector means takes room on the page."""
    found = f"document.querySelector('{selector}')"
    return await page.value(
        f"!!{found}?.checkVisibility() && {found}.getBoundingClientRect().height > 0"
    )


async def colours(page: Page, selector: str) -> int:
    """How many colours there are where the first such element is drawn."""
    images = pytest.importorskip("PIL.Image", reason="pillow is not installed")
    place = f"document.querySelector('{selector}').getBoundingClientRect()"
    await page.value(f"document.querySelector('{selector}').scrollIntoView()")
    x, y, width, height = [
        await page.value(f"{place}.{side}") for side in ("x", "y", "width", "height")
    ]
    image = images.open(io.BytesIO(await page.screenshot())).convert("RGB")
    part = image.crop((int(x), int(y), int(x + width), int(y + height)))
    return len(part.getcolors(1 << 24))


@pytest.mark.slow
@with_browser
def test_a_browser_shows_a_result_without_a_network(nxtool, demo, tmp_path):
    file = tmp_path / "tomo.html"
    assert nxtool("show", demo / "tomo.nxs", "--html", "-o", file).code == 0

    async def look(page: Page) -> None:
        assert await page.value("document.title") == "tomo.nxs: valid"
        assert await page.value("document.querySelector('h1').textContent") == "tomo.nxs"
        for part in ("#about dd", "#findings summary", "#tree details summary", "#plot svg"):
            assert await is_seen(page, part), part
        assert await colours(page, "#plot .pixels") > 100
        await page.value("document.querySelector('#log').click()")
        assert not await is_seen(page, "#plot .linear svg")
        assert await colours(page, "#plot .log .pixels") > 100

    asyncio.run(visit(tmp_path, file, look))


@pytest.mark.slow
@with_browser
def test_the_tree_opens_where_a_finding_leads_and_is_searched(nxtool, demo, tmp_path):
    file = tmp_path / "mx.html"
    assert nxtool("show", demo / "mx.nxs", "--html", "-o", file).code == 0

    async def look(page: Page) -> None:
        await page.value("document.querySelector('#close').click()")
        assert not await is_seen(page, "#tree details details")
        await page.value("document.querySelector('.finding a').click()")
        target = "document.querySelector(':target')"
        await page.value(f"new Promise(done => setInterval(() => {target} && done(), 20))")
        assert await page.value(f"{target}.querySelector('b').textContent") == "instrument"
        assert await is_seen(page, ":target")
        await page.value(
            "const box = document.querySelector('[type=search]'); box.value = 'mm det_z';"
            "box.dispatchEvent(new Event('input', {bubbles: true}))"
        )
        assert await page.value("document.querySelector('output').value") == "1 found"
        seen = "[...document.querySelectorAll('#tree b')].filter(b => b.checkVisibility())"
        assert await page.value(f"{seen}.map(b => b.textContent).join(' ')") == (
            "/ entry instrument detector transformations det_z"
        )

    asyncio.run(visit(tmp_path, file, look))


@pytest.mark.slow
@with_browser
def test_an_openpmd_file_is_shown(nxtool, tmp_path):
    file = tmp_path / "a.html"
    source = openpmdfile.write(tmp_path / "a.h5", side=16)
    assert nxtool("show", source, "--html", "-o", file).code == 0

    async def look(page: Page) -> None:
        assert await page.value("document.title") == "a.h5: valid"
        for part in ("#about dd", "#findings", "#tree details summary", "#plot svg"):
            assert await is_seen(page, part), part

    asyncio.run(visit(tmp_path, file, look))


@pytest.mark.slow
@with_browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1300])
def test_nothing_is_wider_than_the_window(nxtool, demo, tmp_path, width, scheme):
    file = tmp_path / "mx.html"
    assert nxtool("show", demo / "mx.nxs", "--html", "-o", file).code == 0

    async def look(page: Page) -> None:
        await page.call(
            "Emulation.setDeviceMetricsOverride",
            width=width, height=800, deviceScaleFactor=1, mobile=False,
        )  # fmt: skip
        wanted = [{"name": "prefers-color-scheme", "value": scheme}]
        await page.call("Emulation.setEmulatedMedia", features=wanted)
        assert await page.value("document.documentElement.scrollWidth") <= width
        ground = await page.value("getComputedStyle(document.body).backgroundColor")
        assert ground == ("rgb(255, 255, 255)" if scheme == "light" else "rgb(22, 24, 27)")

    asyncio.run(visit(tmp_path, file, look))


@pytest.mark.slow
@with_browser
def test_text_of_a_hostile_file_does_not_run(nxtool, tmp_path):
    source, file = tmp_path / "bad.nxs", tmp_path / "bad.html"
    with h5py.File(source, "w") as target:
        entry = target.create_group(f"entry{BAD}".replace("/", ""))
        entry.attrs.update(NX_class="NXentry", default="data", comment=BAD)
        entry["title"] = BAD
        data = entry.create_group("data")
        data.attrs.update(NX_class="NXdata", signal="x", axes=["y"])
        data["x"] = np.arange(5)
        data["x"].attrs.update(units=BAD, long_name=BAD)
        data["y"] = np.arange(5)
        data["y"].attrs["units"] = BAD
        data["soft"] = h5py.SoftLink(BAD)
    assert nxtool("show", source, "--html", "-o", file).code == 0

    async def look(page: Page) -> None:
        assert await page.value("typeof hacked") == "undefined"
        assert await page.value("document.images.length") == 0
        assert await page.value("document.scripts.length") == 1
        assert await is_seen(page, "#plot svg")
        assert not {"\u202e", "\x1b"} & set(await page.value("document.body.textContent"))

    asyncio.run(visit(tmp_path, file, look))


@pytest.mark.slow
@with_browser
def test_a_name_that_runs_to_the_left_leaves_the_words_around_it_in_order(nxtool, tmp_path):
    source, file = tmp_path / "left.nxs", tmp_path / "left.html"
    with h5py.File(source, "w") as target:
        target.create_group("عدد")
    assert nxtool("show", source, "--html", "-o", file).code == 0

    async def look(page: Page) -> None:
        for selector in ("#findings code", "#tree b"):
            style = f"getComputedStyle(document.querySelector('{selector}')).unicodeBidi"
            assert await page.value(style) == "isolate"

    asyncio.run(visit(tmp_path, file, look))


@pytest.mark.slow
@with_browser
def test_a_page_of_many_names_is_shown(nxtool, tmp_path):
    source, file = tmp_path / "big.nxs", tmp_path / "big.html"
    with h5py.File(source, "w") as target:
        one = target.create_dataset("one", data=1)
        for i in range(50):
            place = target.create_group(f"g{i}")
            for k in range(2000):
                place[f"d{k}"] = one
    assert nxtool("show", source, "--html", "-o", file).code == 0
    assert file.stat().st_size < 2_000_000

    async def look(page: Page) -> None:
        assert await page.value("document.querySelectorAll('#tree .leaf').length") > 3000
        told = await page.value("document.querySelector('#tree p').textContent")
        assert told.startswith("Of a large tree 4,000 names are shown here")

    asyncio.run(visit(tmp_path, file, look))
