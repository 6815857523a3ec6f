"""A loss that a filter told of, written down where the filter is gone."""

from __future__ import annotations

import json

import h5py
from h5py import h5d

from nxtool.repack.choice import Treatment
from nxtool.repack.survey import Held
from nxtool.storage.filterfacts import described, loss
from nxtool.storage.lossrecord import RECORD, RECORDS


def record_loss(dataset: h5d.DatasetID, held: Held, chosen: Treatment) -> None:
    """Say in an attribute what lossy filters the values have been behind, unless one does so."""
    if chosen.filter is None or not held.is_lossy:
        return
    attributes = h5py.Dataset(dataset).attrs
    if any(str(name).startswith(RECORDS) for name in attributes):
        return
    filters = [
        {"id": one.number, "name": described(one.number, one.options), "options": one.options}
        for one in held.filters
        if loss(one.number, one.options) != "none"
    ]
    attributes[RECORD] = json.dumps({"before_repack": filters})
