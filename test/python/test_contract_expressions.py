"""Several contractions over common operands, compiled as one function: values, sharing, options, errors."""

import math
import string
import traceback

import numpy as np
import pytest

import tenon
from oracle import ALL, check, numpy_dtype, values
from tenon._meeting import meeting

RNG = np.random.default_rng(97)


def compile_and_check(expressions, arrays, **options):
    """The compiled expressions, whose results are compared with NumPy's, each equation by itself."""
    compiled = tenon.contract_expressions(
        expressions, *[x.shape for x in arrays], dtype=[x.dtype.name for x in arrays], **options
    )
    check_all(compiled(*arrays), expressions, arrays)
    return compiled


def check_all(results, expressions, arrays):
    assert isinstance(results, tuple) and len(results) == len(expressions)
    for result, item in zip(results, expressions):
        equation, operands = (item, range(len(arrays))) if isinstance(item, str) else item
        check(result, equation, [arrays[k] for k in operands])


def apart(expressions, shapes, **options):
    """The sum of what the expressions cost when each is planned by itself."""
    return sum(
        tenon.contract_expression(equation, *[shapes[k] for k in operands], **options).plan.operations
        for equation, operands in expressions
    )


def arrays_of(*shapes, dtype="float64"):
    return [values(RNG, shape, dtype) for shape in shapes]


def environments(inputs):
    """For every tensor of a network of label texts the equation of all others, and their positions."""
    found = []
    for left, labels in enumerate(inputs):
        rest = [k for k in range(len(inputs)) if k != left]
        found.append((f"{','.join(inputs[k] for k in rest)}->{labels}", rest))
    return found


# --- structures ---------------------------------------------------------------------------------


def test_a_product_that_two_have():
    expressions = [("ij,jk,kl->il", [0, 1, 2]), ("jk,kl,lm->jm", [1, 2, 3])]
    arrays = arrays_of((2, 3), (3, 4), (4, 5), (5, 6))
    compiled = compile_and_check(expressions, arrays)
    # b @ c is shared: 60; a @ bc: 30; bc @ d: 90. By themselves (a @ b) @ c: 64 and b @ (c @ d): 192, or (b @ c) @ d: 150.
    assert compiled.plan.operations == compiled.plan.cost == 180
    assert compiled.plan.operations_unshared == 240
    assert compiled.plan.shared_steps == 1
    assert apart(expressions, [x.shape for x in arrays]) == 64 + 150


def test_environments_of_a_ring():
    extents = dict(zip("abcdefgh", (3, 4, 2, 5, 3, 6, 2, 4)))
    inputs = [a + b for a, b in zip("abcdefgh", "bcdefgha")]
    arrays = arrays_of(*[[extents[x] for x in labels] for labels in inputs])
    compiled = compile_and_check(environments(inputs), arrays)
    # All of them for the price of some three contractions of the ring (docs/planner.md).
    assert compiled.plan.operations < apart(environments(inputs), [x.shape for x in arrays]) / 2
    assert compiled.plan.operations < compiled.plan.operations_unshared


def test_environments_of_a_state():
    # <psi|psi> of a matrix product state: for each site what the others leave of it, with respect to the bra's tensor.
    sites, bonds, spins = 6, (3, 5, 4, 6, 2), (2, 3, 2, 4, 2, 3)
    kets = [(*(f"b{k}",)[: k > 0], f"s{k}", *(f"b{k + 1}",)[: k < sites - 1]) for k in range(sites)]
    bras = [tuple(name.replace("b", "c") for name in labels) for labels in kets]
    shapes = [(*bonds[max(k - 1, 0) : k], spins[k], *bonds[k : k + 1]) for k in range(sites)]
    arrays = arrays_of(*shapes, dtype="complex128")
    arrays += [x.conj() for x in arrays]
    labels = kets + bras
    expressions = []
    for left in range(sites):
        rest = [k for k in range(2 * sites) if k != sites + left]
        expressions.append(([labels[k] for k in rest], bras[left], rest))
    compiled = tenon.array_contract_expressions(expressions, shapes=2 * shapes, dtype="complex128")
    for result, (inputs, output, rest) in zip(compiled(*arrays), expressions):
        pairs = [x for k, names in zip(rest, inputs) for x in (arrays[k], number(names))]
        expected = np.einsum(*pairs, number(output), optimize=True)
        np.testing.assert_allclose(result, expected, rtol=1e-12, atol=1e-12 * np.abs(expected).max())
    separate = sum(
        tenon.array_contract_expression(
            inputs, output, shapes=[(2 * shapes)[k] for k in rest], dtype="complex128"
        ).plan.operations
        for inputs, output, rest in expressions
    )
    assert compiled.plan.operations < 0.75 * separate


def number(names):
    """Labels such as b3 and c5 as numbers, for NumPy."""
    return ["bcs".index(name[0]) * 12 + int(name[1:]) for name in names]


def test_amplitudes():
    # A random circuit of constant gates in the brickwork pattern; the bits that are measured are arguments.
    rng = np.random.default_rng(3)
    qubits, layers = 6, 5
    label = iter(string.ascii_letters).__next__
    wires, inputs, constants = [], [], []
    for _ in range(qubits):
        wires.append(label())
        inputs.append(wires[-1])
        constants.append(rng.normal(size=2) + 1j * rng.normal(size=2))
    for layer in range(layers):
        for q in range(layer % 2, qubits - 1, 2):
            old = wires[q] + wires[q + 1]
            wires[q], wires[q + 1] = label(), label()
            inputs.append(wires[q] + wires[q + 1] + old)
            gate = np.linalg.qr(rng.normal(size=(4, 4)) + 1j * rng.normal(size=(4, 4)))[0]
            constants.append(gate.reshape(2, 2, 2, 2))
    fixed = len(inputs)
    bits = [f"{value:06b}" for value in (0, 1, 2, 35, 36)]
    # Operand fixed + 2 q + bit is <bit| on qubit q.
    equation = ",".join(inputs + wires) + "->"
    expressions = [(equation, [*range(fixed), *(fixed + 2 * q + int(b) for q, b in enumerate(text))]) for text in bits]
    used = sorted({k for _, operands in expressions for k in operands})
    place = {k: n for n, k in enumerate(used)}
    expressions = [(equation, [place[k] for k in operands]) for _, operands in expressions]
    vectors = values(rng, (len(used) - fixed, 2), "complex128")
    arrays = [*constants, *vectors]
    compiled = tenon.contract_expressions(
        expressions, *constants, *[(2,)] * len(vectors), constants=range(fixed), dtype="complex128"
    )
    assert len(compiled.shapes) == len(vectors)
    for result, (_, operands) in zip(compiled(*vectors), expressions):
        expected = np.einsum(equation, *[arrays[k] for k in operands], optimize="greedy")
        assert abs(result - expected) < 1e-12 * max(1, abs(expected))
    separate = sum(
        tenon.contract_expression(
            equation, *[constants[k] if k < fixed else (2,) for k in operands], constants=range(fixed), dtype="complex128"
        ).plan.operations
        for _, operands in expressions
    )
    assert compiled.plan.operations < separate


