"""Memory of operands and results: any layout is read in place, and out= is written where it lies."""

import array as array_module
import warnings

import numpy as np
import pytest

import tenon
from oracle import check, values

RNG = np.random.default_rng(11)
A = values(RNG, (6, 8), "float64")
B = values(RNG, (8, 10), "float64")


@pytest.mark.parametrize(
    "view",
    [
        lambda x: np.asfortranarray(x),
        lambda x: x[::-1],
        lambda x: x[:, ::-1],
        lambda x: np.repeat(x, 3, axis=0)[::3],
        lambda x: np.repeat(x, 2, axis=1)[::-1, ::2],
        lambda x: np.broadcast_to(x[:1], x.shape),
        lambda x: np.lib.stride_tricks.sliding_window_view(np.arange(13.0), 8),
    ],
)
def test_strides(view):
    a = view(A)
    a.setflags(write=False)
    check(tenon.einsum("ij,jk->ki", a, B), "ij,jk->ki", [a, B])


def test_misaligned_swapped_and_field_arrays():
    swapped = A.astype(">f8")
    check(tenon.einsum("ij,jk->ki", swapped, B), "ij,jk->ki", [A, B])
    memory = np.zeros(A.nbytes + 1, np.uint8)
    misaligned = memory[1:].view(np.float64).reshape(A.shape)
    misaligned[...] = A
    assert not misaligned.flags.aligned
    check(tenon.einsum("ij,jk->ki", misaligned, B), "ij,jk->ki", [A, B])
    records = np.zeros(7, [("x", "f8"), ("z", "c16")])
    records["z"] = values(RNG, (7,), "complex128")
    assert records["z"].strides == (24,)
    check(tenon.einsum("i,i", records["z"], records["z"]), "i,i", [records["z"], records["z"]])


def test_swapped_bfloat16():
    ml_dtypes = pytest.importorskip("ml_dtypes")
    a = np.arange(5, dtype=ml_dtypes.bfloat16)
    assert tenon.einsum("i,i", a, a[::-1]) == 10


def test_matrices():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PendingDeprecationWarning)
        whole, row, out = np.matrix(A), np.matrix(A[:1]), np.matrix(np.zeros(A.shape))
    for equation in ("ij,ij->ij", "ij,ij->j", "ij,ij->"):
        check(tenon.einsum(equation, row, whole), equation, [A[:1], A])
        check(tenon.contract_expression(equation, row, A.shape, constants=[0])(whole), equation, [A[:1], A])
    check(tenon.einsum("ij,jk->ki", whole, B), "ij,jk->ki", [A, B])
    check(tenon.einsum("ij,ij->i", whole[:, :1], whole), "ij,ij->i", [A[:, :1], A])
    assert tenon.einsum("ij,ij->ij", row, whole, out=out) is out
    check(np.asarray(out), "ij,ij->ij", [A[:1], A])
    mantissa, exponent = tenon.einsum("ij,ij->ij", row, whole, strip_exponent=True)
    np.testing.assert_allclose(mantissa * 10**exponent, A[:1] * A, rtol=1e-13)


def test_other_objects():
    buffer = array_module.array("d", [1.0, 2.0, 3.0])
    assert tenon.einsum("i,i", buffer, memoryview(b"\1\2\3")) == 14

    class Interface:
        __array_interface__ = A.__array_interface__

    np.testing.assert_array_equal(tenon.einsum("ij->ji", Interface()), A.T)

    class DLPack:
        def __dlpack__(self, **options):
            return A.__dlpack__(**options)

        def __dlpack_device__(self):
            return A.__dlpack_device__()

    np.testing.assert_array_equal(tenon.einsum("ij->ji", DLPack()), A.T)

    class Elsewhere(DLPack):
        def __dlpack_device__(self):
            return (2, 0)

    with pytest.raises(TypeError, match="not on the CPU"):
        tenon.einsum("ij->ji", Elsewhere())
    np.testing.assert_array_equal(tenon.einsum("ij->ji", np.ma.masked_array(A)), A.T)


def test_results():
    assert isinstance(tenon.einsum("ij->", A), np.float64)
    view = tenon.einsum("ij->ij", A)
    assert not np.shares_memory(view, A)
    assert view.flags.c_contiguous and view.flags.writeable
    assert tenon.einsum("ij->ji", A, order="F").flags.f_contiguous
    assert tenon.einsum("ij->ji", A.T, order="A").flags.f_contiguous
    assert tenon.einsum("ij->ji", A, order="A").flags.c_contiguous
    np.testing.assert_array_equal(tenon.einsum("ij->ji", A, order="F"), A.T)
    with pytest.raises(ValueError, match="order must be one of"):
        tenon.einsum("ij->ji", A, order="X")


