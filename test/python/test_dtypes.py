"""Types of operands and results."""

import itertools
import sys

import numpy as np
import pytest

import tenon
from oracle import ALL, check_bound, numpy_dtype, values

NATIVE = [name for name in ALL if name != "bfloat16"]


@pytest.mark.parametrize("left", NATIVE)
@pytest.mark.parametrize("right", NATIVE)
def test_promotion(left, right):
    rng = np.random.default_rng([3, NATIVE.index(left), NATIVE.index(right)])
    arrays = [values(rng, (3, 5), left), values(rng, (5, 4), right)]
    result = tenon.einsum("ij,jk->ik", *arrays)
    assert result.dtype == np.result_type(*arrays)
    if result.dtype.kind in "biu":
        np.testing.assert_array_equal(result, np.einsum("ij,jk->ik", *arrays))
        return
    # Integers are converted to the result's type first, as NumPy does.
    exact = [x.astype(result.dtype) if x.dtype.kind in "biu" else x for x in arrays]
    with np.errstate(over="ignore"):
        if all(np.all(np.isfinite(x)) for x in exact) and result.dtype != np.float16:
            check_bound(result, "ij,jk->ik", exact)


@pytest.mark.parametrize(
    "names",
    [("int16", "uint16", "float32"), ("int8", "uint8", "float16"), ("uint16", "int16", "complex64"),
     ("int64", "uint64", "float32"), ("bool", "int8", "uint8", "float16"), ("float16", "int16", "uint16", "complex64")],
    ids="-".join,
)  # fmt: skip
def test_promotion_of_several_in_any_order(names):
    expected = np.result_type(*map(np.dtype, names))
    for order in itertools.permutations(names):
        arrays = [np.arange(1, 4).astype(name) for name in order]
        result = tenon.einsum(",".join("i" * len(order)) + "->i", *arrays)
        assert result.dtype == expected, order
        np.testing.assert_array_equal(result, np.prod([x.astype(expected) for x in arrays], axis=0))


def test_half_precision_accumulates_in_float32():
    ones = np.ones(5000, np.float16)
    assert tenon.einsum("i,i->", ones, ones) == 5000  # in float16 the sum stops growing at 2048
    small = np.full(3000, 2.0**-12, np.float16)
    assert tenon.einsum("i->", small) == np.float16(3000 * 2.0**-12)


@pytest.mark.parametrize("other, result", [("bool", "bfloat16"), ("int8", "bfloat16"), ("uint8", "bfloat16"),
                                           ("float32", "float32"), ("float64", "float64"),
                                           ("complex64", "complex64"), ("complex128", "complex128")])  # fmt: skip
def test_bfloat16_promotion(other, result):
    pytest.importorskip("ml_dtypes")
    rng = np.random.default_rng(4)
    arrays = [values(rng, (3, 5), "bfloat16"), values(rng, (5, 4), other)]
    check_bound(tenon.einsum("ij,jk->ik", *arrays), "ij,jk->ik", arrays)
    assert tenon.einsum("ij,jk->ik", *arrays).dtype == numpy_dtype(result)
    assert np.result_type(*arrays) == numpy_dtype(result)


@pytest.mark.parametrize("others, result", [(("int8", "uint8"), "bfloat16"), (("int8", "uint8", "float32"), "float32"),
                                            (("float64", "complex64"), "complex128")])  # fmt: skip
def test_bfloat16_promotion_of_several_in_any_order(others, result):
    pytest.importorskip("ml_dtypes")
    for order in itertools.permutations(["bfloat16", *others]):
        arrays = [np.arange(1, 4).astype(numpy_dtype(name)) for name in order]
        assert tenon.einsum(",".join("i" * len(order)) + "->i", *arrays).dtype == numpy_dtype(result), order
    for order in itertools.permutations(["bfloat16", "int16", "float32"]):
        with pytest.raises(TypeError, match="bfloat16 and int16 have no common type"):
            tenon.einsum("i,i,i->i", *(np.ones(3, numpy_dtype(name)) for name in order))


@pytest.mark.parametrize("other", ["float16", "int16", "int32", "uint64"])
def test_bfloat16_has_no_common_type(other):
    pytest.importorskip("ml_dtypes")
    a = np.ones((3, 5), numpy_dtype("bfloat16"))
    with pytest.raises(TypeError, match="no common type"):
        tenon.einsum("ij,jk->ik", a, np.ones((5, 4), other))
    assert (
        tenon.einsum("ij,jk->ik", a, np.ones((5, 4), other), dtype="float32", casting="same_kind").dtype == np.float32
    )