def test_norm_and_expectation_value():
    # Rayleigh quotient of a state of three sites: the environments of both are not the same, but parts are.
    ket, bra = "isj,jtk,kui", "lsm,mtn,nul"
    above, mpo = "lSm,mTn,nUl", "pSsq,qTtr,rUup"
    shapes = [(2, 2, 3), (3, 3, 4), (4, 2, 2), (2, 2, 2, 3), (3, 3, 3, 2), (2, 2, 2, 2)]
    arrays = arrays_of(*shapes)
    # The state is real: ket and bra are the same operands.
    expressions = [(f"{ket},{bra}->", [0, 1, 2, 0, 1, 2]), (f"{ket},{mpo},{above}->", [0, 1, 2, 3, 4, 5, 0, 1, 2])]
    compiled = compile_and_check(expressions, arrays)
    assert compiled.operands == ((0, 1, 2, 0, 1, 2), (0, 1, 2, 3, 4, 5, 0, 1, 2))
    assert compiled.plan.operations <= apart(expressions, shapes)


def test_gradients():
    # Of u A B C v with respect to each of the five: products from the left and from the right.
    inputs = ["i", "ij", "jk", "kl", "l"]
    shapes = [(7,), (7, 9), (9, 8), (8, 11), (11,)]
    compiled = compile_and_check(environments(inputs), arrays_of(*shapes))
    # Two sweeps and three outer products: three times what the matrices have elements.
    assert compiled.plan.operations == 3 * (7 * 9 + 9 * 8 + 8 * 11)
    assert compiled.plan.operations < apart(environments(inputs), shapes)


def test_an_intermediate_a_permutation_and_an_operand_are_results():
    arrays = arrays_of((3, 4), (4, 5), (5, 6))
    compile_and_check(
        [("ij,jk->ik", [0, 1]), ("ij,jk,kl->il", [0, 1, 2]), ("ij,jk,kl->li", [0, 1, 2]), ("ij->ij", [2]), ("ij->ji", [2])],
        arrays,
    )


def test_two_products_of_the_same_operands():
    compiled = compile_and_check([("ij,jk->ik", [0, 1]), ("jk,ij->ki", [1, 0])], arrays_of((3, 4), (4, 5)))
    assert compiled.plan.operations == 3 * 4 * 5 and compiled.plan.shared_steps == 1


def test_equal_expressions():
    arrays = arrays_of((3, 4), (4, 5), (5, 6))
    expressions = [("ij,jk,kl->il", [0, 1, 2]), ("xy,yz,zw->xw", [0, 1, 2]), ("kl,ij,jk->il", [2, 0, 1])]
    compiled = compile_and_check(expressions, arrays)
    assert compiled.plan.operations == tenon.contract_expression("ij,jk,kl->il", (3, 4), (4, 5), (5, 6)).plan.operations
    # They become one before they are planned; without sharing each would be computed.
    assert compiled.plan.operations_unshared == 3 * compiled.plan.operations and compiled.plan.shared_steps == 4
    first, second, _ = compiled(*arrays)
    assert first is not second and not np.may_share_memory(first, second)
    assert [len(path) for path in compiled.plan.paths] == [2, 2, 2]


def test_one_operand_twice():
    (a,) = arrays_of((3, 4))
    compiled = compile_and_check([("ij,kj->ik", [0, 0]), ("ij,ij->", [0, 0]), ("ij,ik,il->jkl", [0, 0, 0])], [a])
    assert compiled.shapes == ((3, 4),) and compiled.result_shapes == ((3, 3), (), (4, 4, 4))
    # An isometry meets itself: as one operand it is one tensor, and cancels.
    q = np.linalg.qr(RNG.normal(size=(6, 4)))[0]
    x, y = arrays_of((4, 5), (4, 7))
    compiled = tenon.contract_expressions(
        [("ij,ik,jl,km->lm", [0, 0, 1, 2])], (6, 4), (4, 5), (4, 7), facts={0: "isometric([1])"}
    )
    np.testing.assert_allclose(compiled(q, x, y)[0], x.T @ y, atol=1e-13)
    assert compiled.plan.operations == 4 * 5 * 7


def test_labels_belong_to_one_expression():
    compile_and_check([("ij,jk->ik", [0, 1]), ("ij,jk->ik", [1, 2])], arrays_of((2, 3), (3, 4), (4, 5)))


def test_equations_have_all_forms():
    arrays = arrays_of((3, 3), (3, 3))
    compile_and_check(["ij,jk", "...j,jk->...k", "ii,jj", "ij,ij->j"], arrays)


def test_broadcasting():
    # What is broadcast in one expression is read whole in another.
    arrays = arrays_of((1, 4), (3, 4), (1, 5))
    compile_and_check([("ij,ij->ij", [0, 1]), ("ij,ik->jk", [0, 2]), ("ij,ij->i", [1, 0]), ("ij->j", [0])], arrays)
    compile_and_check([("...j,...j->...", [0, 1]), ("ij,kj->ik", [0, 1])], arrays[:2])


def test_extents_of_zero_and_one():
    arrays = arrays_of((2, 0), (0, 3), (3, 1), (1, 1))
    compile_and_check([("ij,jk,kl->il", [0, 1, 2]), ("jk,kl->jl", [1, 2]), ("kl,lm->km", [2, 3]), ("kl->", [2])], arrays)


