"""Pairs of contractions that run tile by tile (tn-fuse, and the quick start's loops)."""

import numpy as np
import pytest

import tenon

# Two loops, of which the one that threads share has no rest of its own, and the other has.
CHAIN = "ikx,kp,xl->pil", [(67, 41, 509), (41, 509), (509, 7)]


def whole_numbers(shapes, dtype="f4"):
    rng = np.random.default_rng(7)
    return [rng.integers(-3, 4, shape).astype(dtype) for shape in shapes]


@pytest.mark.parametrize("quick", ["1", "0"])
def test_threads_do_not_write_each_others_tiles(quick, monkeypatch):
    monkeypatch.setenv("TENON_QUICK_START", quick)
    tenon.cache_clear()
    equation, shapes = CHAIN
    arrays = whole_numbers(shapes)
    expected = np.einsum(equation, *[a.astype("f8") for a in arrays], optimize=["einsum_path", (0, 1), (0, 1)])
    expression = tenon.contract_expression(equation, *shapes, dtype="float32", optimize=[(0, 1), (0, 1)], threads=2)
    for _ in range(20):
        assert np.array_equal(expression(*arrays), expected)


@pytest.mark.parametrize(
    "equation, shapes",
    [
        ("ik,kn,np->ip", [(7163, 16), (16, 640), (640, 39)]),
        ("ikx,kp,xl->pli", [(41, 11, 1031), (11, 509), (1031, 41)]),
        ("ipk,ikx,xl->ilp", [(197, 53, 7), (197, 7, 257), (257, 37)]),
    ],
)
@pytest.mark.parametrize("quick", ["1", "0"])
def test_deterministic_results_have_the_bits_of_one_thread(equation, shapes, quick, monkeypatch):
    monkeypatch.setenv("TENON_QUICK_START", quick)
    tenon.cache_clear()
    rng = np.random.default_rng(5)
    arrays = [(rng.random(shape) + 1j * rng.random(shape)).astype("c8") for shape in shapes]

    def run(threads):
        expression = tenon.contract_expression(
            equation, *shapes, dtype="complex64", optimize=[(0, 1), (0, 1)], threads=threads, deterministic=True
        )
        return expression(*arrays).tobytes()

    alone = run(1)
    assert run(2) == alone and run(3) == alone


def test_tiles_that_keep_a_memory_limit_stay_where_exponents_are_stripped():
    equation, shapes = "ipk,kx,xl->pil", [(331, 509, 17), (17, 101), (101, 131)]
    arrays = whole_numbers(shapes)
    expression = tenon.contract_expression(
        equation, *shapes, dtype="float32", optimize=[(0, 1), (0, 1)], threads=2, memory_limit="30MB"
    )
    plain = expression(*arrays)
    mantissa, exponent = expression(*arrays, strip_exponent=True)
    np.testing.assert_allclose(mantissa.astype("f8") * 10**exponent, plain, rtol=1e-5, atol=1e-5 * np.abs(plain).max())
