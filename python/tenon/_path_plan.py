"""Planning without arrays: from index lists and extents to a path, slices and their costs.

Labels of indices may be any hashable objects. What leaves this module for the planner is numbers, so that a
network of 10^5 tensors costs no more than its search.
"""

from __future__ import annotations

import math
import sys
from array import array
from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, count
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from ._paths import edge_path, ssa_to_linear
from ._problem import Problem
from ._tenon import PathPlan as _Handle
from ._tenon import plan_path

if TYPE_CHECKING:
    from ._tenon import SearchLimits

__all__ = [
    "InitialPath",
    "NumberedNetwork",
    "PathPlan",
    "SearchOptions",
    "number_network",
    "power",
    "read_densities",
    "read_initial",
    "saturated",
    "search",
    "sizes_of",
    "whole",
]

Labels = Collection[Hashable]
PathForm = Literal["linear", "ssa", "edge"]
Report = Callable[[str, int, int, float, float, float], object]

_FORMS = {"ssa": 0, "linear": 1, "edge": 2}  # tenon_path_form of tenon-c/Planner.h


class NumberedNetwork(NamedTuple):
    """A network with numbers for labels."""

    inputs: Sequence[Labels]
    output: Labels
    size_dict: Mapping[Hashable, int]
    numbers: dict[Hashable, int]  #: of each label
    ranks: array[int]
    indices: array[int]
    extents: array[int]
    outputs: array[int]
    densities: array[float] | None = None  #: of each tensor; None: all are dense

    @property
    def key(self) -> tuple[bytes, ...]:
        """What two networks that differ in labels only have in common."""
        densities = b"" if self.densities is None else self.densities.tobytes()
        return self.ranks.tobytes(), self.indices.tobytes(), self.extents.tobytes(), self.outputs.tobytes(), densities

    @property
    def labels(self) -> list[Hashable]:
        """The label of each number."""
        return list(self.numbers)


def number_network(inputs: Sequence[Labels], output: Labels, size_dict: Mapping[Hashable, int]) -> NumberedNetwork:
    """Numbers the labels: by first appearance, or as `size_dict` has them where a tensor's labels are a set.

    The order of a set changes from process to process, and numbers decide between equals. Raises ValueError for a
    network without tensors, a label without a size, an output label that no tensor has or that is repeated;
    TypeError for a size that is no integer, and for what is no such list or mapping.
    """
    if isinstance(inputs, (str, bytes)) or not isinstance(inputs, Iterable):
        raise TypeError(f"inputs must be a list with the labels of each tensor, not {inputs!r}")
    if not isinstance(size_dict, Mapping):
        raise TypeError(
            f"size_dict must be a mapping from each label to its size, not a {type(size_dict).__name__}: {size_dict!r}"
        )
    inputs = inputs if isinstance(inputs, Sequence) else tuple(inputs)
    if not inputs:
        raise ValueError("the network has no tensors; there is nothing to contract")
    kinds = set(map(type, inputs))
    if not all(issubclass(kind, Iterable) for kind in kinds):
        number = next(k for k, labels in enumerate(inputs) if not isinstance(labels, Iterable))
        raise TypeError(f"inputs[{number}] is {inputs[number]!r}; expected the labels of a tensor, a sequence")
    are_sets = any(issubclass(kind, Set) for kind in kinds)
    if not all(hasattr(kind, "__len__") for kind in kinds):
        inputs = [tuple(labels) for labels in inputs]
    numbers: dict[Hashable, int] = defaultdict(count().__next__)
    try:
        if are_sets:
            used = set(chain.from_iterable(inputs))
            numbers.update((label, k) for k, label in enumerate(label for label in size_dict if label in used))
            numbers = dict(numbers)
            indices = array("q", chain.from_iterable(sorted(map(numbers.__getitem__, labels)) for labels in inputs))
        else:
            # Reading a label gives it the next number: one look-up for each, which counts in large networks.
            indices = array("q", map(numbers.__getitem__, chain.from_iterable(inputs)))
            numbers = dict(numbers)
        sizes = [size_dict[label] for label in numbers]
    except KeyError as error:
        raise ValueError(f"size_dict has no size for the label {error.args[0]!r}") from None
    try:
        extents = array("q", sizes)
    except (TypeError, OverflowError):
        label, size = next((x, s) for x, s in zip(numbers, sizes) if not _is_extent(s))
        raise TypeError(f"the label {label!r} has the size {size!r}; expected an integer below 2**63") from None
    if extents and min(extents) < 0:
        label, size = next((x, s) for x, s in zip(numbers, extents) if s < 0)
        raise ValueError(f"the label {label!r} has the negative size {size}; sizes are 0 or more")
    output = output if isinstance(output, (Sequence, Set)) else tuple(output)
    try:
        outputs = [numbers[label] for label in output]
    except KeyError as error:
        raise ValueError(f"the output has the label {error.args[0]!r}, which no tensor has") from None
    if isinstance(output, Set):
        outputs.sort()
    if len(set(outputs)) != len(outputs):
        label = next(x for x in output if outputs.count(numbers[x]) > 1)
        raise ValueError(f"the output has the label {label!r} twice; a label may stand in the output once")
    return NumberedNetwork(
        inputs, output, size_dict, numbers, array("q", map(len, inputs)), indices, extents, array("q", outputs)
    )


