"""Tests of nxtool.remote.address: what names data elsewhere, and what of it is shown."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nxtool.errors import FileUnreadable
from nxtool.remote.address import address_of, check, file_name, kind_of, named, shown

WORD = st.text(st.characters(codec="ascii", categories=("L", "N")), min_size=1, max_size=8)
SECRET = WORD.map(lambda word: f"se~cret{word}")


@pytest.mark.parametrize(
    ("name", "address", "kind"),
    [
        ("hdf5://home/me/scan.h5", "hdf5://home/me/scan.h5", "hsds"),
        (Path("hdf5://home/me/scan.h5"), "hdf5://home/me/scan.h5", "hsds"),
        ("hdf5:///home/me/scan.h5", "hdf5://home/me/scan.h5", "hsds"),
        ("s3://bucket/scan.h5", "s3://bucket/scan.h5", "s3"),
        (Path("https://host/a/scan.h5?x=1"), "https://host/a/scan.h5?x=1", "http"),
        ("http://127.0.0.1:80/scan.h5", "http://127.0.0.1:80/scan.h5", "http"),
    ],
)
def test_an_address_is_known_by_its_scheme(name, address, kind):
    assert (address_of(name), kind_of(address_of(name))) == (address, kind)


@pytest.mark.parametrize("name", ["scan.h5", "file:///etc/passwd", "ftp://host/x", "hdf5:x", ""])
def test_all_else_is_a_file_here(name):
    assert address_of(name) == ""


def test_a_file_of_that_very_name_is_that_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "s3:" / "bucket").mkdir(parents=True)
    (tmp_path / "s3:" / "bucket" / "scan.h5").touch()
    assert address_of("s3://bucket/scan.h5") == ""


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("hdf5://home", "hdf5://home: names no file (write hdf5://home/me/scan.h5)"),
        ("s3://bucket/", "s3://bucket/: names no file (write s3://bucket/scan.h5)"),
        ("https://me:word@/x", "https:///x: names no file (write https://host/scan.h5)"),
    ],
)
def test_an_address_of_nothing_is_refused(address, message):
    with pytest.raises(FileUnreadable) as caught:
        check(address)
    assert str(caught.value) == message


@given(SECRET, SECRET, WORD, WORD)
def test_passwords_and_signatures_are_never_shown(password, signature, host, file):
    address = f"https://me:{password}@{host}/{file}.h5?signature={signature}"
    assert shown(f"in {address} and more") == f"in https://{host}/{file}.h5 and more"
    assert named(Path(address)) == f"https://{host}/{file}.h5"
    assert file_name(address) == f"{file}.h5"


def test_other_text_is_shown_as_it_is():
    assert shown("is it there? me@host, a://b") == "is it there? me@host, a://b"


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://host/my scan.h5?signature=se cret", "https://host/my scan.h5"),
        ("https://me:my se/cret@host/scan.h5", "https://host/scan.h5"),
        ("s3://KEY:se/cret@bucket/scan.h5", "s3://bucket/scan.h5"),
        ("HTTPS://me:secret@host/scan.h5", "https://host/scan.h5"),
        ("https://host:8443/of/me@there.h5", "https://host:8443/of/me@there.h5"),
    ],
)
def test_secrets_may_hold_anything_and_names_too(address, expected):
    assert named(address) == expected


def test_a_password_with_a_slash_is_not_shown_in_a_text_either():
    assert shown("no s3://KEY:se/cret@bucket/scan.h5 here") == "no s3://bucket/scan.h5 here"


def test_schemes_are_known_in_capitals():
    assert address_of("S3://Bucket/Scan.h5") == "s3://Bucket/Scan.h5"
