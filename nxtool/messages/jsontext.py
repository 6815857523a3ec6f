"""JSON messages, as plain text or out of a FlatBuffers message. NaN and Infinity are read."""

from __future__ import annotations

import json

from nxtool.messages.model import Json
from nxtool.messages.wire import Undecodable


def read_json(text: bytes | str) -> Json:
    """The value of a JSON text; bytes are UTF-8, or what else JSON may be in.

    Raises Undecodable for what is no JSON, or too deep.
    """
    try:
        return Json(json.loads(text))
    except RecursionError:
        raise Undecodable("nested too deeply", schema="json") from None
    except ValueError as error:  # of JSON, of UTF-8, and of numbers with very many digits
        raise Undecodable(str(error), schema="json") from None
