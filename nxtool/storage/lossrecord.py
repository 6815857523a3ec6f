"""The attributes that tell, at a dataset, what its values lost on purpose."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

RECORD: Final = "nxtool_lossy"
"""Ours."""
QUANTIZE: Final = "_Quantize"
"""How those of netCDF begin."""
QUANTIZED: Final[Mapping[str, str]] = {
    "bitround": "_QuantizeBitRoundNumberOfSignificantBits",
    "bitgroom": "_QuantizeBitGroomNumberOfSignificantDigits",
    "granularbr": "_QuantizeGranularBitRoundNumberOfSignificantDigits",
}
"""Those of netCDF, by method."""
RECORDS: Final = (RECORD, QUANTIZE)
"""How attributes begin that say what was lost."""
