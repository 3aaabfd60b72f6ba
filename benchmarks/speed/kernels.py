"""Compile time of distinct kernels, in a fresh process: `python kernels.py [COUNT]`. Prints a list of
[kernels compiled, processor seconds that they took] of the first COUNT networks, by default all."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable

#: Of different types, strategies or tiles.
EQUATIONS = (
    ("ik,kj->ij", {"i": 512, "j": 512, "k": 512}),
    ("ik,k->i", {"i": 512, "k": 512}),
    ("i,j->ij", {"i": 512, "j": 512}),
    ("bik,bkj->bij", {"b": 512, "i": 6, "j": 6, "k": 6}),
)
#: Kinds of types alike in both halves, whose times are compared.
DTYPES = ("float32", "complex64", "int32", "float16", "float64", "complex128", "int64", "int16")


def main() -> None:
    import tenon

    networks = [(dtype, *case) for dtype in DTYPES for case in EQUATIONS]
    if len(sys.argv) > 1:
        networks = networks[: int(sys.argv[1])]
    found = []
    for dtype, equation, sizes in networks:
        shapes = [tuple(sizes[label] for label in labels) for labels in equation.split("->")[0].split(",")]
        before = tenon.kernel_cache_info().compiled
        whole = _seconds(lambda: tenon.contract_expression(equation, *shapes, dtype=dtype))
        kernels = tenon.kernel_cache_info().compiled - before
        # Again, with kernels that are there: what everything else takes.
        tenon.cache_clear()
        rest = _seconds(lambda: tenon.contract_expression(equation, *shapes, dtype=dtype))
        found.append([kernels, whole - rest])
    print(json.dumps(found))


def _seconds(make: Callable[[], object]) -> float:
    """Processor time: others may use the machine."""
    start = time.process_time()
    make()
    return time.process_time() - start


if __name__ == "__main__":
    main()
