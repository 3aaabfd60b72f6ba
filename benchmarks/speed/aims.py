"""What is to be reached, and how far it is from there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .figures import Row, geometric_mean

MEMORY_SUITES = ("matvec", "outer", "trace", "permutation", "batched")


@dataclass(frozen=True)
class Verdict:
    what: str
    found: str
    aim: str
    reached: bool


def judge_aims(rows: list[Row]) -> list[Verdict]:
    """Those aims of which something was measured."""
    verdicts: list[Verdict] = []
    for dtype in ("f32", "f64", "c64"):
        verdicts += _tccg(_select(rows, "steady", "tccg", dtype), dtype)
        verdicts += _threads(rows, dtype)
    for dtype in _dtypes(rows, "decompositions"):
        chosen = _select(rows, "steady", "decompositions", dtype)
        verdicts += _mean(f"decompositions {dtype}: geometric mean against the best peer", chosen, _to_best, 2.0)
    for dtype in _dtypes(rows, "square"):
        verdicts += _square(_select(rows, "steady", "square", dtype), dtype)
    for suite in MEMORY_SUITES:
        for dtype in _dtypes(rows, suite):
            verdicts += _memory(_select(rows, "steady", suite, dtype), suite, dtype)
    for dtype in _dtypes(rows, "networks"):
        chosen = _select(rows, "steady", "networks", dtype)
        verdicts += _all_of(f"networks {dtype}: ahead of every peer", chosen, _to_best, 1.0)
        verdicts += _mean(f"networks {dtype}: geometric mean against the best peer", chosen, _to_best, 3.0)
    first = [row for row in rows if row.key.mode == "first"]
    verdicts += _all_of("first result, path given: no slower than NumPy", first, lambda row: _against(row, "numpy"), 1.0)
    for row in rows:
        if row.key.mode == "overhead":
            verdicts += _overhead(row)
        if row.key.mode == "compile" and "tenon" in row.seconds:
            milliseconds = 1e3 * row.seconds["tenon"]
            verdicts.append(Verdict(row.key.name, f"{milliseconds:.1f} ms", "below 50 ms", milliseconds < 50))
    return verdicts


def _select(rows: list[Row], mode: str, suite: str, dtype: str, threads: int = 1) -> list[Row]:
    wanted = (mode, suite, dtype, threads)
    return [row for row in rows if (row.key.mode, row.key.suite, row.key.dtype, row.key.threads) == wanted]


def _dtypes(rows: list[Row], suite: str) -> list[str]:
    return list(dict.fromkeys(row.key.dtype for row in rows if (row.key.mode, row.key.suite) == ("steady", suite)))


def _to_best(row: Row) -> float | None:
    return row.to_best and row.to_best.value


def _to_yardstick(row: Row) -> float | None:
    return row.to_yardstick and row.to_yardstick.value


def _against(row: Row, peer: str) -> float | None:
    return row.seconds[peer] / row.seconds["tenon"] if {peer, "tenon"} <= row.seconds.keys() else None


def _known(rows: list[Row], ratio: Callable[[Row], float | None]) -> dict[str, float]:
    return {row.key.name: value for row in rows if (value := ratio(row)) is not None}


def _count(what: str, values: dict[str, float], least: float, needed: int) -> Verdict:
    """`needed` of the values are to be `least` or more."""
    short = sorted((name for name in values if values[name] < least), key=lambda name: values[name])
    named = "; not " + ", ".join(f"{name} ({values[name]:.2f})" for name in short) if short else ""
    good = len(values) - len(short)
    return Verdict(what, f"{good} of {len(values)}{named}", f"{needed} of {len(values)}", good >= needed)


def _all_of(what: str, rows: list[Row], ratio: Callable[[Row], float | None], least: float) -> list[Verdict]:
    values = _known(rows, ratio)
    return [_count(what, values, least, len(values))] if values else []


def _mean(what: str, rows: list[Row], ratio: Callable[[Row], float | None], least: float) -> list[Verdict]:
    values = _known(rows, ratio)
    if not values:
        return []
    mean = geometric_mean(values.values())
    return [Verdict(what, f"{mean:.2f}", f"{least:g} or more", mean >= least)]


def _tccg(rows: list[Row], dtype: str) -> list[Verdict]:
    values = _known(rows, _to_best)
    if not values:
        return []
    # 22 of 24; of a part, as large a part.
    needed = -(-22 * len(values) // 24)
    return [
        _count(f"TCCG {dtype}: ahead of the best peer", values, 1.0, needed),
        *_mean(f"TCCG {dtype}: geometric mean against the best peer", rows, _to_best, 1.5),
        *_mean(f"TCCG {dtype}: geometric mean against the equal-sized product", rows, _to_yardstick, 1.0),
    ]


def _threads(rows: list[Row], dtype: str) -> list[Verdict]:
    one = {row.key.digest: row for row in _select(rows, "steady", "tccg", dtype, 1)}
    two = {row.key.digest: row for row in _select(rows, "steady", "tccg", dtype, 2)}
    ratios = [
        one[digest].seconds["tenon"] / two[digest].seconds["tenon"]
        for digest in one.keys() & two.keys()
        if "tenon" in one[digest].seconds and "tenon" in two[digest].seconds
    ]
    if not ratios:
        return []
    mean = geometric_mean(ratios)
    return [Verdict(f"TCCG {dtype}: two threads against one", f"{mean:.2f}", "1.8 or more", mean >= 1.8)]


def _square(rows: list[Row], dtype: str) -> list[Verdict]:
    if dtype == "bf16":
        return _all_of("square bf16: 0.95 of PyTorch", rows, lambda row: _against(row, "torch"), 0.95)
    return _all_of(f"square {dtype}: 0.95 of OpenBLAS", rows, _to_yardstick, 0.95)


def _memory(rows: list[Row], suite: str, dtype: str) -> list[Verdict]:
    """Each case reaches 0.9 of the bandwidth or is 1.5 times the best peer; 1 says that it does."""
    values = {}
    for row in rows:
        if "tenon" not in row.seconds or (row.to_best is None and row.of_roofline is None):
            continue
        of_memory = row.of_roofline / 0.9 if row.of_roofline and row.bound_by_memory else 0.0
        of_best = row.to_best.value / 1.5 if row.to_best else 0.0
        values[row.key.name] = max(of_memory, of_best)
    if not values:
        return []
    return [_count(f"{suite} {dtype}: 0.9 of the bandwidth, or 1.5 times the best peer", values, 1.0, len(values))]


def _overhead(row: Row) -> list[Verdict]:
    if not {"tenon-expression", "tenon-c"} <= row.seconds.keys():
        return []
    own = 1e9 * row.seconds["tenon-c"]
    over = 1e9 * row.seconds["tenon-expression"] - own
    return [
        Verdict(f"{row.key.name}: Python over the C call", f"{over:.0f} ns", "below 2000 ns", over < 2000),
        Verdict(f"{row.key.name}: from C", f"{own:.0f} ns", "below 200 ns", own < 200),
    ]


