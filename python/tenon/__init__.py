"""Tenon: a compiler for tensor networks.

``tenon.einsum`` and its relatives plan a contraction, compile it to native code and run it, on arrays of
NumPy, torch and JAX, in place. See docs/python.md.
"""

from ._array_contract import array_contract, array_contract_expression
from ._cache import CacheInfo
from ._einsum import cache_clear, cache_info, contract_expression, contract_path, einsum
from ._errors import CompileError, InvalidArgumentError, MemoryLimitError, OutOfMemoryError, TenonError
from ._expression import Expression
from ._ncon import ncon
from ._plan import PathInfo, Plan
from ._tenon import version as _version
from ._tensordot import tensordot, transpose
from ._threads import get_num_threads, set_num_threads

__version__ = _version().split()[0]

__all__ = [
    "CacheInfo",
    "CompileError",
    "Expression",
    "InvalidArgumentError",
    "MemoryLimitError",
    "OutOfMemoryError",
    "PathInfo",
    "Plan",
    "TenonError",
    "array_contract",
    "array_contract_expression",
    "cache_clear",
    "cache_info",
    "contract_expression",
    "contract_path",
    "einsum",
    "get_num_threads",
    "ncon",
    "set_num_threads",
    "tensordot",
    "transpose",
]
