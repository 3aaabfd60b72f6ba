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

__all__ = ["CompileError", "InvalidArgumentError", "MemoryLimitError", "OutOfMemoryError", "TenonError"]


class TenonError(Exception):
    """The base of all exceptions that come from Tenon's compiler and runtime."""


class CompileError(TenonError):
    """The compiler refuses a network; the message says why and what to do."""


class MemoryLimitError(CompileError, ValueError):
    """No slicing meets the memory limit; the message names the smallest limit that works."""


class InvalidArgumentError(TenonError, ValueError):
    """Arguments of a compiled network have the wrong number, dtype, rank, extents or strides."""


class OutOfMemoryError(TenonError, MemoryError):
    """An allocation of a run failed; nothing was computed."""


# The numbers are tenon_status of tenon-c/Runtime.h.
_RUN_ERRORS: dict[int, type[TenonError]] = {1: InvalidArgumentError, 2: OutOfMemoryError}


def compile_error(message: str) -> TenonError:
    """The exception for a message of the compiler. Called by the extension module."""
    # The C API has one kind of compile error; the planner's message about the bound is recognised by
    # the number that it promises to give.
    if "smallest peak that slicing reaches" in message or "the limit is" in message:
        return MemoryLimitError(message)
    return CompileError(message)


def run_error(status: int, message: str) -> TenonError:
    """The exception for a run that ended with `status`. Called by the extension module."""
    return _RUN_ERRORS.get(status, TenonError)(message or f"the run ended with status {status}")
