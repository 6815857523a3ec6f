"""The bar for many files."""

from __future__ import annotations

import pytest

from nxtool.cli.filebar import FileBar, bar_text


@pytest.mark.parametrize(
    ("done", "total", "seconds", "text"),
    [
        (10, 40, 65.0, "[=======                       ] 10/40 files, 3:15 left"),
        (1, 3, 1.0, "[==========                    ] 1/3 files, 0:02 left"),
        (39, 40, 39.0, "[============================= ] 39/40 files, 0:01 left"),
    ],
)
def test_the_bar_says_how_much_is_done_and_left(
    done: int, total: int, seconds: float, text: str
) -> None:
    assert bar_text(done, total, seconds) == text


def test_there_is_no_bar_in_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    bar = FileBar(3, quiet=False)
    bar.advance()
    bar.clear()
    assert capsys.readouterr() == ("", "")
