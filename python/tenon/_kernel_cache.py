"""Machine code of kernels that processes share."""

from __future__ import annotations

from os import PathLike
from typing import NamedTuple

from ._settings import cache_directory, integer
from ._tenon import kernel_cache_counts
from ._tenon import set_kernel_cache as _set

__all__ = ["KernelCacheInfo", "kernel_cache_info", "set_kernel_cache"]


class KernelCacheInfo(NamedTuple):
    """How the kernels of compiled networks were found since the process began."""

    memory: int  #: in the process
    disk: int  #: on disk
    compiled: int  #: nowhere, so that they were compiled


def kernel_cache_info() -> KernelCacheInfo:
    """How the kernels of compiled networks were found since the process began."""
    return KernelCacheInfo(*kernel_cache_counts())


def set_kernel_cache(cache: bool | str | PathLike[str] = True, max_bytes: int | None = None) -> None:
    """Where machine code of kernels is kept for other processes, from now on and for all networks of this one.

    `cache` is a directory, or True for the default one (TENON_CACHE_DIR, or else tenon/kernels in XDG_CACHE_HOME or in
    ~/.cache), or False for none. The default directory is used until this is called, unless the variable
    TENON_KERNEL_CACHE is ``off``. The files used least recently leave when all are larger than `max_bytes` (256 MiB).
    A directory that cannot be used is no error: kernels are compiled.
    """
    most = 0 if max_bytes is None else integer("max_bytes", max_bytes, 1, 2**62)
    _set(cache_directory(cache), most)
