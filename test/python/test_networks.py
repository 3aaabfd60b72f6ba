"""Published networks of up to 1e9 multiply-adds against cotengra over NumPy, on the same contraction tree.

The bound: in a tree whose step s sums K_s products, every product of entries passes through at most sum(K_s) additions
and len(steps) multiplications, whatever the order within the steps. So the computed value differs from the exact one by at most
gamma(4 * sum(K_s + 1)) times the contraction of the moduli (docs/spec.md, Floating point), and two evaluations by twice that.
"""

import json
import math
import pathlib

import numpy as np
import pytest

import tenon

from oracle import ROUNDOFF

NETWORKS = pathlib.Path(__file__).parents[1] / "Inputs" / "networks"
NAMES = ["mps_mpo_L100_chi64_D5", "rtree_100_a", "str_matrix_chain_multiplication_100", "str_matrix_chain_multiplication_1000",
         "str_mps_varying_inner_product_200"]


@pytest.mark.parametrize("name", NAMES)
def test_network(name):
    cotengra = pytest.importorskip("cotengra")
    network = json.loads((NETWORKS / f"{name}.json").read_text())
    inputs, output = [tuple(x) for x in network["inputs"]], tuple(network["output"])
    sizes = {index: network["sizes"][index] for indices in inputs for index in indices}
    tree = cotengra.array_contract_tree(inputs, output, sizes, optimize="greedy")
    assert tree.contraction_cost() <= 1e9
    rng = np.random.default_rng(len(inputs))
    arrays = []
    for indices in inputs:
        # Every index is on two tensors, so this scale keeps the product of hundreds of tensors near 1. Positive parts keep the
        # contraction of the moduli, and with it the bound, near the value.
        values = rng.uniform(0.5, 1.5, [sizes[index] for index in indices])
        if network["dtype"].startswith("complex"):
            values = values + 0.1j * rng.uniform(-1, 1, values.shape)
        arrays.append((values / max(1.0, values.size) ** 0.5).astype(network["dtype"]))

    summed = 0
    for node, left, right in tree.traverse():
        removed = (set(tree.get_legs(left)) | set(tree.get_legs(right))) - set(tree.get_legs(node))
        summed += math.prod(tree.size_dict[index] for index in removed) + 1
    unit = ROUNDOFF[network["dtype"]] * 4 * summed
    gamma = unit / (1 - unit)
    expected = np.asarray(tree.contract(arrays))
    bound = 2 * gamma * np.asarray(tree.contract([np.abs(x).astype(np.float64) for x in arrays]))
    result = tenon.array_contract(arrays, inputs, output, optimize=tree.get_path())
    assert np.asarray(result).dtype == np.dtype(network["dtype"])
    assert np.all(np.abs(result - expected) <= bound)
    # The bound is no excuse: it stays well below the value.
    assert np.all(bound < 0.05 * np.abs(expected))
