"""Warnings that point at the user's line, however deep in Tenon they arise."""

from __future__ import annotations

import sys
import warnings

__all__ = ["warn"]

# What may stand between a user's line and Tenon: libraries that ask an optimizer for a path.
_BETWEEN = frozenset({"tenon", "opt_einsum", "cotengra", "quimb", "autoray"})


def warn(message: str) -> None:
    """A UserWarning at the innermost line that is neither Tenon's nor of a library that called it."""
    frame, level = sys._getframe(1), 2
    while frame.f_back is not None and frame.f_globals.get("__name__", "").partition(".")[0] in _BETWEEN:
        frame, level = frame.f_back, level + 1
    warnings.warn(message, stacklevel=level)
