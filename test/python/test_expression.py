"""Expression objects, constants, index lists, ncon, tensordot, and the cache."""

import numpy as np
import pytest

import tenon
from oracle import check, values

RNG = np.random.default_rng(31)
A, B, C = (values(RNG, shape, "float64") for shape in [(3, 4), (4, 5), (5, 6)])


def test_expression():
    expression = tenon.contract_expression("ij,jk,kl->il", A.shape, B.shape, C.shape)
    check(expression(A, B, C), "ij,jk,kl->il", [A, B, C])
    out = np.zeros((3, 6))
    assert expression(A, B, C, out=out) is out
    check(out, "ij,jk,kl->il", [A, B, C])
    assert expression.equation == "ij,jk,kl->il"
    assert expression.shapes == ((3, 4), (4, 5), (5, 6)) and expression.result_shape == (3, 6)
    assert expression.dtypes == ("float64",) * 3 and expression.result_dtype == "float64"
    assert repr(expression) == (
        "<tenon.Expression 'ij,jk,kl->il': float64[3x4], float64[4x5], float64[5x6] -> float64[3x6]>"
    )


def test_unit_extents_in_every_place():
    for shape in [(7, 1, 2), (1, 7, 2), (7, 2, 1), (1, 1, 3), (1, 1, 1)]:
        a = values(RNG, shape, "float64")
        check(tenon.einsum("ijk->kji", a), "ijk->kji", [a])
        check(tenon.einsum("ijk,jlm->milk", a, a[:1]), "ijk,jlm->milk", [a, a[:1]])


def test_expression_dtypes():
    single = tenon.contract_expression("ij,jk->ik", A.shape, B.shape, dtype=np.float32)
    result = single(A.astype(np.float32), B.astype(np.float32))
    check(result, "ij,jk->ik", [A.astype(np.float32), B.astype(np.float32)])
    mixed = tenon.contract_expression("ij,jk->ik", A.shape, B.shape, dtype=["float32", "complex128"])
    assert mixed.result_dtype == "complex128"
    check(mixed(A.astype(np.float32), B + 1j), "ij,jk->ik", [A.astype(np.float32), B + 1j])
    with pytest.raises(ValueError, match="dtype lists 1 dtypes; the expression has 2"):
        tenon.contract_expression("ij,jk->ik", A.shape, B.shape, dtype=["float32"])
    with pytest.raises(TypeError, match="longdouble|float128"):
        tenon.contract_expression("ij,jk->ik", A.shape, B.shape, dtype=np.longdouble)


def test_expression_arguments_are_checked():
    expression = tenon.contract_expression("ij,jk->ik", A.shape, B.shape)
    with pytest.raises(TypeError, match="takes 2 arrays, but 1 were given"):
        expression(A)
    with pytest.raises(ValueError, match=r"operand 1 has the shape \(5, 4\); the expression was made for \(4, 5\)"):
        expression(A, B.T)
    with pytest.raises(TypeError, match="operand 0 has dtype float32; the expression was made for float64"):
        expression(A.astype(np.float32), B)
    with pytest.raises(ValueError, match="out has the shape"):
        expression(A, B, out=np.zeros((5, 3)))
    check(expression(A.tolist(), B), "ij,jk->ik", [A, B])
    check(tenon.contract_expression(",i->i", (), (3,))(2, A[:, 0]), ",i->i", [2.0, A[:, 0]])


@pytest.mark.parametrize("shape", [(3, 4.5), "ab", 7, (None,)])
def test_bad_shapes(shape):
    with pytest.raises(TypeError, match="the shape of operand 0 is"):
        tenon.contract_expression("ij->i", shape)


