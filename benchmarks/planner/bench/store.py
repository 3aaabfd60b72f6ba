"""Results in a JSON file, written after every run, whole or not at all."""

from __future__ import annotations

import pathlib

from common.results_file import ResultsFile


class Store(ResultsFile):
    """Runs by what was asked; what is there is not run again."""

    kind = "runs"

    def __init__(self, path: pathlib.Path):
        self.runs: dict[tuple, dict] = {}
        super().__init__(path)

    def take(self, records: list[dict]) -> None:
        self.runs = {key_of(run): run for run in records}

    def find(self, key: dict) -> dict | None:
        return self.runs.get(key_of(key))

    def add(self, run: dict) -> None:
        self.runs[key_of(run)] = run
        self.write()

    def write(self) -> None:
        self.write_records([run for _, run in sorted(self.runs.items(), key=lambda item: repr(item[0]))])


def key_of(run: dict) -> tuple:
    return tuple(
        run[name] for name in ("network", "digest", "who", "minimize", "largest", "seconds", "workers", "seed")
    )
