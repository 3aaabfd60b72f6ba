"""Prints a function with one large network, for tests of how tn-simplify scales.

usage: generate_network.py {chain,nest,star,deltas,circuit} OPERANDS"""

import random
import sys


def emit(arguments, body, operands, output, shape, element):
    """One contraction of `operands`, pairs of 'value[indices]' and a shape."""
    signature = ", ".join(f"{name}: tensor<{shape_}x{element}>" for name, shape_ in arguments)
    result = "tensor<" + "".join(f"{extent}x" for extent in shape) + f"{element}>"
    print(f"func.func @f({signature}) -> {result} {{")
    print("\n".join(body))
    types = ", ".join(f"tensor<{shape_}x{element}>" for _, shape_ in operands)
    terms = ", ".join(term for term, _ in operands)
    print(f"  %r = tn.contract ({terms}) -> [{output}] : ({types}) -> {result}")
    print(f"  return %r : {result}\n}}")


def chain(count):
    """Matrices in a row: nothing to simplify."""
    shapes = [f"{3 + k % 2}x{3 + (k + 1) % 2}" for k in range(count)]
    arguments = [(f"%a{k}", shape) for k, shape in enumerate(shapes)]
    operands = [(f"%a{k}[x{k}, x{k + 1}]", shape) for k, shape in enumerate(shapes)]
    emit(arguments, [], operands, f"x0, x{count}", [3, 3 + count % 2], "f64")


def nest(count):
    """A vector through that many matrices, one contraction after the other."""
    arguments = ", ".join(f"%a{k}: tensor<3x3xf64>" for k in range(count))
    print(f"func.func @f(%v0: tensor<3xf64>, {arguments}) -> tensor<3xf64> {{")
    for k in range(count):
        print(f"  %v{k + 1} = tn.contract (%v{k}[i], %a{k}[i, j]) -> [j]"
              " : (tensor<3xf64>, tensor<3x3xf64>) -> tensor<3xf64>")
    print(f"  return %v{count} : tensor<3xf64>\n}}")


def star(count):
    """Matrices that share one index; the other one of each is summed."""
    shapes = [f"5x{2 + k % 3}" for k in range(count)]
    arguments = [("%m", "5x7")] + [(f"%a{k}", shape) for k, shape in enumerate(shapes)]
    operands = [("%m[x, z]", "5x7")] + [(f"%a{k}[x, y{k}]", shape) for k, shape in enumerate(shapes)]
    emit(arguments, [], operands, "x, z", [5, 7], "f64")


def deltas(count):
    """Two matrices with that many copy tensors between them."""
    operands = [("%a[x0, p]", "3x4")]
    operands += [(f"%d[x{k}, x{k + 1}]", "3x3") for k in range(count)]
    operands += [(f"%b[x{count}, q]", "3x5")]
    body = ["  %d = tn.delta : tensor<3x3xf64>"]
    emit([("%a", "3x4"), ("%b", "3x5")], body, operands, "p, q", [4, 5], "f64")


def circuit(count):
    """An amplitude of a 53-qubit circuit: a gate on each qubit, one on each second pair, and so on."""
    qubits = 53
    random.seed(1)

    def number():
        return f"({random.uniform(-0.7, 0.7):.4f},{random.uniform(-0.7, 0.7):.4f})"

    def literal(rank):
        return number() if rank == 0 else f"[{literal(rank - 1)}, {literal(rank - 1)}]"

    body = ["  %zero = tn.constant dense<[(1.0,0.0),(0.0,0.0)]> : tensor<2xcomplex<f64>>"]
    wires = [0] * qubits
    operands = [(f"%zero[q{i}_0]", "2") for i in range(qubits)]

    def apply(targets):
        shape = "x".join("2" * (2 * len(targets)))
        name = f"%u{len(body)}"
        body.append(f"  {name} = tn.constant dense<{literal(2 * len(targets))}> : tensor<{shape}xcomplex<f64>>")
        before = [f"q{i}_{wires[i]}" for i in targets]
        for i in targets:
            wires[i] += 1
        after = [f"q{i}_{wires[i]}" for i in targets]
        operands.append((f"{name}[{', '.join(after + before)}]", shape))

    cycle = 0
    while len(operands) < count:
        for i in range(qubits):
            apply([i])
        for i in range(cycle % 2, qubits - 1, 2):
            apply([i, i + 1])
        cycle += 1
    operands += [(f"%zero[q{i}_{wires[i]}]", "2") for i in range(qubits)]
    emit([], body, operands, "", [], "complex<f64>")


KINDS = {"chain": chain, "nest": nest, "star": star, "deltas": deltas, "circuit": circuit}
KINDS[sys.argv[1]](int(sys.argv[2]))