# --- types --------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ALL)
def test_types(dtype):
    if dtype == "bfloat16":
        pytest.importorskip("ml_dtypes")
    arrays = arrays_of((2, 3), (3, 4), (4, 5), dtype=dtype)
    compiled = compile_and_check([("ij,jk,kl->li", [0, 1, 2]), ("jk,kl->jl", [1, 2])], arrays)
    assert compiled.result_dtypes == (dtype, dtype)
    assert [x.dtype for x in compiled(*arrays)] == [numpy_dtype(dtype)] * 2


def test_every_expression_promotes_its_own_operands():
    a, b = values(RNG, (3, 4), "int32") % 100, values(RNG, (4, 5), "int64") % 100
    c, d = values(RNG, (4, 5), "float32"), values(RNG, (4, 2), "complex64")
    compiled = compile_and_check(
        [("ij,jk->ik", [0, 1]), ("ij,jk->ik", [0, 2]), ("ij,ik->jk", [2, 3]), ("ij->j", [0])], [a, b, c, d]
    )
    assert compiled.result_dtypes == ("int64", "float64", "complex64", "int32")
    assert compiled.dtypes == ("int32", "int64", "float32", "complex64")


def test_constants():
    arrays = arrays_of((3, 4), (4, 5), (5, 6))
    expressions = [("ij,jk,kl->il", [0, 1, 2]), ("jk,kl->jl", [1, 2]), ("kl->k", [2])]
    kept = arrays[2].copy()
    compiled = tenon.contract_expressions(expressions, (3, 4), (4, 5), kept, constants=[2])
    kept[...] = 0
    check_all(compiled(*arrays[:2]), expressions, arrays)
    assert compiled.shapes == ((3, 4), (4, 5)) and "float64[5x6] (constant)" in repr(compiled)
    whole = tenon.contract_expressions(expressions, *arrays, constants=range(3))
    check_all(whole(), expressions, arrays)
    assert [len(path) for path in whole.plan.paths] == [2, 1, 0]
    # By labels they come as a mapping.
    lists = [(["ij", "jk"], "ik", [0, 1]), (["kl"], "l", [2])]
    by_label = tenon.array_contract_expressions(lists, shapes=[(3, 4), (4, 5), (5, 6)], constants={2: arrays[2]})
    check_all(by_label(*arrays[:2]), [("ij,jk->ik", [0, 1]), ("kl->l", [2])], arrays)


def test_facts():
    a, b = arrays_of((4, 5), (5, 6))
    d = np.diag(RNG.normal(size=5))
    expressions = [("ij,jk,kl->il", [0, 1, 2]), ("jk,kl->jl", [1, 2])]
    dense = tenon.contract_expressions(expressions, (4, 5), (5, 5), (5, 6))
    compiled = tenon.contract_expressions(expressions, (4, 5), (5, 5), (5, 6), facts={1: "diagonal"})
    check_all(compiled(a, d, b), expressions, [a, d, b])
    assert compiled.plan.operations < dense.plan.operations
    compiled.check_facts(a, d, b)
    with pytest.raises(ValueError, match="operand 1: its fact diagonal.* does not hold"):
        compiled.check_facts(a, d + 1, b)
    with pytest.raises(ValueError, match="operand 0: "):
        tenon.contract_expressions(expressions, (4, 5), (5, 5), (5, 6), facts={0: "isometric([7])"})
    with pytest.raises(ValueError, match="operand 1: its fact diagonal.* does not hold"):
        tenon.contract_expressions(expressions, (4, 5), d + 1, (5, 6), constants=[1], facts={1: "diagonal"})
    with pytest.raises(ValueError, match="operand 0 has facts, and is converted from int32 to float64"):
        tenon.contract_expressions(
            [("ij->j", [0]), ("ij,jk->ik", [0, 1])], (4, 5), (5, 5), dtype=["int32", "float32"], facts={0: "sparse(0.5)"}
        )


# --- what is planned ----------------------------------------------------------------------------


def test_plan_and_path_info():
    expressions = [("ij,jk,kl->il", [0, 1, 2]), ("jk,kl,lm->jm", [1, 2, 3]), ("ij->i", [0])]
    shapes = [(20, 30), (30, 40), (40, 50), (50, 60)]
    compiled = tenon.contract_expressions(expressions, *shapes)
    plan = compiled.plan
    assert len(compiled) == len(plan.paths) == len(plan.ssa_paths) == len(compiled.path_info) == 3
    assert plan.slices == 1 and plan.sliced == ((), (), ()) and plan.threads >= 1 and plan.kernels >= 1
    assert plan.predicted_seconds > 0 and plan.peak_bytes > 0
    # One by one, by the paths over the operands as they were given.
    costs = [info.opt_cost for info in compiled.path_info]
    assert plan.operations_unshared == sum(costs[:2])
    assert [info.path for info in compiled.path_info] == list(plan.paths)
    assert compiled.path_info[0].equation == compiled.equations[0] == "ij,jk,kl->il"
    text = str(plan)
    assert f"{plan.operations:,} multiply-adds" in text and f"{plan.operations_unshared:,}" in text
    # Each path is one that einsum takes.
    arrays = arrays_of(*shapes)
    for (equation, operands), path in zip(expressions, plan.paths):
        chosen = [arrays[k] for k in operands]
        check(tenon.einsum(equation, *chosen, optimize=path), equation, chosen)


def test_paths_after_simplification():
    # Vectors and constants are joined before the planner sees the networks; one of these is computed when it is compiled.
    rng = np.random.default_rng(8)
    arrays = arrays_of((3, 4), (3,), (4, 5), (5, 6), (6,), (4,))
    constant = rng.normal(size=(5, 5))
    expressions = [
        ("ab,a,bc,cd,d->b", [0, 1, 2, 3, 4]),
        ("ab,b,bc,cx,xd,d->a", [0, 5, 2, 6, 3, 4]),
        ("xy,yz,zw->xw", [6, 6, 6]),
        ("ab,a,bc,cd,d->b", [0, 1, 2, 3, 4]),
    ]
    shapes = [x.shape for x in arrays]
    compiled = tenon.contract_expressions(expressions, *shapes, constant, constants=[6])
    check_all(compiled(*arrays), expressions, [*arrays, constant])
    assert [len(path) for path in compiled.plan.paths] == [4, 5, 2, 4]
    for (equation, operands), path in zip(expressions, compiled.plan.paths):
        chosen = [[*arrays, constant][k] for k in operands]
        check(tenon.einsum(equation, *chosen, optimize=path), equation, chosen)


