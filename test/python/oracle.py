"""What results are compared with, and how closely.

Integers and bool are compared exactly with numpy.einsum. Floating-point results are compared with
numpy.einsum in a wider type, within the bound of docs/spec.md (Floating point), which holds for every
order of evaluation: gamma(N - 1 + 4(p - 1)) * sum |T1| … |Tp|, plus the rounding of the result.
"""

import math

import numpy as np

import tenon

ROUNDOFF = {"float16": 2**-11, "bfloat16": 2**-8, "float32": 2**-24, "float64": 2**-53}
ROUNDOFF |= {"complex64": 2**-24, "complex128": 2**-53}
SUBNORMAL = {"float16": 2.0**-24, "bfloat16": 2.0**-133, "float32": 2.0**-149, "complex64": 2.0**-149}

FLOATS = ["float16", "bfloat16", "float32", "float64", "complex64", "complex128"]
INTEGERS = [f"{u}int{bits}" for u in ("", "u") for bits in (8, 16, 32, 64)]
ALL = [*FLOATS, "bool", *INTEGERS]


def numpy_dtype(name):
    """The NumPy type of that name; ml_dtypes' for bfloat16."""
    if name == "bfloat16":
        import ml_dtypes

        return np.dtype(ml_dtypes.bfloat16)
    return np.dtype(name)


def values(rng, shape, name):
    """Distinct-looking random values of a type, of both signs, that exercise its bits."""
    dtype = numpy_dtype(name)
    if name == "bool":
        return rng.random(shape) < 0.6
    if dtype.kind in "iu":
        info = np.iinfo(dtype)
        return rng.integers(info.min, info.max, size=shape, dtype=dtype, endpoint=True)
    if dtype.kind == "c":
        return (rng.normal(size=shape) + 1j * rng.normal(size=shape)).astype(dtype)
    return rng.normal(size=shape).astype(dtype)


def wide(array):
    """The array in a type in which the oracle computes."""
    array = np.asarray(array)
    return array.astype(np.clongdouble if array.dtype.kind == "c" else np.longdouble)


def products(form, arrays):
    """How many products are summed into one element of the result; `form` as einsum takes it."""
    ones = [np.ones(np.shape(x)) for x in arrays]
    counts = numpy_einsum(form, ones)
    return int(np.max(counts, initial=0))


def numpy_einsum(form, arrays, **options):
    """numpy.einsum for both forms: an equation, or (label lists, output or None)."""
    if isinstance(form, str):
        return np.einsum(form, *arrays, **options)
    lists, output = form
    pairs = [x for array, labels in zip(arrays, lists) for x in (array, labels)]
    return np.einsum(*pairs, *([output] if output is not None else []), **options)


def tenon_einsum(form, arrays, **options):
    """tenon.einsum for both forms."""
    if isinstance(form, str):
        return tenon.einsum(form, *arrays, **options)
    lists, output = form
    pairs = [x for array, labels in zip(arrays, lists) for x in (array, labels)]
    return tenon.einsum(*pairs, *([output] if output is not None else []), **options)


def check(result, form, arrays, dtype=None):
    """Asserts that `result` is the contraction of NumPy `arrays`, of the type that NumPy gives it."""
    result = np.asarray(result)
    if all(np.asarray(x).dtype.kind in "biu" for x in arrays) and result.dtype.kind in "biu":
        expected = np.asarray(numpy_einsum(form, arrays))
        assert result.dtype == expected.dtype
        assert result.shape == expected.shape
        np.testing.assert_array_equal(result, expected)
        return
    expected_type = dtype or np.result_type(*[np.asarray(x) for x in arrays])
    assert result.dtype == expected_type
    check_bound(result, form, arrays)


def check_bound(result, form, arrays):
    """Asserts the error bound alone."""
    exact = np.asarray(numpy_einsum(form, [wide(x) for x in arrays]))
    absolute = np.asarray(numpy_einsum(form, [np.abs(wide(x)) for x in arrays]))
    assert result.shape == exact.shape
    name = result.dtype.name
    accumulate = ROUNDOFF["float32" if name in ("float16", "bfloat16") else name]
    n = max(products(form, arrays), 1) - 1 + 4 * (len(arrays) - 1)
    # The oracle rounds too: once more for its own steps, in a type at least as wide.
    gamma = 2 * n * accumulate / (1 - n * accumulate)
    rounding = 2 * ROUNDOFF[name] * np.abs(exact) + SUBNORMAL.get(name, 0.0)
    error = np.abs(wide(result) - exact)
    worst = error - (gamma * absolute + rounding)
    assert np.all(worst <= 0), f"{form}: error {np.max(error)} exceeds its bound by {np.max(worst)}"


def strided(rng, array):
    """The same values in memory laid out at random: permuted, reversed or spread dimensions."""
    order = rng.permutation(array.ndim)
    steps = [int(rng.choice([1, 1, 2, -1, -2])) for _ in range(array.ndim)]
    shape = [array.shape[d] * abs(steps[d]) for d in order]
    memory = np.zeros(shape, array.dtype)
    view = memory.transpose(np.argsort(order))
    view = view[(*(slice(None, None, s) for s in steps), ...)]
    view[...] = array
    view.setflags(write=bool(rng.random() < 0.5))
    assert math.prod(view.shape) == array.size
    return view
