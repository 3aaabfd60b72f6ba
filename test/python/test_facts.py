"""Facts of operands: what they let the compiler leave out, and that results stay NumPy's."""

from __future__ import annotations

import numpy as np
import pytest

import tenon


def random(shape, dtype, seed):
    rng = np.random.default_rng(seed)
    values = rng.standard_normal(shape)
    if np.dtype(dtype).kind == "c":
        values = values + 1j * rng.standard_normal(shape)
    return values.astype(dtype)


def isometry(shape, kept, dtype, seed):
    """A tensor whose matrix with the dimensions `kept` as columns has orthonormal columns."""
    others = [d for d in range(len(shape)) if d not in kept]
    order = [*others, *kept]
    rows, columns = np.prod([shape[d] for d in others]), np.prod([shape[d] for d in kept])
    q, _ = np.linalg.qr(random((rows, columns), np.result_type(dtype, np.float64), seed))
    return q.reshape([shape[d] for d in order]).transpose(np.argsort(order)).astype(dtype)


def close(actual, expected, scale=64):
    eps = np.finfo(expected.dtype).eps
    return np.abs(actual - expected).max() <= scale * eps * max(1, np.abs(expected).max())


@pytest.mark.parametrize("dtype", ["float32", "float64", "complex64", "complex128"])
def test_a_diagonal_is_read_alone(dtype):
    a, b = random((4, 5), dtype, 1), random((5, 6), dtype, 2)
    d = np.diag(random(5, dtype, 3))
    e = tenon.contract_expression("ij,jk,kl->li", (4, 5), (5, 5), (5, 6), dtype=dtype, facts={1: "diagonal"})
    assert close(e(a, d, b), np.einsum("ij,jk,kl->li", a, d, b))
    e.check_facts(a, d, b)
    # What is off the diagonal is not looked at: the fact is trusted.
    assert close(e(a, d + np.eye(5, k=1, dtype=dtype), b), np.einsum("ij,jk,kl->li", a, d, b))
    dense = tenon.contract_expression("ij,jk,kl->li", (4, 5), (5, 5), (5, 6), dtype=dtype)
    assert e.plan.cost < dense.plan.cost


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_an_isometry_meets_itself(dtype):
    w = isometry((3, 4, 2, 5), (1, 2), dtype, 4)
    a, b = random((4, 2, 7), dtype, 5), random((4, 2, 3), dtype, 6)
    text = "ajkb,aJKb,jkp,JKq->pq"
    shapes = [x.shape for x in (w, w, a, b)]
    # Two arguments are two tensors, which nothing says are equal.
    facts = {0: "isometric([1, 2])", 1: "isometric([1, 2])"}
    apart = tenon.contract_expression(text, *shapes, dtype=dtype, facts=facts)
    assert close(apart(w, w, a, b), np.einsum(text, w, w, a, b))
    # Two constants that are equal are one.
    once = tenon.contract_expression(text, w, w, *shapes[2:], constants=[0, 1], dtype=dtype, facts=facts)
    assert close(once(a, b), np.einsum("jkp,jkq->pq", a, b))
    assert once.plan.cost == 4 * 2 * 7 * 3
    # The two that vanish are steps of the path all the same.
    assert len(once.plan.ssa_path) == 3
    assert sorted(x for step in once.plan.ssa_path for x in step) == list(range(6))


def test_permutations_of_integers_are_exact():
    p = np.eye(6, dtype=np.int32)[[2, 0, 5, 1, 4, 3]]
    a = np.arange(12, dtype=np.int32).reshape(6, 2)
    text = "ij,kj,kl->il"
    facts = {0: "permutation", 1: "permutation"}
    e = tenon.contract_expression(text, p, p, (6, 2), constants=[0, 1], dtype="int32", facts=facts)
    assert np.array_equal(e(a), np.einsum(text, p, p, a))


@pytest.mark.parametrize("seed", range(40))
def test_random_networks_with_facts(seed):
    """Operands of which some are diagonal or permutations, as constants or arguments, some of them twice."""
    rng = np.random.default_rng(seed)
    count = int(rng.integers(2, 6))
    extents = {label: int(rng.integers(2, 6)) for label in "abcdefgh"}
    labels = list(extents)
    inputs, arrays, facts, constants = [], [], {}, []
    for k in range(count):
        kind = rng.integers(4)
        if kind == 0:
            label = labels[rng.integers(len(labels))]
            other = f"{label}{len(extents)}"
            extents[other] = extents[label]
            labels.append(other)
            inputs.append((label, other))
            arrays.append(np.diag(random(extents[label], "float64", (seed, k))))
            facts[k] = "diagonal"
        elif kind == 1:
            label = labels[rng.integers(len(labels))]
            other = f"{label}{len(extents)}"
            extents[other] = extents[label]
            labels.append(other)
            inputs.append((other, label))
            arrays.append(np.eye(extents[label])[rng.permutation(extents[label])])
            facts[k] = "permutation"
        else:
            rank = int(rng.integers(1, 4))
            inputs.append(tuple(labels[i] for i in rng.choice(len(labels), rank, replace=False)))
            arrays.append(random(tuple(extents[x] for x in inputs[-1]), "float64", (seed, k)))
        if rng.integers(2):
            constants.append(k)
    # The same operand once more, on the same or on other labels.
    for k in [k for k in facts if rng.integers(2)]:
        left, right = inputs[k]
        new = f"{left}x{k}"
        extents[new] = extents[left]
        inputs.append((new, right))
        arrays.append(arrays[k])
        facts[len(inputs) - 1] = facts[k]
        if k in constants:
            constants.append(len(inputs) - 1)
    used = sorted({x for labels in inputs for x in labels})
    output = tuple(x for x in used if rng.integers(4) == 0)
    numbers = {x: i for i, x in enumerate(used)}
    pairs = [y for array, own in zip(arrays, inputs) for y in (array, [numbers[x] for x in own])]
    expected = np.einsum(*pairs, [numbers[x] for x in output])
    e = tenon.array_contract_expression(
        inputs, output, shapes=[a.shape for a in arrays], constants={k: arrays[k] for k in constants}, facts=facts
    )
    given = [array for k, array in enumerate(arrays) if k not in constants]
    e.check_facts(*given)
    magnitude = np.einsum(*[np.abs(y) if i % 2 == 0 else y for i, y in enumerate(pairs)], [numbers[x] for x in output])
    terms = np.prod([float(extents[x]) for x in used])
    assert (np.abs(e(*given) - expected) <= 2 * np.expm1((terms + len(inputs)) * 2.0**-53) * magnitude).all()


