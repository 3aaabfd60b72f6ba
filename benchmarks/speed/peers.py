"""Who is measured. A peer prepares a case once and gives a function to call; a new peer is one class and one line."""

from __future__ import annotations

import functools
import importlib
import importlib.metadata
import os
from collections.abc import Callable

import numpy as np

from .cases import Case


class NotSupported(Exception):
    """The peer cannot do the case at all: it is left out of the comparison."""


class Peer:
    #: modules that must be there
    needs: tuple[str, ...] = ()
    #: distribution whose version is reported
    package = "numpy"
    dtypes: tuple[str, ...] = ("f32", "f64", "c64", "c128")

    def __init__(self, threads: int):
        self.threads = threads

    def version(self) -> str:
        try:
            return f"{self.package} {importlib.metadata.version(self.package)}"
        except importlib.metadata.PackageNotFoundError:
            module = __import__(self.package)
            return f"{self.package} {getattr(module, '__version__', '(version unknown)')}"

    def get_ready(self, case: Case) -> None:
        """Imports what is needed, and turns the case's path into what the peer takes a path as."""
        for module in self.needs:
            importlib.import_module(module)

    def prepare(self, case: Case, dtype: str, operands: list[np.ndarray]) -> Callable[[], object]:
        """A function that computes the case from operands that lie ready, and returns when the result is there.

        Raises NotSupported.
        """
        raise NotImplementedError

    def to_numpy(self, result) -> np.ndarray:
        return np.asarray(result)


class Tenon(Peer):
    """As a user calls it: tenon.einsum, which looks its compiled network up; with a path, an expression."""

    needs = ("tenon",)
    package = "tenon"
    dtypes = ("f32", "f64", "c64", "c128", "bf16")

    def prepare(self, case, dtype, operands):
        import tenon

        tenon.set_num_threads(self.threads)
        if case.path:
            expression = tenon.array_contract_expression(
                [tuple(labels) for labels in case.inputs],
                tuple(case.output),
                shapes=case.shapes,
                dtype=operands[0].dtype,
                optimize=list(case.path),
            )
            return lambda: expression(*operands)
        return lambda: tenon.einsum(case.equation, *operands)


class TenonExpression(Tenon):
    def prepare(self, case, dtype, operands):
        import tenon

        tenon.set_num_threads(self.threads)
        expression = tenon.contract_expression(case.equation, *case.shapes, dtype=operands[0].dtype)
        return lambda: expression(*operands)


class ThroughCotengra(Peer):
    """Runs networks pair by pair, driven by cotengra on the case's path."""

    tree = None

    def get_ready(self, case):
        super().get_ready(case)
        self.tree = _tree(case) if case.path else None

    def contract(self, case: Case, arrays) -> object:
        if self.tree is None:
            self.tree = _tree(case)
        return self.tree.contract(arrays)


class Numpy(ThroughCotengra):
    needs = ("numpy",)

    def prepare(self, case, dtype, operands):
        if case.path:
            return functools.partial(self.contract, case, operands)
        if len(operands) == 1:
            # A permutation or diagonal would be a view: the result is to be new memory, as it is for the others.
            return lambda: np.array(np.einsum(case.equation, operands[0]), order="C")
        return lambda: np.einsum(case.equation, *operands, optimize=True)


class Torch(ThroughCotengra):
    needs = ("torch",)
    package = "torch"
    dtypes = ("f32", "f64", "c64", "c128", "bf16")

    def prepare(self, case, dtype, operands):
        import torch

        torch.set_num_threads(self.threads)
        if dtype == "bf16":
            tensors = [torch.from_numpy(values.view(np.uint16).copy()).view(torch.bfloat16) for values in operands]
        else:
            tensors = [torch.from_numpy(values) for values in operands]
        if case.path:
            return functools.partial(self.contract, case, tensors)
        if len(tensors) == 1:
            return lambda: torch.einsum(case.equation, tensors[0]).clone(memory_format=torch.contiguous_format)
        return lambda: torch.einsum(case.equation, *tensors)

    def to_numpy(self, result):
        import torch

        return (result.float() if result.dtype == torch.bfloat16 else result).resolve_conj().numpy()


class Jax(ThroughCotengra):
    needs = ("jax",)
    package = "jax"
    dtypes = ("f32", "f64", "c64", "c128", "bf16")

    def prepare(self, case, dtype, operands):
        import jax

        jax.config.update("jax_enable_x64", True)
        arrays = [jax.numpy.asarray(values) for values in operands]
        if case.path:
            compiled = jax.jit(lambda *values: self.contract(case, values))
        else:
            compiled = jax.jit(lambda *values: jax.numpy.einsum(case.equation, *values, precision="highest"))
        return lambda: compiled(*arrays).block_until_ready()


class Tblis(Peer):
    needs = ("pytblis",)
    package = "pytblis"

    def prepare(self, case, dtype, operands):
        import pytblis

        if case.path:
            raise NotSupported("measured on one and two operands only")
        pytblis.set_num_threads(self.threads)
        if len(operands) == 1:
            return lambda: np.array(pytblis.einsum(case.equation, operands[0]), order="C")
        return lambda: pytblis.einsum(case.equation, *operands)


class Matmul(Peer):
    """The matrix product of equal size, on matrices that need no transpose and into a result that is there: NumPy's
    OpenBLAS, for each batch. What contractions are compared with, and no rival: no time of it is for a result."""

    needs = ("numpy",)

    def prepare(self, case, dtype, operands):
        if not case.is_binary:
            raise NotSupported("two operands only")
        left, right, output = (set(labels) for labels in (*case.inputs, case.output))
        batch, m = case.elements(left & right & output), case.elements((left & output) - right)
        n, k = case.elements((right & output) - left), case.elements((left | right) - output)
        a, b, out = (np.ones(shape, operands[0].dtype) for shape in ((batch, m, k), (batch, k, n), (batch, m, n)))
        return lambda: np.matmul(a, b, out=out)


#: not checked, and no rival
YARDSTICK = "matmul"


def is_rival(name: str) -> bool:
    """Whether Tenon is compared with it: not with itself in another guise, nor with the yardstick."""
    return name != YARDSTICK and not name.startswith("tenon")


PEERS: dict[str, type[Peer]] = {
    "tenon": Tenon,
    "tenon-expression": TenonExpression,
    "numpy": Numpy,
    "torch": Torch,
    "jax": Jax,
    "tblis": Tblis,
    YARDSTICK: Matmul,
}


def _tree(case: Case):
    import cotengra

    return cotengra.ContractionTree.from_path(
        [tuple(labels) for labels in case.inputs], tuple(case.output), case.sizes, path=case.path
    )


def environment(threads: int) -> dict[str, str]:
    """Variables that fix the number of threads before a library is loaded."""
    names = ("OMP", "OPENBLAS", "MKL", "BLIS", "TBLIS", "TENON")
    values = {f"{name}_NUM_THREADS": str(threads) for name in names}
    if threads == 1:
        values["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
    # What slows a peer down on purpose, as some set-ups do to get the same bits everywhere, is left out.
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("OPENBLAS_")}
    return {**inherited, **values, "JAX_PLATFORMS": "cpu", "PYTHONHASHSEED": "0"}


def processors(threads: int) -> list[int]:
    """Those that peers are pinned to: the last ones, as the system's own work prefers the first."""
    available = sorted(os.sched_getaffinity(0))
    return available[-min(threads, len(available)) :]
