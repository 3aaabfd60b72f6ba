"""The tuning file, whose measured choices of kernels come before the compiler's own."""

from __future__ import annotations

from os import PathLike, fspath
from os.path import expanduser
from typing import Any

__all__ = ["current_tuning", "set_tuning"]

_file: str | None = None


def set_tuning(file: str | PathLike[str] | None) -> None:
    """Has networks that are compiled from now on take their kernels from a tuning file; None: from none.

    ``tenon-run --tune=SECONDS --tuning=FILE`` measures kernels and writes such files. One that cannot be read, or
    that was made on another processor, is a CompileError of the call that compiles. Contractions that are not in it
    are compiled as they are without it; networks that are compiled already stay as they are.
    """
    global _file
    _file = None if file is None else _path(file)


def current_tuning() -> str | None:
    """The name of the tuning file."""
    return _file


def _path(file: Any) -> str:
    try:
        path = fspath(file)
    except TypeError:
        raise TypeError(f"a tuning file must be a path or None, not {file!r}") from None
    if not path or not isinstance(path, str) or "\0" in path:
        raise ValueError(f"{file!r} names no tuning file")
    return expanduser(path)
