"""Results in a JSON file, written whole after every case."""

from __future__ import annotations

import json
import pathlib
from dataclasses import dataclass

from common.network import BadInput
from common.whole_file import write_whole

SCHEMA = 1


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


class Store:
    """Records by key: `flops` and `bytes` of a call, `machine` (a number), `peers`: {name: figures}, see measure.py."""

    def __init__(self, path: pathlib.Path):
        self.path = path
        self.machines: list[dict] = []
        self.records: dict[Key, dict] = {}
        if not path.exists():
            return
        try:
            data = json.loads(path.read_text())
            if data["schema"] != SCHEMA:
                raise BadInput(f"{path} has schema {data['schema']}, expected {SCHEMA}; name another file")
            self.machines = data["machines"]
            for record in data["records"]:
                self.records[Key(**{name: record.pop(name) for name in Key.__dataclass_fields__})] = record
        except (ValueError, KeyError, TypeError) as error:
            raise BadInput(
                f"{path} is not a results file of this benchmark ({error!r}); name another, or remove it"
            ) from None
        except OSError as error:
            raise BadInput(f"cannot read {path}: {error.strerror}") from None

    def machine_number(self, machine: dict) -> int:
        if machine not in self.machines:
            self.machines.append(machine)
        return self.machines.index(machine)

    def has(self, key: Key, peers: list[str]) -> bool:
        return key in self.records and set(peers) <= set(self.records[key]["peers"])

    def add(self, key: Key, record: dict) -> None:
        self.records[key] = record
        self._write()

    def _write(self) -> None:
        lines = [json.dumps(vars(key) | record, sort_keys=True) for key, record in self.records.items()]
        machines = json.dumps(self.machines, sort_keys=True)
        write_whole(
            self.path, f'{{"schema": {SCHEMA},\n"machines": {machines},\n"records": [\n' + ",\n".join(lines) + "\n]}\n"
        )
