"""What ``optimize=`` may be, and what it asks of the planner.

=================================================  ====================================================
value                                              meaning
=================================================  ====================================================
``True``, ``"auto"``                               the planner chooses a strategy
``"greedy"``, ``"optimal"``, ``"random-greedy"``,  that strategy of the planner
``"annealing"``, ``"bisection"``,
``"elimination"``, ``"reconfiguration"``
a text with ``=``                                  options of tn-plan, e.g. ``"method=greedy seed=7"``
``False``                                          pairwise, in the written order
``[(0, 1), (0, 1)]``, ``["einsum_path", …]``       this path, in linear form
a tenon.Optimizer                                  its path, and slices where it has a limit for them
a callable                                         an opt_einsum PathOptimizer or path function; a cotengra
                                                   optimizer is asked for its tree, with slices
a cotengra ContractionTree                         its path and its slices
=================================================  ====================================================
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from ._dtypes import DType
from ._errors import MemoryLimitError
from ._path_plan import PathPlan, number_network
from ._paths import SSAPath, check_ssa, linear_to_ssa, written_order
from ._problem import Problem

if TYPE_CHECKING:
    from ._optimizer import Optimizer

__all__ = ["Choice", "Memory", "choose", "choose_jointly", "is_static", "planner_of"]

T = TypeVar("T")

_STRATEGIES = {
    "auto": "auto",
    "auto-hq": "auto",
    "greedy": "greedy",
    "optimal": "optimal",
    "dp": "optimal",
    "random-greedy": "random-greedy",
    "annealing": "annealing",
    "bisection": "bisection",
    "elimination": "elimination",
    "reconfiguration": "reconfiguration",
}


class Choice(NamedTuple):
    """A path with slices, or else options for the planner."""

    plan: str | None
    path: SSAPath | None
    sliced: tuple[int, ...]


class Memory(NamedTuple):
    """What optimizers are told of memory, and of the run."""

    limit: int  #: bytes that a run may allocate; 0: no limit
    result_bytes: int  #: of an element of the result
    accumulation: DType  #: of the elements of intermediates
    threads: int

    @property
    def elements(self) -> int | None:
        """The limit as opt_einsum tells it."""
        return self.limit // self.result_bytes if self.limit else None


def is_static(optimize: Any) -> bool:
    """Whether equal values of `optimize` always ask for the same, so that it can be part of a cache key."""
    return optimize is None or isinstance(optimize, (bool, str))


def symbol(index: int) -> str:
    """A character for an index number: a … z, A … Z, then as opt_einsum.get_symbol."""
    if index < 52:
        return chr(ord("a") + index) if index < 26 else chr(ord("A") + index - 26)
    code = index + 140
    return chr(code if code < 0xD800 else code + 2048)


def choose(
    optimize: Any,
    problem: Problem,
    inputs: Sequence[Sequence[Hashable]],
    numbers: Mapping[Hashable, int],
    memory: Memory,
) -> Choice:
    """Interprets ``optimize=``.

    `inputs` are the labels of the operands' dimensions as the user wrote them, `numbers` the index of
    each label. Raises TypeError for
    what is none of the above, ValueError for an unknown strategy and for a path or a tree that does not
    fit the operands.
    """
    count = len(problem.inputs)
    if optimize is None or optimize is True:
        return Choice("method=auto", None, ())
    if optimize is False:
        return Choice(None, written_order(count), ())
    if isinstance(optimize, str):
        return Choice(_plan_options(optimize), None, ())
    if hasattr(optimize, "get_ssa_path") and hasattr(optimize, "sliced_inds"):
        return _from_tree(optimize, problem, inputs, numbers)
    if callable(optimize):
        return _from_optimizer(optimize, problem, memory)
    if isinstance(optimize, (list, tuple)):
        if optimize and optimize[0] == "einsum_path":
            optimize = optimize[1:]
        elif optimize and isinstance(optimize[0], str):
            raise ValueError(f"optimize={optimize!r}: a strategy's memory limit is said with memory_limit=, in bytes")
        return Choice(None, linear_to_ssa(optimize, count), ())
    raise TypeError(f"optimize={optimize!r} is no bool, strategy, path, path optimizer or contraction tree")


def _plan_options(text: str) -> str:
    if "=" in text:
        return text
    if text not in _STRATEGIES:
        raise ValueError(
            f"optimize={text!r} names no strategy; expected one of {', '.join(map(repr, _STRATEGIES))}, "
            "or options of tn-plan such as 'method=greedy seed=7'"
        )
    return f"method={_STRATEGIES[text]}"


def _from_optimizer(optimizer: Any, problem: Problem, memory: Memory) -> Choice:
    # Here, since this module may be found to import opt_einsum: who passes a callable has it.
    from ._optimizer import Optimizer

    if isinstance(optimizer, Optimizer):
        return _from_planner(optimizer, problem, memory)
    inputs = [tuple(map(symbol, labels)) for labels in problem.inputs]
    output = tuple(map(symbol, problem.output))
    sizes = {symbol(k): extent for k, extent in enumerate(problem.extents)}
    if hasattr(optimizer, "search"):
        tree = optimizer.search(inputs, output, sizes)
        return _from_tree(tree, problem, inputs, {symbol(k): k for k in range(len(problem.extents))})
    path = optimizer([frozenset(labels) for labels in inputs], frozenset(output), sizes, memory.elements)
    return Choice(None, linear_to_ssa(path, len(inputs)), ())


def _from_planner(optimizer: Optimizer, problem: Problem, memory: Memory) -> Choice:
    network = number_network(problem.inputs, problem.output, dict(enumerate(problem.extents)))
    plan = _within_limit(
        optimizer, memory, lambda limit: optimizer.plan_for(network, limit, memory.accumulation, memory.threads)
    )
    return _from_path_plan(optimizer, plan)


def planner_of(optimize: Any) -> Optimizer | None:
    """`optimize`, if it is a tenon.Optimizer."""
    if not callable(optimize):
        return None
    from ._optimizer import Optimizer

    return optimize if isinstance(optimize, Optimizer) else None


def choose_jointly(
    optimizer: Optimizer,
    problems: Sequence[Problem],
    tensors: Sequence[Sequence[int]],
    memory: Memory,
    end: float | None,
) -> list[Choice]:
    """Asks an optimizer for the paths of several networks; `tensors` has for each the numbers of its operands.

    The search ends at `end`, of time.perf_counter, if that is given.
    """
    networks = [number_network(x.inputs, x.output, dict(enumerate(x.extents))) for x in problems]
    plan = _within_limit(
        optimizer,
        memory,
        lambda limit: optimizer.plan_together_for(networks, tensors, limit, memory.accumulation, memory.threads, end),
    )
    return [_from_path_plan(optimizer, own) for own in plan.plans]


def _within_limit(optimizer: Optimizer, memory: Memory, plan: Callable[[int], T]) -> T:
    """What `plan` makes for the call's memory limit."""
    try:
        return plan(memory.limit)
    except MemoryLimitError:
        if optimizer.has_limit or not memory.limit:
            raise
        # The compiler has other means to keep a limit, and its error names one that can be kept.
        return plan(0)


