"""Results in a JSON file: machines, and records in lines of their own; written whole or not at all."""

from __future__ import annotations

import json
import pathlib

from common.network import BadInput
from common.whole_file import write_whole

SCHEMA = 1


class ResultsFile:
    """The base of a benchmark's store, which knows what its records are."""

    #: under which name the file has the records
    kind: str

    def __init__(self, path: pathlib.Path):
        self.path = path
        self.machines: list[dict] = []
        if not path.exists():
            return
        try:
            data = json.loads(path.read_text())
            if data["schema"] != SCHEMA:
                raise BadInput(f"{path} has schema {data['schema']}, expected {SCHEMA}; name another file")
            self.machines = data["machines"]
            self.take(data[self.kind])
        except (ValueError, KeyError, TypeError) as error:
            raise BadInput(
                f"{path} is not a results file of this benchmark ({error!r}); name another, or remove it"
            ) from None
        except OSError as error:
            raise BadInput(f"cannot read {path}: {error.strerror}") from None

    def take(self, records: list[dict]) -> None:
        """Keeps what the file has. May raise ValueError, KeyError and TypeError."""
        raise NotImplementedError

    def machine_number(self, machine: dict) -> int:
        if machine not in self.machines:
            self.machines.append(machine)
        return self.machines.index(machine)

    def write_records(self, records: list[dict]) -> None:
        lines = [json.dumps(record, sort_keys=True) for record in records]
        machines = json.dumps(self.machines, sort_keys=True)
        text = f'{{"schema": {SCHEMA},\n"machines": {machines},\n"{self.kind}": [\n' + ",\n".join(lines) + "\n]}\n"
        write_whole(self.path, text)
