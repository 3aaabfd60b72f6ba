"""Writes a function with several contractions of a lattice of tensors.

usage: several_outputs.py environments ROWS COLUMNS    the lattice without each of its tensors in turn
       several_outputs.py batch ROWS COLUMNS A,B,...   the lattice with every combination of two values for tensors A, B, ...

Bonds have the extents 2, 3, 2, 3, ...; elements are i64. Every other result has its dimensions the other way round, and every other
contraction its operands.
"""
import itertools
import sys


def lattice(rows, columns):
    tensors, extents = [[] for _ in range(rows * columns)], []

    def bond(a, b):
        for tensor in (a, b):
            tensors[tensor].append(len(extents))
        extents.append(2 + len(extents) % 2)

    for row, column in itertools.product(range(rows), range(columns)):
        here = row * columns + column
        if row + 1 < rows:
            bond(here, here + columns)
        if column + 1 < columns:
            bond(here, here + 1)
    return tensors, extents


def main():
    kind, rows, columns, *varying = sys.argv[1:]
    tensors, extents = lattice(int(rows), int(columns))

    def type_of(indices):
        return "tensor<" + "".join(f"{extents[i]}x" for i in indices) + "i64>"

    names = [f"t{k}" for k in range(len(tensors))]
    inputs = dict(zip(names, tensors))
    if kind == "environments":
        jobs = [([(n, t) for n, t in zip(names, tensors) if n != left], inputs[left]) for left in names]
    else:
        slots = [int(slot) for slot in varying[0].split(",")]
        inputs |= {f"u{slot}": tensors[slot] for slot in slots}
        jobs = [
            ([(f"u{k}" if k in chosen else n, t) for k, (n, t) in enumerate(zip(names, tensors))], [])
            for size in range(len(slots) + 1)
            for chosen in itertools.combinations(slots, size)
        ]

    lines, results = [], []
    for number, (operands, output) in enumerate(jobs):
        if number % 2:
            operands, output = operands[::-1], output[::-1]
        listed = ", ".join(f"%{name}[{', '.join(f'i{i}' for i in indices)}]" for name, indices in operands)
        types = ", ".join(type_of(indices) for _, indices in operands)
        results.append(type_of(output))
        lines.append(f"  %r{number} = tn.contract ({listed}) -> [{', '.join(f'i{i}' for i in output)}] : ({types}) -> {results[-1]}")
    arguments = ", ".join(f"%{name}: {type_of(indices)}" for name, indices in inputs.items())
    print(f"func.func @main({arguments}) -> ({', '.join(results)}) {{")
    print("\n".join(lines))
    print(f"  return {', '.join(f'%r{k}' for k in range(len(jobs)))} : {', '.join(results)}\n}}")


main()
