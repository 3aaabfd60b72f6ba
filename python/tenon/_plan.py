"""What the planner decided, for people and programs to read."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from math import log10, prod
from typing import Any

from ._paths import SSAPath, Step, edge_path, ssa_to_linear, steps
from ._problem import Problem

__all__ = ["JointPlan", "PathInfo", "Plan"]


def _name(label: Hashable) -> str:
    return label if isinstance(label, str) else str(label)


@dataclass(frozen=True)
class Plan:
    """The plan of a compiled network. ``print(plan)`` shows it as a table.

    The forms of the path are those of tenon._paths: linear as numpy.einsum takes it, SSA, and the order in
    which indices are summed. Index labels are the user's.
    """

    operations: int  #: multiply-adds of a run, over all slices
    largest_elements: int  #: elements of the largest intermediate of one slice
    peak_bytes: int  #: bytes that a run allocates beside its inputs and its output
    predicted_seconds: float  #: of a run, from a table of times (docs/calibration.md); 0 where nothing was planned
    slices: int  #: how many slices are computed and summed
    sliced: tuple[Hashable, ...]  #: the sliced indices: given ones by label, the planner's by their name in the IR
    threads: int
    kernels: int  #: distinct kernels that were compiled
    path: tuple[tuple[int, int], ...]
    ssa_path: SSAPath
    edge_path: tuple[Hashable, ...]
    stages: dict[str, float] = field(compare=False)  #: seconds that each stage of compilation took

    @property
    def cost(self) -> int:
        """The same as `operations`."""
        return self.operations

    def __str__(self) -> str:
        return _table(
            ("operations", f"{self.operations:,} multiply-adds" + _in_powers(self.operations)),
            ("largest intermediate", f"{self.largest_elements:,} elements"),
            ("peak memory", f"{self.peak_bytes:,} bytes"),
            ("predicted time", f"{self.predicted_seconds:.3g} s"),
            ("slices", f"{self.slices:,}" + (f" over {', '.join(map(_name, self.sliced))}" if self.sliced else "")),
            ("threads", str(self.threads)),
            ("kernels", str(self.kernels)),
            ("path", _shorten(self.path)),
            ("SSA path", _shorten(self.ssa_path)),
            ("edge path", _shorten([_name(x) for x in self.edge_path])),
            ("compilation", _stages(self.stages)),
        )


@dataclass(frozen=True)
class JointPlan:
    """The plan of networks that are compiled together. ``print(plan)`` shows it as a table.

    Figures are those of a run, in which a step that several networks have is computed once. Paths, and what is
    sliced, are listed by network, as in Plan.
    """

    operations: int  #: multiply-adds of a run, over all slices
    operations_unshared: int  #: what they would be if each network computed all of its planned steps for itself
    shared_steps: int  #: planned steps that are not computed, since another one has their result
    peak_bytes: int  #: bytes that a run allocates beside its inputs and its results
    predicted_seconds: float  #: of a run, from a table of times (docs/calibration.md); 0 where nothing was planned
    slices: int  #: the largest number of slices of a network
    sliced: tuple[tuple[Hashable, ...], ...]
    threads: int
    kernels: int  #: distinct kernels that were compiled
    paths: tuple[tuple[tuple[int, int], ...], ...]
    ssa_paths: tuple[SSAPath, ...]
    stages: dict[str, float] = field(compare=False)  #: seconds that each stage of compilation took

    @property
    def cost(self) -> int:
        """The same as `operations`."""
        return self.operations

    def __str__(self) -> str:
        return _table(
            ("networks", f"{len(self.paths):,}"),
            ("operations", f"{self.operations:,} multiply-adds" + _in_powers(self.operations)),
            ("if nothing is shared", f"{self.operations_unshared:,}" + _in_powers(self.operations_unshared)),
            ("shared steps", f"{self.shared_steps:,} of {sum(map(len, self.paths)):,}"),
            ("peak memory", f"{self.peak_bytes:,} bytes"),
            ("predicted time", f"{self.predicted_seconds:.3g} s"),
            ("slices", f"{self.slices:,}"),
            ("threads", str(self.threads)),
            ("kernels", str(self.kernels)),
            ("compilation", _stages(self.stages)),
        )


def _table(*rows: tuple[str, str]) -> str:
    return "\n".join(f"{name:>20}: {value}" for name, value in rows)


def _stages(stages: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {seconds:.3f} s" for name, seconds in stages.items())


def _in_powers(count: int) -> str:
    return f" (10^{log10(count):.2f})" if count else ""


def _scientific(count: int) -> str:
    # By way of Decimal: costs of whole networks overflow a float.
    return f"{Decimal(count):.3e}"


def _shorten(items: Sequence[Any]) -> str:
    text = ", ".join(map(str, items[:12]))
    return text + (f", … ({len(items)} in all)" if len(items) > 12 else "")


def read_plan(
    data: dict[str, Any],
    workspace: int,
    problem: Problem,
    labels: Sequence[Hashable],
    path: SSAPath,
    sliced: tuple[Hashable, ...] | None,
) -> Plan:
    """The Plan of a compiled network.

    `data` is tenon_network_plan's, which says nothing of contractions that were none of the planner's to
    split; `sliced` are the labels of given slices, or None where the planner chose them.
    """
    taken = steps(path, problem)
    contractions = data.get("contractions", [])
    largest = max([prod(problem.output_shape), *(step.elements for step in taken)])
    return Plan(
        operations=int(data.get("operations", _operations(taken, problem))),
        largest_elements=max((int(c["largest_elements"]) for c in contractions), default=largest),
        peak_bytes=workspace,
        predicted_seconds=float(data.get("estimated_seconds", 0)),
        slices=int(data.get("slices", 1)),
        sliced=tuple(name for c in contractions for name in c["sliced"]) if sliced is None else sliced,
        threads=int(data["threads"]),
        kernels=int(data["kernels"]),
        path=ssa_to_linear(path, len(problem.inputs)),
        ssa_path=path,
        edge_path=tuple(labels[i] for i in edge_path(path, problem)),
        stages={stage["name"]: float(stage["seconds"]) for stage in data["stages"]},
    )


def read_joint_plan(
    data: dict[str, Any],
    workspace: int,
    problems: Sequence[Problem],
    paths: Sequence[SSAPath],
    sliced: Sequence[tuple[Hashable, ...]],
) -> JointPlan:
    """The JointPlan of compiled networks; `data` is tenon_network_plan's, lists have an entry for each network."""
    alone = sum(_operations(steps(path, problem), problem) for path, problem in zip(paths, problems))
    operations = int(data.get("operations", alone))
    return JointPlan(
        operations=operations,
        operations_unshared=int(data.get("operations_unshared", operations)),
        shared_steps=int(data.get("shared_steps", 0)),
        peak_bytes=workspace,
        predicted_seconds=float(data.get("estimated_seconds", 0)),
        slices=int(data.get("slices", 1)),
        sliced=tuple(sliced),
        threads=int(data["threads"]),
        kernels=int(data["kernels"]),
        paths=tuple(ssa_to_linear(path, len(problem.inputs)) for path, problem in zip(paths, problems)),
        ssa_paths=tuple(paths),
        stages={stage["name"]: float(stage["seconds"]) for stage in data["stages"]},
    )


