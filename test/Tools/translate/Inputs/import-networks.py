"""Imports each network file given, in text and bytecode, compares the IR with the file, and simplifies it.

The IR is read back by tenon-opt, which verifies it, and then as text: types of the arguments,
indices of every operand, the output and the result's type must be those of the JSON file. What is
simplified verifies too, has no more operands than before, and as many again when simplified once more.
"""

import json
import re
import subprocess
import sys

ELEMENT_TYPES = {
    "float32": "f32",
    "float64": "f64",
    "complex64": "complex<f32>",
    "complex128": "complex<f64>",
    "int16": "i16",
}


def run(*command, stdin=None):
    return subprocess.run(command, input=stdin, stdout=subprocess.PIPE, check=True).stdout


def tensor(indices, sizes, element):
    return "tensor<" + "".join(f"{sizes[i]}x" for i in indices) + element + ">"


def check(path):
    with open(path) as file:
        network = json.load(file)
    element = ELEMENT_TYPES[network["dtype"]]
    sizes, inputs, output = network["sizes"], network["inputs"], network["output"]

    text = run("tenon-opt", stdin=run("tenon-translate", "--import-network", path)).decode()
    code = run("tenon-opt", stdin=run("tenon-translate", "--import-network", path, "--emit-bytecode"))
    assert code.decode() == text, "text and bytecode differ"

    (signature,) = re.findall(r"func.func @main\((.*)\) -> (\S+) \{", text)
    arguments = re.findall(r"%arg\d+: (tensor<[^,]*?>)(?:, |$)", signature[0])
    assert arguments == [tensor(ids, sizes, element) for ids in inputs], "arguments"
    assert signature[1] == tensor(output, sizes, element), "result"
    ((operands, results),) = re.findall(r"tn\.contract \((.*?)\) -> \[(.*?)\]", text)
    lists = re.findall(r"%arg(\d+)\[(.*?)\]", operands)
    assert [int(number) for number, _ in lists] == list(range(len(inputs))), "operands"
    assert [names for _, names in lists] == [", ".join(f"i{i}" for i in ids) for ids in inputs]
    assert results == ", ".join(f"i{i}" for i in output), "output"

    def simplify(text):
        done = subprocess.run(["tenon-opt", "--tn-simplify=stats=json"], input=text, capture_output=True, check=True)
        counters = json.loads(done.stderr)["counters"]
        assert counters["networks"] == 1 and counters["operands-before"] == len(inputs), "counted"
        return done.stdout, counters["operands-after"]

    simple, count = simplify(text.encode())
    assert 0 < count <= len(inputs), "simplified operands"
    assert simplify(simple)[1] == count, "there was more to simplify"


for name in sys.argv[1:]:
    check(name)
print(f"{len(sys.argv) - 1} networks agree")