def test_constants():
    expression = tenon.contract_expression("ij,jk,kl->il", A.shape, B, C.shape, constants=[1])
    check(expression(A, C), "ij,jk,kl->il", [A, B, C])
    assert "(constant)" in repr(expression) and expression.shapes == ((3, 4), (5, 6))
    strided = tenon.contract_expression("ij,jk->ik", A.shape, np.asfortranarray(B)[::-1], constants=[1])
    check(strided(A), "ij,jk->ik", [A, B[::-1]])
    kept = B.copy()
    expression = tenon.contract_expression("ij,jk->ik", A.shape, kept, constants=[1])
    kept[...] = 0
    check(expression(A), "ij,jk->ik", [A, B])
    complex_constant = tenon.contract_expression("ij,jk->ik", A.shape, B + 1j, constants=[1], dtype="float64")
    check(complex_constant(A), "ij,jk->ik", [A, B + 1j])
    integers = tenon.contract_expression("ij,jk->ik", A.shape, np.arange(20).reshape(4, 5), constants=[1])
    check(integers(A), "ij,jk->ik", [A, np.arange(20.0).reshape(4, 5)])
    row = tenon.contract_expression("ij,ij->ij", A.shape, A[:1], constants=[1])
    check(row(A), "ij,ij->ij", [A, A[:1]])
    with pytest.raises(ValueError, match="constants names operand 2; there are 2"):
        tenon.contract_expression("ij,jk->ik", A.shape, B, constants=[2])
    with pytest.raises(TypeError, match="not supported"):
        tenon.contract_expression("ij,jk->ik", A.shape, B.astype(object), constants=[1])


@pytest.mark.parametrize(
    "constants, message",
    [
        ("0", "constants must list the positions of operands, as in constants=[0], not '0'"),
        (0, "as in constants=[0], not 0"),
        ({1: B}, "the constant arrays stand in place of their shapes"),
        (["1"], "constants names operands by their positions, integers, not '1'"),
        ([1.0], "integers, not 1.0"),
        (B, "integers, not array(["),
    ],
    ids=["text", "number", "mapping", "text-in-list", "float", "array"],
)
def test_constants_that_are_no_positions(constants, message):
    with pytest.raises(TypeError) as caught:
        tenon.contract_expression("ij,jk->ik", A.shape, B, constants=constants)
    assert message in str(caught.value) and len(str(caught.value)) < 300


def test_constants_of_numpy_positions():
    expression = tenon.contract_expression("ij,jk->ik", A.shape, B, constants=np.array([1]))
    check(expression(A), "ij,jk->ik", [A, B])
    inputs, shapes = [("i", "j"), ("j", "k")], [A.shape, B.shape]
    expression = tenon.array_contract_expression(inputs, ["i", "k"], shapes=shapes, constants={np.int64(1): B})
    check(expression(A), "ij,jk->ik", [A, B])
    for constants, shown in (([0], "not [0]"), ((), "not ()"), (B, "not array(["), (1, "not 1")):
        with pytest.raises(TypeError, match="constants must map positions of operands to arrays") as caught:
            tenon.array_contract_expression(inputs, ["i", "k"], shapes=shapes, constants=constants)
        assert shown in str(caught.value)
    with pytest.raises(TypeError, match="constants names operands by their positions, integers, not 'j'"):
        tenon.array_contract_expression(inputs, ["i", "k"], shapes=shapes, constants={"j": B})
    with pytest.raises(ValueError, match="constants names operand -1; there are 2"):
        tenon.array_contract_expression(inputs, ["i", "k"], shapes=shapes, constants={-1: B})


def test_mlir():
    expression = tenon.contract_expression("ij,jk,kl->il", A.shape, B.shape, C.shape)
    assert expression.mlir("tn") == expression.mlir()
    assert expression.mlir("tn").count("tn.contract") == 1
    assert expression.mlir("plan").count("tn.contract") == 2
    assert "tn.contract" not in expression.mlir("linalg") and "linalg.generic" in expression.mlir("linalg")
    assert "memref" in expression.mlir("schedule")
    with pytest.raises(ValueError, match="stage must be one of 'tn', 'plan', 'linalg', 'schedule', not 'asm'"):
        expression.mlir("asm")


