"""Functions of several contractions, which share steps, given as IR."""

import json

import numpy as np

from tenon import _tenon
from tenon._dtypes import from_numpy
from tenon._threads import acquire_context, release_context

RNG = np.random.default_rng(61)
EXTENTS = [3, 4, 2, 5, 3, 4]


def compile_ring():
    """Environments of a ring of matrices, each twice an operand of what the function returns: the product of their squared norms."""
    count = len(EXTENTS)
    pairs = [(k, (k + 1) % count) for k in range(count)]
    types = [f"tensor<{EXTENTS[a]}x{EXTENTS[b]}xi64>" for a, b in pairs]
    lines = []
    for left in range(count):
        rest = [k for k in range(count) if k != left]
        operands = ", ".join(f"%m{k}[i{pairs[k][0]}, i{pairs[k][1]}]" for k in rest)
        lines.append(
            f"%e{left} = tn.contract ({operands}) -> [i{pairs[left][0]}, i{pairs[left][1]}]"
            f" : ({', '.join(types[k] for k in rest)}) -> {types[left]}"
        )
    twice = ", ".join(f"%e{k}[a{k}, b{k}], %e{k}[a{k}, b{k}]" for k in range(count))
    lines.append(f"%r = tn.contract ({twice}) -> [] : ({', '.join(t for t in types for _ in range(2))}) -> tensor<i64>")
    arguments = ", ".join(f"%m{k}: {t}" for k, t in enumerate(types))
    text = f"func.func @main({arguments}) -> tensor<i64> {{\n" + "\n".join(lines) + "\nreturn %r : tensor<i64>\n}"
    return _tenon.Network.compile(_tenon.Module.parse(text), 1)


def test_environments_are_computed_once():
    network = compile_ring()
    count = len(EXTENTS)
    matrices = [RNG.integers(-3, 4, (EXTENTS[k], EXTENTS[(k + 1) % count])) for k in range(count)]
    out = np.zeros((), np.int64)
    code = from_numpy(out.dtype).code
    context = acquire_context(1)
    try:
        network.run(context, matrices, [code] * count, [out], [code], False)
    finally:
        release_context(1, context)
    expected = np.int64(1)
    with np.errstate(over="ignore"):
        for left in range(count):
            product = np.eye(EXTENTS[(left + 1) % count], dtype=np.int64)
            for k in range(left + 1, left + count):
                product = product @ matrices[k % count]
            expected *= np.sum(product * product, dtype=np.int64)
    assert out == expected


def test_plan_counts_shared_steps_once():
    plan = json.loads(compile_ring().plan)
    assert plan["shared_steps"] > 0
    assert plan["operations"] < plan["operations_unshared"] == sum(c["operations"] for c in plan["contractions"])
