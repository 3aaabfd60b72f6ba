"""Element types by the names of the command line."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ElementType:
    name: str
    itemsize: int
    #: of a rounding, also where sums are kept in a wider type: the result is rounded
    unit: float
    #: of a sum's roundings
    sum_unit: float
    is_complex: bool = False

    @property
    def flops_per_madd(self) -> int:
        return 8 if self.is_complex else 2


TYPES = {
    kind.name: kind
    for kind in (
        ElementType("f32", 4, 2**-24, 2**-24),
        ElementType("f64", 8, 2**-53, 2**-53),
        ElementType("c64", 8, 2**-24, 2**-24, True),
        ElementType("c128", 16, 2**-53, 2**-53, True),
        # 8 bits of precision; every peer sums in f32.
        ElementType("bf16", 2, 2**-8, 2**-24),
    )
}


def numpy_type(name: str):
    import numpy as np

    if name == "bf16":
        import ml_dtypes

        return np.dtype(ml_dtypes.bfloat16)
    return np.dtype({"f32": "float32", "f64": "float64", "c64": "complex64", "c128": "complex128"}[name])
