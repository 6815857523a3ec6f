"""Draw the pictures of pages that nxtool makes: `python docs/pagepictures.py`.

Chromium draws them, of what `nxtool demo` leaves; pillow keeps them small. The bench measures this
machine, which should have nothing else to do.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image

IMAGES = Path(__file__).with_name("images")
COLOURS = 256
PICTURES = (
    ("show-page.png", "1200,1300", ("show", "mx.nxs", "--html", "-o", "page.html")),
    (
        "bench-page.png",
        "1000,1290",
        ("filters", "bench", "frames/frame_*.tif", "--html", "page.html"),
    ),
)
"""The picture, the size of the window, and the command that makes its page."""


def main() -> None:
    """Draw all of them."""
    with tempfile.TemporaryDirectory() as place:
        nxtool("demo", "demo", folder=place)
        for name, size, command in PICTURES:
            folder = Path(place) / "demo"
            (folder / "page.html").unlink(missing_ok=True)
            nxtool(*command, folder=str(folder))
            draw(folder / "page.html", size, IMAGES / name)


def draw(page: Path, size: str, target: Path) -> None:
    """Write what a browser shows of a page."""
    browser = shutil.which("chromium") or "google-chrome"
    drawn = page.with_suffix(".png")
    subprocess.run(  # noqa: S603
        [
            browser, "--headless", "--no-sandbox", "--hide-scrollbars",
            f"--user-data-dir={page.parent}/profile", f"--window-size={size}",
            f"--screenshot={drawn}", page.as_uri(),
        ],
        check=True, env={**os.environ, "HOME": str(page.parent)},
    )  # fmt: skip
    Image.open(drawn).convert("RGB").quantize(COLOURS).save(target, optimize=True)


def nxtool(*arguments: str, folder: str) -> None:
    """Run the program in `folder`."""
    command = [sys.executable, "-m", "nxtool", *arguments]
    subprocess.run(command, check=True, cwd=folder, stdout=subprocess.DEVNULL)  # noqa: S603


if __name__ == "__main__":
    main()
