"""Planning several networks over common tensors as one problem: recounted costs, sharing, limits, errors."""

import copy
import math
import pickle
import time

import numpy as np
import pytest

import tenon


def environments(inputs):
    """For every tensor the network of all others."""
    found = []
    for left, labels in enumerate(inputs):
        rest = [k for k in range(len(inputs)) if k != left]
        found.append(([inputs[k] for k in rest], labels, rest))
    return found


def lattice(rows, columns, seed=0):
    """A lattice of tensors, with extents from 2 to 4."""
    rng = np.random.default_rng(seed)
    inputs = {(x, y): [] for x in range(rows) for y in range(columns)}
    sizes = {}
    for x, y in inputs:
        for other in ((x + 1, y), (x, y + 1)):
            if other in inputs:
                label = (x, y, *other)
                sizes[label] = int(rng.integers(2, 5))
                inputs[x, y].append(label)
                inputs[other].append(label)
    return [tuple(labels) for labels in inputs.values()], sizes


def recount(plan, expressions, sizes):
    """Multiply-adds of all networks, with equal steps counted once and as often as they occur; and how many are equal.

    For networks in which a label belongs to the same dimensions everywhere, two nodes are equal if they are made of the
    same tensors in the same way, and keep the same labels.
    """
    once, separate, steps = {}, 0, 0
    for own, (inputs, output, positions) in zip(plan.plans, expressions):
        alive = {k: (("leaf", position), frozenset(labels)) for k, (position, labels) in enumerate(zip(positions, inputs))}
        alone = 0
        for number, (a, b) in enumerate(own.ssa_path):
            (left, labels), (right, others) = alive.pop(a), alive.pop(b)
            outside = set(output).union(*(kept for _, kept in alive.values()))
            kept = frozenset((labels | others) & outside)
            node = (frozenset([(left, labels), (right, others)]), kept)
            operations = math.prod(sizes[x] for x in labels | others)
            once[node] = operations
            alone += operations
            steps += 1
            alive[len(inputs) + number] = (node, kept)
        assert len(alive) == 1 and own.flops == alone
        separate += alone
    return sum(once.values()), separate, steps - len(once)


@pytest.mark.parametrize("rows, columns", [(1, 7), (2, 5), (4, 4)])
@pytest.mark.parametrize("strategy", ["auto", "greedy", "random-greedy"])
def test_environments(rows, columns, strategy):
    inputs, sizes = lattice(rows, columns)
    expressions = environments(inputs)
    optimizer = tenon.Optimizer(strategy=strategy, threads=1)
    plan = optimizer.plan_together(expressions, sizes)
    once, separate, shared = recount(plan, expressions, sizes)
    assert (plan.flops, plan.flops_unshared, plan.shared_steps) == (once, separate, shared)
    assert plan.flops < sum(optimizer.plan(own, output, sizes).flops for own, output, _ in expressions)
    assert plan.steps + shared == sum(len(own.ssa_path) for own in plan.plans)
    assert plan.size == max(own.size for own in plan.plans) and plan.slices == 1 and not plan.interrupted
    assert plan.log10_flops == pytest.approx(math.log10(plan.flops)) and plan.seconds > 0


def test_the_compiler_runs_what_was_planned():
    inputs, sizes = lattice(3, 4)
    expressions = environments(inputs)
    optimizer = tenon.Optimizer(threads=1)
    plan = optimizer.plan_together(expressions, sizes)
    compiled = tenon.array_contract_expressions(expressions, size_dict=sizes, optimize=optimizer)
    assert compiled.plan.ssa_paths == tuple(tuple(tuple(sorted(x)) for x in own.ssa_path) for own in plan.plans)
    assert compiled.plan.operations == plan.flops and compiled.plan.shared_steps == plan.shared_steps
    rng = np.random.default_rng(5)
    arrays = [rng.normal(size=[sizes[x] for x in labels]) for labels in inputs]
    # Each environment times its tensor is the same number.
    totals = [np.sum(result * array) for result, array in zip(compiled(*arrays), arrays)]
    np.testing.assert_allclose(totals, totals[0], rtol=1e-10)
    assert totals[0] == pytest.approx(tenon.array_contract(arrays, inputs, ()), rel=1e-10)


