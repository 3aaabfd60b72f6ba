"""Other libraries: arrays of torch and JAX, and opt_einsum and cotengra on top."""

import numpy as np
import pytest

import tenon
from oracle import check, values

RNG = np.random.default_rng(61)
A, B, C = (values(RNG, shape, "float64") for shape in [(3, 4), (4, 5), (5, 6)])
EQUATION = "ij,jk,kl->li"


def test_opt_einsum_backend():
    opt_einsum = pytest.importorskip("opt_einsum")
    check(opt_einsum.contract(EQUATION, A, B, C, backend="tenon"), EQUATION, [A, B, C])
    check(
        opt_einsum.contract("iij,jk,k->i", *(x := [np.ones((3, 3, 4)) * 7, B, B[0]]), backend="tenon"), "iij,jk,k->i", x
    )
    out = np.zeros((6, 3))
    assert opt_einsum.contract(EQUATION, A, B, C, backend="tenon", out=out) is out
    check(out, EQUATION, [A, B, C])
    expression = opt_einsum.contract_expression(EQUATION, A.shape, B, C.shape, constants=[1])
    check(expression(A, C, backend="tenon"), EQUATION, [A, B, C])
    assert opt_einsum.contract("ij,ij->", A, A, backend="tenon") == pytest.approx(np.sum(A * A))


def test_cotengra_implementation():
    cotengra = pytest.importorskip("cotengra")
    tree = cotengra.einsum_tree(EQUATION, A.shape, B.shape, C.shape)
    implementation = (tenon.einsum, tenon.tensordot)
    check(tree.contract([A, B, C], implementation=implementation), EQUATION, [A, B, C])
    tree.remove_ind_("j")
    check(tree.contract([A, B, C], implementation=implementation), EQUATION, [A, B, C])
    batched = cotengra.einsum_tree("bij,bjk,bk->bi", (2, 3, 4), (2, 4, 5), (2, 5))
    arrays = [values(RNG, shape, "complex128") for shape in [(2, 3, 4), (2, 4, 5), (2, 5)]]
    check(batched.contract(arrays, implementation=implementation), "bij,bjk,bk->bi", arrays)


TORCH_TYPES = ["float16", "bfloat16", "float32", "float64", "complex64", "complex128",
               "bool", "uint8", "int8", "int16", "int32", "int64"]  # fmt: skip


@pytest.mark.parametrize("dtype", TORCH_TYPES)
def test_torch(dtype):
    torch = pytest.importorskip("torch")
    whole = torch.arange(1, 13).reshape(3, 4)
    a = whole.to(getattr(torch, dtype))
    b = torch.arange(1, 21).reshape(5, 4).to(getattr(torch, dtype)).T
    result = tenon.einsum("ij,jk->ki", a, b)
    assert isinstance(result, torch.Tensor) and result.dtype == a.dtype
    expected = (whole.double() @ torch.arange(1, 21).reshape(5, 4).T.double()).T
    if dtype == "bool":
        assert bool(result.all())
    elif a.dtype.is_floating_point or a.dtype.is_complex:
        assert torch.equal(result, expected.to(a.dtype))
    else:
        assert torch.equal(result, expected.long().to(a.dtype))
    out = torch.zeros((5, 3), dtype=a.dtype)
    assert tenon.einsum("ij,jk->ki", a, b, out=out) is out
    assert torch.equal(out, result)


def test_torch_views_and_flags():
    torch = pytest.importorskip("torch")
    z = torch.tensor([1 + 2j, 3 - 1j])
    assert tenon.einsum("i,i->", z.conj(), z).item() == torch.vdot(z, z).item()
    assert tenon.einsum("i->i", z.conj().imag).tolist() == [-2.0, 1.0]
    assert tenon.einsum("ij->ji", torch.arange(6).reshape(2, 3)[:, 1:]).tolist() == [[1, 4], [2, 5]]
    assert tenon.einsum("ij->j", torch.ones(3).expand(4, 3)).tolist() == [4.0, 4.0, 4.0]
    tracked = torch.ones(3, requires_grad=True)
    with pytest.raises(TypeError, match="use .detach"):
        tenon.einsum("i->", tracked)
    with torch.no_grad():
        assert tenon.einsum("i->", tracked).item() == 3
    assert tenon.einsum("i->", tracked.detach()).item() == 3
    with pytest.raises(TypeError, match="to_dense"):
        tenon.einsum("ij->", torch.ones((2, 2)).to_sparse())
    with pytest.raises(TypeError, match="on the device meta"):
        tenon.einsum("i->", torch.ones(3, device="meta"))
    with pytest.raises(ValueError, match="pending conjugation"):
        tenon.einsum("i->i", z, out=torch.zeros(2, dtype=torch.complex64).conj())
    with pytest.raises(TypeError, match="out has dtype float32"):
        tenon.einsum("i->i", z, out=torch.zeros(2))


