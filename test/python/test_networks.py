"""Published networks of up to 1e9 multiply-adds against cotengra over NumPy, on the contraction tree that Tenon plans.

The bound: in a tree whose step s sums K_s products, every product of entries passes through at most sum(K_s) additions
and len(steps) multiplications, whatever the order within the steps. So the computed value differs from the exact one by at most
gamma(4 * sum(K_s + 1)) times the contraction of the moduli (docs/spec.md, Floating point), and two evaluations by twice that.
tn-simplify adds steps of its own before the planned ones; they are steps of some tree too, with fewer terms in all.
"""

import json
import math
import os
import pathlib
import re

import numpy as np
import pytest

import tenon

from oracle import ROUNDOFF

NETWORKS = pathlib.Path(__file__).parents[1] / "Inputs" / "networks"
#: Those for which somebody knows a tree of at most 1e9 multiply-adds, with the memory in GiB that the test takes.
NAMES = {
    "lm_batch_likelihood_sentence_3_12d": 1,
    "mc_2021_027": 1,
    "mc_2023_002": 4,
    "mps_mpo_L100_chi64_D5": 1,
    "qc_qft_27": 15,
    "rtree_100_a": 1,
    "str_matrix_chain_multiplication_100": 1,
    "str_matrix_chain_multiplication_1000": 1,
    "str_mps_varying_inner_product_200": 1,
    "str_nw_ftps_open_28": 14,
    "wmc_2023_152": 4,
}


def operands(network, inputs, output, sizes):
    """Entries that keep the value of a network of thousands of tensors near 1: moduli of mean 1, each index's extent divided out
    once; and phases that cancel in every term (each index's value turns its tensors by angles that sum to 0), so that the value
    of the contraction and the contraction of the moduli, to which errors are relative, have the same modulus."""
    rng = np.random.default_rng(len(inputs))
    complex_type = network["dtype"].startswith("complex")
    last = {index: k for k, indices in enumerate(inputs) for index in indices}
    turned = {index: np.zeros(extent) for index, extent in sizes.items()}
    seen, arrays = set(output), []
    for k, indices in enumerate(inputs):
        shape = [sizes[index] for index in indices]
        if network["dtype"].startswith("int"):
            # Products of hundreds of integers tend to 0 modulo 2^16. With odd entries at the origin alone, the value is odd.
            values = 2 * rng.integers(-9, 10, shape)
            values[(0,) * len(shape)] += 1
            arrays.append(values.astype(network["dtype"]))
            continue
        values = rng.uniform(0.75, 1.25, shape) / math.prod(sizes[index] for index in set(indices) - seen)
        seen |= set(indices)
        if complex_type:
            assert len(set(indices)) == len(indices)
            for dim, index in enumerate(indices):
                angle = -turned[index] if k == last[index] else rng.uniform(-np.pi, np.pi, sizes[index])
                turned[index] += angle
                values = values * np.exp(1j * angle).reshape([-1 if d == dim else 1 for d in range(len(shape))])
        arrays.append(values.astype(network["dtype"]))
    return arrays


def available_gib(meminfo=pathlib.Path("/proc/meminfo")):
    """What can be allocated without swapping. Free pages are fewer: files that are cached give way."""
    kib = re.search(r"^MemAvailable:\s+(\d+) kB$", meminfo.read_text(), re.MULTILINE)[1]
    return int(kib) / 2**20


def test_cached_files_count_as_available(tmp_path):
    meminfo = tmp_path / "meminfo"
    meminfo.write_text("MemTotal:       24684084 kB\nMemFree:         1048576 kB\nMemAvailable:   16777216 kB\nCached: 15000000 kB\n")
    assert available_gib(meminfo) == 16
    total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    assert 0 < available_gib() <= total


@pytest.mark.parametrize("name", NAMES)
def test_network(name):
    cotengra = pytest.importorskip("cotengra")
    if available_gib() < NAMES[name]:
        pytest.skip(f"not enough free memory: {NAMES[name]} GiB are needed")
    network = json.loads((NETWORKS / f"{name}.json").read_text())
    inputs, output = [tuple(x) for x in network["inputs"]], tuple(network["output"])
    sizes = {index: network["sizes"][index] for indices in inputs for index in indices}
    arrays = operands(network, inputs, output, sizes)

    expression = tenon.array_contract_expression(inputs, output, shapes=[x.shape for x in arrays], dtype=network["dtype"])
    assert expression.plan.operations <= 1.5e9
    tree = cotengra.array_contract_tree(inputs, output, sizes, optimize=expression.plan.path)
    result = np.asarray(expression(*arrays))
    expected = np.asarray(tree.contract(arrays))
    assert result.dtype == np.dtype(network["dtype"])
    if network["dtype"].startswith("int"):
        np.testing.assert_array_equal(result, expected)
        assert np.all(expected % 2 == 1)
        return

    summed = 0
    for node, left, right in tree.traverse():
        removed = (set(tree.get_legs(left)) | set(tree.get_legs(right))) - set(tree.get_legs(node))
        summed += math.prod(tree.size_dict[index] for index in removed) + 1
    roundoff = ROUNDOFF[network["dtype"]]
    gamma = roundoff * 4 * summed / (1 - roundoff * 4 * summed)
    # Rounding turns an entry by up to 2 units, a term by up to 2 units a tensor.
    bound = 2 * gamma / ((1 - gamma) * math.cos(2 * roundoff * len(inputs)))
    # In place: these arrays have up to 2 GiB.
    result -= expected
    error = np.max(np.abs(result) / np.abs(expected))
    assert error <= bound
    # The bound is no excuse.
    assert bound < 0.05
