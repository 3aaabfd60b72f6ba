"""Results in a JSON file, written after every run, whole or not at all."""

from __future__ import annotations

import json
import pathlib

from common.network import BadInput
from common.whole_file import write_whole

SCHEMA = 1


class Store:
    """Runs by what was asked; what is there is not run again."""

    def __init__(self, path: pathlib.Path):
        self.path = path
        self.machines: list[dict] = []
        self.runs: dict[tuple, dict] = {}
        if not path.exists():
            return
        try:
            data = json.loads(path.read_text())
            if data["schema"] != SCHEMA:
                raise BadInput(f"{path} has schema {data['schema']}, expected {SCHEMA}; name another file")
            self.machines = data["machines"]
            self.runs = {key_of(run): run for run in data["runs"]}
        except (ValueError, KeyError, TypeError) as error:
            raise BadInput(
                f"{path} is not a results file of this benchmark ({error}); name another, or remove it"
            ) from None
        except OSError as error:
            raise BadInput(f"cannot read {path}: {error.strerror}") from None

    def machine_number(self, machine: dict) -> int:
        if machine not in self.machines:
            self.machines.append(machine)
        return self.machines.index(machine)

    def find(self, key: dict) -> dict | None:
        return self.runs.get(key_of(key))

    def add(self, run: dict) -> None:
        self.runs[key_of(run)] = run
        self.write()

    def write(self) -> None:
        runs = [json.dumps(run, sort_keys=True) for _, run in sorted(self.runs.items(), key=lambda item: repr(item[0]))]
        machines = json.dumps(self.machines, sort_keys=True)
        text = f'{{"schema": {SCHEMA},\n"machines": {machines},\n"runs": [\n' + ",\n".join(runs) + "\n]}\n"
        write_whole(self.path, text)


def key_of(run: dict) -> tuple:
    return tuple(
        run[name] for name in ("network", "digest", "who", "minimize", "largest", "seconds", "workers", "seed")
    )
