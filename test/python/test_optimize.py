"""Paths: every form that optimize= takes, and what plans report."""

import pickle

import numpy as np
import pytest

import tenon
from oracle import check, values

EQUATION = "ab,bcd,ce,dfg,ef,gh->ah"
EXTENTS = {"a": 2, "b": 3, "c": 4, "d": 5, "e": 6, "f": 3, "g": 2, "h": 4}
SHAPES = [tuple(EXTENTS[x] for x in term) for term in EQUATION.split("->")[0].split(",")]
RNG = np.random.default_rng(21)
ARRAYS = [values(RNG, shape, "float64") for shape in SHAPES]
LINEAR = [(0, 1), (0, 4), (0, 3), (0, 2), (0, 1)]


@pytest.mark.parametrize(
    "optimize",
    [True, False, None, "auto", "greedy", "optimal", "random-greedy", "annealing", "bisection", "elimination",
     "reconfiguration", "dp", "auto-hq", "method=greedy seed=7",
     LINEAR, tuple(LINEAR), ["einsum_path", *LINEAR], [(0, 1, 2), (0, 1, 2), (0, 1)], [(0, 1, 2, 3, 4, 5)],
     [(0,), *[(0, 1)] * 5]],
    ids=str,
)  # fmt: skip
def test_strategies_and_paths(optimize):
    check(tenon.einsum(EQUATION, *ARRAYS, optimize=optimize), EQUATION, ARRAYS)


def test_given_path_is_taken():
    path, info = tenon.contract_path(EQUATION, *ARRAYS, optimize=LINEAR)
    assert path == tuple(LINEAR)
    expression = tenon.contract_expression(EQUATION, *SHAPES, optimize=LINEAR)
    assert expression.plan.path == tuple(LINEAR)
    assert expression.plan.ssa_path == ((0, 1), (2, 6), (3, 7), (4, 8), (5, 9))
    assert info.ssa_path == expression.plan.ssa_path


def test_written_order():
    assert tenon.contract_path(EQUATION, *ARRAYS, optimize=False)[1].ssa_path == (
        (0, 1),
        (2, 6),
        (3, 7),
        (4, 8),
        (5, 9),
    )
    assert tenon.contract_path("ab,bc->ac", *ARRAYS[:1], np.ones((3, 4)), optimize=False)[0] == ((0, 1),)
    assert tenon.contract_path("ab->b", ARRAYS[0])[0] == ()


def test_path_info():
    path, info = tenon.contract_path("ij,jk,kl->il", (2, 3), (3, 5), (5, 7), shapes=True, optimize=[(1, 2), (0, 1)])
    assert path == ((1, 2), (0, 1))
    assert info.opt_cost == 3 * 5 * 7 + 2 * 3 * 7
    assert info.naive_cost == 2 * (2 * 3 * 5 * 7)
    assert info.largest_intermediate == 21
    assert info.scale_list == [3, 3] and info.naive_scaling == 4 and info.opt_scaling == 3
    assert info.speedup == pytest.approx(420 / 147)
    text = str(info)
    assert "Complete contraction:  ij,jk,kl->il" in text and "1.470e+2" in text and "jk,kl->jl" in text


def test_costs_beyond_a_float():
    count = 1200
    inputs = [[k, k + 1] for k in range(count)]
    path = [(0, 1)] + [(0, count - k - 1) for k in range(1, count - 1)]
    expression = tenon.array_contract_expression(inputs, [0, count], shapes=[(2, 2)] * count, optimize=path)
    info = expression.path_info
    assert info.naive_cost == (count - 1) * 2 ** (count + 1)
    assert "e+364" in str(info)
    assert info.opt_cost == 8 * (count - 1)


@pytest.mark.parametrize(
    "optimize, error, message",
    [
        ("fastest", ValueError, "names no strategy; expected one of 'auto'"),
        ([(0, 1)], ValueError, "leaves 5 of 6 operands"),
        ([(0, 6)], ValueError, "step 0 of the path names operand 6, but there are 6 operands"),
        ([(0, -1)], ValueError, "names operand -1"),
        ([(1, 1)], ValueError, "names an operand twice"),
        ([()], ValueError, "step 0 of the path is empty"),
        ([(0, 1), "x"], TypeError, "step 1 of the path is 'x'"),
        ([0, 1], TypeError, "step 0 of the path is 0"),
        ([0.5, (1, 2)], TypeError, "step 0 of the path is 0.5"),
        ([(0, 1.0)], TypeError, "step 0 of the path is (0, 1.0)"),
        ([{0, 1}, [[]]], TypeError, "step 1 of the path is [[]]"),
        (("greedy", 1000), ValueError, "said with memory_limit="),
        ("memory-limit=100000 method=greedy", tenon.CompileError, "'memory-limit=100000' is no option of the plan"),
        ("threads=2", tenon.CompileError, "or threads (Python, C)"),
        ("seed=x", tenon.CompileError, "'seed=x': expected a number"),
        (3.5, TypeError, "is no bool, strategy, path"),
    ],
)
def test_bad_optimize(optimize, error, message):
    with pytest.raises(error) as caught:
        tenon.einsum(EQUATION, *ARRAYS, optimize=optimize)
    assert message in str(caught.value)


