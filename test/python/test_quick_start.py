"""Networks that start without a compiler: that they do, and that nobody can tell from their results."""

import os
import subprocess
import sys

import numpy as np
import pytest
import tenon
from tenon._tenon import DirectCall, Network

TYPES = ["float32", "float64", "complex64", "complex128"]


@pytest.fixture(autouse=True)
def fresh():
    tenon.cache_clear()
    yield
    tenon.cache_clear()


def started_quickly(expression):
    return expression._compiled._network.started_quickly


needs_kernels = pytest.mark.skipif(
    not Network.from_contraction([(3, False, (2,), (0,), None)], 3, False, (0,), 3, 0, None, (), ()).started_quickly,
    reason="no kernels are prebuilt for this processor",
)


def integers(rng, shape, dtype):
    """Small integers, so that sums are exact in every type and order."""
    values = rng.integers(-3, 4, shape).astype(dtype)
    return values + 1j * rng.integers(-3, 4, shape).astype(dtype) if np.iscomplexobj(values) else values


def random_network(rng):
    """Inputs, output and sizes with hyperedges, diagonals, sums within an operand, and extents of 0 and 1."""
    count = int(rng.integers(1, 8))
    sizes = [0 if rng.random() < 0.02 else int(rng.integers(1, 5)) for _ in range(int(rng.integers(1, count + 4)))]
    inputs = [tuple(int(i) for i in rng.integers(0, len(sizes), rng.integers(0, 5))) for _ in range(count)]
    known = sorted({i for labels in inputs for i in labels})
    output = [i for i in known if rng.random() < 0.3]
    rng.shuffle(output)
    path, left = [], count
    while left > 1:
        pair = rng.choice(left, 2, replace=False)
        path.append(tuple(int(k) for k in pair))
        left -= 1
    return inputs, tuple(output), sizes, path


@needs_kernels
@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("threads", [1, 2])
def test_agrees_with_the_compiler_and_numpy(dtype, threads, monkeypatch):
    rng = np.random.default_rng(TYPES.index(dtype) * 2 + threads)
    for _ in range(12):
        inputs, output, sizes, path = random_network(rng)
        shapes = [tuple(sizes[i] for i in labels) for labels in inputs]
        make = lambda: tenon.array_contract_expression(  # noqa: E731
            inputs, output, shapes=shapes, dtype=dtype, optimize=path, threads=threads
        )
        quick = make()
        assert started_quickly(quick)
        with monkeypatch.context() as context:
            context.setenv("TENON_QUICK_START", "0")
            tenon.cache_clear()
            compiled = make()
        assert not started_quickly(compiled)
        arrays = [integers(rng, shape, dtype) for shape in shapes]
        pairs = [x for array, labels in zip(arrays, inputs) for x in (array, list(labels))]
        expected = np.einsum(*pairs, list(output))
        for result in (quick(*arrays), compiled(*arrays)):
            assert np.array_equal(result, expected)
            assert result.dtype == expected.dtype and result.shape == expected.shape
        # The other ways to call.
        if 0 not in sizes:
            assert np.array_equal(quick(*(array.tolist() for array in arrays)), expected)
        strided = [np.repeat(array, 2, axis=0)[::-2].T.copy("F").T[::-1] if array.ndim else array for array in arrays]
        assert np.array_equal(quick(*strided), expected)
        out = np.empty(expected.shape, dtype)
        assert quick(*arrays, out=out) is out
        assert np.array_equal(out, expected)
        mantissa, exponent = quick(*arrays, strip_exponent=True)
        assert np.allclose(mantissa * 10.0**exponent, expected, rtol=1e-5)


