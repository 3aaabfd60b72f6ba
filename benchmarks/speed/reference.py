"""Is a result right? Some elements are computed again in double precision, with the bound that roundings allow.

Of every open label a few values are chosen; operands are cut to those, and the small network is contracted. Each element
of the result may differ from it by (g(n, u) + g(n, 2^-53)) M: M is the same element computed on moduli, n counts the
roundings that one product of the sum goes through, at most the sum over steps of the length of a step's sum less one, and one
for each multiplication (four for complex ones, as two products and a sum of parts are each off by the modulus), u is the
unit roundoff and g(n, u) = n u / (1 - n u) (Higham, Accuracy and Stability of Numerical Algorithms, section 3.1, which
holds for any order of summation). A result of a narrower type than its sums is rounded once more.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from .cases import Case
from .dtypes import TYPES

MOST_SAMPLES = 256


@dataclass(frozen=True)
class Reference:
    values: np.ndarray
    #: of the distance, one for each element
    bound: np.ndarray

    def judge(self, found: np.ndarray) -> str:
        """Empty if `found` is right, else what is wrong, in a line."""
        if found.shape != self.values.shape:
            return f"wrong shape: found {found.shape} of samples, expected {self.values.shape}"
        distance = np.abs(found - self.values)
        wrong = ~(distance <= self.bound)
        if not wrong.any():
            return ""
        worst = int(np.argmax(np.where(wrong, np.nan_to_num(distance / (self.bound + 1e-300), nan=np.inf), 0)))
        return (
            f"wrong result: {int(wrong.sum())} of {wrong.size} samples; one is {found.flat[worst]:.6g}, "
            f"expected {self.values.flat[worst]:.6g} within {self.bound.flat[worst]:.2g}"
        )


def choose_samples(case: Case) -> list[np.ndarray]:
    """For each label of the output, in order, the values of it that are looked at."""
    counts = dict.fromkeys(case.output, 1)
    growing = [label for label in case.output if case.sizes[label] > 1]
    while growing and math.prod(counts.values()) * 2 <= MOST_SAMPLES:
        label = growing.pop(0)
        counts[label] = min(2 * counts[label], case.sizes[label])
        if counts[label] < case.sizes[label]:
            growing.append(label)
    rng = np.random.default_rng(int(case.digest(), 16))
    return [
        np.sort(rng.choice(case.sizes[label], counts[label], replace=False)) if case.sizes[label] else np.arange(0)
        for label in case.output
    ]


def take_samples(result: np.ndarray, samples: list[np.ndarray]) -> np.ndarray:
    wide = result[np.ix_(*samples)] if samples else result
    return np.asarray(wide, dtype=np.complex128 if np.iscomplexobj(wide) else np.float64)


def compute_reference(case: Case, dtype: str, operands: list[np.ndarray]) -> Reference | None:
    """None where the range of the type is left: nothing can be said then."""
    kind = TYPES[dtype]
    samples = dict(zip(case.output, choose_samples(case)))
    wide = [
        np.asarray(_cut(values, labels, samples), dtype=np.complex128 if kind.is_complex else np.float64)
        for values, labels in zip(operands, case.inputs)
    ]
    values = contract(case, wide)
    magnitude = contract(case, [np.abs(part) for part in wide])
    largest = float(np.max(magnitude, initial=0))
    if len(case.inputs) > 2 and not 1e-30 < largest < 1e30:
        return None
    roundings = sum(
        case.elements(union - kept) - 1 + (4 if kind.is_complex else 1) for union, kept in case.steps()
    )
    bound = gamma(roundings, kind.sum_unit) + gamma(roundings, 2**-53)
    if kind.unit != kind.sum_unit:
        # Intermediates are rounded to the narrow type, too.
        bound = (1 + bound) * (1 + gamma(len(case.steps()), kind.unit)) - 1
    return Reference(values, bound * magnitude)


def gamma(count: int, unit: float) -> float:
    product = count * unit
    return product / (1 - product) if product < 1 else math.inf


def _cut(values: np.ndarray, labels: str, samples: dict[str, np.ndarray]) -> np.ndarray:
    for axis, label in enumerate(labels):
        if label in samples:
            values = np.take(values, samples[label], axis=axis)
    return values


def contract(case: Case, operands: list[np.ndarray]) -> np.ndarray:
    """Pair by pair on the case's path, with labels numbered anew in each step: NumPy has 52 of them."""
    if len(operands) <= 2:
        return _einsum(list(zip(operands, case.inputs)), case.output)
    count: dict[str, int] = {}
    for labels in [*map(set, case.inputs), set(case.output)]:
        for label in labels:
            count[label] = count.get(label, 0) + 1
    work = list(zip(operands, case.inputs))
    for number, step in enumerate(case.path):
        taken = [work.pop(position) for position in sorted(step, reverse=True)]
        union = dict.fromkeys("".join(labels for _, labels in taken))
        for _, labels in taken:
            for label in set(labels):
                count[label] -= 1
        kept = "".join(label for label in union if count[label])
        if number + 1 == len(case.path):
            kept = case.output
        for label in kept:
            count[label] += 1
        work.append((_einsum(taken, kept), kept))
    return work[0][0]


def _einsum(operands: list[tuple[np.ndarray, str]], output: str) -> np.ndarray:
    numbers = {label: k for k, label in enumerate(dict.fromkeys("".join(labels for _, labels in operands)))}
    arguments = []
    for values, labels in operands:
        arguments += [values, [numbers[label] for label in labels]]
    return np.asarray(np.einsum(*arguments, [numbers[label] for label in output], optimize=len(operands) > 1))
