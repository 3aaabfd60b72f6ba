"""strip_exponent=True."""

import math
import string

import numpy as np
import pytest

import tenon
from oracle import FLOATS, values


@pytest.mark.parametrize("dtype", FLOATS)
def test_mantissa_and_exponent(dtype):
    if dtype == "bfloat16":
        pytest.importorskip("ml_dtypes")
    rng = np.random.default_rng(51)
    arrays = [values(rng, (3, 4), dtype) * 37, values(rng, (4, 5), dtype) / 64]
    mantissa, exponent = tenon.einsum("ij,jk->ik", *arrays, strip_exponent=True)
    assert isinstance(exponent, float) and mantissa.dtype == arrays[0].dtype
    plain = np.asarray(tenon.einsum("ij,jk->ik", *arrays)).astype(complex)
    unit = {"float16": 2**-10, "bfloat16": 2**-7}.get(dtype, 1e-6)
    np.testing.assert_allclose(mantissa.astype(complex) * 10**exponent, plain, rtol=2 * unit, atol=1e-30)
    largest = max(np.max(np.abs(mantissa.real.astype(float))), np.max(np.abs(mantissa.astype(complex).imag)))
    assert 0.5 <= largest < 1


def test_results_beyond_the_range_of_the_type():
    a = np.array([1e300, 2e300])
    assert np.isinf(np.einsum("i,i,i->", a, a, a))
    mantissa, exponent = tenon.einsum("i,i,i->", a, a, a, strip_exponent=True)
    assert math.log10(mantissa) + exponent == pytest.approx(900 + math.log10(9), rel=1e-12)
    tiny = np.array([1e-30, 3e-30], np.float32)
    mantissa, exponent = tenon.einsum("i,i->", tiny, tiny, strip_exponent=True)
    assert math.log10(mantissa) + exponent == pytest.approx(-59, rel=1e-6)


@pytest.mark.parametrize("dtype", ["float32", "complex128"])
def test_layouts_of_results(dtype):
    # A transposed, a reversed and a strided `out` are scaled where they lie.
    rng = np.random.default_rng(11)
    a, b = values(rng, (5, 6), dtype) * 1000, values(rng, (6, 7), dtype) * 700
    plain = np.asarray(tenon.einsum("ij,jk->ik", a, b))
    room = np.full((5, 20), 3.0, dtype)
    for out in (np.zeros((7, 5), dtype).T, np.zeros((5, 7), dtype)[::-1, ::-1], room[:, 1:15:2]):
        mantissa, exponent = tenon.einsum("ij,jk->ik", a, b, out=out, strip_exponent=True)
        assert mantissa is out
        largest = max(np.abs(out.real).max(), np.abs(out.imag).max())
        assert 0.5 <= largest < 1
        np.testing.assert_allclose(out * 10**exponent, plain, rtol=1e-5, atol=1e-5 * np.abs(plain).max())
    assert (room[:, 0::2] == 3).all() and (room[:, 15:] == 3).all()


def test_operands_are_left_alone():
    a = np.array([[8.0, 3.0]])
    a.setflags(write=False)
    assert tenon.einsum("ij->", a, strip_exponent=True) == (11 / 16, 4 * math.log10(2))


def test_zero_empty_and_not_finite():
    assert tenon.einsum("i,i->", np.zeros(3), np.ones(3), strip_exponent=True)[0] == 0
    assert tenon.einsum("i->", np.zeros(0), strip_exponent=True) == (0.0, 0.0)
    assert np.isnan(tenon.einsum("i->", np.array([np.nan, 1.0]), strip_exponent=True)[0])
    assert np.isinf(tenon.einsum("i->", np.array([np.inf, 1.0]), strip_exponent=True)[0])


def test_out_and_expressions():
    a, b = np.full((2, 3), 6.0), np.full((3, 4), 10.0)
    out = np.zeros((2, 4))
    mantissa, exponent = tenon.einsum("ij,jk->ik", a, b, out=out, strip_exponent=True)
    assert mantissa is out
    np.testing.assert_allclose(out * 10**exponent, a @ b, rtol=1e-14)
    expression = tenon.contract_expression("ij,jk->ik", a.shape, b, constants=[1])
    mantissa, exponent = expression(a, strip_exponent=True)
    np.testing.assert_allclose(mantissa * 10**exponent, a @ b, rtol=1e-14)


