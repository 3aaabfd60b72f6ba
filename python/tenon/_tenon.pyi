"""Binding of Tenon's C API (include/tenon-c). Numbers of dtypes, semirings and statuses are the API's."""

from array import array
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

def version() -> str:
    """Tenon's version and LLVM's."""

class Module:
    """A module of IR."""

    @staticmethod
    def parse(text: str, name: str = "<input>") -> Module:
        """Parses MLIR text."""

    @staticmethod
    def from_contraction(
        operands: Sequence[tuple[int, bool, Sequence[int], Sequence[int], Any]],
        result_dtype: int,
        result_unsigned: bool,
        result_indices: Sequence[int],
        accumulate: int,
        semiring: int,
        path: Sequence[tuple[int, int]] | None,
        sliced: Sequence[int],
        facts: Sequence[str | None],
    ) -> Module:
        """A module with one function `main` that computes a contraction."""

    @staticmethod
    def from_contractions(contractions: Sequence[tuple[Any, ...]], tensors: Sequence[Sequence[int]]) -> Module:
        """A module with one function `main` that computes several contractions over common tensors."""

    def clone(self) -> Module:
        """A copy."""

    def run_passes(self, pipeline: str) -> None:
        """Runs a pass pipeline in MLIR's textual form."""

def fit_facts(facts: str, extents: Sequence[int], dtype: int) -> str:
    """What is wrong with facts for an array of that shape, or an empty text."""

def check_facts(facts: str, array: np.ndarray, dtype: int, is_unsigned: bool) -> str:
    """What is wrong with facts of an array, or an empty text; releases the GIL."""

class Context:
    """Threads to run on; used by one run at a time."""

    def __init__(self, threads: int) -> None: ...
    @property
    def threads(self) -> int: ...
    def abandon(self) -> None:
        """Lets go of the threads without stopping them."""

class Network:
    """A compiled network."""

    @staticmethod
    def compile(
        module: Module, threads: int = 0, memory_limit: int = 0, plan: str | None = None, deterministic: bool = False,
        tuning: str | None = None,
    ) -> Network:
        """Compiles the module's function; releases the GIL."""

    @staticmethod
    def from_contraction(
        operands: Sequence[tuple[int, bool, Sequence[int], Sequence[int], np.ndarray | None]],
        result_dtype: int,
        result_unsigned: bool,
        result_indices: Sequence[int],
        accumulate: int,
        semiring: int,
        path: Sequence[tuple[int, int]] | None,
        sliced: Sequence[int],
        facts: Sequence[str | None],
        threads: int = 0,
        memory_limit: int = 0,
        plan: str | None = None,
        deterministic: bool = False,
        tuning: str | None = None,
    ) -> Network:
        """The network of a contraction: without a compiler where there are kernels for it; releases the GIL."""

    @property
    def started_quickly(self) -> bool: ...
    @property
    def scales(self) -> bool: ...
    @property
    def operations(self) -> float: ...
    @property
    def workspace_size(self) -> int: ...
    @property
    def signature(self) -> str: ...
    @property
    def plan(self) -> str: ...
    def run(
        self,
        context: Context,
        inputs: list[np.ndarray],
        dtypes: Sequence[int],
        outs: list[np.ndarray],
        out_dtypes: Sequence[int],
        watch_signals: bool,
        scaled: bool = False,
    ) -> list[int]:
        """Runs on arrays that have the buffer protocol, into those of `outs`; releases the GIL.

        With `scaled`, powers of two are taken out of intermediates where that is possible. Returns the binary exponents of
        the results.
        """

def kept_empty(shape: Sequence[int], dtype: np.dtype, order: str = "C") -> np.ndarray:
    """`numpy.empty` in memory of `tenon_block_allocate`."""

def trim_memory() -> int: ...

class DirectCall:
    """Calls a network on plain arrays."""

    def __init__(
        self,
        network: Network,
        inputs: Sequence[tuple[int, np.dtype, Sequence[int]]],
        output: tuple[int, np.dtype, Sequence[int]],
        empty: Callable[..., np.ndarray],
    ) -> None: ...
    def __call__(
        self, arrays: tuple[Any, ...], context: Context | None = None, watch_signals: bool = False
    ) -> Any:
        """The result, a scalar of rank 0, on a tuple of exact arrays of those types, aligned; None for any other."""

class PathPlan:
    """A path, slices, and what they cost."""

    def steps(self, form: int) -> list[tuple[int, int]]:
        """The pairs of the path: form 0 is SSA, 1 is linear."""

    @property
    def sliced(self) -> list[int]: ...
    @property
    def cost(self) -> dict[str, float]: ...
    @property
    def warning(self) -> str: ...
    @property
    def cached(self) -> bool: ...
    @property
    def interrupted(self) -> bool: ...

#: members of tenon_path_options, from time_limit to element_type
SearchLimits = tuple[float, str, str, float, int, int, int, int, int, int, int, str | None, int]

def plan_path(
    ranks: array[int],
    indices: array[int],
    extents: array[int],
    output: array[int],
    limits: SearchLimits,
    initial: array[int] | None,
    initial_lengths: array[int] | None,
    initial_form: int,
    initial_sliced: array[int] | None,
    keep_initial: bool,
    cache_directory: str | None,
    cache_bytes: int,
    progress: Callable[[str, int, int, float, float, float], object] | None,
    densities: array[float] | None,
) -> PathPlan:
    """Plans a network given by arrays of int64; densities are doubles."""

def plan_paths(
    networks: list[tuple[array[int], array[int], array[int], array[int]]],
    tensors: list[array[int]],
    limits: SearchLimits,
    progress: Callable[[str, int, int, float, float, float], object] | None,
) -> tuple[list[PathPlan], dict[str, float]]:
    """Plans networks, each (ranks, indices, extents, output), as one problem; equal numbers are one value."""

def set_kernel_cache(directory: str | None, max_bytes: int) -> None:
    """Where kernels are kept; None: nowhere, "": the default."""

def kernel_cache_counts() -> tuple[int, int, int]:
    """Kernels found in memory, found on disk, and compiled."""

def are_in_window(arrays: list[np.ndarray], dtypes: Sequence[int]) -> bool:
    """Whether scaled runs may read all of these arrays as they are."""
