"""Powers of two taken out of operands and results, for ``strip_exponent=True``.

The result is ``mantissa * 10**exponent``. Where an operand's magnitudes are so large or small that one step might leave the
range of the type, each operand is scaled by the power of two that brings its largest magnitude into [1/2, 1), which is
exact but for elements that become subnormal. Isometries, which have none above 1 and would be isometries no more, are left as
they are. While the network runs, powers of two are taken out of its intermediates; in
the end, the result is scaled. A network with slices or parallel loops, and narrow types, are run without the second.
"""

from __future__ import annotations

from math import frexp, isfinite, log10

import numpy as np

from ._dtypes import BFLOAT16, FLOAT32, DType, convert

__all__ = ["check_type", "strip", "to_decimal"]


def check_type(dtype: DType) -> None:
    """Raises TypeError for integers and bool."""
    if dtype.kind not in "fc":
        raise TypeError(f"strip_exponent=True needs floating-point values, not {dtype}")


def to_decimal(exponent: int) -> float:
    """The power of ten that 2**exponent is."""
    return exponent * log10(2)


def strip(values: np.ndarray, dtype: DType) -> tuple[np.ndarray, int]:
    """``values`` scaled to a largest magnitude in [1/2, 1), and the binary exponent taken out.

    The magnitude of a complex number is that of its larger part here. Zeros, empty arrays and arrays with
    an infinity or NaN are left as they are, with exponent 0. `dtype` is of floating point.
    """
    if dtype is BFLOAT16:
        scaled, exponent = strip(convert(values, BFLOAT16, FLOAT32), FLOAT32)
        # Scaling keeps the upper half exact: a bfloat16 again.
        return (np.ascontiguousarray(scaled).view(np.uint32) >> np.uint32(16)).astype(np.uint16), exponent
    parts = (values.real, values.imag) if dtype.kind == "c" else (values,)
    largest = max((float(np.max(np.abs(part), initial=0)) for part in parts), default=0.0)
    if largest == 0 or not isfinite(largest):
        return values, 0
    exponent = frexp(largest)[1]
    scaled = np.empty(values.shape, values.dtype)
    if dtype.kind == "c":
        np.ldexp(values.real, -exponent, out=scaled.real)
        np.ldexp(values.imag, -exponent, out=scaled.imag)
    else:
        np.ldexp(values, -exponent, out=scaled)
    return scaled, exponent