def test_integers_have_no_exponent():
    with pytest.raises(TypeError, match="needs floating-point values, not int64"):
        tenon.einsum("i->", np.arange(3), strip_exponent=True)


def log10_of(number: int) -> float:
    digits = str(number)
    return math.log10(int(digits[:17])) + len(digits) - len(digits[:17])


@pytest.mark.parametrize("optimize", ["auto", False, "greedy"])
@pytest.mark.parametrize("dtype", ["float64", "complex128", "float32", "complex64"])
def test_a_model_count_beyond_the_range(dtype, optimize):
    # Independent sets of a path of 2,000 vertices: a Fibonacci number of 419 digits. Counts of parts of the path leave
    # the range on the way.
    count = 2000
    edge, end = np.array([[1, 1], [1, 0]], dtype), np.array([1, 1], dtype)
    inputs = [(0,), *((k, k + 1) for k in range(count - 1)), (count - 1,)]
    arrays = [end, *[edge] * (count - 1), end]
    expression = tenon.array_contract_expression(
        inputs, (), shapes=[a.shape for a in arrays], dtype=dtype, optimize=optimize
    )
    mantissa, exponent = expression(*arrays, strip_exponent=True)
    before, here = 1, 2
    for _ in range(count - 1):
        before, here = here, before + here
    unit = 2**-53 if dtype in ("float64", "complex128") else 2**-24
    # A product of 2,000 matrices, each with a rounding or two.
    assert log10_of(here) > 400
    assert math.log10(abs(mantissa)) + exponent == pytest.approx(log10_of(here), abs=8 * count * unit)
    assert 0.5 <= abs(mantissa) < 1


@pytest.mark.parametrize("dtype", ["float64", "float32", "complex128"])
def test_the_norm_of_an_mps_that_vanishes(dtype):
    rng = np.random.default_rng(7)
    sites, bond = 300, 6
    shapes = [(2, bond), *[(bond, 2, bond)] * (sites - 2), (bond, 2)]
    tensors = [(0.03 * values(rng, shape, "float64")).astype(dtype) for shape in shapes]
    if dtype == "complex128":
        tensors = [a * np.exp(1j * a.real) for a in tensors]
    inputs, upper, lower = [], 1000, 2000
    for layer in (upper, lower):
        for k in range(sites):
            left, right = (layer + k - 1,), (layer + k,)
            inputs.append((left if k else ()) + (k,) + (right if k + 1 < sites else ()))
    arrays = [*tensors, *[np.conj(a) for a in tensors]]
    # The same by transfer matrices, scaled after each site.
    wide = [a.astype(np.complex128) for a in tensors]
    left, expected = np.einsum("pa,pb->ab", wide[0], wide[0].conj()), 0.0
    for tensor in wide[1:-1]:
        left = np.einsum("ab,apc,bpd->cd", left, tensor, tensor.conj())
        expected += math.log10(np.abs(left).max())
        left /= np.abs(left).max()
    expected += math.log10(abs(np.einsum("ab,ap,bp->", left, wide[-1], wide[-1].conj())))
    assert expected < -310
    expression = tenon.array_contract_expression(inputs, (), shapes=[a.shape for a in arrays], dtype=dtype)
    assert expression(*arrays) == 0 or dtype != "float32"
    mantissa, exponent = expression(*arrays, strip_exponent=True)
    unit = 2**-24 if dtype == "float32" else 2**-53
    assert math.log10(abs(mantissa)) + exponent == pytest.approx(expected, abs=100 * sites * unit)


def test_intermediates_leave_the_range_in_both_directions():
    # (1e200 * 1e200) and (1e-200 * 1e-200), and one result in between; with an outer index that is kept.
    big, small = np.full((3, 3), 1e200), np.full((3, 3), 1e-200)
    path = [(0, 1), (0, 1), (0, 1)]
    mantissa, exponent = tenon.einsum("ij,jk,kl,lm->im", big, big, small, small, optimize=path, strip_exponent=True)
    np.testing.assert_allclose(mantissa * 10**exponent, np.full((3, 3), 27.0), rtol=1e-12)