@needs_kernels
def test_everything_can_be_asked_of_it(monkeypatch):
    make = lambda: tenon.contract_expression(  # noqa: E731
        "ij,jk,kl->il", (3, 4), (4, 5), (5, 6), optimize=[(1, 2), (0, 1)], threads=1
    )
    quick = make()
    monkeypatch.setenv("TENON_QUICK_START", "0")
    tenon.cache_clear()
    compiled = make()
    assert started_quickly(quick) and not started_quickly(compiled)
    for name in ("operations", "largest_elements", "slices", "sliced", "threads", "path", "ssa_path", "edge_path"):
        assert getattr(quick.plan, name) == getattr(compiled.plan, name), name
    assert quick.plan.predicted_seconds == compiled.plan.predicted_seconds
    assert quick.plan.peak_bytes > 0 and quick.plan.kernels >= 1 and set(quick.plan.stages) == {"quick start"}
    assert str(quick.path_info) == str(compiled.path_info)
    for stage in ("tn", "plan", "linalg", "schedule"):
        assert quick.mlir(stage) == compiled.mlir(stage)
    assert repr(quick) == repr(compiled)
    assert quick._compiled._network.signature == compiled._compiled._network.signature


@needs_kernels
def test_einsum_of_one_or_two_operands_needs_no_path():
    for equation, shapes in [("ij,jk->ik", [(3, 4), (4, 5)]), ("iij->j", [(3, 3, 2)]), ("ab->ba", [(3, 5)])]:
        assert started_quickly(tenon.contract_expression(equation, *shapes))
    assert not started_quickly(tenon.contract_expression("ij,jk,kl->il", (3, 4), (4, 5), (5, 6)))


@needs_kernels
@pytest.mark.parametrize("dtype", TYPES)
def test_traces_and_sums_of_any_size(dtype):
    rng = np.random.default_rng(TYPES.index(dtype))
    equations = [
        "ii->", "ii->i", "iji->j", "ijij->", "iij->ij", "iij->j", "jii->j", "iijj->ij", "iii->i",
        "iij,iik->jk", "iij,jkk->ik", "ij->i", "ij->j", "ij->", "bij->bi", "bij->bj", "ij,ji->", "ii,ij->j",
    ]  # fmt: skip
    for equation in equations:
        for size in (0, 1, 2, 7, 16, 31, 53):
            sizes = dict(zip("ijkb", (size, 19, 3, 4)))
            shapes = [[sizes[x] for x in labels] for labels in equation.split("->")[0].split(",")]
            arrays = [integers(rng, shape, dtype) for shape in shapes]
            expected = np.einsum(equation, *arrays)
            result = tenon.einsum(equation, *arrays)
            assert result.dtype == expected.dtype and result.shape == expected.shape
            assert np.array_equal(result, expected), (equation, size)
            strided = [np.repeat(x, 3, axis=-1)[..., ::-3].T.copy().T[::-1] for x in arrays]
            assert np.array_equal(tenon.einsum(equation, *strided), np.einsum(equation, *strided)), (equation, size)
            mantissa, exponent = tenon.einsum(equation, *arrays, strip_exponent=True)
            assert np.allclose(mantissa * 10.0**exponent, expected, rtol=1e-5)


@needs_kernels
def test_a_trace_copies_nothing():
    expression = tenon.contract_expression("iij,jk->ik", (64, 64, 48), (48, 32), dtype="float32")
    assert started_quickly(expression)
    assert expression.plan.peak_bytes < 64 * 48 * 4 + tenon.contract_expression(
        "ij,jk->ik", (64, 48), (48, 32), dtype="float32"
    ).plan.peak_bytes


@pytest.mark.parametrize(
    "options",
    [
        {"dtype": "int32"},
        {"dtype": "float16"},
        {"dtype": ["float32", "float64"]},
        {"memory_limit": "1MiB"},
        {"constants": [0]},
        {"facts": {0: "diagonal"}},
        {"optimize": "method=greedy"},
    ],
)
def test_what_has_no_prebuilt_kernels_is_compiled(options):
    shapes = [np.eye(4) if "constants" in options else (4, 4), (4, 5)]
    expression = tenon.contract_expression("ij,jk->ik", *shapes, **options)
    assert not started_quickly(expression)
    a, b = np.eye(4), np.arange(20.0).reshape(4, 5)
    types = expression.dtypes[-2:] if "constants" not in options else ["float64", *expression.dtypes]
    arrays = [a.astype(types[0]), b.astype(types[1])]
    result = expression(*arrays[1:]) if "constants" in options else expression(*arrays)
    assert np.array_equal(result, b)


