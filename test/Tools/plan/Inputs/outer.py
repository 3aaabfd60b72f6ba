"""Writes a contraction of vectors whose path multiplies all that share nothing first: 2^1200 elements."""

count, vector = 20, "tensor<1152921504606846976xi8>"
operands = [f"%a{k}" for k in range(2 * count)]
indexed = ", ".join(f"{name}[x{k % count}]" for k, name in enumerate(operands))
path, last = [], 0
for k in range(1, 2 * count):
    path += [last, k]
    last = 2 * count + k - 1
print(f"func.func @main({', '.join(f'{name}: {vector}' for name in operands)}) -> tensor<i8> {{")
print(f"  %r = tn.contract ({indexed}) -> [] {{tn.path = array<i64: {', '.join(map(str, path))}>}}")
print(f"    : ({', '.join([vector] * len(operands))}) -> tensor<i8>")
print("  return %r : tensor<i8>\n}")
