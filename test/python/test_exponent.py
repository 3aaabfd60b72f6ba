"""strip_exponent=True."""

import math

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
