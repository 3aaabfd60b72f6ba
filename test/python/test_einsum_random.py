"""Random contractions against numpy.einsum, over all types."""

import numpy as np
import pytest

from oracle import ALL, check, products, strided, tenon_einsum, values

EXTENTS = {"a": 2, "b": 3, "c": 4, "d": 5, "e": 6, "f": 1, "g": 7}


def random_case(rng, *, empty):
    """An equation with diagonals, hyperedges, batch indices, sums and broadcasting, and its shapes."""
    extents = dict(EXTENTS)
    if empty:
        extents[str(rng.choice(list("abcde")))] = 0
    labels = list(rng.permutation(list(extents)))[: rng.integers(1, 6)]
    terms, shapes = [], []
    for _ in range(rng.integers(1, 5)):
        term = [str(x) for x in rng.choice(labels, size=rng.integers(0, 4))]
        stretched = {x for x in term if rng.random() < 0.1}
        terms.append("".join(term))
        shapes.append(tuple(1 if x in stretched else extents[x] for x in term))
    used = sorted({x for term in terms for x in term})
    output = [x for x in used if rng.random() < 0.4]
    rng.shuffle(output)
    equation = ",".join(terms) + ("->" + "".join(output) if rng.random() < 0.8 else "")
    return equation, shapes


@pytest.mark.parametrize("dtype", ALL)
@pytest.mark.parametrize("seed", range(12))
def test_random(seed, dtype):
    if dtype == "bfloat16":
        pytest.importorskip("ml_dtypes")
    rng = np.random.default_rng([seed, ALL.index(dtype)])
    equation, shapes = random_case(rng, empty=seed % 6 == 5)
    arrays = [strided(rng, values(rng, shape, dtype)) for shape in shapes]
    check(tenon_einsum(equation, arrays), equation, arrays)


@pytest.mark.parametrize("seed", range(40))
def test_random_ellipsis(seed):
    rng = np.random.default_rng([7, seed])
    batch = [int(x) for x in rng.permutation([2, 3, 4])[: rng.integers(0, 4)]]
    core = {"i": 5, "j": 6, "k": 7}
    terms, shapes = [], []
    for _ in range(rng.integers(1, 4)):
        named = [str(x) for x in rng.choice(list(core), size=rng.integers(0, 3))]
        hidden = [1 if rng.random() < 0.2 else x for x in batch[len(batch) - rng.integers(0, len(batch) + 1) :]]
        place = rng.integers(0, len(named) + 1)
        terms.append("".join(named[:place]) + "..." + "".join(named[place:]))
        shapes.append((*[core[x] for x in named[:place]], *hidden, *[core[x] for x in named[place:]]))
    used = sorted({x for term in terms for x in term if x != "."})
    kept = "".join(x for x in used if rng.random() < 0.5)
    equation = ",".join(terms) + (f"->...{kept}" if rng.random() < 0.7 else "")
    arrays = [strided(rng, values(rng, shape, "float64")) for shape in shapes]
    check(tenon_einsum(equation, arrays), equation, arrays)


@pytest.mark.parametrize("seed", range(20))
def test_random_interleaved(seed):
    rng = np.random.default_rng([8, seed])
    equation, shapes = random_case(rng, empty=False)
    left, _, right = equation.partition("->")
    lists = [[ord(x) - ord("a") for x in term] for term in left.split(",")]
    output = [ord(x) - ord("a") for x in right] if "->" in equation else None
    arrays = [values(rng, shape, "int32") for shape in shapes]
    check(tenon_einsum((lists, output), arrays), (lists, output), arrays)


@pytest.mark.parametrize("seed", range(10))
def test_chains_of_many_operands(seed):
    rng = np.random.default_rng([9, seed])
    extents = [int(x) for x in rng.integers(2, 6, size=9)]
    lists = [[k, k + 1] for k in range(8)]
    arrays = [values(rng, (extents[k], extents[k + 1]), "complex128") for k in range(8)]
    form = (lists, [8, 0])
    assert products(form, arrays) > 1
    check(tenon_einsum(form, arrays), form, arrays)
