"""Cases as data: `benchmarks/data/SUITE.json`.

A suite lists `cases`, each an `einsum` over row-major operands with `sizes`, or names a folder of `networks` with
limits. Labels of a case are characters; networks get one for every index.
"""

from __future__ import annotations

import hashlib
import json
import math
import pathlib
from collections.abc import Iterable
from dataclasses import dataclass, replace

from common.network import BadInput, find_networks, read_network

ROOT = pathlib.Path(__file__).resolve().parents[2]
DATA = ROOT / "benchmarks" / "data"


@dataclass(frozen=True)
class Case:
    suite: str
    name: str
    inputs: tuple[str, ...]
    output: str
    sizes: dict[str, int]
    #: pairs of positions, as opt_einsum takes them; empty for one or two operands
    path: tuple[tuple[int, ...], ...] = ()

    @property
    def equation(self) -> str:
        return ",".join(self.inputs) + "->" + self.output

    @property
    def shapes(self) -> list[tuple[int, ...]]:
        return [tuple(self.sizes[label] for label in labels) for labels in self.inputs]

    @property
    def is_binary(self) -> bool:
        return len(self.inputs) == 2

    def elements(self, labels: Iterable[str]) -> int:
        return math.prod(self.sizes[label] for label in labels)

    def digest(self) -> str:
        """Figures belong to a content, path included, not to a name."""
        content = json.dumps([self.inputs, self.output, sorted(self.sizes.items()), self.path])
        return hashlib.sha256(content.encode()).hexdigest()[:16]

    def steps(self) -> list[tuple[set[str], set[str]]]:
        """(all labels, labels kept) of each step: one where there are up to two operands, else those of the path.

        Labels that one operand alone has are summed before its first step, which is counted with that step.
        """
        if len(self.inputs) <= 2:
            return [(set().union(*map(set, self.inputs)), set(self.output))]
        count: dict[str, int] = {}
        for labels in [*map(set, self.inputs), set(self.output)]:
            for label in labels:
                count[label] = count.get(label, 0) + 1
        operands, steps = [set(labels) for labels in self.inputs], []
        for step in self.path:
            taken = [operands.pop(position) for position in sorted(step, reverse=True)]
            union = set().union(*taken)
            for labels in taken:
                for label in labels:
                    count[label] -= 1
            kept = {label for label in union if count[label]}
            for label in kept:
                count[label] += 1
            operands.append(kept)
            steps.append((union, kept))
        return steps

    def madds(self) -> int:
        """Scalar multiply-adds; of one operand, the elements that are read."""
        return sum(self.elements(union) for union, _ in self.steps())

    def bytes_moved(self, itemsize: int) -> int:
        """What must at least pass between memory and processor: each operand read once, the result written once.

        Elements of a diagonal that lie apart take a cache line of 64 bytes each.
        """
        total = self.elements(self.output) * itemsize
        for labels in self.inputs:
            is_scattered = labels and labels[-1] in labels[:-1]
            total += self.elements(set(labels)) * (max(64, itemsize) if is_scattered else itemsize)
        return total


def from_einsum(suite: str, name: str, equation: str, sizes: dict[str, int]) -> Case:
    operands, arrow, output = equation.partition("->")
    inputs = tuple(operands.split(","))
    used = set("".join(inputs))
    if not arrow or set(output) - used or used - set(sizes):
        raise BadInput(f"suite {suite}, case {name}: '{equation}' is no equation with an output over labels with sizes")
    return Case(suite, name, inputs, output, {label: sizes[label] for label in sorted(used)})


def suites() -> list[str]:
    return sorted(path.stem for path in DATA.glob("*.json"))


def read_suite(name: str, folder: pathlib.Path = DATA) -> tuple[list[Case], dict]:
    """The cases, and what the file says beside them. Those with more than two operands have no path yet."""
    path = folder / f"{name}.json"
    try:
        data = json.loads(path.read_text())
        if "networks" in data:
            return [_from_network(name, file) for file in find_networks([str(ROOT / data["networks"])])], data
        cases = [
            from_einsum(name, entry.get("name") or entry["einsum"], entry["einsum"], entry["sizes"])
            for entry in data["cases"]
        ]
    except OSError as error:
        raise BadInput(f"cannot read {path}: {error.strerror}") from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadInput(f"{path} is no suite of cases: {error!r}") from None
    return cases, data


def _from_network(suite: str, path: pathlib.Path) -> Case:
    network = read_network(path)
    inputs, output, sizes = network.labelled()
    return Case(suite, network.name, tuple(map("".join, inputs)), "".join(output), sizes)


def shrink(case: Case, most_madds: float) -> Case:
    """The case with its longest extents halved until it has no more multiply-adds; of networks, the case itself."""
    if len(case.inputs) > 2 or case.madds() <= most_madds:
        return case
    sizes = dict(case.sizes)
    while math.prod(sizes.values()) > most_madds:
        longest = max(sizes, key=lambda label: sizes[label])
        sizes[longest] //= 2
    return replace(case, sizes=sizes)