def read_densities(densities: Sequence[float], count: int) -> array[float]:
    """The densities of `count` tensors. Raises TypeError and ValueError for what are none."""
    try:
        shares = array("d", densities)
    except TypeError:
        raise TypeError("densities must be a sequence of numbers, one for each tensor") from None
    if len(shares) != count:
        raise ValueError(f"there are {len(shares)} densities, but {count} tensors")
    for tensor, share in enumerate(shares):
        if not 0 <= share <= 1:
            raise ValueError(f"tensor {tensor} has the density {share}; expected a share of its elements")
    return shares


def sizes_of(inputs: Sequence[Labels], shapes: Sequence[Sequence[int]]) -> dict[Hashable, int]:
    """The size of each label, from the shapes of the tensors.

    Raises ValueError where shapes do not fit the labels, or a label has two sizes.
    """
    if len(inputs) != len(shapes):
        raise ValueError(f"there are {len(shapes)} shapes, but {len(inputs)} lists of labels")
    found: dict[Hashable, tuple[int, int]] = {}
    for tensor, (labels, shape) in enumerate(zip(inputs, shapes)):
        if len(labels) != len(shape):
            raise ValueError(f"tensor {tensor} has {len(labels)} labels, but the shape {tuple(shape)}")
        for label, size in zip(labels, shape):
            known, owner = found.setdefault(label, (size, tensor))
            if known != size:
                raise ValueError(
                    f"the label {label!r} has the size {known} in tensor {owner} and {size} in tensor {tensor}"
                )
    return {label: size for label, (size, _) in found.items()}


def _is_extent(size: Any) -> bool:
    return hasattr(size, "__index__") and -(2**63) <= size.__index__() < 2**63


class InitialPath(NamedTuple):
    """A path to start from, as numbers."""

    steps: array[int]
    lengths: array[int] | None  #: tensors of each step; None for an edge path
    form: int
    sliced: array[int]  #: indices that the path is sliced over


def read_initial(
    path: Any, form: PathForm, network: NumberedNetwork, sliced: Iterable[Hashable] | None = None
) -> InitialPath:
    """Reads a path of the user's, a PathPlan or a cotengra ContractionTree. `sliced`: labels; None: those of a tree.

    Raises TypeError for what is none of these, ValueError for an unknown form or label. Whether the path fits the
    network is found where it is used.
    """
    slices = array("q") if sliced is None else _read_slices(sliced, network)
    if hasattr(path, "get_ssa_path"):
        if sliced is None:
            slices = _slices_of(path, network)
        path, form = path.get_ssa_path(), "ssa"
    if form not in _FORMS:
        raise ValueError(f"the form of a path is one of {', '.join(map(repr, _FORMS))}, not {form!r}")
    if form == "edge":
        try:
            return InitialPath(array("q", [network.numbers[label] for label in path]), None, _FORMS[form], slices)
        except KeyError as error:
            raise ValueError(f"the edge path has the label {error.args[0]!r}, which no tensor has") from None
    try:
        steps = [tuple(step) for step in path]
        flat = array("q", chain.from_iterable(steps))
    except (TypeError, OverflowError):
        raise TypeError("a path is a sequence of steps, each a tuple of the numbers of tensors") from None
    return InitialPath(flat, array("q", map(len, steps)), _FORMS[form], slices)


def _read_slices(sliced: Iterable[Hashable], network: NumberedNetwork) -> array[int]:
    try:
        slices = array("q", [network.numbers[label] for label in sliced])
    except KeyError as error:
        raise ValueError(f"the initial slices have the label {error.args[0]!r}, which no tensor has") from None
    except TypeError:
        raise TypeError(f"initial_sliced must be a sequence of labels, not {sliced!r}") from None
    if len(set(slices)) < len(slices):
        raise ValueError("the initial slices have a label twice")
    return slices


