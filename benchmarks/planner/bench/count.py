"""What a contraction path costs, counted from the definition and from nothing else.

The same counter judges every planner. Integers are exact, so that nothing overflows or rounds.

Leaves are reduced first, which is not counted: a repeated index becomes one, and an index of a single tensor that is
not open is summed. A step then costs the product of the extents of the union of both operands' indices in
multiply-adds; its result keeps what is open or what another remaining tensor has.

The references of the networks in test/Inputs/networks are counted in another way (README.md there): half of what
opt_einsum calls operations. `Cost.log10_half_operations` is that.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from common.network import Network


@dataclass(frozen=True)
class Cost:
    #: of all slices together, each of which runs every step
    log10_madds: float
    #: the same, but steps that have no sliced index below them run once
    log10_madds_hoisted: float
    #: half of opt_einsum's operations in all slices: a step that sums something counts as the product of the extents of
    #: all indices of its operands, one that sums nothing as half of that; leaves are not reduced first
    log10_half_operations: float
    #: elements of the largest result of a step, in one slice; 0 where there is no step
    log2_size: float
    slices: int


class BadPath(Exception):
    pass


def count_path(network: Network, path: Iterable[Sequence[int]], sliced: Iterable[int] = ()) -> Cost:
    """The cost of an SSA path: step k makes tensor len(inputs) + k. A step of several tensors contracts them from left
    to right; one of a single tensor only renames it. Raises BadPath where the path is none."""
    sliced = frozenset(sliced)
    sizes = [1 if index in sliced else extent for index, extent in enumerate(network.sizes)]
    slices = math.prod(network.sizes[index] for index in sliced)
    open_indices = frozenset(network.output)
    holders = Counter(index for indices in network.inputs for index in set(indices))

    def kept(indices: Iterable[int]) -> frozenset[int]:
        return frozenset(index for index in indices if holders[index] > 1 or index in open_indices)

    def extent(indices: Iterable[int]) -> int:
        return math.prod(sizes[index] for index in indices)

    tensors = {number: kept(indices) for number, indices in enumerate(network.inputs)}
    # Indices of one tensor only are gone, so an index below a node is sliced only if it is in the original tensor.
    varies = {number: not sliced.isdisjoint(indices) for number, indices in enumerate(network.inputs)}
    # With the indices that opt_einsum's count still finds there, in a slice.
    unreduced = {number: frozenset(indices) - sliced for number, indices in enumerate(network.inputs)}
    in_slices = once = operations = largest = 0
    for step, operands in enumerate(path):
        if not operands:
            raise BadPath(f"step {step} names no tensor")
        try:
            current, varying = tensors.pop(operands[0]), varies.pop(operands[0])
            whole = unreduced.pop(operands[0])
            for other in operands[1:]:
                right = tensors.pop(other)
                varying |= varies.pop(other)
                union, whole = current | right, whole | unreduced.pop(other)
                madds = extent(union)
                if varying:
                    in_slices += madds
                else:
                    once += madds
                for index in current & right:
                    holders[index] -= 1
                current = kept(union)
                result = current - sliced
                operations += extent(whole) * (1 if whole == result else 2)
                whole = result
                for index in union - current:
                    del holders[index]
                largest = max(largest, extent(current))
        except KeyError as error:
            raise BadPath(f"step {step} names tensor {error}, which is not there then") from None
        tensors[len(network.inputs) + step] = current
        unreduced[len(network.inputs) + step] = whole
        varies[len(network.inputs) + step] = varying
    if len(tensors) != 1:
        raise BadPath(f"the path leaves {len(tensors)} tensors; it must contract them to one")
    return Cost(
        log10_madds=_log(math.log10, slices * (in_slices + once)),
        log10_madds_hoisted=_log(math.log10, slices * in_slices + once),
        log10_half_operations=_log(math.log10, slices * operations) - (math.log10(2) if operations else 0.0),
        log2_size=_log(math.log2, largest),
        slices=slices,
    )


def _log(log, value: int) -> float:
    """0 for nothing at all: a path without a step, or an extent of 0."""
    return log(value) if value else 0.0