def test_array_contract():
    inputs = [("a", 1), (1, "c"), ("c", (2, 3))]
    check(tenon.array_contract([A, B, C], inputs, [(2, 3), "a"]), "ij,jk,kl->li", [A, B, C])
    check(tenon.array_contract([A, B, C], inputs), "ij,jk,kl->il", [A, B, C])
    with pytest.raises(ValueError, match="2 arrays, but 3 lists"):
        tenon.array_contract([A, B], inputs)
    expression = tenon.array_contract_expression(inputs, ["a", (2, 3)], shapes=[A.shape, B.shape, C.shape])
    check(expression(A, B, C), "ij,jk,kl->il", [A, B, C])
    sizes = {"a": 3, 1: 4, "c": 5, (2, 3): 6}
    expression = tenon.array_contract_expression(inputs, ["a", (2, 3)], size_dict=sizes, constants={2: C})
    check(expression(A, B), "ij,jk,kl->il", [A, B, C])
    with pytest.raises(ValueError, match="needs shapes= or size_dict="):
        tenon.array_contract_expression(inputs)
    with pytest.raises(ValueError, match="no extent for the label 'c'"):
        tenon.array_contract_expression(inputs, size_dict={"a": 3, 1: 4})
    with pytest.raises(ValueError, match="constants names operand 9"):
        tenon.array_contract_expression(inputs, size_dict=sizes, constants={9: C})
    with pytest.raises(ValueError, match="1 shapes, but 3 lists"):
        tenon.array_contract_expression(inputs, shapes=[(3, 4)])


def test_ncon():
    check(tenon.ncon([A, B, C], [[-1, 1], [1, 2], [2, -2]]), "ij,jk,kl->il", [A, B, C])
    check(tenon.ncon([A, B, C], [[-2, 1], [1, 2], [2, -1]], order=[2, 1]), "ij,jk,kl->li", [A, B, C])
    cube = values(RNG, (4, 4, 3), "float64")
    check(tenon.ncon([cube], [[1, 1, -1]]), "iij->j", [cube])
    check(tenon.ncon([A[:, 0], B[0]], [[-1], [-2]]), "i,j->ij", [A[:, 0], B[0]])
    check(tenon.ncon([A[:, 0], A[:, 1]], [1, 1]), "i,i->", [A[:, 0], A[:, 1]])


@pytest.mark.parametrize(
    "indices",
    [
        [np.array([-1, 1]), np.array([1, 2], np.int8), np.array([2, -2], np.int16)],
        [[np.int64(-1), np.int32(1)], (1, np.uint8(2)), [2, -2]],
        np.array([[-1, 1], [1, 2], [2, -2]]),
        [range(-1, 2, 2), {1: "j", 2: "k"}.keys(), range(2, -3, -4)],
    ],
    ids=str,
)
@pytest.mark.parametrize("order", [None, [2, 1], np.array([2, 1]), (np.int64(1), 2), range(2, 0, -1)], ids=repr)
def test_ncon_labels_of_any_integers(indices, order):
    check(tenon.ncon([A, B, C], indices, order=order), "ij,jk,kl->il", [A, B, C])
    check(tenon.ncon([A, B, C], map(iter, indices), order=order), "ij,jk,kl->il", [A, B, C])
    vectors = [A[:, 0], A[:, 1]]
    check(tenon.ncon(vectors, np.array([1, 1])), "i,i->", vectors)
    check(tenon.ncon(vectors, [np.array(1), np.int64(1)]), "i,i->", vectors)


@pytest.mark.parametrize(
    "indices, order, message",
    [
        ([[-1, 1], [2, -2]], None, "positive label 1 occurs 1 times"),
        ([[-1, 1], [1, -1]], None, "negative label -1 occurs 2 times"),
        ([[-1, 1], [1, -3]], None, "without gaps"),
        ([[-1, 0], [0, -2]], None, "positive or negative integers, not 0"),
        ([[-1, "a"], ["a", -2]], None, "not 'a'"),
        (["ij", "jk"], None, "not 'i'"),
        ([[-1, True], [True, -2]], None, "not True"),
        ([[-1, 1.0], [1.0, -2]], None, "not 1.0"),
        ([[-1, 1], [1, -2]], [1.0], "not 1.0"),
        ([[-1, 1], [1, -2]], [2], "order must list each positive label once"),
    ],
)
def test_ncon_errors(indices, order, message):
    with pytest.raises(ValueError, match=".*") as caught:
        tenon.ncon([A, B], indices, order=order)
    assert message in str(caught.value)
    with pytest.raises(ValueError, match="both state a path"):
        tenon.ncon([A, B], [[-1, 1], [1, -2]], order=[1], optimize="greedy")