@needs_kernels
def test_wrong_paths_and_shapes_are_the_same_errors():
    with pytest.raises(ValueError, match="names an operand twice"):
        tenon.contract_expression("i,i->", (3,), (3,), optimize=[(0, 0)])
    with pytest.raises(tenon.TenonError):
        tenon.contract_expression("i,i->", (3,), (3,), optimize="method=nonsense")
    expression = tenon.contract_expression("ij,jk->ik", (3, 4), (4, 5))
    with pytest.raises(ValueError, match="the expression was made for"):
        expression(np.ones((4, 3)), np.ones((4, 5)))
    with pytest.raises(TypeError, match="takes 2 arrays, but 1 were given"):
        expression(np.ones((3, 4)))
    with pytest.raises(TypeError, match="dtype"):
        expression(np.ones((3, 4), "float32"), np.ones((4, 5)))


@needs_kernels
def test_running_out_of_memory_is_an_exception():
    count = 2**19
    expression = tenon.array_contract_expression(
        [("a",), ("b",), ("a",), ("b",)], (), shapes=[(count,)] * 4, optimize=[(0, 1), (0, 1), (0, 1)], threads=1
    )
    assert started_quickly(expression)
    with pytest.raises(tenon.OutOfMemoryError):
        expression(*(np.ones(count) for _ in range(4)))


@needs_kernels
def test_plain_calls_look_at_their_arrays():
    expression = tenon.contract_expression("ij,j->i", (2, 3), (3,))
    call = expression._compiled.direct
    assert isinstance(call, DirectCall)
    a, b = np.arange(6.0).reshape(2, 3), np.array([1.0, 10.0, 100.0])
    assert call((a, b)).tolist() == [210.0, 543.0]

    class Other(np.ndarray):
        pass

    misaligned = np.frombuffer(bytearray(25), dtype=np.uint8)[1:].view("float64")
    for wrong in [
        (a,),
        (a, b, b),
        [a, b],
        (a, b.astype("float32")),
        (a.T, b),
        (a, b.astype(">f8")),
        (a, b.view(Other)),
        (a, misaligned),
        (a, [1.0, 10.0, 100.0]),
    ]:
        assert call(wrong) is None
    # What is not plain takes the other way, and ends the same.
    for vector in (b.astype(">f8"), b.view(Other), [1.0, 10.0, 100.0]):
        assert np.array_equal(expression(a, vector), [210.0, 543.0])
    reversed_b = b[::-1].copy()[::-1]
    read_only = a.copy()
    read_only.flags.writeable = False
    assert expression(read_only, reversed_b).tolist() == [210.0, 543.0]
    assert isinstance(tenon.contract_expression("i,i->", (3,), (3,))(b, b), np.float64)


@needs_kernels
def test_the_environment_switches_it_off():
    script = (
        "import tenon; e = tenon.contract_expression('ij,jk->ik', (2, 3), (3, 4));"
        "print(e._compiled._network.started_quickly)"
    )
    for value, answer in [("0", "False"), ("1", "True"), ("", "True")]:
        environment = dict(os.environ, TENON_QUICK_START=value)
        output = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True)
        assert output.stdout.strip() == answer


@needs_kernels
def test_the_environment_leaves_prebuilt_kernels_out():
    script = (
        "import numpy as np, tenon;"
        "a = np.arange(6, dtype='float32').reshape(2, 3); b = np.arange(12, dtype='float32').reshape(3, 4);"
        "print(np.array_equal(tenon.einsum('ij,jk->ik', a, b), a @ b), tenon.kernel_cache_info().compiled)"
    )
    for value, answer in [("0", "True 1"), ("1", "True 0"), ("", "True 0")]:
        environment = dict(os.environ, TENON_PREBUILT=value, TENON_KERNEL_CACHE="off")
        output = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True)
        assert output.stdout.strip() == answer
