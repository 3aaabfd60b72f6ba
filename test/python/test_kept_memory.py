"""Large results and intermediates lie in memory that the process keeps: they are arrays like any other."""

import os
import subprocess
import sys
import tracemalloc

import numpy as np
import pytest
import tenon

LARGE = 1100, 1000  # 4.2 MiB of f32


@pytest.fixture(autouse=True)
def trimmed():
    tenon.trim_memory()
    yield
    tenon.trim_memory()


def outer(seed=0):
    rng = np.random.default_rng(seed)
    a, b = rng.integers(-9, 9, LARGE[0]).astype("f4"), rng.integers(-9, 9, LARGE[1]).astype("f4")
    return tenon.einsum("i,j->ij", a, b), np.multiply.outer(a, b)


def test_a_result_lies_where_the_last_one_lay():
    first, expected = outer()
    assert np.array_equal(first, expected)
    address = first.ctypes.data
    assert address % (2 << 20) == 0 and first.flags.owndata and first.flags.c_contiguous
    second, also = outer(1)
    assert second.ctypes.data != address
    del first
    third, expected = outer(2)
    assert third.ctypes.data == address
    assert np.array_equal(third, expected) and np.array_equal(second, also)
    del second, third
    assert tenon.trim_memory() == 2 * (6 << 20)
    assert tenon.trim_memory() == 0


def test_small_results_are_numpys():
    result = tenon.einsum("i,j->ij", np.ones(10), np.ones(10))
    del result
    assert tenon.trim_memory() == 0


@pytest.mark.parametrize("order", ["C", "F"])
def test_order_and_library_are_as_ever(order):
    a = np.arange(np.prod(LARGE), dtype="f4").reshape(LARGE)
    result = tenon.einsum("ij->ij", a, order=order)
    assert result.flags[f"{order}_CONTIGUOUS"] and np.array_equal(result, a)


def test_arrays_can_be_resized_viewed_and_pickled():
    result, expected = outer()
    result.resize((LARGE[0] + 1, LARGE[1]), refcheck=False)
    assert np.array_equal(result[:-1], expected) and not result[-1].any()
    result.resize((3, 5), refcheck=False)
    assert np.array_equal(result.ravel(), expected.ravel()[:15])
    result, expected = outer()
    result.dtype = np.int32
    result.shape = (-1,)
    assert np.array_equal(result.view("f4"), expected.ravel())
    view = outer()[0][::2]
    assert np.array_equal(view, expected[::2])


def test_tracemalloc_counts_results():
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        result, _ = outer()
        assert tracemalloc.get_traced_memory()[0] - before >= result.nbytes
    finally:
        tracemalloc.stop()


def test_what_is_too_large_is_an_error_of_numpy():
    a = np.broadcast_to(np.float32(1), (1 << 24,))
    with pytest.raises(MemoryError, match="Unable to allocate"):
        tenon.einsum("i,j->ij", a, a)
    # The handler of NumPy's own arrays is in place again.
    assert np.array_equal(outer()[0], outer()[1])


def run(code, **environment):
    return subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )


CODE = """
import numpy as np, tenon
a = np.ones(3000, "f4")
r = tenon.einsum("i,j->ij", a, a)
del r
print(tenon.trim_memory() >> 20)
"""


def test_the_environment_bounds_what_is_kept():
    assert run(CODE).stdout == "36\n"
    assert run(CODE, TENON_KEPT_MEMORY="0").stdout == "0\n"
    assert run(CODE, TENON_KEPT_MEMORY=str(36 << 20)).stdout == "36\n"
    assert run(CODE, TENON_KEPT_MEMORY=str((36 << 20) - 1)).stdout == "0\n"
    done = run(CODE, TENON_KEPT_MEMORY="much")
    assert done.stdout == "36\n"
    assert "TENON_KEPT_MEMORY is 'much'; expected a number of bytes" in done.stderr


def test_limited_addresses_are_left_to_others():
    run(
        """
import resource, numpy as np, tenon
a = np.ones(8000, "f4")
r = tenon.einsum("i,j->ij", a[:10], a[:10])
size = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize() + int(2.6 * 8000 * 8000 * 4)
resource.setrlimit(resource.RLIMIT_AS, (size, size))
r = [tenon.einsum("i,j->ij", a, a) for _ in range(2)]
del r
np.empty((2 * 8000, 8000), "f4")
"""
    )


def test_results_outlive_the_module_and_forks():
    run(
        """
import os, numpy as np, tenon
a = np.ones(3000, "f4")
kept = tenon.einsum("i,j->ij", a, a)
child = os.fork()
if child == 0:
    r = tenon.einsum("i,j->ij", a, a)
    del kept
    r = tenon.einsum("i,j->ij", a, a)
    assert r.sum() == 9e6
    os._exit(0)
assert os.waitpid(child, 0)[1] == 0
assert kept.sum() == 9e6
np.kept = kept  # freed when the interpreter ends
"""
    )


def test_arenas_are_kept_too():
    rng = np.random.default_rng(0)
    a, b, c = (rng.standard_normal(shape).astype("f4") for shape in ((4000, 3), (3, 4000), (4000, 4000)))
    # Nothing is left of it in the result, so there is no loop over its tiles.
    expression = tenon.contract_expression(
        "ij,jk,ik->", a.shape, b.shape, c.shape, optimize=[(0, 1), (0, 1)], dtype="float32"
    )
    terms = (a.astype("f8") @ b) * c
    assert abs(expression(a, b, c) - terms.sum()) <= 1e-5 * abs(terms).sum()
    kept = tenon.trim_memory()
    assert kept >= 4000 * 4000 * 4
