"""Amounts of memory as users write them."""

from __future__ import annotations

import math
import re
from fractions import Fraction
from typing import Any

__all__ = ["parse_memory", "unlimited"]

_UNITS = {"": 1, "B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}
_UNITS |= {"KIB": 2**10, "MIB": 2**20, "GIB": 2**30, "TIB": 2**40}


def unlimited(name: str, limit: Any) -> bool:
    """Whether a limit is none: None or infinity. Raises ValueError for what is no number."""
    if isinstance(limit, float) and math.isnan(limit):
        raise ValueError(f"{name}=nan is no limit; expected a number, or None for no limit")
    return limit is None or (isinstance(limit, float) and limit == math.inf)


def parse_memory(limit: float | str | None) -> int:
    """Bytes of a ``memory_limit=``: an integer, or a text such as "2GiB" or "500 MB"; 0, no limit, for None and infinity.

    Raises TypeError for another type, ValueError for text that is no amount and for less than one byte.
    """
    if unlimited("memory_limit", limit):
        return 0
    if isinstance(limit, str):
        match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([A-Za-z]*)\s*", limit)
        if match is None or match[2].upper() not in _UNITS:
            raise ValueError(f"memory_limit={limit!r} is no amount of memory; write bytes, or '500MB', '2GiB'")
        value = int(Fraction(match[1]) * _UNITS[match[2].upper()])
    elif isinstance(limit, bool) or not hasattr(limit, "__index__"):
        raise TypeError(f"memory_limit must be a number of bytes or a text such as '2GiB', not {limit!r}")
    else:
        value = int(limit.__index__())
    if not 1 <= value < 2**63:
        raise ValueError(
            f"memory_limit={_shortened(limit)} must be at least one byte and less than 2**63; None stands for no limit"
        )
    return value


def _shortened(limit: Any) -> str:
    # Python refuses to write integers of more than some thousand digits.
    try:
        text = repr(limit)
    except ValueError:
        return "(an integer of thousands of digits)"
    return text if len(text) <= 40 else f"{text[:37]}..."