def test_path_function_is_asked():
    asked = {}

    def optimizer(inputs, output, sizes, memory_limit=None):
        asked.update(inputs=inputs, output=output, sizes=sizes, memory=memory_limit)
        return [(0, 1)] * (len(inputs) - 1)

    equation = "xy,yz,1z->x".replace("1", "w")
    arrays = [np.arange(6.0).reshape(2, 3), np.arange(15.0).reshape(3, 5), np.arange(20.0).reshape(4, 5)]
    check(tenon.einsum(equation, *arrays, optimize=optimizer, memory_limit=80_000), equation, arrays)
    assert all(isinstance(x, frozenset) for x in asked["inputs"]) and asked["memory"] == 10_000
    assert sorted(asked["sizes"].values()) == [2, 3, 4, 5]
    assert len(asked["output"]) == 1


@pytest.mark.parametrize("minimize", ["flops", "size"])
def test_opt_einsum_optimizers(minimize):
    opt_einsum = pytest.importorskip("opt_einsum")
    optimizer = opt_einsum.RandomGreedy(max_repeats=4, minimize=minimize)
    check(tenon.einsum(EQUATION, *ARRAYS, optimize=optimizer), EQUATION, ARRAYS)
    check(tenon.einsum(EQUATION, *ARRAYS, optimize=opt_einsum.paths.greedy), EQUATION, ARRAYS)
    path, info = opt_einsum.contract_path(EQUATION, *ARRAYS, optimize="dp")
    assert tenon.contract_path(EQUATION, *ARRAYS, optimize=path)[1].largest_intermediate == info.largest_intermediate


def test_cotengra_trees():
    cotengra = pytest.importorskip("cotengra")
    tree = cotengra.einsum_tree(EQUATION, *SHAPES)
    check(tenon.einsum(EQUATION, *ARRAYS, optimize=tree), EQUATION, ARRAYS)
    for label in "ad":
        tree.remove_ind_(label)
    expression = tenon.contract_expression(EQUATION, *SHAPES, optimize=tree)
    assert sorted(expression.plan.sliced) == ["a", "d"]
    assert expression.plan.slices == 10
    check(expression(*ARRAYS), EQUATION, ARRAYS)
    # A tree of the same network with other names, and the diagonal of an operand.
    renamed = cotengra.array_contract_tree([("p", "p", 7), (7, "r")], ("r",), {"p": 3, 7: 4, "r": 5})
    arrays = [values(RNG, (3, 3, 4), "float64"), values(RNG, (4, 5), "float64")]
    check(tenon.einsum("iik,kl->l", *arrays, optimize=renamed), "iik,kl->l", arrays)


def test_cotengra_slices_of_an_index_in_one_operand():
    cotengra = pytest.importorskip("cotengra")
    equation, shapes = "abz,bc,cdy,y->da", [(2, 3, 5), (3, 4), (4, 6, 7), (7,)]
    arrays = [values(RNG, shape, "float64") for shape in shapes]
    tree = cotengra.einsum_tree(equation, *shapes)
    for label in "zb":
        tree.remove_ind_(label)
    # z is summed as the first operand is read: no step has it, and slices over b alone are left.
    expression = tenon.contract_expression(equation, *shapes, optimize=tree)
    assert expression.plan.sliced == ("b",) and expression.plan.slices == 3
    check(expression(*arrays), equation, arrays)
    tree = cotengra.einsum_tree(equation, *shapes).remove_ind("z")
    check(tenon.einsum(equation, *arrays, optimize=tree), equation, arrays)
    tree = cotengra.einsum_tree("ij->j", (3, 4)).remove_ind("j")
    check(tenon.einsum("ij->j", ARRAYS[0], optimize=tree), "ij->j", [ARRAYS[0]])


