"""One path for all peers: cotengra's, in the pinned version, kept in a folder by what it was found for."""

from __future__ import annotations

import importlib.metadata
import json
import math
import pathlib
import warnings
from dataclasses import replace

from common.network import BadInput
from common.whole_file import write_whole

from .cases import Case

#: The greedy search's samples, as bench_networks takes them; up to so many operands the search is exact.
SAMPLES = 64
MOST_EXACT = 10


def with_path(case: Case, folder: pathlib.Path) -> Case:
    """The case with its path. Raises BadInput where cotengra is needed and missing."""
    if len(case.inputs) <= 2:
        return case
    try:
        version = importlib.metadata.version("cotengra")
    except importlib.metadata.PackageNotFoundError:
        raise BadInput("cotengra finds the paths of networks and is not there: run benchmarks/setup.sh") from None
    file = folder / f"{case.digest()}-cotengra-{version}.json"
    if not file.exists():
        write_whole(file, json.dumps(_find(case)) + "\n")
    return replace(case, path=tuple(tuple(step) for step in json.loads(file.read_text())))


def _find(case: Case) -> list[list[int]]:
    import cotengra

    inputs, output = [tuple(labels) for labels in case.inputs], tuple(case.output)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if len(inputs) <= MOST_EXACT:
            tree = cotengra.array_contract_tree(inputs, output, case.sizes, optimize="optimal")
        else:
            tree = _sample(cotengra, inputs, output, case.sizes)
    return [list(map(int, step)) for step in tree.get_path()]


def _sample(cotengra, inputs, output, sizes):
    def search(accel):
        optimizer = cotengra.RandomGreedyOptimizer(max_repeats=SAMPLES, seed=0, accel=accel, parallel=False)
        return optimizer.search(inputs, output, sizes)

    try:
        return search("auto")
    except KeyError:
        # cotengrust 0.2.1 gives a path that is none for some networks with hyperedges (gm_BN_13).
        return search(False)


def fits(case: Case, limits: dict) -> bool:
    """Whether a suite's limits allow the case on its path."""
    if not case.path:
        return True
    steps = case.steps()
    largest = max(math.log2(case.elements(kept)) for _, kept in steps)
    return math.log10(case.madds()) <= limits.get("largest_log10_madds", math.inf) and largest <= limits.get(
        "largest_log2_elements", math.inf
    )