@pytest.mark.parametrize(
    "facts, error, message",
    [
        ("diagonal", TypeError, "facts must map positions of operands to texts"),
        ({0: 3}, TypeError, "facts must map positions of operands to texts"),
        ({"a": "diagonal"}, TypeError, "facts names operands by their positions"),
        ({2: "diagonal"}, ValueError, "facts names operand 2; there are 2"),
        ({0: "symmetric"}, ValueError, "operand 0: facts 'symmetric': unknown fact 'symmetric'"),
        ({0: "diagonal>"}, ValueError, "operand 0: facts 'diagonal>': they do not parse"),
        ({0: ""}, ValueError, "operand 0: facts '': "),
        ({1: "diagonal"}, ValueError, "F3: the dimensions of 'diagonal' have equal extents, found 4 and 5"),
        ({1: "isometric([1])"}, ValueError, "F5: 'isometric' keeps 5 positions and sums over 4"),
        ({0: "sparse(2.0)"}, ValueError, "F6: 'sparse' gives the share"),
    ],
)
def test_what_are_no_facts(facts, error, message):
    with pytest.raises(error) as caught:
        tenon.contract_expression("ij,jk->ik", (4, 4), (4, 5), facts=facts)
    assert message in str(caught.value)


def test_facts_that_do_not_hold():
    w = isometry((6, 3), (1,), "float64", 7)
    e = tenon.contract_expression("ij,ik->jk", (6, 3), (6, 2), facts={0: "isometric([1])"})
    e.check_facts(w, np.ones((6, 2)))
    w[2, 1] += 1e-6
    with pytest.raises(ValueError, match=r"operand 0: its fact isometric\(\[1\]\) does not hold: .* position \[1\]"):
        e.check_facts(w, np.ones((6, 2)))
    # Of a transposed view, too.
    with pytest.raises(ValueError, match=r"position \[1\]"):
        e.check_facts(np.asfortranarray(w), np.ones((6, 2)))
    with pytest.raises(ValueError, match=r"operand 1: its fact sparse.* 12 of 12 elements"):
        tenon.contract_expression("ij,jk->ik", (6, 3), np.ones((3, 4)), constants=[1], facts={1: "sparse(0.5)"})
    with pytest.raises(TypeError, match="takes 2 arrays"):
        e.check_facts(w)


def test_facts_of_operands_that_are_not_taken_as_they_are():
    with pytest.raises(ValueError, match="operand 1 has facts, and an extent of 1 that is broadcast"):
        tenon.contract_expression("ij,ij->ij", (3, 3), (1, 1), facts={1: "diagonal"})


def test_densities_change_the_plan():
    inputs, sizes = [("a", "b"), ("b", "c"), ("c", "d")], {"a": 100, "b": 100, "c": 100, "d": 20}
    opt = tenon.Optimizer()
    dense = opt.plan(inputs, ("a", "d"), sizes)
    assert dense.ssa_path[0] == (1, 2)
    assert dense.expected_flops == dense.flops == 400_000
    plan = opt.plan(inputs, ("a", "d"), sizes, densities=[0.001, 0.001, 1])
    assert plan.ssa_path[0] == (0, 1)
    share = 1 - (1 - 1e-6) ** 100
    assert plan.expected_flops == pytest.approx(1 + 200_000 * share, rel=1e-9)
    assert plan.flops == 1_200_000
    # The plan of the dense network is remembered apart.
    assert opt.plan(inputs, ("a", "d"), sizes).ssa_path[0] == (1, 2)


@pytest.mark.parametrize(
    "densities, error, message",
    [
        ([0.5], ValueError, "there are 1 densities, but 2 tensors"),
        ([0.5, 1.5], ValueError, "tensor 1 has the density 1.5"),
        ([0.5, float("nan")], ValueError, "tensor 1 has the density nan"),
        (["a", 1], TypeError, "densities must be a sequence of numbers"),
        (3, TypeError, "densities must be a sequence of numbers"),
    ],
)
def test_what_are_no_densities(densities, error, message):
    with pytest.raises(error) as caught:
        tenon.Optimizer().plan(["ab", "bc"], "ac", dict(a=2, b=3, c=4), densities=densities)
    assert message in str(caught.value)