def test_an_optimizer_plans_results_of_one_type_together():
    chain = [("ij,jk,kl->il", [0, 1, 2]), ("jk,kl,lm->jm", [1, 2, 3])]
    shapes = [(2, 3), (3, 4), (4, 5), (5, 6)]
    compiled = tenon.contract_expressions(chain, *shapes, optimize=tenon.Optimizer())
    assert compiled.plan.operations == 180 and compiled.plan.shared_steps == 1
    types = ["float32", "float64", "float64", "float64"]
    mixed = tenon.contract_expressions([*chain, ("ij,jk->ik", [0, 0])], *[(3, 3)] * 4, dtype=types, optimize=tenon.Optimizer())
    assert mixed.result_dtypes == ("float64", "float64", "float32")
    arrays = [np.random.default_rng(k).normal(size=(3, 3)).astype(t) for k, t in enumerate(types)]
    for result, (equation, operands) in zip(mixed(*arrays), [*chain, ("ij,jk->ik", [0, 0])]):
        np.testing.assert_allclose(result, np.einsum(equation, *[arrays[k] for k in operands]), rtol=1e-4, atol=1e-5)


def test_memory_limit():
    inputs, sizes = lattice(4, 4, seed=3)
    expressions = environments(inputs)
    free = tenon.Optimizer(threads=1).plan_together(expressions, sizes)
    for share in (0.9, 0.6):
        bounded = tenon.Optimizer(threads=1, memory_limit=int(free.peak_bytes * share)).plan_together(expressions, sizes)
        assert bounded.peak_bytes <= free.peak_bytes * share and bounded.flops >= free.flops
    with pytest.raises(tenon.MemoryLimitError, match=r"network \d+: the memory bound of 10 bytes cannot be kept") as caught:
        tenon.Optimizer(memory_limit=10).plan_together(expressions, sizes)
    assert caught.value.smallest_limit > 10
    narrow = tenon.Optimizer(size_limit=20).plan_together(expressions, sizes)
    assert narrow.size <= 20 and narrow.slices > 1 and any(own.sliced_inds for own in narrow.plans)
    # A limit of the call is kept by the compiler.
    compiled = tenon.array_contract_expressions(expressions, size_dict=sizes, optimize=tenon.Optimizer(), threads=1)
    limit = compiled.plan.peak_bytes * 3 // 4
    bounded = tenon.array_contract_expressions(
        expressions, size_dict=sizes, optimize=tenon.Optimizer(), threads=1, memory_limit=limit
    )
    assert bounded.plan.peak_bytes <= limit


def test_the_smallest_limit_is_one_that_all_can_keep():
    # The second network has more alive at once, however it is sliced.
    expressions = [(["ab", "bc", "cd"], "ad", [0, 1, 2]), (["ab", "bc", "cd", "de", "ef"], "af", [0, 1, 2, 3, 4])]
    sizes = dict(zip("abcdef", (2, 3, 4, 5, 6, 7)))
    with pytest.raises(tenon.MemoryLimitError, match="network 1: the memory bound of 1 bytes cannot be kept") as caught:
        tenon.Optimizer(threads=1, memory_limit=1).plan_together(expressions, sizes)
    limit = caught.value.smallest_limit
    alone = tenon.Optimizer(threads=1, memory_limit=limit).plan_together(expressions, sizes)
    assert alone.peak_bytes <= limit
    with pytest.raises(tenon.MemoryLimitError, match="network 1: "):
        tenon.Optimizer(threads=1, memory_limit=limit - 1).plan_together(expressions, sizes)


def test_an_optimizers_own_limit_bounds_what_is_kept():
    inputs, sizes = lattice(4, 4, seed=3)
    expressions = environments(inputs)
    free = tenon.Optimizer(threads=1).plan_together(expressions, sizes)
    optimizer = tenon.Optimizer(threads=1, memory_limit=int(free.peak_bytes * 0.6))
    plan = optimizer.plan_together(expressions, sizes)
    assert plan.slices == 1 and plan.flops > free.flops
    paths = [own.path for own in plan.plans]
    shared, kept = (
        tenon.array_contract_expressions(expressions, size_dict=sizes, threads=1, optimize=optimize)
        for optimize in (paths, optimizer)
    )
    # The same paths, of which less is kept.
    assert kept.plan.paths == shared.plan.paths
    assert kept.plan.operations == plan.flops > shared.plan.operations
    assert kept.plan.peak_bytes < shared.plan.peak_bytes
    arrays = [np.random.default_rng(k).normal(size=[sizes[x] for x in labels]) for k, labels in enumerate(inputs)]
    for first, second in zip(kept(*arrays), shared(*arrays)):
        np.testing.assert_allclose(first, second, rtol=1e-11, atol=1e-11)
    assert kept.mlir("schedule").count("\n") > shared.mlir("schedule").count("\n")