@pytest.mark.parametrize(
    "axes", [0, 2, ([1, 2], [0, 1]), ([2, 1], [1, 0]), (-1, 1), (0, 2), ([0], [-1]), ((), ())], ids=str
)
def test_tensordot(axes):
    a, b = np.arange(60).reshape(3, 4, 5), np.arange(60).reshape(4, 5, 3)
    np.testing.assert_array_equal(tenon.tensordot(a, b, axes), np.tensordot(a, b, axes))


@pytest.mark.parametrize(
    "axes, message",
    [
        (3, "must be from 0 to 2"),
        ([0, 1, 2], "a number or a pair"),
        (([0, 1], [0]), "name 2 dimensions of a and 1 of b"),
        (([5], [0]), "axis 5 of a is out of range"),
        (([0, 0], [0, 1]), "list a dimension twice"),
        (([0], [0]), "axis 0 of a has extent 3, but axis 0 of b has 4"),
    ],
)
def test_tensordot_errors(axes, message):
    with pytest.raises(ValueError, match=".*") as caught:
        tenon.tensordot(A, B, axes)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    "axes",
    [np.array([1, 0]), np.array([[1, 2], [0, 1]]), np.array(2), np.int64(2), [np.array([2, 1]), np.array([1, 0])],
     (np.int64(1), 0), np.array([-2, -3], np.int8), -1, -7, 0],
    ids=repr,
)  # fmt: skip
def test_tensordot_axes_of_numpy(axes):
    a, b = np.arange(60).reshape(3, 4, 5), np.arange(80).reshape(4, 5, 4)
    np.testing.assert_array_equal(tenon.tensordot(a, b, axes), np.tensordot(a, b, axes))


@pytest.mark.parametrize(
    "axes, message",
    [
        (1.0, "axes must be a number or a pair, not 1.0"),
        (([1.0], [0]), "the axes of a must be integers, not 1.0"),
        (np.array([1.0, 0.0]), "the axes of a must be an integer or integers, not "),
        (([1], "j"), "the axes of b must be integers, not 'j'"),
    ],
)
def test_tensordot_axes_that_are_no_integers(axes, message):
    with pytest.raises(TypeError) as caught:
        tenon.tensordot(A, B, axes)
    assert message in str(caught.value)


def test_transpose_axes_of_numpy():
    t = np.arange(24).reshape(2, 3, 4)
    np.testing.assert_array_equal(tenon.transpose(t, np.array([1, 2, 0])), t.transpose(1, 2, 0))
    np.testing.assert_array_equal(tenon.transpose(t, [np.int8(-1), np.array(0), 1]), t.transpose(2, 0, 1))
    np.testing.assert_array_equal(tenon.transpose(t[0, 0], np.array(0)), t[0, 0])
    with pytest.raises(TypeError, match="the axes of a must be integers, not 1.0"):
        tenon.transpose(t, (1.0, 2, 0))
    with pytest.raises(ValueError, match="list a dimension twice"):
        tenon.transpose(t, np.array([1, 2, 1]))


def test_transpose():
    t = np.arange(24).reshape(2, 3, 4)
    np.testing.assert_array_equal(tenon.transpose(t, (1, 2, 0)), t.transpose(1, 2, 0))
    np.testing.assert_array_equal(tenon.transpose(t), t.T)
    assert np.shares_memory(tenon.transpose(t, (-1, 0, 1)), t)
    np.testing.assert_array_equal(tenon.transpose([[1, 2], [3, 4]]), [[1, 3], [2, 4]])
    for axes, message in [((0, 1), "name 2 of 3"), ((0, 1, 1), "twice"), ((0, 1, 3), "out of range")]:
        with pytest.raises(ValueError, match=message):
            tenon.transpose(t, axes)


