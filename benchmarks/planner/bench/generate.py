"""Networks of given kinds and sizes: (inputs, output, size_dict), labels are integers. A seed gives one network."""

from __future__ import annotations

import math
import random
from collections.abc import Callable

Problem = tuple[list[tuple[int, ...]], tuple[int, ...], dict[int, int]]


def chain(count: int, seed: int) -> Problem:
    """Products of matrices of different extents."""
    rng = random.Random(seed)
    inputs = [(k, k + 1) for k in range(count)]
    return inputs, (0, count), {k: rng.randint(2, 7) for k in range(count + 1)}


def lattice(count: int, seed: int) -> Problem:
    """A square lattice of about `count` tensors, extent 2."""
    side = max(1, math.isqrt(count))
    inputs: list[list[int]] = [[] for _ in range(side * side)]
    edges = 0
    for row in range(side):
        for column in range(side):
            here = row * side + column
            for there in ([here + 1] if column + 1 < side else []) + ([here + side] if row + 1 < side else []):
                inputs[here].append(edges)
                inputs[there].append(edges)
                edges += 1
    return list(map(tuple, inputs)), (), dict.fromkeys(range(edges), 2)


def sparse(count: int, seed: int) -> Problem:
    """Three indices a tensor at random, extents 2 to 4; two ends may be of one tensor (a trace)."""
    rng = random.Random(seed)
    ends = [tensor for tensor in range(count) for _ in range(3)]
    rng.shuffle(ends)
    inputs: list[list[int]] = [[] for _ in range(count)]
    for position, tensor in enumerate(ends):
        inputs[tensor].append(position // 2)
    return list(map(tuple, inputs)), (), {k: rng.randint(2, 4) for k in range((len(ends) + 1) // 2)}


def regular(count: int, seed: int) -> Problem:
    """A random 3-regular graph without loops, extent 2; `count` is even."""
    rng = random.Random(seed)
    ends = [tensor for tensor in range(count) for _ in range(3)]
    while True:
        rng.shuffle(ends)
        bonds = list(zip(ends[::2], ends[1::2]))
        if all(a != b for a, b in bonds):
            break
    inputs: list[list[int]] = [[] for _ in range(count)]
    for index, (a, b) in enumerate(bonds):
        inputs[a].append(index)
        inputs[b].append(index)
    return list(map(tuple, inputs)), (), dict.fromkeys(range(len(bonds)), 2)


def regular_mixed(count: int, seed: int) -> Problem:
    """As `regular`, extents 2 to 8."""
    inputs, output, sizes = regular(count, seed)
    rng = random.Random(seed)
    return inputs, output, {index: rng.randint(2, 8) for index in sizes}


def hubs(count: int, seed: int) -> Problem:
    """A square lattice, and three indices that three in ten of its tensors have."""
    rng = random.Random(seed)
    inputs, output, sizes = lattice(count, seed)
    first = len(sizes)
    tensors = [indices + tuple(first + hub for hub in range(3) if rng.random() < 0.3) for indices in inputs]
    return tensors, output, sizes | dict.fromkeys(range(first, first + 3), 2)


def tree(count: int, seed: int) -> Problem:
    """A tree in which every tensor hangs on any earlier one; extents 2 to 4."""
    rng = random.Random(seed)
    inputs: list[list[int]] = [[] for _ in range(count)]
    for tensor in range(1, count):
        inputs[tensor].append(tensor)
        inputs[rng.randrange(tensor)].append(tensor)
    return list(map(tuple, inputs)), (), {index: rng.randint(2, 4) for index in range(1, count)}


def circuit(count: int, seed: int) -> Problem:
    """Two-qubit gates between neighbours of a row, a third of them diagonal (their qubits' indices go on)."""
    rng = random.Random(seed)
    qubits = max(4, math.isqrt(count))
    current = list(range(qubits))
    inputs: list[tuple[int, ...]] = [(index,) for index in current]
    number = qubits
    while len(inputs) < count:
        at = rng.randrange(qubits - 1)
        if rng.random() < 1 / 3:
            inputs.append((current[at], current[at + 1]))
            continue
        inputs.append((current[at], current[at + 1], number, number + 1))
        current[at : at + 2] = number, number + 1
        number += 2
    return inputs, (), dict.fromkeys(range(number), 2)


def hyper3(count: int, seed: int) -> Problem:
    """Three indices a tensor, each of three tensors; extents 2 to 4."""
    rng = random.Random(seed)
    slots = [index for index in range(count) for _ in range(3)]
    while True:
        rng.shuffle(slots)
        inputs = [tuple(slots[k : k + 3]) for k in range(0, len(slots), 3)]
        if all(len(set(indices)) == 3 for indices in inputs):
            break
    return inputs, (), {index: rng.randint(2, 4) for index in range(count)}


def hyper(count: int, seed: int) -> Problem:
    """Like the variables and clauses of a formula: indices of many tensors, extents 2."""
    rng = random.Random(seed)
    variables = max(3, count // 4)
    return [tuple(rng.sample(range(variables), 3)) for _ in range(count)], (), dict.fromkeys(range(variables), 2)


def dense(count: int, seed: int) -> Problem:
    """An index between any two tensors, of different extents."""
    rng = random.Random(seed)
    inputs: list[list[int]] = [[] for _ in range(count)]
    sizes: dict[int, int] = {}
    for a in range(count):
        for b in range(a):
            inputs[a].append(len(sizes))
            inputs[b].append(len(sizes))
            sizes[len(sizes)] = rng.randint(2, 5)
    return list(map(tuple, inputs)), (), sizes


def mixed(count: int, seed: int) -> Problem:
    """Anything: hyperedges, batch and open indices, sums, parts that share nothing."""
    rng = random.Random(seed)
    number = 2 * count
    inputs = [tuple(rng.sample(range(number), rng.randint(0, 5))) for _ in range(count)]
    used = sorted({index for indices in inputs for index in indices})
    output = tuple(index for index in used if rng.random() < 0.15)
    return inputs, output, {index: rng.randint(2, 9) for index in used}


KINDS: dict[str, Callable[[int, int], Problem]] = {
    "chain": chain,
    "lattice": lattice,
    "sparse": sparse,
    "regular": regular,
    "regular_mixed": regular_mixed,
    "hubs": hubs,
    "tree": tree,
    "circuit": circuit,
    "hyper": hyper,
    "hyper3": hyper3,
    "dense": dense,
    "mixed": mixed,
}
