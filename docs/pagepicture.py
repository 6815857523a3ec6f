"""Draw the picture of a page that `nxtool show --html` makes: `python docs/pagepicture.py`.

Chromium draws it, of a result of `nxtool demo`; pillow keeps it small.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image

TARGET = Path(__file__).with_name("images") / "show-page.png"
SIZE = "1200,1300"
COLOURS = 256


def main() -> None:
    """Write the picture."""
    with tempfile.TemporaryDirectory() as folder:
        nxtool("demo", "demo", folder=folder)
        nxtool("show", "demo/mx.nxs", "--html", folder=folder)
        browser = shutil.which("chromium") or "google-chrome"
        drawn = Path(folder) / "drawn.png"
        subprocess.run(  # noqa: S603
            [
                browser, "--headless", "--no-sandbox", "--hide-scrollbars",
                f"--user-data-dir={folder}/profile", f"--window-size={SIZE}",
                f"--screenshot={drawn}", (Path(folder) / "mx.html").as_uri(),
            ],
            check=True, env={**os.environ, "HOME": folder},
        )  # fmt: skip
        Image.open(drawn).convert("RGB").quantize(COLOURS).save(TARGET, optimize=True)


def nxtool(*arguments: str, folder: str) -> None:
    """Run the program in `folder`."""
    command = [sys.executable, "-m", "nxtool", *arguments]
    subprocess.run(command, check=True, cwd=folder, stdout=subprocess.DEVNULL)  # noqa: S603


if __name__ == "__main__":
    main()