def test_cache():
    tenon.cache_clear()
    tenon.einsum("ij,jk->ik", A, B)
    assert tenon.cache_info()[:2] == (0, 1)
    tenon.einsum("ij,jk->ik", A, B)
    assert tenon.cache_info()[:2] == (1, 1)
    tenon.einsum("xy,yz->xz", A, B)  # other names: the same network
    tenon.einsum(A, ["p", "q"], B, ["q", "r"], ["p", "r"])
    assert tenon.cache_info()[:2] == (3, 1)
    tenon.einsum("ij,jk->ik", A.astype(np.float32), B.astype(np.float32))
    tenon.einsum("ij,jk->ki", A, B)
    assert tenon.cache_info().misses == 3
    assert tenon.cache_info().currsize == 3 <= tenon.cache_info().maxsize
    with pytest.raises(ValueError):
        tenon.einsum("ij,jk->ik", A, A)
    assert tenon.cache_info().currsize == 3


def test_a_warm_call_takes_what_the_first_one_takes():
    equation = "ij,jk->ik"
    a, b = values(RNG, (7, 5), "float32"), values(RNG, (5, 6), "float32")
    expected = np.einsum(equation, a, b)
    for _ in range(2):
        check(tenon.einsum(equation, a, b), equation, [a, b])
    frozen = a.copy()
    frozen.flags.writeable = False
    shifted = np.frombuffer(b"x" + a.tobytes(), np.float32, offset=1).reshape(a.shape)
    views = (a.T.copy().T, a[::-1].copy()[::-1], np.repeat(a, 2, 1)[:, ::2], frozen, shifted)
    subclass = a.view(type("Subclass", (np.ndarray,), {}))
    for like_a in (*views, a.astype(">f4"), subclass):
        result = tenon.einsum(equation, like_a, b)
        assert result.dtype == np.float32 and type(result) is np.ndarray
        np.testing.assert_allclose(result, expected, rtol=1e-5)
    assert tenon.einsum(equation, a.tolist(), b.tolist()).dtype == np.float64
    assert tenon.einsum(equation, a, b, order="F").flags.f_contiguous
    assert tenon.einsum(equation, a, b, dtype="float64").dtype == np.float64
    out = np.empty((7, 6), np.float32)
    assert tenon.einsum(equation, a, b, out=out) is out
    assert len(tenon.einsum(equation, a, b, strip_exponent=True)) == 2
    with pytest.raises(ValueError, match="order must be"):
        tenon.einsum(equation, a, b, order="X")
    with pytest.raises(ValueError):
        tenon.einsum(equation, a, b.T)
    with pytest.raises(TypeError):
        tenon.einsum(equation, a, b.astype(object))
    assert isinstance(tenon.einsum("i,i->", a[0], a[1]), np.float32)
    assert isinstance(tenon.einsum("i,i->", a[0], a[1]), np.float32)
    # Also where threads may share the run.
    for _ in range(3):
        assert isinstance(tenon.einsum("i,i->", np.ones(1 << 19), np.ones(1 << 19)), np.float64)
    hits, misses = tenon.cache_info()[:2]
    for _ in range(3):
        tenon.einsum(equation, a, b)
    assert tenon.cache_info()[:2] == (hits + 3, misses)


def test_an_equation_finds_the_network_of_its_arrays(tmp_path):
    equation = "ij,jk->ik"
    a, b = values(RNG, (7, 5), "float32"), values(RNG, (5, 6), "float32")
    cases = [(a, b), (a[:4], b), (a.astype("float64"), b.astype("float64")), (a, b[:, ::2]), (a[::-1], b)]
    tenon.cache_clear()
    for number, operands in enumerate(2 * cases + [x for x in cases for _ in range(3)], start=1):
        check(tenon.einsum(equation, *operands), equation, list(operands))
        # The last one has the types and shapes of the first.
        assert sum(tenon.cache_info()[:2]) == number
    assert tenon.cache_info().misses == len(cases) - 1
    threads = tenon.get_num_threads()
    try:
        tenon.set_num_threads(threads + 1)
        for _ in range(2):
            tenon.einsum(equation, a, b)
        assert tenon.cache_info().misses == len(cases)
        tenon.set_tuning(tmp_path / "none")
        with pytest.raises(tenon.CompileError):
            tenon.einsum(equation, a, b)
    finally:
        tenon.set_num_threads(threads)
        tenon.set_tuning(None)