def test_integers_wrap():
    a = np.array([127, 100, -128], np.int8)
    assert tenon.einsum("i,i->", a, a) == np.einsum("i,i->", a, a)
    b = np.array([2**63, 3], np.uint64)
    assert tenon.einsum("i,i->", b, b) == np.uint64(9)


def test_bool_is_or_and():
    a = np.array([[True, True], [False, True]])
    np.testing.assert_array_equal(tenon.einsum("ij,jk->ik", a, a), np.einsum("ij,jk->ik", a, a))
    assert tenon.einsum("ij->", a) is np.True_


def test_dtype_argument():
    a, b = np.arange(6, dtype=np.float32).reshape(2, 3), np.arange(3, dtype=np.float32)
    assert tenon.einsum("ij,j", a, b, dtype=np.float64).dtype == np.float64
    assert tenon.einsum("ij,j", a, b, dtype="complex64").dtype == np.complex64
    with pytest.raises(TypeError, match="operand 0 has dtype float32, which does not cast to dtype=float16"):
        tenon.einsum("ij,j", a, b, dtype=np.float16)
    assert tenon.einsum("ij,j", a, b, dtype=np.float16, casting="same_kind").dtype == np.float16
    np.testing.assert_array_equal(
        tenon.einsum("ij,j", a + 0.7, b, dtype=np.int32, casting="unsafe"),
        np.einsum("ij,j", a + 0.7, b, dtype=np.int32, casting="unsafe"),
    )
    with pytest.raises(ValueError, match="casting must be one of"):
        tenon.einsum("ij,j", a, b, casting="loose")
    with pytest.raises(TypeError, match="names no dtype"):
        tenon.einsum("ij,j", a, b, dtype="float31")


@pytest.mark.parametrize("casting", ["no", "equiv", "safe", "same_kind", "unsafe"])
def test_casting_without_dtype(casting):
    integers, floats = np.array([2, 3, 5]), np.array([0.5, 0.25, 1.5])
    assert tenon.einsum("i,i->", floats, floats, casting=casting) == np.einsum("i,i->", floats, floats)
    if casting in ("no", "equiv"):
        for arrays, position in ([integers, floats], 0), ([floats, integers], 1):
            with pytest.raises(TypeError):
                np.einsum("i,i->", *arrays, casting=casting)
            with pytest.raises(TypeError, match=f"operand {position} has dtype int64, which does not cast to the operands' "
                                                f"common dtype float64 under casting='{casting}'"):  # fmt: skip
                tenon.einsum("i,i->", *arrays, casting=casting)
    else:
        assert tenon.einsum("i,i->", integers, floats, casting=casting) == 9.25


def test_bool_operand_with_dtype():
    a = np.array([True, False, True])
    assert tenon.einsum("i,i->", a, a, dtype=np.int64) == 2


@pytest.mark.parametrize(
    "array",
    [
        np.ones(3, np.longdouble),
        np.ones(3, np.clongdouble),
        np.array([1, "a", None], object),
        np.array(["a", "bc"]),
        np.array([b"a", b"bc"]),
        np.array(["2020-01-01"], "M8[D]"),
        np.zeros(3, [("x", "f4"), ("y", "f4")]),
    ],
    ids=lambda array: str(array.dtype),
)
def test_unsupported(array):
    with pytest.raises(TypeError, match="is not supported; Tenon computes in float16, bfloat16"):
        tenon.einsum("i->i", array)


def test_unsupported_fp8():
    ml_dtypes = pytest.importorskip("ml_dtypes")
    with pytest.raises(TypeError, match="float8_e4m3fn is not supported"):
        tenon.einsum("i->i", np.ones(3, ml_dtypes.float8_e4m3fn))


def test_lists_and_scalars():
    assert tenon.einsum("i,i", [1, 2, 3], [4, 5, 6]) == 32
    np.testing.assert_array_equal(tenon.einsum(",ij", 2.0, [[1, 2], [3, 4]]), [[2.0, 4.0], [6.0, 8.0]])
    assert tenon.einsum(",", True, True) is np.True_
    with pytest.raises(ValueError):
        tenon.einsum("ij", [[1, 2], [3]])
    with pytest.raises(TypeError, match="not supported"):
        tenon.einsum("i", ["a", "b"])


def test_no_optional_library_is_imported():
    import subprocess

    code = (
        "import sys, numpy, tenon; tenon.einsum('ij,jk', numpy.ones((2, 3)), numpy.ones((3, 4)));"
        "print([m for m in ('torch', 'jax', 'ml_dtypes', 'opt_einsum', 'cotengra') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
