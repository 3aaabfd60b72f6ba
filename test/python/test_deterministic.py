"""deterministic=True: the same bits for every number of threads."""

import numpy as np
import pytest

import tenon
from oracle import check

# Sums over slices, matrix-vector products, dot products and plain products, whose order of addition could depend on
# who computes what.
FAMILY = [
    ("ab,bc,cd,de,ea->", [(14, 15), (15, 16), (16, 17), (17, 18), (18, 14)]),
    ("ij,j->i", [(1003, 700), (700,)]),
    ("ijk,k->ij", [(211, 10, 300), (300,)]),
    ("ij,i->j", [(300, 2500), (300,)]),
    ("bij,bj->bi", [(3, 500, 411), (3, 411)]),
    ("ij,jk,k->i", [(150, 260), (260, 310), (310,)]),
    ("ijk,klm->ijlm", [(20, 30, 70), (70, 40, 11)]),
    ("abc,cde,efa->bdf", [(16, 17, 18), (18, 19, 20), (20, 21, 16)]),
]


def bits(equation, arrays, **options):
    return np.asarray(tenon.einsum(equation, *arrays, **options)).tobytes()


@pytest.mark.parametrize("dtype", ["float32", "float64", "complex64"])
@pytest.mark.parametrize("slices", [1, 5])
@pytest.mark.parametrize("equation, shapes", FAMILY, ids=lambda x: x if isinstance(x, str) else "")
def test_same_bits_for_every_number_of_threads(equation, shapes, slices, dtype):
    rng = np.random.default_rng(len(equation) + slices)
    arrays = [rng.standard_normal(shape).astype(dtype) for shape in shapes]
    if dtype == "complex64":
        arrays = [a + 1j * rng.standard_normal(a.shape).astype("float32") for a in arrays]
    options = {"deterministic": True, "optimize": f"method=auto min-slices={slices}"}
    first = bits(equation, arrays, threads=1, **options)
    for threads in (2, 3, 4):
        assert bits(equation, arrays, threads=threads, **options) == first
    check(tenon.einsum(equation, *arrays, threads=3, **options), equation, arrays)


def test_sums_over_slices_depend_on_threads_without_it():
    equation, shapes = FAMILY[0]
    rng = np.random.default_rng(3)
    arrays = [rng.standard_normal(shape).astype("float32") for shape in shapes]
    found = {bits(equation, arrays, threads=n, optimize="method=auto min-slices=5") for n in (1, 2, 3, 4)}
    assert len(found) > 1


def test_memory_limit_is_kept_by_fewer_threads():
    shapes = [(300, 310), (310, 320), (320, 330)]
    rng = np.random.default_rng(4)
    arrays = [rng.standard_normal(shape).astype("float32") for shape in shapes]
    found = set()
    for threads in (1, 2, 4):
        expression = tenon.contract_expression(
            "ab,bc,cd->ad", *shapes, dtype="float32", memory_limit="900kB", threads=threads, deterministic=True
        )
        assert expression.plan.peak_bytes <= 900_000
        found.add(expression(*arrays).tobytes())
    assert len(found) == 1


def test_expressions_take_it():
    a, b = np.ones((3, 4)), np.ones((4, 5))
    np.testing.assert_array_equal(tenon.contract_expression("ij,jk->ik", (3, 4), (4, 5), deterministic=True)(a, b), a @ b)
    np.testing.assert_array_equal(tenon.array_contract([a, b], ["ij", "jk"], "ik", deterministic=True), a @ b)
    expression = tenon.array_contract_expression(["ij", "jk"], "ik", shapes=[(3, 4), (4, 5)], deterministic=True)
    assert "scf.forall" not in expression.mlir("schedule")
    tenon.contract_path("ij,jk->ik", a, b, deterministic=True)


@pytest.mark.parametrize("bad", [1, "yes", None])
def test_it_is_a_bool(bad):
    with pytest.raises(TypeError, match="deterministic must be True or False"):
        tenon.einsum("i->", np.ones(3), deterministic=bad)
