"""Contractions of two arrays, of middle size and any layout, against NumPy in a wider type."""

import numpy as np
import pytest

import tenon

# Around tiles, vectors and their multiples, and primes.
EXTENTS = [1, 2, 3, 5, 7, 8, 11, 12, 13, 16, 17, 19, 23, 24, 25, 31, 32, 33, 47, 48, 49, 64, 65]
UNIT_ROUNDOFF = {"float32": 2**-24, "float64": 2**-53, "complex64": 2**-24, "complex128": 2**-53}
WIDER = {"float32": "float64", "float64": "longdouble", "complex64": "complex128", "complex128": "clongdouble"}
MOST_PRODUCTS = 3_000_000


def draw(rng):
    """An equation and extents: up to two indices in each of the groups b, m, n and k, in any order."""
    while True:
        groups, labels = [], iter("abcdefgh")
        for most in (1, 2, 2, 2):
            groups.append([next(labels) for _ in range(rng.integers(0, most + 1))])
        extent = {label: int(rng.choice(EXTENTS)) for group in groups for label in group}
        if np.prod(list(extent.values()), dtype=float) <= MOST_PRODUCTS:
            break
    b, m, n, k = groups
    lhs, rhs, out = (rng.permutation(list(x)) if x else [] for x in (b + m + k, b + n + k, b + m + n))
    return "".join(lhs) + "," + "".join(rhs) + "->" + "".join(out), extent


def strided(rng, shape, dtype):
    """Random numbers in memory of any layout: permuted, reversed, with gaps, not aligned to lines."""
    order = rng.permutation(len(shape))
    steps = rng.integers(1, 3, len(shape)) if rng.random() < 0.3 else np.ones(len(shape), int)
    whole = [shape[d] * steps[d] for d in order]
    size = int(np.prod(whole)) + 3
    values = rng.standard_normal(size).astype(dtype)
    if np.dtype(dtype).kind == "c":
        values += (1j * rng.standard_normal(size)).astype(dtype)
    array = values[3:].reshape(whole).transpose(np.argsort(order))
    array = array[tuple(slice(None, None, int(step)) for step in steps)]
    if len(shape) > 0 and rng.random() < 0.3:
        array = np.flip(array, int(rng.integers(len(shape))))
    assert array.shape == tuple(shape)
    return array


@pytest.mark.parametrize("dtype", UNIT_ROUNDOFF)
@pytest.mark.parametrize("seed", range(40))
def test_matches_numpy(dtype, seed):
    rng = np.random.default_rng([seed, list(UNIT_ROUNDOFF).index(dtype)])
    for _ in range(4):
        equation, extent = draw(rng)
        inputs, output = equation.split("->")
        lhs, rhs = (strided(rng, [extent[x] for x in labels], dtype) for labels in inputs.split(","))
        result = tenon.einsum(equation, lhs, rhs)
        wide = [x.astype(WIDER[dtype]) for x in (lhs, rhs)]
        expected = np.einsum(equation, *wide)
        magnitude = np.einsum(equation, *map(np.abs, wide))
        summed = np.prod([extent[x] for x in set(inputs) - set(output) - {","}], dtype=float)
        # Higham, Accuracy and Stability, (3.5); four times the products and sums for complex numbers.
        count = (4 if np.dtype(dtype).kind == "c" else 1) * summed + 1
        gamma = count * UNIT_ROUNDOFF[dtype] / (1 - count * UNIT_ROUNDOFF[dtype])
        wrong = np.abs(result - expected) > gamma * magnitude
        assert not wrong.any(), (equation, extent, lhs.strides, rhs.strides, int(wrong.sum()), result.size)


@pytest.mark.parametrize("quick", ["0", "1"])
@pytest.mark.parametrize("dtype", UNIT_ROUNDOFF)
def test_many_dimensions_that_do_not_merge(dtype, quick, monkeypatch):
    # Planned as if the operand were row-major, where its dimensions are three.
    monkeypatch.setenv("TENON_QUICK_START", quick)
    rng = np.random.default_rng(7)
    k, n = "abcdefgh", "ijklmnop"
    lhs, middle = strided(rng, (64, 5), dtype), strided(rng, (5,) + (2,) * 8, dtype)
    rhs = strided(rng, (2,) * 16, dtype)
    for operand in (np.ascontiguousarray(rhs), np.ascontiguousarray(rhs).transpose()):
        result = tenon.einsum(
            f"YX,X{k},{k}{n}->Y{n}", lhs, middle, operand, optimize=[(0, 1), (0, 1)], threads=1
        )
        expected = (lhs @ middle.reshape(5, 256) @ operand.reshape(256, 256)).reshape(result.shape)
        # Sums of 5 and of 256 products; the bound of the test above is not needed to see uninitialised memory.
        scale = np.abs(lhs) @ np.abs(middle).reshape(5, 256) @ np.abs(operand).reshape(256, 256)
        assert np.all(np.abs(result - expected).reshape(scale.shape) <= 2000 * UNIT_ROUNDOFF[dtype] * scale)
