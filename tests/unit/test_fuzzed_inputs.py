"""What fuzzers found, made small: each input once ended in a traceback."""

from __future__ import annotations

from pathlib import Path

import h5py
import pytest

from nxtool.build.convert import check
from nxtool.config import lasting_schema
from nxtool.errors import DefinitionError
from nxtool.hdf5.opening import Hdf5File
from nxtool.nodeview import Broken


def checked(folder: Path, text: str):
    path = folder / "scan.nx.yaml"
    path.write_text(text)
    return check(path, lasting_schema([]))


def test_unknown_definition_of_a_recipe_whose_entries_have_their_own(tmp_path):
    with pytest.raises(DefinitionError) as caught:
        checked(tmp_path, "nxtool: 1\ndefinition: NXtoma\nentry:\n  definition: NXtomo\n")
    path = tmp_path / "scan.nx.yaml"
    told = f"{path}:2:13: unknown definition 'NXtoma' (did you mean NXtomo, NXatom, NXtas?)"
    assert str(caught.value) == told


def test_link_without_a_path_hides_none_of_the_others(tmp_path):
    path = tmp_path / "links.h5"
    with h5py.File(path, "w", libver="earliest") as file:
        file["away"] = h5py.ExternalLink("other.h5", "/x")
        file["sound"] = 1
    path.write_bytes(path.read_bytes().replace(b"other.h5\0/x", b"other.h5+/x"))
    with Hdf5File(path) as file:
        assert sorted(file.root.links) == ["away", "sound"]
        reason = "is a damaged link, or one of a kind that only its maker can follow"
        assert file.root.child("away") == Broken(reason, dangling=True)
