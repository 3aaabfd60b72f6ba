"""The exceptions that Tenon raises.

Every one of them is a :class:`TenonError`, and also the built-in class that fits, so that callers may
catch whichever they know:

==========================  ===================  =================================================
class                       also a               raised when
==========================  ===================  =================================================
``CompileError``                                 the compiler refuses a network
``MemoryLimitError``        ``ValueError``       a ``memory_limit`` is below what any slicing needs
``InvalidArgumentError``    ``ValueError``       arrays do not fit what a network was compiled for
``OutOfMemoryError``        ``MemoryError``      a run could not allocate its workspace
==========================  ===================  =================================================

Mistakes that are found before the compiler is asked (a malformed equation, an unsupported dtype, a bad
``out=``) are a plain ``ValueError`` or ``TypeError``.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["CompileError", "InvalidArgumentError", "MemoryLimitError", "OutOfMemoryError", "TenonError", "naming"]


class TenonError(Exception):
    """The base of all exceptions that come from Tenon's compiler and runtime."""


class CompileError(TenonError):
    """The compiler refuses a network; the message says why and what to do."""


class MemoryLimitError(CompileError, ValueError):
    """No slicing meets the memory limit."""

    #: The smallest limit that works, in bytes; None where it is not known.
    smallest_limit: int | None

    def __init__(self, message: str, smallest_limit: int | None = None) -> None:
        super().__init__(message)
        self.smallest_limit = smallest_limit

    def __reduce__(self) -> tuple[type[MemoryLimitError], tuple[str, int | None]]:
        return type(self), (str(self), self.smallest_limit)


class InvalidArgumentError(TenonError, ValueError):
    """Arguments of a compiled network have the wrong number, dtype, rank, extents or strides."""


class OutOfMemoryError(TenonError, MemoryError):
    """An allocation of a run failed; nothing was computed."""


# The numbers are tenon_status of tenon-c/Runtime.h.
_MEMORY_LIMIT = 6
_RUN_ERRORS: dict[int, type[TenonError]] = {
    1: InvalidArgumentError,
    2: OutOfMemoryError,
    _MEMORY_LIMIT: MemoryLimitError,
}


def compile_error(status: int, message: str, smallest_limit: int) -> TenonError:
    """The exception for a failed compilation. Called by the extension module.

    `smallest_limit` is that of tenon_compile_failure in tenon-c/Tenon.h: 0 where it is not known.
    """
    if status == _MEMORY_LIMIT:
        return MemoryLimitError(message, smallest_limit or None)
    return CompileError(message)


def plan_error(status: int, message: str, smallest_limit: int) -> ValueError:
    """The exception for a network that cannot be planned; arguments as above. Called by the extension module."""
    if status == _MEMORY_LIMIT:
        return MemoryLimitError(message, smallest_limit or None)
    return ValueError(message)


def run_error(status: int, message: str) -> TenonError:
    """The exception for a run that ended with `status`. Called by the extension module."""
    return _RUN_ERRORS.get(status, TenonError)(message or f"the run ended with status {status}")


@contextmanager
def naming(what: str) -> Iterator[None]:
    """Puts `what` before the message of a ValueError or TypeError."""
    try:
        yield
    except (TypeError, ValueError) as error:
        # Those of derived classes carry more than a message.
        if type(error) not in (TypeError, ValueError):
            raise
        # What a caller's optimizer raised keeps the lines in which it did.
        raise type(error)(f"{what}: {error}") from error
