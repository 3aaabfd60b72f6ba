"""Results in a JSON file, written whole after every case."""

from __future__ import annotations

import pathlib
from dataclasses import dataclass

from common.results_file import ResultsFile


@dataclass(frozen=True)
class Key:
    #: what was measured: steady, first, overhead, compile
    mode: str
    suite: str
    name: str
    #: of the case: figures of another content under one name are others
    digest: str
    dtype: str
    threads: int


class Store(ResultsFile):
    """Records by key: `flops` and `bytes` of a call, `machine` (a number), `peers`: {name: figures}, see measure.py."""

    kind = "records"

    def __init__(self, path: pathlib.Path):
        self.records: dict[Key, dict] = {}
        super().__init__(path)

    def take(self, records: list[dict]) -> None:
        for record in records:
            self.records[Key(**{name: record.pop(name) for name in Key.__dataclass_fields__})] = record

    def has(self, key: Key, peers: list[str]) -> bool:
        return key in self.records and set(peers) <= set(self.records[key]["peers"])

    def add(self, key: Key, record: dict) -> None:
        self.records[key] = record
        self.write_records([vars(key) | record for key, record in self.records.items()])
