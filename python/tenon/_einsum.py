"""tenon.einsum, contract_path and contract_expression."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from operator import index
from typing import Any

import numpy as np

from ._arrays import READY, Operand, load
from ._cache import Cache, CacheInfo, Entry
from ._compiled import network_cache
from ._dtypes import Casting, DType, as_dtype
from ._equation import Equation, parse_equation, parse_interleaved, split_interleaved
from ._expression import CASTINGS, ORDERS, Expression
from ._memory import parse_memory
from ._operands import made_from
from ._optimize import is_static
from ._plan import PathInfo
from ._settings import boolean
from ._threads import get_num_threads, resolve_threads
from ._tuning import current_tuning

__all__ = ["cache_clear", "cache_info", "contract_expression", "contract_path", "einsum"]

_expressions: Cache[Expression] = Cache(256)

# By equation, what the last call without options ran that had an expression: with how many threads and which tuning
# file, and the expression's entry in the cache. Its `run_plain` looks by itself whether arrays are those that it was
# made for; making a key of them takes longer.
_recent: dict[str, tuple[tuple[int, str | None], Entry[Expression]]] = {}
_MOST_RECENT = 256

# Defaults by identity: other values of an argument may have an == of their own.
_AUTO = "auto"
_SAFE: Casting = "safe"
_KEEP = "K"
# What a call without options has in its key between the operands' types and the number of threads.
_NO_OPTIONS = (None, _SAFE, (str, _AUTO), 0)


def cache_info() -> CacheInfo:
    """How often a call found its network compiled, how often it did not, and how many are kept."""
    networks = network_cache.info()
    return networks._replace(hits=networks.hits + _expressions.info().hits)


def cache_clear() -> None:
    """Forgets the compiled networks; expressions that callers hold keep theirs."""
    _recent.clear()
    _expressions.clear()
    network_cache.clear()


def einsum(
    *operands: Any,
    out: Any = None,
    dtype: Any = None,
    order: str = _KEEP,
    casting: Casting = _SAFE,
    optimize: Any = _AUTO,
    strip_exponent: bool = False,
    memory_limit: int | str | None = None,
    threads: int | None = None,
    deterministic: bool = False,
) -> Any:
    """Evaluates the Einstein summation convention on the operands, in compiled code.

    ``einsum("ij,jk->ik", a, b)`` or ``einsum(a, [0, 1], b, [1, 2], [0, 2])``. The first call with an
    equation, shapes and dtypes plans and compiles; later calls run.

    Parameters
    ----------
    *operands
        The equation and the arrays, or each array followed by its list of labels and, at the end, the
        output's. Equations are numpy.einsum's and opt_einsum's: implicit output, ``...``, unicode labels.
        Arrays are NumPy's, torch's or JAX's on the CPU, anything with DLPack or the buffer protocol, lists
        and scalars. Dimensions of extent 1 broadcast. Arrays are read in place, whatever their strides.
    out
        An array for the result. It has the result's shape, a dtype that the result casts to, and may
        overlap an operand.
    dtype
        The type of the computation and the result. Default: what NumPy promotes the operands' dtypes to.
        float16 and bfloat16 are accumulated in float32; integers wrap; bool is (or, and).
    order
        Memory order of a new result: "C", "F", "A" (F if all operands are), "K" (C).
    casting
        What may convert operands to `dtype` (or their common dtype), and the result to `out`'s.
    optimize
        How to find the contraction path: True or "auto", another strategy's name ("greedy", "optimal",
        "random-greedy", "elimination", "bisection", "reconfiguration", "annealing"); False for the written
        order; a path as numpy.einsum_path or opt_einsum give it; an opt_einsum PathOptimizer; a
        cotengra optimizer or ContractionTree, whose slices are used.
    strip_exponent
        Return (mantissa, exponent) such that the result is ``mantissa * 10**exponent``: every operand is
        scaled by a power of two first, the result after. Intermediates are not rescaled in between.
    memory_limit
        Bytes that compiled code may allocate beside inputs and output, or a text such as "2GiB"; the planner
        slices until that holds. Copies for conversions, `strip_exponent` and an overlapping `out` come on top.
    threads
        Threads to run on; default: get_num_threads().
    deterministic
        Whether the result is the same bits for every number of threads: those that one thread computes. Threads then share
        single contractions, and take no slices apart.

    Returns
    -------
    array
        Of the library of the first operand that is an array; a NumPy result of rank 0 is a scalar. Always
        new memory (or `out`), never a view of an operand.

    Raises
    ------
    ValueError
        A malformed equation, shapes that do not fit it or each other, a path that does not fit, an `out`
        of the wrong shape or read-only, a memory limit that cannot be met.
    TypeError
        Operands of an unsupported dtype (longdouble, object, strings), or that do not cast.
    MemoryError
        Memory is out.
    TenonError
        The compiler refuses the network.
    """
    if (
        out is None
        and dtype is None
        and optimize is _AUTO
        and threads is None
        and memory_limit is None
        and order is _KEEP
        and casting is _SAFE
        and strip_exponent is False
        and deterministic is False
    ):
        values = _run_warm(operands)
        if values is not None:
            return values
    if order not in ORDERS:
        raise ValueError(f"order must be one of {', '.join(ORDERS)}, not {order!r}")
    form, arrays = _split(operands)
    loaded = [load(array) for array in arrays]
    expression = _expression(form, loaded, dtype, casting, optimize, memory_limit, threads, deterministic)
    return expression.run(loaded, out, order, casting, strip_exponent)


def _run_warm(operands: tuple[Any, ...]) -> Any:
    """The result of a call without options that has an expression already, and plain arrays; None for any other.

    It checks no more than decides that, since tiny contractions take less time than Python takes for a few lines.
    """
    if not operands or type(operands[0]) is not str:
        return None
    equation, arrays = operands[0], operands[1:]
    settings = get_num_threads(), current_tuning()
    recent = _recent.get(equation)
    if recent is not None and recent[0] == settings:
        expression = recent[1].value
        values = None if expression is None else expression.run_plain(arrays)
        if values is not None:
            _expressions.count_hit(recent[1])
            return values
    shapes, dtypes = [], []
    for array in arrays:
        if type(array) is not np.ndarray:
            return None
        shapes.append(array.shape)
        dtypes.append(READY.get(array.dtype))
    key = (equation, tuple(shapes), tuple(dtypes), *_NO_OPTIONS, settings[0], False, settings[1])
    entry = _expressions.find(key)
    if entry is None or (expression := entry.value) is None:
        return None
    values = expression.run_plain(arrays)
    if values is None:
        _expressions.take_back_hit()
        return None
    if equation not in _recent and len(_recent) >= _MOST_RECENT:
        # A copy, which other threads do not change.
        _recent.pop(list(_recent)[0], None)
    _recent[equation] = settings, entry
    return values


def _split(operands: Sequence[Any]) -> tuple[Any, Sequence[Any]]:
    """What to contract (an equation, or label lists and the output's or None), and the arrays."""
    if not operands:
        raise TypeError("an equation and at least one array are needed")
    if isinstance(operands[0], str):
        return operands[0], operands[1:]
    arrays, lists, output = split_interleaved(operands)
    return (tuple(map(tuple, lists)), None if output is None else tuple(output)), arrays


def equation_of(form: Any, ndims: Sequence[int]) -> Equation:
    """The equation that a text states, or label lists and the output's or None, for operands of these ranks."""
    if isinstance(form, str):
        return parse_equation(form, tuple(ndims))
    lists, output = form
    return parse_interleaved(lists, output, ndims)


def _expression(
    form: Any,
    operands: Sequence[Operand],
    dtype: Any,
    casting: Casting,
    optimize: Any,
    memory_limit: int | str | None,
    threads: int | None,
    deterministic: bool,
) -> Expression:
    if casting not in CASTINGS:
        raise ValueError(f"casting must be one of {', '.join(CASTINGS)}, not {casting!r}")
    shapes = tuple(x.carrier.shape for x in operands)
    dtypes = tuple(x.dtype for x in operands)
    target = None if dtype is None else as_dtype(dtype)
    limit = parse_memory(memory_limit)
    count = resolve_threads(threads)
    same_bits = boolean("deterministic", deterministic)

    def make() -> Expression:
        return Expression(
            equation_of(form, [len(shape) for shape in shapes]), shapes, dtypes,
            dtype=target, casting=casting, optimize=optimize, memory_limit=limit, threads=count, deterministic=same_bits,
        )  # fmt: skip

    wanted: Any
    if is_static(optimize):
        # False and 0 are equal; only one of them is an option.
        wanted = (type(optimize), optimize)
    elif isinstance(optimize, (list, tuple)):
        wanted = tuple(tuple(x) if isinstance(x, (list, tuple)) else x for x in optimize)
    else:
        # What an optimizer answers may change from call to call; the network is still found by its path.
        return make()
    key = (form, shapes, dtypes, target, casting, wanted, limit, count, same_bits, current_tuning())
    try:
        hash(key)
    except TypeError:
        # Labels or steps that cannot be hashed: whoever reads them says what is wrong.
        return make()
    return _expressions.get(key, make)


def contract_path(
    *operands: Any,
    optimize: Any = "auto",
    shapes: bool = False,
    dtype: Any = None,
    memory_limit: int | str | None = None,
    threads: int | None = None,
    deterministic: bool = False,
) -> tuple[tuple[tuple[int, int], ...], PathInfo]:
    """The contraction path that einsum takes for the same arguments, and what it costs.

    Takes what einsum takes. With ``shapes=True`` shapes stand in the arrays' places; the type is `dtype`
    then, float64 by default. The network is compiled, and kept for the einsum call that follows.

    Returns (path, info): the path in linear form, for ``optimize=`` here, in numpy.einsum or opt_einsum;
    ``print(info)`` shows operations, scaling and the largest intermediate, as opt_einsum does. Raises as
    einsum does.
    """
    form, arrays = _split(operands)
    if shapes:
        expression = _from_shapes(form, arrays, dtype, optimize, memory_limit, threads, deterministic, {})
    else:
        loaded = list(map(load, arrays))
        expression = _expression(form, loaded, dtype, "safe", optimize, memory_limit, threads, deterministic)
    info = expression.path_info
    return info.path, info


def contract_expression(
    equation: str,
    *shapes: Any,
    constants: Iterable[int] = (),
    dtype: Any = None,
    optimize: Any = "auto",
    memory_limit: int | str | None = None,
    threads: int | None = None,
    deterministic: bool = False,
    facts: Mapping[int, str] | None = None,
) -> Expression:
    """Compiles an equation for operands of given shapes.

    Parameters
    ----------
    equation
        As einsum takes it.
    *shapes
        The shape of each operand; where `constants` says so, the array itself, whose values become part of
        the compiled network.
    constants
        Positions of the operands that are constants.
    dtype
        The operands' dtype, or a sequence with one for each; default float64. A constant has its own.
    optimize, memory_limit, threads, deterministic
        As for einsum.
    facts
        What is known of the elements of operands, by their positions: ``facts={0: "diagonal", 1: "isometric([1])"}``.
        "diagonal", "permutation", "isometric([…])" with the dimensions that are not summed, "sparse(0.1)", or several
        with commas between (docs/spec.md, "Facts"). They are trusted, but those of constants checked;
        ``Expression.check_facts`` checks arrays. A path in `optimize` leaves them unused.

    Returns
    -------
    Expression
        Call it with the arrays that are no constants.

    Raises
    ------
    ValueError, TypeError, TenonError
        As einsum does.
    """
    fixed = read_constants(shapes, constants)
    known = read_facts(facts, len(shapes))
    return _from_shapes(equation, shapes, dtype, optimize, memory_limit, threads, deterministic, fixed, known)


def read_facts(facts: Any, count: int) -> dict[int, str]:
    """The facts of `count` operands. Raises TypeError and ValueError for what are none; their text is read later."""
    if facts is None:
        return {}
    if not isinstance(facts, Mapping) or not all(isinstance(text, str) for text in facts.values()):
        raise TypeError(
            f'facts must map positions of operands to texts, as in facts={{0: "diagonal"}}, not {short(facts)}'
        )
    return dict(zip(positions_of("facts", facts, count), facts.values()))


def read_constants(items: Sequence[Any], positions: Iterable[int]) -> dict[int, Operand]:
    """The arrays that stand at `positions` among `items`. Raises TypeError and ValueError for what are no positions."""
    if isinstance(positions, (str, bytes, Mapping)) or not isinstance(positions, Iterable):
        raise TypeError(
            f"constants must list the positions of operands, as in constants=[0], not {short(positions)}; "
            "the constant arrays stand in place of their shapes"
        )
    return {k: load(items[k]) for k in positions_of("constants", positions, len(items))}


def positions_of(name: str, positions: Iterable[Any], count: int) -> list[int]:
    """Positions among `count` operands, as int. Raises TypeError for what is no integer; `name` is the argument's."""
    result = []
    for position in positions:
        try:
            k = index(position)
        except TypeError:
            raise TypeError(f"{name} names operands by their positions, integers, not {short(position)}") from None
        if not 0 <= k < count:
            raise ValueError(f"{name} names operand {k}; there are {count}")
        result.append(k)
    return result


def short(value: Any) -> str:
    """The start of repr(value), for messages."""
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _shape(value: Any, operand: int) -> tuple[int, ...]:
    try:
        extents = tuple(map(int, map(index, value)))
    except TypeError:
        raise TypeError(f"the shape of operand {operand} is {value!r}; expected a tuple of integers") from None
    return extents


def read_shapes(
    items: Sequence[Any], dtype: Any, constants: Mapping[int, Operand]
) -> tuple[list[tuple[int, ...]], list[DType]]:
    """Shapes and dtypes of operands: `items` are the shapes of those that are no `constants`, which have their own."""
    shapes = [constants[k].carrier.shape if k in constants else _shape(x, k) for k, x in enumerate(items)]
    types = list(made_from(dtype, len(items)))
    for k, operand in constants.items():
        types[k] = operand.dtype
    return shapes, types


def _from_shapes(
    form: Any,
    items: Sequence[Any],
    dtype: Any,
    optimize: Any,
    memory_limit: int | str | None,
    threads: int | None,
    deterministic: bool,
    constants: dict[int, Operand],
    facts: Mapping[int, str] = {},
) -> Expression:
    shapes, types = read_shapes(items, dtype, constants)
    return Expression(
        equation_of(form, [len(shape) for shape in shapes]), shapes, types,
        dtype=None, casting="safe", optimize=optimize, memory_limit=parse_memory(memory_limit),
        threads=resolve_threads(threads), deterministic=boolean("deterministic", deterministic), constants=constants,
        facts=facts,
    )  # fmt: skip