def _slices_of(tree: Any, network: NumberedNetwork) -> array[int]:
    """The slices that a PathPlan or a cotengra ContractionTree has; none where they are not the network's."""
    if isinstance(tree, PathPlan):
        known = tree._network
        if (known.ranks, known.indices) == (network.ranks, network.indices):
            return array("q", tree._handle.sliced)
    labels = getattr(tree, "sliced_inds", None)
    sliced = () if labels is None else tuple(labels)
    # The user gave no slices: a tree of a network with other labels is a path only.
    if not all(label in network.numbers for label in sliced):
        return array("q")
    return _read_slices(sliced, network)


@dataclass(frozen=True)
class SearchOptions:
    """What a search may spend, and what it is for: the members of tenon_path_options."""

    time_limit: float  #: seconds; negative: none
    strategy: str
    minimize: str
    alpha: float
    restarts: int
    seed: int
    threads: int
    memory_limit: int  #: bytes; 0: none
    element_bytes: int
    largest_limit: int = 0  #: elements; 0: none
    slice_threads: int = 1
    cache_directory: str | None = None  #: "": the default one
    cache_bytes: int = 0  #: 0: the default
    time_table: str | None = None  #: a file; None: the table that Tenon carries
    element_type: int = 0  #: tenon_dtype of an intermediate; 0: as element_bytes says

    @property
    def limits(self) -> SearchLimits:
        """What the extension module takes for every search, of one network or of several."""
        return (
            self.time_limit,
            self.strategy,
            self.minimize,
            self.alpha,
            self.restarts,
            self.seed,
            self.threads,
            self.memory_limit,
            self.largest_limit,
            self.element_bytes,
            self.slice_threads,
            self.time_table,
            self.element_type,
        )


def search(
    network: NumberedNetwork,
    options: SearchOptions,
    initial: InitialPath | None = None,
    keep_initial: bool = False,
    report: Report | None = None,
) -> PathPlan:
    """Plans a network; releases the GIL. Raises ValueError, MemoryLimitError, and what `report` raises."""
    handle = plan_path(
        network.ranks,
        network.indices,
        network.extents,
        network.outputs,
        options.limits,
        initial.steps if initial else None,
        initial.lengths if initial else None,
        initial.form if initial else 0,
        initial.sliced if initial and initial.sliced else None,
        keep_initial,
        options.cache_directory,
        options.cache_bytes,
        report,
        network.densities,
    )
    return PathPlan(network, handle)


class _Stored(NamedTuple):
    """What a _Handle tells, in Python, for other processes."""

    ssa: list[tuple[int, int]]
    sliced: list[int]
    cost: dict[str, float]
    warning: str
    cached: bool
    interrupted: bool

    @classmethod
    def of(cls, handle: _Handle | _Stored) -> _Stored:
        steps = handle.steps(_FORMS["ssa"])
        return cls(steps, handle.sliced, handle.cost, handle.warning, handle.cached, handle.interrupted)

    def steps(self, form: int) -> list[tuple[int, int]]:
        return list(self.ssa if form == _FORMS["ssa"] else ssa_to_linear(tuple(self.ssa), len(self.ssa) + 1))


def whole(number: float, logarithm: float) -> int | float:
    """A count of the planner's, infinite where that is beyond its numbers."""
    # The planner's numbers saturate.
    return int(number) if logarithm < 1024 else math.inf


def saturated(number: float) -> int | float:
    """As `whole`, of a count without a logarithm."""
    return int(number) if number < sys.float_info.max else math.inf


