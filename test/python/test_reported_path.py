"""The path that a compiled network reports: simplification's steps and the planner's, as they stand in its IR."""

import re

import numpy as np
import pytest

import tenon
from oracle import check, values

_OP = re.compile(r"%(\w+) = ([\w.]+) ")
_OPERAND = re.compile(r"%(\w+)")


@pytest.fixture(autouse=True)
def no_second_search(monkeypatch):
    def planned(text):
        raise AssertionError("the network was planned again, to report a path")

    monkeypatch.setattr("tenon._function._planned", planned)


def tree_of_path(path, count):
    """The contraction tree as nested sets of operand numbers."""
    nodes = dict(enumerate(range(count)))
    for number, (a, b) in enumerate(path):
        nodes[count + number] = frozenset([nodes.pop(a), nodes.pop(b)])
    (root,) = nodes.values()
    return root


def tree_of_ir(text):
    """The same of a function on tensors: what its contractions of two operands join, in terms of its arguments."""
    arguments = re.search(r"func\.func @main\((.*?)\) ->", text)[1]
    made = {name: number for number, name in enumerate(re.findall(r"%(\w+): tensor", arguments))}
    root = None
    for line in text.splitlines():
        op = _OP.match(line.strip())
        if op is None:
            if line.strip().startswith("return"):
                root = made[_OPERAND.search(line)[1]]
            continue
        if op[2] in ("tensor.empty", "arith.constant", "tensor.dim"):
            continue
        # The lists of operands end where the result's indices, or the types, begin.
        operands = _OPERAND.findall(re.split(r" -> | into | : ", line.split("=", 1)[1])[0])
        if op[2] == "tn.contract" and len(operands) == 2:
            made[op[1]] = frozenset(made[x] for x in operands)
        else:
            made[op[1]] = made[operands[0]]
    return root


def random_network(seed):
    """Vectors, equal and nested index sets, hyperedges, traces, lone indices, extents of 1; every index has a place."""
    rng = np.random.default_rng(seed)
    labels = "abcdefghijkl"[: rng.integers(3, 12)]
    extents = {label: int(rng.choice([1, 2, 3, 4, 5], p=[0.1, 0.3, 0.3, 0.2, 0.1])) for label in labels}
    inputs = [
        tuple(rng.choice(list(labels), rng.integers(1, min(len(labels), 4) + 1), replace=rng.random() < 0.1))
        for _ in range(rng.integers(3, 12))
    ]
    used = sorted({x for term in inputs for x in term})
    output = tuple(x for x in used if rng.random() < 0.2)
    return inputs, output, extents


@pytest.mark.parametrize("seed", range(60))
def test_the_path_is_that_of_the_ir(seed):
    inputs, output, extents = random_network(seed)
    options = dict(optimize=["auto", "greedy", "random-greedy"][seed % 3], threads=1)
    expression = tenon.array_contract_expression(inputs, output, size_dict=extents, **options)
    plan = expression.plan
    assert len(plan.path) == len(inputs) - 1
    assert tree_of_path(plan.ssa_path, len(inputs)) == tree_of_ir(expression.mlir("plan"))


def test_some_of_those_were_simplified():
    """So that the test above means something."""
    simplified = 0
    for seed in range(60):
        inputs, output, extents = random_network(seed)
        expression = tenon.array_contract_expression(inputs, output, size_dict=extents, threads=1)
        simplified += '\\22original_path\\22' in expression.mlir("plan")
    assert simplified > 30


def test_vectors_are_joined_first():
    equation = "ab,a,b,bc,c,cd->d"
    expression = tenon.contract_expression(equation, (3, 4), (3,), (4,), (4, 5), (5,), (5, 6))
    # The only steps before the planner's: each vector goes into a matrix, and no step joins two of them.
    assert expression.plan.operations < 3 * 4 + 4 * 5 + 5 * 6 + 3 * 4 + 4 * 5 + 5 * 6
    assert expression.path_info.opt_cost == expression.plan.operations
    assert tree_of_path(expression.plan.ssa_path, 6) == tree_of_ir(expression.mlir("plan"))


def test_constants_are_in_the_path():
    """Those that are multiplied when compiling, and those that go: an identity, a diagonal, a factor of one."""
    rng = np.random.default_rng(5)
    equation = "ab,bc,cd,,de,ef,fg,gh,ch->ah"
    shapes = [(3, 4), (4, 4), (4, 4), (), (4, 4), (4, 2), (2, 2), (2, 5), (4, 5)]
    constants = {
        1: np.eye(4), 2: np.diag([1.0, 2.0, 3.0, 4.0]), 3: np.array(1.0), 4: np.ones((4, 4)),
        6: values(rng, (2, 2), "float64"),
    }  # fmt: skip
    arrays = [constants.get(k, values(rng, shape, "float64")) for k, shape in enumerate(shapes)]
    given = [constants.get(k, shape) for k, shape in enumerate(shapes)]
    expression = tenon.contract_expression(equation, *given, constants=sorted(constants))
    plan = expression.plan
    assert len(plan.path) == len(plan.ssa_path) == 8
    assert tree_of_path(plan.ssa_path, 9)  # it is a tree over all of them
    check(tenon.einsum(equation, *arrays, optimize=plan.path), equation, arrays)
    check(expression(*[x for k, x in enumerate(arrays) if k not in constants]), equation, arrays)
    # The identity goes with a neighbour, the matrix of ones with one of both: neither is a product of all indices.
    assert max(expression.path_info.scale_list) < len("abcdefgh") - 2


def test_memory_limits_slice_the_same_kind_of_plan():
    equation, shapes = "ab,bc,cd,da,a,c->", [(60, 50), (50, 40), (40, 70), (70, 60), (60,), (40,)]
    free = tenon.contract_expression(equation, *shapes, threads=1)
    bounded = tenon.contract_expression(equation, *shapes, threads=1, memory_limit=free.plan.peak_bytes // 2)
    assert bounded.plan.slices > 1 and len(bounded.plan.path) == 5
    assert {frozenset([0, 4]), frozenset([3, 4])} & set(_pairs(bounded.plan.ssa_path))


def _pairs(path):
    return [frozenset(step) for step in path]