def _from_path_plan(optimizer: Optimizer, plan: PathPlan) -> Choice:
    # A limit of the call's is on what compiled code allocates: the compiler, which knows that, slices the path.
    sliced = tuple(k for k in plan.sliced_inds if isinstance(k, int)) if optimizer.has_limit else ()
    return Choice(None, check_ssa(plan.ssa_path, len(plan.inputs)), sliced)


def _from_tree(
    tree: Any, problem: Problem, inputs: Sequence[Sequence[Hashable]], numbers: Mapping[Hashable, int]
) -> Choice:
    count = len(problem.inputs)
    if len(tree.inputs) != count:
        raise ValueError(f"the contraction tree has {len(tree.inputs)} operands; the network has {count}")
    # The tree may use names of its own; its dimensions stand in the order of ours.
    names: dict[Hashable, Hashable] = {}
    for operand, (theirs, ours) in enumerate(zip(tree.inputs, inputs)):
        ordered = isinstance(theirs, (list, tuple))
        if len(theirs) != (len(ours) if ordered else len(set(ours))):
            raise ValueError(
                f"operand {operand} has {len(theirs)} dimensions in the contraction tree, {len(ours)} in the network"
            )
        for a, b in zip(theirs, ours) if ordered else ((a, a) for a in theirs):
            if names.setdefault(a, b) != b:
                raise ValueError(
                    f"the contraction tree takes {names[a]!r} and {b!r} for one index: it is of another network"
                )
    sliced = []
    for name, info in tree.sliced_inds.items():
        if getattr(info, "project", None) is not None:
            raise ValueError(
                f"the contraction tree fixes the index {name!r} to one value; only whole slices are supported"
            )
        if names.get(name) not in numbers:
            raise ValueError(f"the contraction tree slices {name!r}, which is no index of the network")
        index = numbers[names[name]]
        if _is_in_steps(index, problem):
            sliced.append(index)
    path = tree.get_ssa_path() if count > 1 else ()
    return Choice(None, check_ssa(path, count), tuple(sliced))


def _is_in_steps(index: int, problem: Problem) -> bool:
    """Whether a contraction of two operands sees the index, so that slicing it makes anything smaller.

    An index that a single operand has, and not the output, is summed when that operand is first read; there
    is nothing to slice, and the result is the same.
    """
    if len(problem.inputs) < 2:
        return False
    return index in problem.output or sum(index in labels for labels in problem.inputs) > 1
