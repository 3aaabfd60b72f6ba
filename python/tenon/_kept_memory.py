"""Memory of large results, which the process keeps for the next ones."""

from __future__ import annotations

from collections.abc import Callable
from math import prod

import numpy as np

from ._tenon import kept_empty
from ._tenon import trim_memory as _trim_memory

__all__ = ["empty_for", "trim_memory"]

# Smaller arrays are allocated faster by NumPy, and the C library keeps their memory anyway.
_KEPT_FROM = 4 << 20


def empty_for(shape: tuple[int, ...], dtype: np.dtype) -> Callable[..., np.ndarray]:
    """`numpy.empty`, or what takes its place for results of that shape: (shape, dtype, order="C")."""
    return kept_empty if prod(shape) * dtype.itemsize >= _KEPT_FROM else np.empty


def trim_memory() -> int:
    """Returns the memory that Tenon keeps for the next calls to the system; how many bytes that were.

    Blocks of 4 MiB and more, of results that were freed and of networks' intermediates, are kept up to an eighth of
    the machine's memory, or to the environment variable ``TENON_KEPT_MEMORY`` (bytes; 0: none). The system takes
    them by itself when it runs short of memory, but for those that were used last of blocks of up to 32 MiB, at most
    32 MiB together.
    """
    return _trim_memory()