def test_stages_of_the_ir():
    compiled = tenon.contract_expressions([("ij,jk,kl->il", [0, 1, 2]), ("jk,kl->jl", [1, 2])], (2, 3), (3, 4), (4, 5))
    assert compiled.mlir() == compiled.mlir("tn") and compiled.mlir("tn").count("tn.contract") == 2
    assert "-> (tensor<2x5xf64>, tensor<3x5xf64>)" in compiled.mlir("tn")
    # The product that both have is made once.
    assert compiled.mlir("plan").count("tn.contract") == 2
    assert "memref" in compiled.mlir("schedule")
    with pytest.raises(ValueError, match="stage must be one of"):
        compiled.mlir("asm")


@pytest.mark.parametrize("optimize", [True, None, "greedy", "random-greedy", "annealing", "method=greedy seed=7", False])
def test_strategies(optimize):
    arrays = arrays_of((2, 3), (3, 4), (4, 5), (5, 6))
    compile_and_check([("ij,jk,kl,lm->im", [0, 1, 2, 3]), ("jk,kl,lm->jm", [1, 2, 3])], arrays, optimize=optimize)


def test_paths_are_followed():
    arrays = arrays_of((2, 3), (3, 4), (4, 5), (5, 6))
    expressions = [("ij,jk,kl->il", [0, 1, 2]), ("jk,kl,lm->jm", [1, 2, 3])]
    paths = [[(0, 1), (0, 1)], [(1, 2), (0, 1)]]
    compiled = compile_and_check(expressions, arrays, optimize=paths)
    assert compiled.plan.paths == tuple(map(tuple, paths))
    assert compiled.plan.operations == compiled.plan.operations_unshared == (24 + 40) + (120 + 72)
    # Steps that the paths have in common are shared.
    compiled = compile_and_check(expressions, arrays, optimize=[[(1, 2), (0, 1)], [(0, 1), (0, 1)]])
    assert compiled.plan.operations == 60 + 30 + 90 and compiled.plan.shared_steps == 1
    # One may have a path, and the other a strategy.
    mixed = compile_and_check(expressions, arrays, optimize=[paths[0], "greedy"])
    assert mixed.plan.paths[0] == tuple(paths[0])


def test_optimizers_are_asked_for_each():
    opt_einsum = pytest.importorskip("opt_einsum")
    arrays = arrays_of((2, 3), (3, 4), (4, 5), (5, 6))
    expressions = [("ij,jk,kl->il", [0, 1, 2]), ("jk,kl,lm->jm", [1, 2, 3])]
    asked = []

    def search(inputs, output, sizes, memory_limit=None):
        asked.append((tuple(inputs), output))
        return [(1, 2), (0, 1)] if len(asked) == 1 else [(0, 1), (0, 1)]

    compiled = compile_and_check(expressions, arrays, optimize=search)
    assert len(asked) == 2 and compiled.plan.shared_steps == 1
    compile_and_check(expressions, arrays, optimize=[opt_einsum.RandomGreedy(max_repeats=4) for _ in expressions])
    compile_and_check(expressions, arrays, optimize=tenon.Optimizer())


def test_memory_limit():
    expressions = [("ij,jk,kl->il", [0, 1, 2]), ("jk,kl,lm->jm", [1, 2, 3])]
    arrays = arrays_of((45, 37), (37, 51), (51, 29), (29, 43))
    free = compile_and_check(expressions, arrays, threads=1)
    assert free.plan.shared_steps == 1
    for share in (0.9, 0.5):
        limit = int(free.plan.peak_bytes * share)
        try:
            bounded = compile_and_check(expressions, arrays, threads=1, memory_limit=limit)
        except tenon.MemoryLimitError as error:
            assert error.smallest_limit > limit
            bounded = compile_and_check(expressions, arrays, threads=1, memory_limit=error.smallest_limit)
            limit = error.smallest_limit
        assert bounded.plan.peak_bytes <= limit
        assert bounded.plan.operations >= free.plan.operations
    with pytest.raises(tenon.MemoryLimitError) as caught:
        tenon.contract_expressions(expressions, *[x.shape for x in arrays], memory_limit=1)
    assert caught.value.smallest_limit > 1


def smallest_limit_of(expression, shapes, dtype):
    with pytest.raises(tenon.MemoryLimitError) as caught:
        tenon.contract_expression(
            expression, *shapes, dtype=dtype, optimize=tenon.Optimizer(threads=1, memory_limit=1)
        )
    return caught.value.smallest_limit


@pytest.mark.parametrize("types", [("float32", "float64"), ("float64", "float32")])
def test_an_optimizers_limit_that_is_named_is_kept_by_all_types(types):
    # What is planned together has one type: two searches, of which the larger one has the say.
    expressions = [("ij,jk,kl->il", [0, 1, 2]), ("ij,jk,kl,lm,mn,no->io", [3, 4, 5, 6, 7, 8])]
    shapes = [(20, 30), (30, 25), (25, 20), (4, 6), (6, 5), (5, 4), (4, 3), (3, 7), (7, 2)]
    dtypes = [types[0]] * 3 + [types[1]] * 6
    with pytest.raises(tenon.MemoryLimitError, match=r"of the expressions 1 \(results of float") as caught:
        tenon.contract_expressions(
            expressions, *shapes, dtype=dtypes, optimize=tenon.Optimizer(threads=1, memory_limit=1)
        )
    alone = [smallest_limit_of(text, [shapes[k] for k in operands], dtypes[operands[0]]) for text, operands in expressions]
    assert caught.value.smallest_limit == max(alone)
    limit = caught.value.smallest_limit
    tenon.contract_expressions(
        expressions, *shapes, dtype=dtypes, optimize=tenon.Optimizer(threads=1, memory_limit=limit)
    )


