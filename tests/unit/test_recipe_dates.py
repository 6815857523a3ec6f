"""Dates get an offset from the zone, and nothing is guessed."""

from __future__ import annotations

import contextlib
from datetime import datetime, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nxtool.recipe.dates import DateError, to_iso


@pytest.mark.parametrize(
    ("text", "zone", "form", "iso"),
    [
        ("2026-01-05T10:00:00", "Europe/Berlin", None, "2026-01-05T10:00:00+01:00"),
        ("2026-07-05T10:00:00", "Europe/Berlin", None, "2026-07-05T10:00:00+02:00"),
        ("2026-01-05 10:00", "UTC", None, "2026-01-05T10:00:00+00:00"),
        ("2026-01-05 10:00", "-03:30", None, "2026-01-05T10:00:00-03:30"),
        ("2026-01-05T10:00:00.120", "Asia/Kolkata", None, "2026-01-05T10:00:00.120+05:30"),
        ("2026-01-05T10:00:00Z", "Europe/Berlin", None, "2026-01-05T10:00:00Z"),
        ("2026-01-05T10:00:00-0800", None, None, "2026-01-05T10:00:00-08:00"),
        ("2026-01-05T10:00:00+01", None, None, "2026-01-05T10:00:00+01:00"),
        ("2026-01-05", None, None, "2026-01-05"),
        ("05/01/2026 10:00:00", "UTC", "%d/%m/%Y %H:%M:%S", "2026-01-05T10:00:00+00:00"),
        ("05.01.26 10:00 +0100", None, "%d.%m.%y %H:%M %z", "2026-01-05T10:00:00+01:00"),
        ("0026-01-05T10:00:00Z", None, None, "0026-01-05T10:00:00Z"),
    ],
)
def test_a_date_becomes_iso_with_offset(text, zone, form, iso):
    assert to_iso(text, zone, form) == iso


@pytest.mark.parametrize(
    ("text", "zone", "form", "message"),
    [
        (
            "2026-01-05T10:00:00",
            None,
            None,
            "'2026-01-05T10:00:00' has no time zone "
            "(write its offset, like +01:00, or set defaults.timezone)",
        ),
        (
            "5.1.2026",
            None,
            None,
            "'5.1.2026' is not an ISO 8601 date (write 2026-01-05T10:00:00, or give date_format)",
        ),
        (
            "2026-02-30T10:00:00Z",
            None,
            None,
            "'2026-02-30T10:00:00Z' is not a date (day is out of range for month)",
        ),
        ("2026-13-01", None, None, "'2026-13-01' is not a date (month must be in 1..12)"),
        (
            "2026-01-05T10:00:00+99:00",
            None,
            None,
            "'2026-01-05T10:00:00+99:00' has an impossible offset +99:00 (write +01:00)",
        ),
        (
            "2026-01-05T10:00:00",
            "Europe",
            None,
            "unknown time zone 'Europe' (did you mean Europe/Rome, Europe/Riga, Europe/Oslo?)",
        ),
        (
            "2026-10-25T02:30:00",
            "Europe/Berlin",
            None,
            "clocks in Europe/Berlin showed '2026-10-25T02:30:00' twice"
            " (write the offset: +02:00 or +01:00)",
        ),
        (
            "2026-03-29T02:30:00",
            "Europe/Berlin",
            None,
            "clocks in Europe/Berlin showed '2026-03-29T02:30:00' never"
            " (write the offset: +01:00 or +02:00)",
        ),
        (
            "1890-01-01T00:00:00",
            "Europe/Berlin",
            None,
            "Europe/Berlin was not whole minutes from UTC at '1890-01-01T00:00:00'"
            " (write the offset)",
        ),
        (
            "x",
            "UTC",
            "%Y",
            "'x' does not fit date_format '%Y' (correct the date, or date_format)",
        ),
        (
            "x",
            "UTC",
            "%Y %Q",
            "'x' does not fit date_format '%Y %Q': 'Q' is a bad directive in format "
            "'%Y %Q' (correct the date, or date_format)",
        ),
        (
            "5.1. 10:00",
            "UTC",
            "%d.%m. %H:%M",
            "date_format '%d.%m. %H:%M' has no year (a date needs its year, %Y or %y)",
        ),
        (
            "5.1.Y",
            "UTC",
            "%d.%m.%%Y",
            "date_format '%d.%m.%%Y' has no year (a date needs its year, %Y or %y)",
        ),
    ],
)
def test_a_date_that_cannot_be_completed_is_refused(text, zone, form, message):
    with pytest.raises(DateError) as caught:
        to_iso(text, zone, form)
    assert str(caught.value) == message


@given(st.datetimes(timezones=st.just(timezone.utc)).filter(lambda moment: moment.year > 999))
def test_a_date_in_utc_comes_back(moment):
    assert datetime.fromisoformat(to_iso(moment.replace(tzinfo=None).isoformat(), "UTC")) == moment


@given(st.text(max_size=30), st.none() | st.text(alphabet="%dYmHz ([?", max_size=8))
def test_any_text_is_a_date_or_a_date_error(text, form):
    with contextlib.suppress(DateError):
        assert to_iso(text, "UTC", form)