def test_equations_without_end_are_not_kept():
    from tenon._einsum import _recent

    ones = np.ones((2, 3))
    letters = [chr(0x4E00 + k) for k in range(300)]
    for letter in letters:
        for _ in range(2):
            tenon.einsum(f"{letter}j->j", ones)
    assert f"{letters[-1]}j->j" in _recent and len(_recent) <= 256
    # One that alternates between shapes pushes no other out.
    for shape in ((2, 4), (2, 5), (2, 4), (2, 5)):
        for _ in range(2):
            tenon.einsum(f"{letters[-1]}j->j", np.ones(shape))
    assert f"{letters[-2]}j->j" in _recent
    tenon.cache_clear()
    assert not _recent


def test_the_last_expression_of_an_equation_is_run_without_a_key(monkeypatch):
    from tenon._cache import Cache

    keys = []
    find = Cache.find
    monkeypatch.setattr(Cache, "find", lambda self, key: keys.append(key) or find(self, key))
    tenon.cache_clear()
    a, b = np.ones((3, 4)), np.ones((4, 5))
    for _ in range(2):
        tenon.einsum("ij,jk->ik", a, b)
    assert keys
    keys.clear()
    for _ in range(3):
        tenon.einsum("ij,jk->ik", a, b)
    assert not keys


def test_an_expression_that_runs_without_a_key_stays_in_the_cache():
    from tenon._einsum import _expressions, _recent

    tenon.cache_clear()
    ones = np.ones((2, 3))
    for extent in range(1, _expressions.info().maxsize + 50):
        tenon.einsum("ij->j", ones)
        tenon.einsum("kj->k", np.ones((2, extent)))
    misses = tenon.cache_info().misses
    _recent.clear()
    tenon.einsum("ij->j", ones)
    assert tenon.cache_info().misses == misses


def test_an_expression_that_left_the_cache_is_not_run_without_a_key():
    from tenon._einsum import _expressions, _recent

    tenon.cache_clear()
    for _ in range(2):
        tenon.einsum("ij->j", np.ones((2, 3)))
    left = _recent["ij->j"]
    tenon.cache_clear()
    # As a thread does whose call began before that.
    _recent["ij->j"] = left
    tenon.einsum("ij->j", np.ones((2, 3)))
    assert tenon.cache_info()[:2] == (0, 1) and _expressions.info().currsize == 1


def test_a_call_counts_once_in_the_cache():
    tenon.cache_clear()
    ones = np.ones((3, 4), np.float32)
    shifted = np.frombuffer(b"x" + ones.tobytes(), np.float32, offset=1).reshape(ones.shape)
    for number, (a, b) in enumerate([(ones[:1], ones), (shifted, ones)], start=1):
        for _ in range(3):
            tenon.einsum("ij,ij->ij", a, b)
        assert tenon.cache_info()[:2] == (2 * number, number)


def test_cache_is_bounded():
    from tenon._cache import Cache

    cache = Cache(3)
    for key in range(5):
        assert cache.get(key, lambda key=key: key * 10 + 1) == key * 10 + 1
    assert cache.info() == (0, 5, 3, 3)
    assert cache.get(2, lambda: None) == 21
    cache.get(9, lambda: 91)  # 3 leaves, as 2 was used since
    assert cache.get(2, lambda: None) == 21 and cache.get(3, lambda: 32) == 32
    with pytest.raises(ZeroDivisionError):
        cache.get("bad", lambda: 1 // 0)
    assert cache.get("bad", lambda: "good") == "good"


def test_version():
    assert tenon.__version__.count(".") == 2
