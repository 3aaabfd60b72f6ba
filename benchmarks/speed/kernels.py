"""Compile time of distinct kernels, in a fresh process: `python kernels.py`. Prints a list of [kernels, seconds]."""

from __future__ import annotations

import json

#: Of different types, strategies or tiles; each needs a kernel that those before it have not.
EQUATIONS = (
    ("ik,kj->ij", {"i": 512, "j": 512, "k": 512}),
    ("ik,k->i", {"i": 512, "k": 512}),
    ("i,j->ij", {"i": 512, "j": 512}),
    ("bik,bkj->bij", {"b": 512, "i": 6, "j": 6, "k": 6}),
)
DTYPES = ("float32", "float64", "complex64", "complex128", "int32", "int64", "float16", "int16")


def main() -> None:
    import tenon

    found = []
    for dtype in DTYPES:
        for equation, sizes in EQUATIONS:
            shapes = [tuple(sizes[label] for label in labels) for labels in equation.split("->")[0].split(",")]
            plan = tenon.contract_expression(equation, *shapes, dtype=dtype).plan
            found.append([plan.kernels, plan.stages["kernels"]])
    print(json.dumps(found))


if __name__ == "__main__":
    main()
