"""The operands of a case: the same numbers in every process."""

from __future__ import annotations

import math

import numpy as np

from .cases import Case
from .dtypes import TYPES, numpy_type


def make_operands(case: Case, dtype: str) -> list[np.ndarray]:
    """Contiguous, uniform in [-1, 1); those of a network are scaled so that products of many stay in range."""
    seed = int(case.digest(), 16)
    return [_make(np.random.default_rng([seed, k]), shape, dtype, case) for k, shape in enumerate(case.shapes)]


def _make(rng: np.random.Generator, shape: tuple[int, ...], dtype: str, case: Case) -> np.ndarray:
    def part() -> np.ndarray:
        values = rng.random(shape, dtype=np.float64 if dtype in ("f64", "c128") else np.float32)
        return 2 * values - 1

    values = part() + 1j * part() if TYPES[dtype].is_complex else part()
    if len(case.inputs) > 2:
        # Root mean square 1 / size^(1/4): the norm of a product over half of the indices stays near 1.
        rms = math.sqrt((2 if TYPES[dtype].is_complex else 1) / 3)
        values = values / (rms * math.prod(shape) ** 0.25)
    return np.ascontiguousarray(values, dtype=numpy_type(dtype))
