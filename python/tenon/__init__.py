"""Tenon: a compiler for tensor networks.

``tenon.einsum`` and its relatives plan a contraction, compile it to native code and run it, on arrays of
NumPy, torch and JAX, in place. See docs/python.md.
"""

from typing import TYPE_CHECKING, Any

from ._array_contract import array_contract, array_contract_expression
from ._cache import CacheInfo
from ._contract_expressions import array_contract_expressions, contract_expressions
from ._einsum import cache_clear, cache_info, contract_expression, contract_path, einsum
from ._errors import CompileError, InvalidArgumentError, MemoryLimitError, OutOfMemoryError, TenonError
from ._expression import Expression
from ._expressions import Expressions
from ._joint_path_plan import JointPathPlan
from ._kernel_cache import KernelCacheInfo, kernel_cache_info, set_kernel_cache
from ._kept_memory import trim_memory
from ._ncon import ncon
from ._path_plan import PathPlan
from ._plan import JointPlan, PathInfo, Plan
from ._progress import ProgressState
from ._register import register
from ._tenon import version as _version
from ._tensordot import tensordot, transpose
from ._threads import get_num_threads, set_num_threads
from ._tuning import set_tuning

if TYPE_CHECKING:
    from ._optimizer import Optimizer

__version__ = _version().split()[0]

__all__ = [
    "CacheInfo",
    "CompileError",
    "Expression",
    "Expressions",
    "InvalidArgumentError",
    "JointPathPlan",
    "JointPlan",
    "KernelCacheInfo",
    "MemoryLimitError",
    "Optimizer",
    "OutOfMemoryError",
    "PathInfo",
    "PathPlan",
    "Plan",
    "ProgressState",
    "TenonError",
    "array_contract",
    "array_contract_expression",
    "array_contract_expressions",
    "cache_clear",
    "cache_info",
    "contract_expression",
    "contract_expressions",
    "contract_path",
    "einsum",
    "get_num_threads",
    "kernel_cache_info",
    "ncon",
    "register",
    "set_kernel_cache",
    "set_num_threads",
    "set_tuning",
    "tensordot",
    "transpose",
    "trim_memory",
]


def __getattr__(name: str) -> Any:
    # Optimizer is derived from a class of opt_einsum, which takes a while to import.
    if name == "Optimizer":
        from ._optimizer import Optimizer

        globals()[name] = Optimizer
        return Optimizer
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