def test_slices_of_one_of_them():
    # The large product is sliced; the small one beside it is not.
    expressions = [("ij,jk,kl->il", [0, 1, 2]), ("ij->j", [0])]
    arrays = arrays_of((70, 300), (300, 70), (70, 3))
    paths = [[(0, 1), (0, 1)], []]
    free = compile_and_check(expressions, arrays, optimize=paths, threads=1)
    bounded = compile_and_check(expressions, arrays, optimize=paths, threads=1, memory_limit=free.plan.peak_bytes * 3 // 4)
    assert bounded.plan.slices > 1 and bounded.plan.peak_bytes < free.plan.peak_bytes
    # Equal ones have one entry in the plan, the planner's slices of a given path, too.
    (sliced, twice, small) = tenon.contract_expressions(
        [expressions[0], ("ab,bc,cd->ad", [0, 1, 2]), expressions[1]], *[x.shape for x in arrays],
        optimize=[paths[0], *paths], threads=1, memory_limit=free.plan.peak_bytes * 3 // 4,
    ).plan.sliced  # fmt: skip
    assert sliced == twice and len(sliced) >= 1 and small == () and len(bounded.plan.sliced[0]) >= 1


# --- calls --------------------------------------------------------------------------------------


def test_out():
    arrays = arrays_of((3, 4), (4, 5), (5, 6))
    expressions = [("ij,jk,kl->il", [0, 1, 2]), ("jk,kl->jl", [1, 2]), ("ij->", [0])]
    compiled = tenon.contract_expressions(expressions, *[x.shape for x in arrays])
    expected = compiled(*arrays)
    outs = [np.zeros((6, 3)).T, None, np.zeros(())]
    results = compiled(*arrays, out=outs)
    assert results[0] is outs[0] and results[2] is outs[2]
    for result, value in zip(results, expected):
        np.testing.assert_allclose(result, value, rtol=1e-13, atol=1e-13)
    # Of a wider type; interleaved with each other; overlapping an operand.
    room = np.full((4, 12), 7.0)
    wide = np.zeros((3, 6), np.complex128)
    results = compiled(*arrays, out=(wide, room[:, ::2], None))
    np.testing.assert_allclose(wide, expected[0], rtol=1e-13, atol=1e-13)
    np.testing.assert_allclose(room[:, ::2], expected[1], rtol=1e-13, atol=1e-13)
    assert (room[:, 1::2] == 7).all()
    pair = tenon.contract_expressions(["ij,jk->ik", "ij,kj->ik"], (4, 4), (4, 4))
    a, b = arrays_of((4, 4), (4, 4))
    right = a @ b, a @ b.T
    both = np.zeros((4, 8))
    pair(a, b, out=(both[:, ::2], both[:, 1::2]))
    np.testing.assert_allclose(both[:, ::2], right[0])
    np.testing.assert_allclose(both[:, 1::2], right[1])
    x, y = a.copy(), b.copy()
    results = pair(x, y, out=(y, x))
    assert results[0] is y and results[1] is x
    np.testing.assert_allclose(y, right[0])
    np.testing.assert_allclose(x, right[1])


def test_out_that_cannot_be_told_apart(monkeypatch):
    # Two arrays of seven dimensions whose elements interleave: NumPy has to search for a common one.
    strides = [8 * 8 * x for x in (14548, 11922, 10376, 7411, 7878, 4599, 5020)]
    room = np.zeros(2**19)
    outs = [np.lib.stride_tricks.as_strided(room[8 * k :], (2,) * 7, strides) for k in range(2)]
    assert not np.shares_memory(*outs)
    compiled = tenon.array_contract_expressions([([range(7)], range(7)), ([range(7)], range(6, -1, -1))], shapes=[(2,) * 7])
    array = arrays_of((2,) * 7)[0]
    compiled(array, out=outs)
    np.testing.assert_array_equal(outs[1], array.T)
    np.testing.assert_array_equal(outs[0], array)
    room[:] = 0
    monkeypatch.setattr("tenon._results._MOST_TRIES", 1)
    with pytest.raises(ValueError, match="out has interleaved memory for the results 0 and 1, of which it cannot be told"):
        compiled(array, out=outs)
    assert not room.any()


@pytest.mark.parametrize("columns", [False, True])
def test_many_outs_compare_neighbours_only(monkeypatch, columns):
    count, compared = 300, 0
    # Rows of an array lie one after the other; columns all reach from its beginning to its end.
    room = np.zeros((4, count - 1)).T if columns else np.zeros((count - 1, 4))
    compiled = tenon.contract_expressions([("i,i->i", [k, k + 1]) for k in range(count - 1)], *[(4,)] * count)
    arrays = arrays_of(*[(4,)] * count)

    def compare(first, second, **options):
        nonlocal compared
        compared += 1
        return original(first, second, **options)

    for name in ("may_share_memory", "shares_memory"):
        original = getattr(np, name)
        monkeypatch.setattr(np, name, compare)
        # In reverse: the order of memory is not that of the results. The first one overlaps an operand, too.
        arrays[7], arrays[8] = room[5], room[6]
        arrays[7][:], arrays[8][:] = values(RNG, (2, 4), "float64")
        expected = [x * y for x, y in zip(arrays, arrays[1:])]
        compiled(*arrays, out=list(room[::-1]))
        np.testing.assert_allclose(room[::-1], expected)
        monkeypatch.setattr(np, name, original)
    assert compared < 10 * count


def test_which_arrays_may_have_memory_in_common(monkeypatch):
    rng = np.random.default_rng(12)

    def draw(room):
        index = [
            int(rng.integers(extent)) if rng.random() < 0.4 else slice(int(rng.integers(extent)), None, int(rng.integers(1, 4)))
            for extent in room.shape
        ]
        view = room[(*index, ...)]
        return np.flip(view) if view.ndim and rng.random() < 0.3 else view

    apart = 0
    for few in 0, 1000:  # whether circles are looked at
        monkeypatch.setattr("tenon._meeting._FEW_MEETINGS", few)
        for _ in range(60):
            room = np.zeros(rng.integers(2, 8, 4), np.int16)
            arrays = [draw(room) for _ in range(30)]
            memories, others = {3 * k: array for k, array in enumerate(arrays[:20])}, arrays[20:]
            found = [
                (id(memories[first]), id(memories[second] if isinstance(second, int) else second))
                for first, second in meeting(memories, others)
            ]
            pairs = set(map(frozenset, found))
            assert len(found) == len(pairs) and all(len(pair) == 2 for pair in pairs)
            assert not any({id(a), id(b)} in pairs for a in others for b in others)
            for k, first in enumerate(arrays[:20]):
                for second in arrays[k + 1 :]:
                    if np.shares_memory(first, second):
                        assert {id(first), id(second)} in pairs
                    elif few == 0:
                        apart += {id(first), id(second)} not in pairs
    assert apart > 5000


@pytest.mark.parametrize(
    "views",
    [
        lambda room: [room[:, i, :, j] for i in range(6) for j in range(7)],
        lambda room: [room[::-1, :, i, 1:] for i in range(6)] + [room[:, :, i, 0] for i in range(6)],
        lambda room: [np.flip(room[..., j]) for j in range(7)],
    ],
)
def test_views_that_interleave_are_told_apart(monkeypatch, views):
    monkeypatch.setattr("tenon._meeting._FEW_MEETINGS", 0)
    arrays = views(np.zeros((5, 6, 6, 7)))
    assert not list(meeting(dict(enumerate(arrays)), []))
    assert len(list(meeting(dict(enumerate([*arrays, arrays[3]])), []))) == 1


def test_out_that_does_not_fit():
    compiled = tenon.contract_expressions(["ij,jk->ik", "ij,kj->ik"], (4, 4), (4, 4))
    a, b = arrays_of((4, 4), (4, 4))
    good = np.full((4, 4), 3.0)
    with pytest.raises(ValueError, match="out lists 1 arrays; there are 2 results"):
        compiled(a, b, out=[good])
    with pytest.raises(TypeError, match="out must list an array or None for each of 2 results, not ndarray"):
        compiled(a, b, out=good)
    with pytest.raises(ValueError, match=r"result 1: out has the shape \(4, 3\)"):
        compiled(a, b, out=[good, np.zeros((4, 3))])
    with pytest.raises(TypeError, match="result 1: out has dtype float32"):
        compiled(a, b, out=[good, np.zeros((4, 4), np.float32)])
    with pytest.raises(TypeError, match="result 1: out must be a NumPy array"):
        compiled(a, b, out=[good, [1, 2]])
    frozen = np.zeros((4, 4))
    frozen.setflags(write=False)
    with pytest.raises(ValueError, match="result 0: out is read-only"):
        compiled(a, b, out=[frozen, good])
    room = np.zeros((4, 6))
    with pytest.raises(ValueError, match="out has one memory for the results 0 and 1: give each an array of its own"):
        compiled(a, b, out=[room[:, :4], room[:, 2:]])
    assert (good == 3).all() and (room == 0).all()


def test_arguments_are_checked():
    compiled = tenon.contract_expressions(["ij,jk->ik", ("ij->i", [0])], (3, 4), (4, 5))
    a, b = arrays_of((3, 4), (4, 5))
    with pytest.raises(TypeError, match="takes 2 arrays, but 1 were given"):
        compiled(a)
    with pytest.raises(ValueError, match=r"operand 1 has the shape \(5, 4\); the expression was made for \(4, 5\)"):
        compiled(a, b.T)
    with pytest.raises(TypeError, match="operand 0 has dtype float32; the expression was made for float64"):
        compiled(a.astype(np.float32), b)
    check_all(compiled(a.tolist(), b), [("ij,jk->ik", [0, 1]), ("ij->i", [0])], [a, b])


def test_strip_exponent():
    shapes = [(3, 4), (4, 5), (5, 6)]
    expressions = [("ij,jk,kl->il", [0, 1, 2]), ("jk,kl->jl", [1, 2]), ("kl,kl->", [2, 2])]
    compiled = tenon.contract_expressions(expressions, *shapes)
    arrays = arrays_of(*shapes)
    scaled = [arrays[0] * 1e200, arrays[1] * 1e170, arrays[2] * 1e190]
    powers = [200 + 170 + 190, 170 + 190, 190 + 190]
    outs = [np.zeros((3, 6)), None, None]
    results = compiled(*scaled, out=outs, strip_exponent=True)
    assert results[0][0] is outs[0]
    for (mantissa, exponent), plain, power in zip(results, compiled(*arrays), powers):
        assert isinstance(exponent, float) and 0.5 <= np.abs(mantissa).max() < 1
        np.testing.assert_allclose(mantissa * 10 ** (exponent - power), plain, rtol=1e-9, atol=1e-9 * np.abs(plain).max())
    for mantissa, exponent in compiled(*arrays, strip_exponent=True):
        assert 0.5 <= np.abs(mantissa).max() < 1 and math.isfinite(exponent)
    narrow = tenon.contract_expressions(["ij,jk->ik", ("ij->", [0])], (2, 3), (3, 4), dtype=["float16", "float32"])
    a, b = arrays_of((2, 3), dtype="float16")[0], arrays_of((3, 4), dtype="float32")[0]
    for (mantissa, exponent), plain in zip(narrow(a, b, strip_exponent=True), narrow(a, b)):
        assert 0.5 <= np.abs(mantissa).max() < 1 and mantissa.dtype == plain.dtype
        np.testing.assert_allclose(mantissa.astype(float) * 10**exponent, plain, rtol=4e-3, atol=1e-3)
    whole = tenon.contract_expressions(["ij,jk->ik", ("ij->", [0])], (2, 3), (3, 4), dtype=["int32", "float64"])
    with pytest.raises(TypeError, match="result 1: strip_exponent=True needs floating-point values, not int32"):
        whole(np.ones((2, 3), np.int32), np.ones((3, 4)), strip_exponent=True)


@pytest.mark.parametrize("dtype", ["float64", "complex64", "float16"])
def test_strip_exponent_leaves_isometries_as_they_are(dtype):
    # p p' cancels while it is compiled: half of p is no permutation, and has no exponent to give back.
    p, tiny = np.eye(3)[[1, 2, 0]].astype(dtype), np.array(values(RNG, (3, 4), dtype) * 2.0**-10, dtype)
    expressions = [("ab,cb->ac", [0, 0]), ("ab,cb,cd->ad", [0, 0, 1]), ("ab,bd->ad", [0, 1])]
    expected = [p @ p.T, tiny, p @ tiny]
    for fact in ("permutation", "isometric([0])", "sparse(0.9), isometric([0])"):
        compiled = tenon.contract_expressions(expressions, p.shape, tiny.shape, dtype=dtype, facts={0: fact})
        for scale in (1, 2.0**-100) if dtype == "float64" else (1,):
            results = compiled(p, tiny * np.array(scale, dtype), strip_exponent=True)
            for (mantissa, exponent), plain, factor in zip(results, expected, (1, scale, scale)):
                power = exponent - math.log10(factor)
                np.testing.assert_allclose(mantissa.astype(complex) * 10**power, plain, rtol=2e-3, atol=1e-7)
    # One expression alone: what is beyond the window has every operand looked at.
    single = tenon.contract_expression("ab,cb->ac", (3, 3), (3, 3), facts={0: "permutation", 1: "permutation"}, dtype=dtype)
    mantissa, exponent = single(p, p, strip_exponent=True)
    np.testing.assert_allclose(mantissa.astype(complex) * 10**exponent, np.eye(3), atol=1e-12)


def test_what_an_optimizer_raises_keeps_its_lines():
    def broken(inputs, output, sizes, memory_limit):
        raise ValueError("no path today")

    with pytest.raises(ValueError, match=r"expression 0 \(of operands 0, 1, 2\): no path today") as caught:
        tenon.contract_expressions(["ab,bc,cd->ad"], (2, 2), (2, 2), (2, 2), optimize=broken)
    assert [line.name for line in traceback.extract_tb(caught.value.__cause__.__traceback__)][-1] == "broken"


def test_threads_and_deterministic():
    expressions = [("ij,jk,kl->il", [0, 1, 2]), ("jk,kl,lm->jm", [1, 2, 3])]
    arrays = arrays_of((40, 50), (50, 60), (60, 70), (70, 30))
    alone = compile_and_check(expressions, arrays, threads=1, deterministic=True)
    three = compile_and_check(expressions, arrays, threads=3, deterministic=True)
    assert three.plan.threads == 3
    for x, y in zip(alone(*arrays), three(*arrays)):
        np.testing.assert_array_equal(x, y)


def test_equal_ones_are_compiled_once():
    tenon.cache_clear()
    first = tenon.contract_expressions([("ij,jk->ik", [0, 1]), ("ij->i", [1])], (3, 4), (4, 5))
    before = tenon.cache_info()
    second = tenon.contract_expressions([("ab,bc->ac", [0, 1]), ("xy->x", [1])], (3, 4), (4, 5))
    other = tenon.contract_expressions([("ab,bc->ac", [0, 1]), ("xy->x", [0])], (3, 4), (4, 5))
    after = tenon.cache_info()
    assert after.hits == before.hits + 1 and after.misses == before.misses + 1
    assert first._compiled is second._compiled is not other._compiled


def test_repr_is_short():
    compiled = tenon.contract_expressions([("ij,jk->ik", [0, 1]), ("ij->i", [1])], (3, 4), (4, 5))
    assert repr(compiled) == (
        "<tenon.Expressions over float64[3x4], float64[4x5]: 'ij,jk->ik' of 0, 1 -> float64[3x5]; 'ij->i' of 1 -> float64[4]>"
    )
    many = tenon.contract_expressions(["i->"] * 9, (3,))
    assert repr(many).endswith("; … (9 in all)>") and repr(many).count("'i->'") == 6


# --- statements by labels ------------------------------------------------------------------------


def test_size_dict():
    arrays = arrays_of((3, 4), (4, 5), (5, 3))
    sizes = {"x": 3, ("y", 1): 4, 2: 5}
    expressions = [
        ([("x", ("y", 1)), (("y", 1), 2)], ("x", 2)),
        ([(("y", 1), 2), (2, "x"), ("x", ("y", 1))], None, [1, 2, 0]),
        ([("x", ("y", 1))], [("y", 1)], [0]),
    ]
    compiled = tenon.array_contract_expressions(expressions, size_dict=sizes)
    assert compiled.shapes == ((3, 4), (4, 5), (5, 3))
    check_all(compiled(*arrays), [("ij,jk->ik", [0, 1]), ("jk,ki,ij->", [1, 2, 0]), ("ij->j", [0])], arrays)


# --- errors -------------------------------------------------------------------------------------

PAIR = [(3, 4), (4, 5)]


@pytest.mark.parametrize(
    "expressions, kind, message",
    [
        ([], ValueError, "the list of expressions is empty; expected one at least"),
        ("ij,jk->ik", TypeError, "expressions must be a list, each entry an equation, or (equation, positions of its operands)"),
        ({"ij,jk->ik": 0}, TypeError, "expressions must be a list"),
        (3, TypeError, "expressions must be a list"),
        ([("ij,jk->ik", [0, 1]), 3], TypeError, "expression 1 is 3; expected an equation"),
        ([("ij,jk->ik", [0, 1], 2)], TypeError, "expression 0 is ('ij,jk->ik', [0, 1], 2)"),
        ([([0, 1], "ij,jk->ik")], TypeError, "expression 0 is ([0, 1], 'ij,jk->ik')"),
        ([("ij,jk->ik", "01")], TypeError, "expression 0 lists the positions of its operands, as in [0, 2]; found '01'"),
        ([("ij,jk->ik", 1)], TypeError, "found 1"),
        ([("ij,jk->ik", [0, "1"])], TypeError, "expression 0 names operands by their positions, integers, not '1'"),
        ([("ij,jk->ik", [0, 2])], ValueError, "expression 0 names operand 2; there are 2"),
        (["ij,jk->ik", ("ij->", [-1])], ValueError, "expression 1 names operand -1; there are 2"),
        ([("ij->", [0])], ValueError, "operand 1 is in no expression"),
        (["ij,jk->ik", ("ij,kj->ik", [0, 1])], ValueError, "expression 1 (of operands 0, 1): the label 'j' has extent 4"),
        (["ij,jk->ik", ("ijk->", [1])], ValueError, "expression 1 (of operands 1): operand 0 has 2 dimensions"),
        (["ij,jk->ik", ("ij->q", [1])], ValueError, "expression 1 (of operands 1): the output has the label 'q'"),
        (["ij,jk,kl->ik"], ValueError, "expression 0 (of operands 0, 1): "),
    ],
)
def test_bad_statements(expressions, kind, message):
    with pytest.raises(kind) as caught:
        tenon.contract_expressions(expressions, *PAIR)
    assert message in str(caught.value) and len(str(caught.value)) < 300


@pytest.mark.parametrize(
    "optimize, kind, message",
    [
        ([[(0, 1)]], ValueError, "optimize lists 1 entries; there are 2 expressions: expected one path for each"),
        ([[(0, 1)], [(0, 2)]], ValueError, "expression 1 (of operands 1, 0): step 0 of the path names operand 2"),
        ([(0, 1), (0, 1)], TypeError, "expression 0 (of operands 0, 1): step 0 of the path is 0"),
        ("fast", ValueError, "expression 0 (of operands 0, 1): optimize='fast' names no strategy"),
        (["greedy", "optimal"], ValueError, "optimize asks for 'method=greedy' and for 'method=optimal'"),
        (3.5, TypeError, "expression 0 (of operands 0, 1): optimize=3.5 is no bool"),
    ],
)
def test_bad_optimize(optimize, kind, message):
    with pytest.raises(kind) as caught:
        tenon.contract_expressions(["ij,jk->ik", ("ij,ki->jk", [1, 0])], *PAIR, optimize=optimize)
    assert message in str(caught.value)


def test_other_bad_arguments():
    with pytest.raises(ValueError, match="dtype lists 1 dtypes; the expression has 2"):
        tenon.contract_expressions(["ij,jk->ik"], *PAIR, dtype=["float32"])
    with pytest.raises(TypeError, match="the shape of operand 1 is"):
        tenon.contract_expressions(["ij,jk->ik"], (3, 4), "ab")
    with pytest.raises(ValueError, match="constants names operand 2; there are 2"):
        tenon.contract_expressions(["ij,jk->ik"], *PAIR, constants=[2])
    with pytest.raises(ValueError, match="memory_limit='much' is no amount of memory"):
        tenon.contract_expressions(["ij,jk->ik"], *PAIR, memory_limit="much")
    with pytest.raises(ValueError, match="threads must be from 1 to"):
        tenon.contract_expressions(["ij,jk->ik"], *PAIR, threads=0)
    with pytest.raises(TypeError, match="deterministic must be True or False"):
        tenon.contract_expressions(["ij,jk->ik"], *PAIR, deterministic=1)
    with pytest.raises(ValueError, match="facts names operand 5; there are 2"):
        tenon.contract_expressions(["ij,jk->ik"], *PAIR, facts={5: "diagonal"})


@pytest.mark.parametrize(
    "expressions, options, kind, message",
    [
        ([(["ij"], "i")], {}, ValueError, "array_contract_expressions needs shapes= or size_dict="),
        ([(["ij"], "i")], {"size_dict": {"i": 2}}, ValueError, "size_dict has no extent for the label 'j'"),
        ([(["ij"], "i"), (["jk"], "k", [0])], {"size_dict": {"i": 2, "j": 3, "k": 4}}, ValueError,
         "operand 0 has the shape (2, 3) in expression 0 and (3, 4) in expression 1"),
        ([(["ij"], "i", [1]), (["ij"], "i", [1])], {"size_dict": {"i": 2, "j": 3}}, ValueError, "operand 0 is in no expression"),
        ([(["ij"], "i")], {"shapes": [(2, 3), (3, 4)]}, ValueError, "operand 1 is in no expression"),
        ([(["ij"], "i", [0, 1])], {"shapes": [(2, 3), (3, 4)]}, ValueError,
         "expression 0 has 1 lists of labels, but 2 operands"),
        ([(["ij"],)], {"shapes": [(2, 3)]}, TypeError, "expected (inputs, output) or (inputs, output, positions of its operands)"),
        ([], {"shapes": [(2, 3)]}, ValueError, "the list of expressions is empty"),
        ([(["ij"], "i")], {"shapes": [(2, 3)], "constants": [0]}, TypeError, "constants must map positions of operands to arrays"),
    ],
)  # fmt: skip
def test_bad_statements_by_labels(expressions, options, kind, message):
    with pytest.raises(kind) as caught:
        tenon.array_contract_expressions(expressions, **options)
    assert message in str(caught.value)


# --- at random ----------------------------------------------------------------------------------


def random_expressions(seed):
    """Operands with few labels, and expressions of subsets of them that differ in one operand, the output or everything."""
    rng = np.random.default_rng(seed)
    labels = "abcdefghij"[: rng.integers(3, 10)]
    extents = {label: int(rng.choice([1, 2, 3, 4, 5], p=[0.1, 0.3, 0.3, 0.2, 0.1])) for label in labels}
    count = int(rng.integers(2, 8))
    terms = ["".join(rng.choice(list(labels), rng.integers(0, 4), replace=rng.random() < 0.1)) for _ in range(count)]

    def output(operands):
        used = sorted({x for k in operands for x in terms[k]})
        return "".join(x for x in rng.permutation(used) if rng.random() < 0.3)

    def equation(operands):
        return ",".join(terms[k] for k in operands) + "->" + output(operands)

    first = [int(k) for k in rng.permutation(count)]
    expressions = [(equation(first), first)]
    for _ in range(rng.integers(1, 6)):
        operands = list(expressions[rng.integers(len(expressions))][1])
        kind = rng.integers(4)
        if kind == 0 and len(operands) > 1:
            operands.pop(rng.integers(len(operands)))
        elif kind == 1:
            operands[rng.integers(len(operands))] = int(rng.integers(count))
        elif kind == 2:
            operands = [int(k) for k in rng.integers(count, size=rng.integers(1, count + 1))]
        expressions.append((equation(operands), operands))
    return expressions, [tuple(extents[x] for x in term) for term in terms]


@pytest.mark.parametrize("seed", range(80))
def test_random_expressions(seed):
    expressions, shapes = random_expressions(seed)
    # Integers wrap around: exact, whatever the order.
    arrays = arrays_of(*shapes, dtype="int64")
    optimize = ["auto", "greedy", "random-greedy", False][seed % 4]
    compiled = compile_and_check(expressions, arrays, optimize=optimize, threads=1 + seed % 2)
    plan = compiled.plan
    assert plan.operations <= plan.operations_unshared
    for (_, operands), path in zip(expressions, plan.paths):
        assert len(path) == len(operands) - 1


def test_random_expressions_share():
    """So that the test above means something."""
    shared = 0
    for seed in range(80):
        expressions, shapes = random_expressions(seed)
        shared += tenon.contract_expressions(expressions, *shapes, dtype="int64", threads=1).plan.shared_steps > 0
    assert shared > 20
