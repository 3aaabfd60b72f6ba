"""Planning several networks over common tensors as one problem, without arrays."""

from __future__ import annotations

import math
from array import array
from collections.abc import Sequence

from ._path_plan import NumberedNetwork, PathPlan, Report, SearchOptions, power, saturated, whole
from ._tenon import plan_paths

__all__ = ["JointPathPlan", "search_jointly"]


class JointPathPlan:
    """Contraction paths of several networks that share steps, and what they cost. ``print(plan)`` shows it.

    Numbers are those of PathPlan, for all networks together: a step that several of them have is counted once. Plans
    can be copied and pickled.
    """

    def __init__(self, plans: Sequence[PathPlan], cost: dict[str, float]) -> None:
        self.plans = tuple(plans)  #: of each network, by itself
        self._cost = cost
        self.flops = whole(cost["operations"], cost["log2_operations"])  #: multiply-adds
        self.log2_flops = cost["log2_operations"]
        self.log10_flops = self.log2_flops * math.log10(2)
        #: multiply-adds of the same paths if nothing were shared
        self.flops_unshared = whole(cost["operations_unshared"], cost["log2_operations_unshared"])
        self.log2_flops_unshared = cost["log2_operations_unshared"]
        self.size = max(plan.size for plan in plans)  #: elements of the largest intermediate, in one slice
        self.log2_size = max(plan.log2_size for plan in plans)
        #: elements written by all steps, and bytes of all intermediates that are live at once
        self.write, self.peak_bytes = (saturated(cost[name]) for name in ("writes", "peak_bytes"))
        self.seconds = cost["seconds"]  #: of a run, as predicted (docs/calibration.md)
        self.slices = int(cost["slices"])  #: the largest number of slices of a network
        self.steps = int(cost["steps"])  #: that are computed
        self.shared_steps = int(cost["shared_steps"])  #: that are not, since another one has their result
        self.interrupted = any(plan.interrupted for plan in plans)  #: whether Ctrl-C ended the search

    def relabelled(self, networks: Sequence[NumberedNetwork]) -> JointPathPlan:
        """The same plan for `networks`, which differ in labels only."""
        return JointPathPlan([plan.relabelled(network) for plan, network in zip(self.plans, networks)], self._cost)

    def __str__(self) -> str:
        rows = [
            ("networks", f"{len(self.plans):,}"),
            ("operations", f"{power(10, self.log10_flops, 3)} multiply-adds"),
            ("if nothing is shared", power(10, self.log2_flops_unshared * math.log10(2), 3)),
            ("shared steps", f"{self.shared_steps:,} of {self.steps + self.shared_steps:,}"),
            ("largest intermediate", f"{power(2, self.log2_size, 2)} elements"),
            ("peak memory", f"{self.peak_bytes:,} bytes"),
            ("slices", f"{self.slices:,}"),
            ("predicted time", f"{self.seconds:.3g} s"),
        ]
        return "\n".join(f"{name:>20}: {value}" for name, value in rows)

    def __repr__(self) -> str:
        return (
            f"<tenon.JointPathPlan of {len(self.plans)} networks: {power(10, self.log10_flops, 3)} multiply-adds, "
            f"{self.shared_steps} steps shared>"
        )


def search_jointly(
    networks: Sequence[NumberedNetwork],
    tensors: Sequence[Sequence[int]],
    options: SearchOptions,
    report: Report | None = None,
) -> JointPathPlan:
    """Plans networks together; `tensors` has for each the numbers of its tensors, of which equal ones are one tensor.

    Releases the GIL. Raises ValueError, MemoryLimitError, and what `report` raises.
    """
    handles, cost = plan_paths(
        [(network.ranks, network.indices, network.extents, network.outputs) for network in networks],
        [array("q", numbers) for numbers in tensors],
        options.limits,
        report,
    )
    return JointPathPlan([PathPlan(network, handle) for network, handle in zip(networks, handles)], cost)