def _operations(taken: Sequence[Step], problem: Problem) -> int:
    # Of a path without steps, those of one loop nest.
    return sum(step.operations for step in taken) or prod(problem.extents)


class PathInfo:
    """What a path costs, as opt_einsum's PathInfo tells it. ``print(info)`` shows its table.

    Costs count multiply-adds: for each pair, the product of the extents of all indices involved.
    """

    def __init__(self, equation: str, problem: Problem, labels: Sequence[Hashable], path: SSAPath) -> None:
        self.equation = equation
        self.path = ssa_to_linear(path, len(problem.inputs))
        self.ssa_path = path
        self._labels = labels
        self._steps = steps(path, problem)
        #: multiply-adds of one loop nest over all indices
        self.naive_cost = prod(problem.extents) * max(1, len(problem.inputs) - 1)
        #: multiply-adds of the path
        self.opt_cost = _operations(self._steps, problem)
        #: elements of the largest result of a step
        self.largest_intermediate = max([prod(problem.output_shape), *(step.elements for step in self._steps)])
        #: for each step, the number of indices involved
        self.scale_list = [len(step.inputs[0] | step.inputs[1]) for step in self._steps]
        self.naive_scaling = len(problem.extents)
        self.opt_scaling = max(self.scale_list, default=self.naive_scaling)

    @property
    def speedup(self) -> float:
        """How many times fewer multiply-adds the path takes than one loop nest."""
        return float(Decimal(self.naive_cost) / Decimal(self.opt_cost)) if self.opt_cost else 1.0

    def __str__(self) -> str:
        lines = [
            f"  Complete contraction:  {self.equation}",
            f"         Naive scaling:  {self.naive_scaling}",
            f"     Optimized scaling:  {self.opt_scaling}",
            f"      Naive operations:  {_scientific(self.naive_cost)}",
            f"  Optimized operations:  {_scientific(self.opt_cost)}",
            f"   Theoretical speedup:  {self.speedup:.3e}",
            f"  Largest intermediate:  {_scientific(self.largest_intermediate)} elements",
            "-" * 80,
            f"{'scaling':>8} {'operations':>12} {'elements':>12}  contraction (SSA)",
            "-" * 80,
        ]
        for scale, step in zip(self.scale_list, self._steps):
            sides = ["".join(_name(self._labels[i]) for i in sorted(x)) for x in (*step.inputs, step.kept)]
            lines.append(
                f"{scale:>8} {_scientific(step.operations):>12} {_scientific(step.elements):>12}  "
                f"{step.operands[0]}, {step.operands[1]}: {sides[0]},{sides[1]}->{sides[2]}"
            )
        return "\n".join(lines)

    __repr__ = __str__
