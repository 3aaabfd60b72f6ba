"""Tensor networks in the JSON format of docs/frontend.md."""

from __future__ import annotations

import hashlib
import json
import pathlib
from dataclasses import dataclass, field


class BadInput(Exception):
    """A message for the user: what was found, what was expected, what to do."""


@dataclass(frozen=True)
class Network:
    name: str
    inputs: list[list[int]]
    output: list[int]
    sizes: list[int]
    #: objective -> {"log10_madds": ..., "log2_size": ...}; empty where none is known
    reference: dict = field(default_factory=dict)
    #: of inputs, output and sizes: results belong to a content, not to a name
    digest: str = ""

    def labelled(self):
        """(inputs, output, size_dict) with one character an index, as opt_einsum and cotengra take them."""
        return (
            [tuple(map(symbol, indices)) for indices in self.inputs],
            tuple(map(symbol, self.output)),
            {symbol(index): extent for index, extent in enumerate(self.sizes)},
        )


def symbol(index: int) -> str:
    """A character of its own for every index: letters first, then all of Unicode but the surrogates."""
    letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
    if index < len(letters):
        return letters[index]
    code = index + 140
    return chr(code if code < 0xD800 else code + 0x800)


def read_network(path: pathlib.Path) -> Network:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadInput(f"cannot read {path}: {error.strerror}") from None
    except ValueError as error:
        raise BadInput(f"{path} is no JSON: {error}") from None
    try:
        inputs, output, sizes = data["inputs"], data["output"], data["sizes"]
        count = len(sizes)
        for indices in [*inputs, output]:
            if not all(isinstance(index, int) and 0 <= index < count for index in indices):
                raise BadInput(f"{path}: an index is not a number from 0 to {count - 1}, the last that has a size")
        if not inputs:
            raise BadInput(f"{path}: the network has no tensors")
    except (KeyError, TypeError):
        raise BadInput(
            f"{path}: expected an object with `inputs` (a list of lists of index numbers), `output` and `sizes`"
        ) from None
    content = json.dumps([inputs, output, sizes], separators=(",", ":"))
    return Network(
        name=data.get("name") or path.stem,
        inputs=inputs,
        output=output,
        sizes=sizes,
        reference=data.get("reference") or {},
        digest=hashlib.sha256(content.encode()).hexdigest()[:16],
    )


def find_networks(arguments: list[str]) -> list[pathlib.Path]:
    """Files as they are, and all *.json files of directories, by name."""
    paths: list[pathlib.Path] = []
    for argument in map(pathlib.Path, arguments):
        if argument.is_dir():
            found = sorted(argument.glob("*.json"))
            if not found:
                raise BadInput(f"{argument} holds no .json file")
            paths += found
        elif argument.exists():
            paths.append(argument)
        else:
            raise BadInput(f"{argument} does not exist; --networks takes directories and .json files")
    return paths