class PathPlan:
    """A contraction path with its slices, and what they cost. ``print(plan)`` shows it.

    Costs count multiply-adds, over all slices; work that does not depend on a slice is counted once. Numbers have 53
    bits; those above 1.8e308 are infinite, their logarithms are not. A number that is 0, as where an extent is, has the
    logarithm minus infinity. Plans can be copied and pickled.
    """

    def __init__(self, network: NumberedNetwork, handle: _Handle | _Stored) -> None:
        self._network = network
        self._handle = handle
        cost = handle.cost
        self.flops = whole(cost["operations"], cost["log2_operations"])  #: multiply-adds
        self.log2_flops = cost["log2_operations"]
        self.log10_flops = self.log2_flops * math.log10(2)
        #: multiply-adds of elements that are not zero, as densities let expect; `flops` where none were given
        self.expected_flops = cost["expected_operations"] if network.densities else self.flops
        self.log2_expected_flops = cost["log2_expected_operations"]
        self.size = whole(cost["largest"], cost["log2_largest"])  #: elements of the largest intermediate, in one slice
        self.log2_size = cost["log2_largest"]
        self.write = whole(cost["writes"], cost["log2_writes"])  #: elements written by all steps
        self.log2_write = cost["log2_writes"]
        #: bytes of all intermediates that are live at once
        self.peak_bytes = whole(cost["peak_bytes"], cost["log2_largest"])
        self.seconds = cost["seconds"]  #: of a run, as predicted (docs/calibration.md)
        self.slices = int(cost["slices"])  #: how many slices are computed and summed
        self.interrupted = handle.interrupted  #: whether Ctrl-C ended the search
        self.cached = handle.cached  #: whether the plan was in the cache on disk
        self.warning = handle.warning  #: what did not go as asked and did no harm, or an empty text

    @property
    def inputs(self) -> Sequence[Labels]:
        """The labels of each tensor, as they were given."""
        return self._network.inputs

    @property
    def output(self) -> Labels:
        """The labels of the output, as they were given."""
        return self._network.output

    @property
    def size_dict(self) -> Mapping[Hashable, int]:
        """The extent of each label, as it was given."""
        return self._network.size_dict

    @cached_property
    def path(self) -> list[tuple[int, int]]:
        """The path in linear form, as opt_einsum and numpy take it."""
        return self._handle.steps(_FORMS["linear"])

    @cached_property
    def ssa_path(self) -> list[tuple[int, int]]:
        """The path in SSA form: step k makes tensor n + k."""
        return self._handle.steps(_FORMS["ssa"])

    @cached_property
    def edge_path(self) -> tuple[Hashable, ...]:
        """The labels in the order in which they are summed."""
        network = self._network
        flat, inputs = iter(network.indices), []
        for rank in network.ranks:
            inputs.append(tuple(next(flat) for _ in range(rank)))
        problem = Problem(tuple(inputs), tuple(network.outputs), tuple(network.extents), ((),) * len(inputs))
        labels = network.labels
        return tuple(labels[k] for k in edge_path(tuple(self.ssa_path), problem))

    @cached_property
    def sliced_inds(self) -> dict[Hashable, int]:
        """The sliced labels, and their extents."""
        labels = self._network.labels
        return {labels[k]: self._network.extents[k] for k in self._handle.sliced}

    def relabelled(self, network: NumberedNetwork) -> PathPlan:
        """The same plan for `network`, which differs in labels only."""
        return self if network is self._network else PathPlan(network, self._handle)

    def get_ssa_path(self) -> list[tuple[int, int]]:
        """The same as `ssa_path`, under the name that cotengra's trees have for it."""
        return self.ssa_path

    def tree(self) -> Any:
        """The plan as a cotengra ContractionTree, slices included. Raises ImportError without cotengra."""
        from cotengra import ContractionTree

        inputs, output = [_ordered(labels) for labels in self.inputs], _ordered(self.output)
        tree = ContractionTree.from_path(inputs, output, dict(self.size_dict), ssa_path=self.ssa_path)
        for label in self.sliced_inds:
            tree.remove_ind_(label)
        return tree

    def __reduce__(self) -> tuple[type[PathPlan], tuple[NumberedNetwork, _Stored]]:
        return type(self), (self._network, _Stored.of(self._handle))

    def __str__(self) -> str:
        sliced = ", ".join(map(str, self.sliced_inds))
        rows = [
            ("tensors", f"{len(self.inputs):,}"),
            ("operations", f"{power(10, self.log10_flops, 3)} multiply-adds"),
            ("largest intermediate", f"{power(2, self.log2_size, 2)} elements"),
            ("peak memory", f"{self.peak_bytes:,} bytes"),
            ("slices", f"{self.slices:,}" + (f" over {sliced}" if sliced else "")),
            ("predicted time", f"{self.seconds:.3g} s"),
        ]
        return "\n".join(f"{name:>20}: {value}" for name, value in rows)

    def __repr__(self) -> str:
        return (
            f"<tenon.PathPlan of {len(self.inputs)} tensors: {power(10, self.log10_flops, 3)} multiply-adds, "
            f"largest {power(2, self.log2_size, 2)}, {self.slices} slices>"
        )


def power(base: int, logarithm: float, digits: int) -> str:
    """Text for the number with that logarithm."""
    return "0" if logarithm == -math.inf else f"{base}^{logarithm:.{digits}f}"


def _ordered(labels: Labels) -> tuple[Hashable, ...]:
    # A set has no order that is the same in the next process.
    return tuple(sorted(labels, key=str)) if isinstance(labels, Set) else tuple(labels)