def test_what_cannot_be_scaled_is_run_as_ever():
    # Slices are loops: nothing is taken out, and a result within the range is right.
    rng = np.random.default_rng(3)
    a, b, c = (values(rng, (40, 40), "float64") for _ in range(3))
    plain = a @ b @ c
    expression = tenon.contract_expression("ij,jk,kl->il", a.shape, b.shape, c.shape, memory_limit=20000, threads=1)
    assert expression.plan.slices > 1
    mantissa, exponent = expression(a, b, c, strip_exponent=True)
    np.testing.assert_allclose(mantissa * 10**exponent, plain, rtol=1e-10, atol=1e-9)
    half = np.full((4, 4), 2.0, np.float16)
    mantissa, exponent = tenon.einsum("ij,jk,kl->il", half, half, half, strip_exponent=True)
    assert (mantissa.astype(float) * 10**exponent)[0, 0] == pytest.approx(128, rel=1e-3)


def test_slices_of_large_numbers():
    # Terms of a sum over slices are not scaled: operands are divided beforehand, as each might be harmless by itself.
    count = 10
    matrices = [np.full((40, 40), 3e4, np.float32)] * count
    labels = "abcdefghijk"
    equation = ",".join(labels[i : i + 2] for i in range(count)) + "->" + labels[0] + labels[count]
    expression = tenon.contract_expression(
        equation, *[(40, 40)] * count, dtype="float32", memory_limit=20000, threads=1
    )
    assert expression.plan.slices > 1
    mantissa, exponent = expression(*matrices, strip_exponent=True)
    expected = count * math.log10(3e4) + (count - 1) * math.log10(40)
    np.testing.assert_allclose(np.log10(mantissa.astype(float)) + exponent, expected, rtol=1e-6)


@pytest.mark.parametrize("size", [1e38, 1e-37])
def test_constants_of_extreme_numbers(size):
    constant = np.full((4, 4), size, np.float32)
    expression = tenon.contract_expression("ij,jk->ik", (4, 4), constant, constants=[1], dtype="float32")
    mantissa, exponent = expression(np.full((4, 4), 100, np.float32), strip_exponent=True)
    np.testing.assert_allclose(np.log10(mantissa.astype(float)) + exponent, math.log10(size) + math.log10(400), rtol=1e-6)


def test_networks_that_run_in_tiles_are_scaled_whole():
    # A tensor between the first contractions is computed tile by tile, and the chain behind them overflows, however small
    # its operands are.
    rng = np.random.default_rng(3)
    length = 40
    shapes = [(60, 8, 8, 8), (60, 8, 8, 8), (20, 8, 8, 8), (20, 8, 8, 8), *[(20, 20)] * length]
    letters = ("d" + string.ascii_letters[10:])[: length + 1]
    chain = "".join(f",{a}{b}" for a, b in zip(letters, letters[1:]))
    equation = f"aefg,behi,cfhj,dgij{chain}->abc{letters[-1]}"
    arrays = [rng.uniform(0.5, 1, shape).astype("f4") for shape in shapes]
    path = [(0, 2), (1, length + 2), (0, length + 1), *[(0, k) for k in range(length, 0, -1)]]
    expression = tenon.contract_expression(equation, *shapes, dtype="float32", optimize=path)
    assert "scf.for" in expression.mlir("plan")
    assert np.isinf(expression(*arrays)).all()
    mantissa, exponent = expression(*arrays, strip_exponent=True)
    expected = np.einsum(equation, *[a.astype("f8") for a in arrays], optimize=["einsum_path", *path])
    largest = expected.max()
    assert math.log10(mantissa.max()) + exponent == pytest.approx(math.log10(largest), rel=1e-5)
    np.testing.assert_allclose(mantissa * 10 ** (exponent - math.log10(largest)), expected / largest, rtol=1e-4)