def test_time_limit_and_progress():
    inputs, sizes = lattice(5, 5)
    states = []
    plan = tenon.Optimizer(time_limit=0.3, progress=states.append).plan_together(environments(inputs), sizes)
    assert plan.flops < plan.flops_unshared and states
    assert all(0 <= a.seconds <= b.seconds for a, b in zip(states, states[1:]))
    first = tenon.Optimizer(time_limit=0).plan_together(environments(inputs), sizes)
    assert first.flops >= plan.flops

    # A search that nothing but the clock ends. On a busy machine one may be late, not all of them.
    for seed in range(8):
        states.clear()
        endless = tenon.Optimizer(
            time_limit=0.3, strategy="random-greedy", restarts=2**40, seed=seed, progress=states.append
        )
        start = time.perf_counter()
        endless.plan_together(environments(inputs), sizes)
        taken = time.perf_counter() - start
        assert 0 < states[-1].seconds <= taken
        if taken < 0.9:
            break
    assert taken < 0.9

    def refuse(state):
        raise RuntimeError("no more")

    with pytest.raises(RuntimeError, match="no more"):
        tenon.Optimizer(time_limit=5, progress=refuse).plan_together(environments(inputs), sizes)


def test_the_time_limit_is_that_of_all_dtypes(monkeypatch):
    limits = []
    search = tenon._optimizer.search_jointly

    def record(networks, tensors, options, report):
        limits.append(options.time_limit)
        return search(networks, tensors, options, report)

    monkeypatch.setattr("tenon._optimizer.search_jointly", record)
    types = ["float64", "float32", "complex128"]
    expressions = [("ij,jk,kl->il", [3 * k, 3 * k + 1, 3 * k + 2]) for k in range(3)]
    tenon.contract_expressions(
        expressions, *[(2, 2)] * 9, dtype=[t for t in types for _ in range(3)], optimize=tenon.Optimizer(time_limit=6)
    )
    # Each has a share of what is left.
    assert len(limits) == 3 and 0 < limits[0] <= 2 and limits[1] <= 3 and limits[2] <= 6


def test_equal_searches_are_remembered():
    states = []
    optimizer = tenon.Optimizer(threads=1, progress=states.append)
    inputs, sizes = lattice(3, 3)
    first = optimizer.plan_together(environments(inputs), sizes)
    count = len(states)
    named = [tuple(("other", x) for x in labels) for labels in inputs]
    second = optimizer.plan_together(environments(named), {("other", x): size for x, size in sizes.items()})
    assert len(states) == count and second.flops == first.flops
    assert [own.ssa_path for own in second.plans] == [own.ssa_path for own in first.plans]
    assert second.plans[0].output == named[0] and second.plans[0].edge_path[0][0] == "other"
    for duplicate in (copy.deepcopy(first), pickle.loads(pickle.dumps(first))):
        assert str(duplicate) == str(first) and [x.path for x in duplicate.plans] == [x.path for x in first.plans]
    assert pickle.loads(pickle.dumps(optimizer)).plan_together(environments(inputs), sizes).flops == first.flops


def test_one_tensor_twice():
    # a a' and b a a': the same tensor, read in two ways.
    plan = tenon.Optimizer().plan_together(
        [(["ij", "kj"], "ik", [0, 0]), (["xi", "ij", "kj"], "xk", [1, 0, 0])], shapes=[(5, 7), (9, 5)]
    )
    assert plan.flops == 5 * 7 * 5 + 9 * 5 * 5 and plan.shared_steps == 1
    assert str(plan).splitlines()[0].split() == ["networks:", "2"]
    assert repr(plan) == "<tenon.JointPathPlan of 2 networks: 10^2.602 multiply-adds, 1 steps shared>"


def test_costs_beyond_the_range():
    # Products of matrices of 2^840 elements, with 2^1260 multiply-adds each.
    a, b, c, d = ([(side, k) for k in range(7)] for side in "abcd")
    sizes = dict.fromkeys(a + b + c + d, 2**60)
    plan = tenon.Optimizer().plan_together([((a + b, b + c, c + d), a + d)], sizes)
    assert plan.flops == plan.flops_unshared == math.inf and plan.log2_flops == pytest.approx(1261)
    assert plan.write == 2 * 2**840 and plan.peak_bytes == 8 * 2**840
    wide = tenon.Optimizer().plan_together([((a + b, c, d), a + b + c + d)], sizes)
    assert wide.write == math.inf


def test_extents_of_zero():
    shapes = [(2, 3), (3, 0), (0, 4)]
    expressions = [(["ij", "jk", "kl"], "il", [0, 1, 2]), (["jk", "kl"], "jl", [1, 2])]
    plan = tenon.Optimizer().plan_together(expressions, shapes=shapes)
    once, separate, _ = recount(plan, expressions, {"i": 2, "j": 3, "k": 0, "l": 4})
    assert plan.flops == once and plan.flops_unshared == separate and plan.log10_flops == (math.log10(plan.flops) if plan.flops else -math.inf)


