"""Settings that users give: numbers within bounds, directories of caches."""

from __future__ import annotations

from os import fspath
from os.path import expanduser
from typing import Any

import numpy as np

__all__ = ["boolean", "cache_directory", "integer"]


def cache_directory(cache: Any) -> str | None:
    """What the library takes: None for no cache, "" for the default directory."""
    if isinstance(cache, bool) or cache is None:
        return "" if cache else None
    try:
        directory = fspath(cache)
    except TypeError:
        raise TypeError(f"cache must be True, False or the path of a directory, not {cache!r}") from None
    if not directory or not isinstance(directory, str) or "\0" in directory:
        raise ValueError(f"cache={cache!r} names no directory; True stands for the default one")
    return expanduser(directory)


def boolean(name: str, value: Any) -> bool:
    """Raises TypeError for what is not True or False."""
    if not isinstance(value, (bool, np.bool_)):
        raise TypeError(f"{name} must be True or False, not {value!r}")
    return bool(value)


def integer(name: str, value: Any, least: int, most: int) -> int:
    """Raises TypeError for what is no integer, ValueError for one outside of the bounds."""
    if isinstance(value, bool) or not hasattr(value, "__index__"):
        raise TypeError(f"{name} must be an integer, not {value!r}")
    number = int(value.__index__())
    if not least <= number <= most:
        raise ValueError(f"{name} must be from {least} to {most}, not {number}")
    return number