def test_torch_in_place_and_mixed():
    torch = pytest.importorskip("torch")
    a = torch.arange(9.0).reshape(3, 3)
    expected = (a @ a).T.clone()
    tenon.einsum("ij,jk->ki", a, a, out=a)
    assert torch.equal(a, expected)
    assert isinstance(tenon.einsum("ij,jk->ik", A, torch.from_numpy(B)), np.ndarray)
    assert isinstance(tenon.einsum("ij,jk->ik", torch.from_numpy(A), B), torch.Tensor)
    assert isinstance(tenon.einsum(",jk->jk", 2.0, torch.from_numpy(B)), torch.Tensor)
    assert isinstance(tenon.tensordot(torch.from_numpy(A), torch.from_numpy(B), 1), torch.Tensor)
    assert tenon.transpose(torch.from_numpy(A)).shape == (4, 3)
    expression = tenon.contract_expression("ij,jk->ik", A.shape, B.shape)
    assert isinstance(expression(torch.from_numpy(A), torch.from_numpy(B)), torch.Tensor)
    assert tenon.einsum("ij->", torch.from_numpy(A)).shape == ()
    assert tenon.contract_expression("i->i", (3,), dtype=torch.float32).result_dtype == "float32"
    mantissa, exponent = tenon.einsum("ij->ij", torch.from_numpy(A), strip_exponent=True)
    assert torch.allclose(mantissa * 10**exponent, torch.from_numpy(A))


def test_torch_results_of_several_expressions():
    torch = pytest.importorskip("torch")
    compiled = tenon.contract_expressions([("ij,jk->ki", [0, 1]), ("ij->j", [0])], A.shape, B.shape)
    first, second = compiled(torch.from_numpy(A), B)
    assert isinstance(first, torch.Tensor) and isinstance(second, torch.Tensor)
    check(first.numpy(), "ij,jk->ki", [A, B])
    check(second.numpy(), "ij->j", [A])
    out = torch.zeros((5, 3), dtype=torch.float64)
    assert compiled(A, B, out=[out, None])[0] is out
    check(out.numpy(), "ij,jk->ki", [A, B])


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "complex64", "bool", "uint8", "int32"])
def test_jax(dtype):
    jax = pytest.importorskip("jax")
    a = jax.numpy.arange(1, 13).reshape(3, 4).astype(dtype)
    b = jax.numpy.arange(1, 21).reshape(5, 4).astype(dtype).T
    result = tenon.einsum("ij,jk->ki", a, b)
    assert isinstance(result, jax.Array) and result.dtype == a.dtype
    whole = (np.arange(1, 13).reshape(3, 4) @ np.arange(1, 21).reshape(5, 4).T).T
    np.testing.assert_array_equal(np.asarray(result), whole.astype(bool if dtype == "bool" else a.dtype))
    assert tenon.transpose(a).shape == (4, 3)
    with pytest.raises(TypeError, match="cannot be written"):
        tenon.einsum("ij,jk->ki", a, b, out=result)


def test_jax_wide_types_and_tracers():
    jax = pytest.importorskip("jax")
    mixed = tenon.einsum("ij,jk->ik", jax.numpy.ones((2, 3)), np.ones((3, 4)))
    assert mixed.dtype == np.float32  # float64, which JAX holds as float32 without jax_enable_x64
    with pytest.raises(TypeError, match="cannot be traced"):
        jax.jit(lambda x: tenon.einsum("i->", x))(jax.numpy.ones(3))


def test_operands_are_read_in_place():
    from tenon._arrays import load

    reversed_view = A[::-2, ::-1]
    assert load(reversed_view).carrier is reversed_view
    assert load(memoryview(A)).carrier.ctypes.data == A.ctypes.data


def test_torch_tensors_are_read_and_written_in_place():
    torch = pytest.importorskip("torch")
    from tenon._arrays import TORCH, load

    for dtype in (torch.float32, torch.bfloat16, torch.bool):
        tensor = torch.ones((4, 6), dtype=dtype)[:, 1::2].T
        assert load(tensor).carrier.ctypes.data == tensor.data_ptr()
        assert load(tensor).carrier.shape == (3, 4)
    memory = np.zeros(3)
    assert TORCH.wrap(memory, load(memory).dtype).data_ptr() == memory.ctypes.data


def test_jax_arrays_are_read_in_place():
    jax = pytest.importorskip("jax")
    from tenon._arrays import load

    for dtype in ("float32", "bfloat16", "int8"):
        array = jax.numpy.ones((4, 6), dtype)
        assert load(array).carrier.ctypes.data == array.unsafe_buffer_pointer()
