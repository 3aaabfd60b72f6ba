"""Measures cases: all peers in turn, round by round, each in its own process."""

from __future__ import annotations

import os
import pathlib
import tempfile
import time
from dataclasses import dataclass

import numpy as np
from common.machine import busy_seconds

from .cases import Case
from .client import Client, PeerFailed
from .operands import make_operands
from .peers import YARDSTICK
from .reference import compute_reference


@dataclass(frozen=True)
class Effort:
    rounds: int
    #: of each peer in each round
    seconds: float
    #: A case of which a round takes longer than this has `few_rounds`.
    long_round: float = 8.0
    few_rounds: int = 3


def measure(case: Case, dtype: str, clients: list[Client], effort: Effort) -> dict:
    """{peer: figures}: `rounds`, the median seconds per call of each round; `first`, the first call; `foreign`, the share of
    the processors that others took. Or `failed`, or `unsupported`."""
    figures: dict[str, dict] = {client.name: {} for client in clients}
    with tempfile.TemporaryDirectory(prefix="speed-") as folder:
        files = {client.name: pathlib.Path(folder, client.name + ".npy") for client in clients}
        _each(clients, figures, lambda client: _prepare(client, case, dtype, files[client.name], figures))
        _check(case, dtype, files, figures)
    # What is not right is not measured.
    rivals = [client for client in clients if not _is_out(figures[client.name])]
    rounds, number = effort.rounds, 0
    while number < rounds:
        start = time.perf_counter()
        # Each begins in turn, so that none always follows the same other.
        turn = number % max(1, len(rivals))
        _each(rivals[turn:] + rivals[:turn], figures, lambda client: _run(client, effort.seconds, figures))
        if time.perf_counter() - start > effort.long_round:
            rounds = min(rounds, effort.few_rounds)
        number += 1
    _each(clients, figures, Client.release)
    return figures


def _prepare(client: Client, case: Case, dtype: str, samples: pathlib.Path, figures: dict) -> None:
    first = client.prepare(case, dtype, None if client.name == YARDSTICK else samples)
    figures[client.name] |= {"first": first, "rounds": [], "foreign": []}
    client.settle()


def _run(client: Client, seconds: float, figures: dict) -> None:
    if not client.is_prepared:
        return
    busy, start = busy_seconds(), time.perf_counter()
    answer = client.run(seconds)
    took = time.perf_counter() - start
    foreign = max(0.0, busy_seconds() - busy - answer["own"]) / (took * (os.cpu_count() or 1))
    figures[client.name]["rounds"].append(answer["seconds"])
    figures[client.name]["foreign"].append(round(foreign, 3))
    client.settle()


def _check(case: Case, dtype: str, files: dict[str, pathlib.Path], figures: dict) -> None:
    reference = compute_reference(case, dtype, make_operands(case, dtype))
    for name, file in files.items():
        if name == YARDSTICK or _is_out(figures[name]):
            continue
        if reference is None:
            figures[name]["unchecked"] = "its values leave the range in which the check can tell"
        elif wrong := reference.judge(np.load(file)):
            figures[name] = {"failed": wrong}


def _each(clients: list[Client], figures: dict, action) -> None:
    for client in clients:
        try:
            action(client)
        except PeerFailed as error:
            figures[client.name] = {"unsupported" if error.unsupported else "failed": str(error)}


def _is_out(figures: dict) -> bool:
    return "failed" in figures or "unsupported" in figures