def test_out():
    out = np.full((10, 6), np.nan)
    assert tenon.einsum("ij,jk->ki", A, B, out=out) is out
    check(out, "ij,jk->ki", [A, B])
    memory = np.zeros((12, 20))
    strided = memory[::-2, 1::2]
    tenon.einsum("ij,jk->ik", A, B, out=strided)
    check(strided.copy(), "ij,jk->ik", [A, B])
    assert not memory[:, ::2].any() and not memory[::2].any()
    scalar = np.zeros(())
    assert tenon.einsum("ij->", A, out=scalar) is scalar
    check(scalar, "ij->", [A])
    fortran = np.zeros((6, 10), order="F")
    tenon.einsum("ij,jk->ik", A, B, out=fortran)
    check(fortran, "ij,jk->ik", [A, B])


def test_out_may_overlap_operands():
    square = values(RNG, (7, 7), "float64")
    expected = np.einsum("ij,jk->ki", square, square)
    memory = square.copy()
    tenon.einsum("ij,jk->ki", memory, memory, out=memory)
    np.testing.assert_allclose(memory, expected, rtol=1e-13, atol=1e-13)
    memory = np.zeros((8, 7))
    memory[:7] = square
    tenon.einsum("ij,jk->ki", memory[:7], memory[:7], out=memory[1:])
    np.testing.assert_allclose(memory[1:], expected, rtol=1e-13, atol=1e-13)
    transposed = square.copy()
    tenon.einsum("ij->ji", transposed, out=transposed)
    np.testing.assert_array_equal(transposed, square.T)


def test_out_of_another_type_or_layout():
    wide = np.zeros((6, 6), np.complex128)
    tenon.einsum("ij,kj->ik", A.astype(np.float32), A.astype(np.float32), out=wide)
    np.testing.assert_allclose(wide, A @ A.T, rtol=1e-4, atol=1e-4)
    swapped = np.zeros((6, 10), ">f8")
    tenon.einsum("ij,jk->ik", A, B, out=swapped)
    check(swapped.astype(float), "ij,jk->ik", [A, B])
    memory = np.zeros(6 * 10 * 8 + 1, np.uint8)
    misaligned = memory[1:].view(np.float64).reshape(6, 10)
    tenon.einsum("ij,jk->ik", A, B, out=misaligned)
    check(misaligned.copy(), "ij,jk->ik", [A, B])


@pytest.mark.parametrize(
    "out, error, message",
    [
        (np.zeros((6, 9)), ValueError, "out has the shape (6, 9); the result has (6, 10)"),
        (np.zeros((6, 10, 1)), ValueError, "out has the shape"),
        (np.zeros((6, 10), np.float32), TypeError, "out has dtype float32, to which the result's float64"),
        (np.zeros((6, 10), np.int64), TypeError, "out has dtype int64"),
        (np.zeros((6, 10), np.longdouble), TypeError, "not supported"),
        (np.broadcast_to(np.zeros(10), (6, 10)), ValueError, "out is read-only"),
        ([[0.0] * 10] * 6, TypeError, "out must be a NumPy array or a torch tensor, not list"),
    ],
)
def test_out_that_does_not_fit(out, error, message):
    with pytest.raises(error) as caught:
        tenon.einsum("ij,jk->ik", A, B, out=out)
    assert message in str(caught.value)


def test_out_whose_elements_share_memory():
    memory = np.zeros(10)
    repeated = np.lib.stride_tricks.as_strided(memory, (6, 10), (0, 8), writeable=True)
    tenon.einsum("ij,jk->ik", np.ones_like(A), np.ones_like(B), out=repeated)
    np.testing.assert_array_equal(memory, 8.0)


def test_out_of_bfloat16():
    ml_dtypes = pytest.importorskip("ml_dtypes")
    a = np.arange(12).reshape(3, 4).astype(ml_dtypes.bfloat16)
    out = np.zeros((4, 3), ml_dtypes.bfloat16)
    assert tenon.einsum("ij->ji", a, out=out) is out
    np.testing.assert_array_equal(out.astype(float), np.arange(12.0).reshape(3, 4).T)
    wide = np.zeros((4, 3))
    tenon.einsum("ij->ji", a, out=wide)
    np.testing.assert_array_equal(wide, np.arange(12.0).reshape(3, 4).T)
