"""Compiled functions of several networks, which share operands and steps."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from functools import cached_property
from math import prod
from typing import Any, NamedTuple, cast

import numpy as np

from ._compiled import network_cache
from ._dtypes import Conversion, DType
from ._function import CompiledFunction, Settings, state_contraction, takes_long
from ._paths import SSAPath, check_ssa, written_order
from ._plan import JointPlan, read_joint_plan
from ._problem import Problem
from ._tenon import Module, Network

__all__ = ["CompiledJoint", "JointSpecification", "Member", "compiled_jointly"]


class Member(NamedTuple):
    """One of the networks. Hashable."""

    problem: Problem
    tensors: tuple[int, ...]  #: the number of the tensor that each operand is; equal numbers are one tensor
    types: Conversion
    path: SSAPath | None  #: None: the planner finds one
    sliced: tuple[int, ...]

    @property
    def given_path(self) -> SSAPath | None:
        """The path, where there is nothing to be found."""
        count = len(self.tensors)
        return written_order(count) if self.path is None and count < 3 else self.path


class JointSpecification(NamedTuple):
    """Everything that compiled code depends on, but for constants. Hashable."""

    members: tuple[Member, ...]
    facts: tuple[tuple[int, str], ...]  #: of tensors that have some, in the syntax of #tn.facts
    settings: Settings


class CompiledJoint(CompiledFunction):
    """Compiled networks. Thread safe.

    Arguments are the tensors that are no constants, in the order of their numbers.
    """

    def __init__(self, spec: JointSpecification, constants: Mapping[int, np.ndarray]) -> None:
        self.spec = spec
        members, facts = spec.members, dict(spec.facts)
        fixed = {t: np.array(values, order="C") for t, values in constants.items()}
        self._contractions = [
            state_contraction(
                problem, types, path, sliced, [fixed.get(t) for t in tensors], [facts.get(t) for t in tensors]
            )
            for problem, tensors, types, path, sliced in members
        ]
        dtypes: dict[int, DType] = {}
        # Of a tensor that several contractions read, what the last one does.
        elements: dict[int, int] = {}
        for member in members:
            dtypes.update(zip(member.tensors, member.types.operands))
            elements.update((t, member.problem.elements_read(k)) for k, t in enumerate(member.tensors))
        super().__init__(
            spec.settings,
            [dtypes[t] for t in sorted(dtypes) if t not in fixed],
            [member.types.result for member in members],
            [(values, dtypes[t]) for t, values in fixed.items()],
        )
        operations = self._network.operations
        if operations < 0:
            operations = sum(prod(member.problem.extents) for member in members)
        self._long = takes_long(operations, sum(elements.values()))

    def _make_module(self) -> Module:
        return Module.from_contractions(self._contractions, [member.tensors for member in self.spec.members])

    def _make_network(self, plan: str | None) -> Network:
        settings = self.settings
        return Network.compile(
            self._module, settings.threads, settings.memory_limit, plan, settings.deterministic, settings.tuning
        )

    def plan(self, labels: Sequence[Sequence[Hashable]]) -> JointPlan:
        """The plan, with `labels` for the indices of each network."""
        members = self.spec.members
        # A given path without slices is sliced by the planner where the memory limit asks for it.
        found = {
            number: tuple(entry["sliced"])
            for entry in self._plan.get("contractions", [])
            for number in entry["results"]
        }
        sliced = [
            tuple(labels[number][i] for i in member.sliced) or found.get(number, ())
            for number, member in enumerate(members)
        ]
        problems = [member.problem for member in members]
        return read_joint_plan(self._plan, self._network.workspace_size, problems, self.paths, sliced)

    @cached_property
    def paths(self) -> tuple[SSAPath, ...]:
        """The paths that run, in SSA form: simplification's steps, then the planner's.

        Where nothing of a network is left to contract, because it is computed when it is compiled, or together with
        another one that became equal, it is a path that the same options find for the operands as they are.
        """
        members = self.spec.members
        found = {number: path for number, member in enumerate(members) if (path := member.given_path) is not None}
        for again in (False, True):
            if len(found) < len(members):
                entries = self._plan_again() if again else self._plan.get("contractions", [])
                for number, path in self._whole_paths(entries).items():
                    found.setdefault(number, path)
        return tuple(check_ssa(found[number], len(member.tensors)) for number, member in enumerate(members))

    def _entries(self, contractions: Sequence[dict[str, Any]]) -> list[tuple[int, dict[str, Any]]]:
        """What a plan says of networks, with their numbers; nothing of those that only became equal."""
        entries = []
        for entry in contractions:
            results = entry["results"]
            stated = {(self.spec.members[number].tensors, self.spec.members[number].problem) for number in results}
            if len(stated) == 1:
                entries.extend((number, entry) for number in results)
        return entries

    def _whole_paths(self, contractions: Sequence[dict[str, Any]]) -> dict[int, SSAPath]:
        """The paths in a plan that are over all operands of their networks, as these were stated."""
        paths = {}
        for number, entry in self._entries(contractions):
            count = len(self.spec.members[number].tensors)
            whole = entry.get("original_path", entry["path"])
            if entry.get("original_operands", count) == count and len(whole) == count - 1:
                paths[number] = whole
        return paths


def compiled_jointly(spec: JointSpecification, constants: Mapping[int, np.ndarray]) -> CompiledJoint:
    """The compiled function of `spec`: from the cache, unless it has constants."""
    if constants:
        return CompiledJoint(spec, constants)
    return cast(CompiledJoint, network_cache.get(spec, lambda: CompiledJoint(spec, {})))
