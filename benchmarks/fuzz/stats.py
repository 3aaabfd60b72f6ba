"""Small-sample statistics, exact: medians, quartiles and the Mann-Whitney test."""

from __future__ import annotations

import itertools
import math
import statistics
from collections.abc import Sequence


def quartiles(values: Sequence[float]) -> tuple[float, float, float]:
    """First quartile, median, third quartile; of one value it three times."""
    if len(values) == 1:
        return values[0], values[0], values[0]
    first, middle, third = statistics.quantiles(values, n=4, method="inclusive")
    return first, middle, third


def rank_sum(first: Sequence[float], second: Sequence[float]) -> float:
    """U of the first sample: pairs in which it is larger, ties by halves."""
    return sum((a > b) + 0.5 * (a == b) for a in first for b in second)


# Past it the normal approximation is used: C(20, 10) is as many.
EXACT_LIMIT = 200_000


def mann_whitney(first: Sequence[float], second: Sequence[float]) -> float:
    """The two-sided p: how often a random division of all values into samples of these sizes is at least as uneven.

    Exact, with ties (the permutation distribution of U), up to EXACT_LIMIT divisions; above, by the normal
    approximation with the variance corrected for ties (Lehmann, Nonparametrics, 1975, sections 1.2 and 1.5).
    """
    n, m = len(first), len(second)
    if n == 0 or m == 0:
        raise ValueError("a sample is empty")
    middle = n * m / 2
    observed = abs(rank_sum(first, second) - middle)
    values = list(first) + list(second)
    if math.comb(n + m, n) <= EXACT_LIMIT:
        ranks = _ranks(values)
        # U is the rank sum less a constant.
        offset = n * (n + 1) / 2
        uneven = total = 0
        for chosen in itertools.combinations(ranks, n):
            total += 1
            uneven += abs(sum(chosen) - offset - middle) >= observed - 1e-9
        return uneven / total
    ties = sum(k**3 - k for k in (values.count(value) for value in set(values)))
    size = n + m
    variance = n * m / 12 * (size + 1 - ties / (size * (size - 1)))
    if variance == 0:
        return 1.0
    z = max(0.0, observed - 0.5) / math.sqrt(variance)
    return math.erfc(z / math.sqrt(2))


def _ranks(values: Sequence[float]) -> list[float]:
    """Ranks from 1; equal values have the mean of theirs."""
    order = sorted(range(len(values)), key=lambda i: values[i])
    ranks = [0.0] * len(values)
    begin = 0
    while begin < len(order):
        end = begin
        while end < len(order) and values[order[end]] == values[order[begin]]:
            end += 1
        for place in order[begin:end]:
            ranks[place] = (begin + 1 + end) / 2
        begin = end
    return ranks