def test_cotengra_optimizers():
    cotengra = pytest.importorskip("cotengra")
    optimizer = cotengra.RandomGreedyOptimizer(max_repeats=4, seed=3, parallel=False)
    check(tenon.einsum(EQUATION, *ARRAYS, optimize=optimizer), EQUATION, ARRAYS)
    slicing = cotengra.HyperOptimizer(
        methods=["greedy"], optlib="random", max_repeats=4, parallel=False, slicing_opts={"target_slices": 4}
    )
    expression = tenon.contract_expression(EQUATION, *SHAPES, optimize=slicing)
    assert expression.plan.slices >= 4
    check(expression(*ARRAYS), EQUATION, ARRAYS)


def test_trees_that_do_not_fit():
    cotengra = pytest.importorskip("cotengra")
    tree = cotengra.einsum_tree("ij,jk->ik", (2, 3), (3, 4))
    with pytest.raises(ValueError, match="has 2 operands; the network has 6"):
        tenon.einsum(EQUATION, *ARRAYS, optimize=tree)
    with pytest.raises(ValueError, match="it is of another network"):
        tenon.einsum("ij,kl->il", np.ones((2, 3)), np.ones((3, 4)), optimize=tree)
    with pytest.raises(ValueError, match="has 2 dimensions in the contraction tree, 1 in"):
        tenon.einsum("i,kl->il", np.ones(2), np.ones((3, 4)), optimize=tree)


def test_plan():
    expression = tenon.contract_expression(EQUATION, *SHAPES)
    plan = expression.plan
    assert plan.operations == plan.cost > 0
    assert plan.peak_bytes >= 0 and plan.slices >= 1 and plan.threads >= 1
    assert len(plan.path) == len(plan.ssa_path) == 5
    assert sorted(plan.edge_path) == list("bcdefg")
    assert set(plan.stages) and all(seconds >= 0 for seconds in plan.stages.values())
    for row in ("operations", "peak memory", "SSA path", "edge path"):
        assert row in str(plan)


def test_memory_limit():
    with pytest.raises(ValueError, match="is no amount of memory"):
        tenon.einsum("ij->i", ARRAYS[0], memory_limit="much")
    with pytest.raises(ValueError, match="at least one byte"):
        tenon.einsum("ij->i", ARRAYS[0], memory_limit=0)
    with pytest.raises(TypeError, match="number of bytes"):
        tenon.einsum("ij->i", ARRAYS[0], memory_limit=1.5)
    check(tenon.einsum(EQUATION, *ARRAYS, memory_limit="1 GiB"), EQUATION, ARRAYS)
    with pytest.raises(tenon.MemoryLimitError, match=r"reaches is \d+ bytes") as caught:
        tenon.contract_expression(EQUATION, *SHAPES, memory_limit=8)
    assert isinstance(caught.value, ValueError)
    smallest = caught.value.smallest_limit
    assert smallest > 8 and f"reaches is {smallest} bytes" in str(caught.value)
    copy = pickle.loads(pickle.dumps(caught.value))
    assert (str(copy), copy.smallest_limit) == (str(caught.value), smallest)
    tenon.contract_expression(EQUATION, *SHAPES, memory_limit=smallest)


def test_memory_limit_slices():
    equation, shapes = "ab,bc,cd,da->", [(60, 50), (50, 40), (40, 70), (70, 60)]
    arrays = [values(RNG, shape, "float64") for shape in shapes]
    free = tenon.contract_expression(equation, *shapes, threads=1)
    limit = free.plan.peak_bytes // 2
    bounded = tenon.contract_expression(equation, *shapes, threads=1, memory_limit=limit)
    assert free.plan.slices == 1 < bounded.plan.slices
    assert bounded.plan.peak_bytes <= limit
    assert len(bounded.plan.sliced) >= 1
    check(bounded(*arrays), equation, arrays)


def test_simplified_networks_have_a_path():
    # The compiler joins the vectors into the matrix before it plans; the path is over what was given.
    equation = "ab,a,b,bc,c,cd->d"
    expression = tenon.contract_expression(equation, (3, 4), (3,), (4,), (4, 5), (5,), (5, 6))
    path, info = tenon.contract_path(equation, *[np.ones(shape) for shape in expression.shapes])
    assert len(path) == len(expression.plan.path) == 5
    assert info.opt_cost > 0 and sorted(expression.plan.edge_path) == ["a", "b", "c"]