@pytest.mark.parametrize(
    "expressions, options, kind, message",
    [
        ([], {"size_dict": {}}, ValueError, "the list of expressions is empty"),
        ([(["ij"], "i")], {}, TypeError, "Optimizer.plan_together needs size_dict or shapes="),
        ([(["ij"], "i")], {"size_dict": {"i": 2}}, ValueError, "size_dict has no extent for the label 'j'"),
        ([(["ij"], "i"), (["ij"], "k")], {"size_dict": {"i": 2, "j": 3}}, ValueError,
         "expression 1 (of operands 0): the output has the label 'k', which no tensor has"),
        ([(["ij", "jk"], "i")], {"shapes": [(2, 3), (4, 5)]}, ValueError,
         "expression 0 (of operands 0, 1): the label 'j' has the size 3 in tensor 0 and 4 in tensor 1"),
        ([(["ij"], "i", [1])], {"shapes": [(2, 3), (4, 5)]}, ValueError, "operand 0 is in no expression"),
        ([(["ij"], "i", [0]), (["jk"], "k", [0])], {"size_dict": {"i": 2, "j": 3, "k": 4}}, ValueError,
         "operand 0 has the shape (2, 3) in expression 0 and (3, 4) in expression 1"),
        ([([{"i", "j"}], "i")], {"size_dict": {"i": 2, "j": 3}}, TypeError,
         "expression 0: a set of labels has no order"),
        ([(["ij"], "i"), (3, "i")], {"size_dict": {}}, TypeError, "expression 1: found 3 for the label lists"),
        ([([3], "i")], {"size_dict": {}}, TypeError, "expression 0: found 3 for a list of labels"),
        ([(["i"], 3)], {"size_dict": {}}, TypeError, "expression 0: found 3 for a list of labels"),
        ([([[[]]], "i")], {"size_dict": {}}, TypeError, "expression 0: found [] for a label, expected a hashable object"),
        ([(["i"], [[]])], {"size_dict": {}}, TypeError, "expression 0: found [] for a label, expected a hashable object"),
    ],
)  # fmt: skip
def test_bad_networks(expressions, options, kind, message):
    with pytest.raises(kind) as caught:
        tenon.Optimizer().plan_together(expressions, **options)
    assert message in str(caught.value)


def test_shapes_from_a_generator_and_outputs_without_an_order():
    shapes = [(2, 3), (3, 4)]
    expressions = [(["ij", "jk"], {"i", "k"})]
    assert tenon.Optimizer().plan_together(expressions, shapes=iter(shapes)).flops == 2 * 3 * 4
    assert tenon.array_contract_expressions([(["ij", "jk"], "ik")], shapes=(x for x in shapes)).result_shapes == ((2, 4),)
    message = "the output is a set of labels: they belong to dimensions, in their order"
    with pytest.raises(TypeError, match=f"expression 0: {message}"):
        tenon.array_contract_expressions(expressions, shapes=shapes)
    with pytest.raises(TypeError, match=message):
        tenon.array_contract_expression(*expressions[0], shapes=shapes)
    with pytest.raises(TypeError, match=message):
        tenon.array_contract([np.ones(x) for x in shapes], *expressions[0])


def test_extents_that_differ():
    shapes, sizes = [(2, 3), (3, 4)], {"i": 2, "j": 3, "k": 4}
    expressions = [(["ij", "jk"], "ik")]
    assert tenon.Optimizer().plan_together(expressions, sizes, shapes=shapes).flops == 24
    wrong = "the label 'k' has the extent 4 in shapes, 5 in size_dict"
    with pytest.raises(ValueError, match=rf"expression 0 \(of operands 0, 1\): {wrong}"):
        tenon.Optimizer().plan_together(expressions, {**sizes, "k": 5}, shapes=shapes)
    with pytest.raises(ValueError, match=wrong):
        tenon.array_contract_expression(*expressions[0], shapes=shapes, size_dict={"k": 5})
    wrong = r"the constant of operand 1 has the shape \(3, 5\); shapes or size_dict say \(3, 4\)"
    for options in ({"shapes": shapes}, {"size_dict": sizes}):
        with pytest.raises(ValueError, match=wrong):
            tenon.array_contract_expressions(expressions, constants={1: np.ones((3, 5))}, **options)
        with pytest.raises(ValueError, match=wrong):
            tenon.array_contract_expression(*expressions[0], constants={1: np.ones((3, 5))}, **options)


def test_unknown_strategy():
    with pytest.raises(ValueError, match="^unknown strategy 'best'; expected one of .*auto, "):
        tenon.Optimizer(strategy="best").plan_together([(["ij"], "i")], {"i": 2, "j": 3})
