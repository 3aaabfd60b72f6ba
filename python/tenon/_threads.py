"""How many threads a run uses, and the contexts that hold them."""

from __future__ import annotations

import os
import threading

from ._tenon import Context

__all__ = ["acquire_context", "get_num_threads", "release_context", "resolve_threads", "set_num_threads"]

_LIMIT = 1024

_lock = threading.Lock()
_chosen: int | None = None
_detected: int | None = None
_idle: dict[int, list[Context]] = {}


def _check(threads: int) -> int:
    if isinstance(threads, bool) or not hasattr(threads, "__index__"):
        raise TypeError(f"threads must be an integer, not {threads!r}")
    threads = int(threads.__index__())
    if not 1 <= threads <= _LIMIT:
        raise ValueError(f"threads must be from 1 to {_LIMIT}, not {threads}")
    return threads


def set_num_threads(threads: int) -> None:
    """Sets the number of threads, the caller's included, of every call that does not say ``threads=``.

    Raises TypeError for what is no integer, ValueError for one outside of 1 … 1024.
    """
    global _chosen
    _chosen = _check(threads)


def get_num_threads() -> int:
    """The number of threads of a call that does not say ``threads=``.

    That is what set_num_threads said; before any such call the environment variable TENON_NUM_THREADS,
    or else the number of processors that this process may run on.
    """
    global _detected
    if _chosen is not None:
        return _chosen
    if _detected is None:
        text = os.environ.get("TENON_NUM_THREADS")
        if text:
            try:
                _detected = _check(int(text))
            except ValueError:
                raise ValueError(
                    f"the environment variable TENON_NUM_THREADS is {text!r}; expected an integer from 1 to {_LIMIT}"
                ) from None
        else:
            _detected = Context(0).threads
    return _detected


def resolve_threads(threads: int | None) -> int:
    """The number that a ``threads=`` argument stands for."""
    return get_num_threads() if threads is None else _check(threads)


def acquire_context(threads: int) -> Context:
    """A context of `threads` threads that nobody else uses until it is given to release_context."""
    with _lock:
        idle = _idle.get(threads)
        if idle:
            return idle.pop()
    return Context(threads)


def release_context(threads: int, context: Context) -> None:
    """Keeps a context of acquire_context for later runs."""
    with _lock:
        _idle.setdefault(threads, []).append(context)


def _after_fork() -> None:
    """In a child process the contexts' threads do not exist: new ones are made at the next run."""
    global _lock
    _lock = threading.Lock()
    for contexts in _idle.values():
        for context in contexts:
            context.abandon()
    _idle.clear()


os.register_at_fork(after_in_child=_after_fork)
