"""Runs campaigns of tenon-fuzz and reads what they leave, for the benchmarks of this folder."""

from __future__ import annotations

import csv
import dataclasses
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable

ROOT = pathlib.Path(__file__).resolve().parents[2]


class Failure(Exception):
    """What a user can mend: printed without a traceback."""


@dataclasses.dataclass
class Found:
    """A finding as its .json has it."""

    stem: str
    case: pathlib.Path
    oracle: str
    passes: str
    signature: str
    detail: str
    seconds: float


def findings(directory: pathlib.Path) -> list[Found]:
    """Those of a campaign, by time. Files that are being written are left out."""
    found = []
    for path in sorted((directory / "findings").glob("*.json")):
        try:
            record = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
        cases = [case for case in path.parent.glob(path.stem + ".*") if case.suffix in (".genome", ".mlir")]
        if cases:
            found.append(
                Found(
                    path.stem,
                    cases[0],
                    record.get("oracle", ""),
                    record.get("pass", ""),
                    record.get("signature", ""),
                    record.get("detail", ""),
                    float(record.get("seconds", 0)),
                )
            )
    return sorted(found, key=lambda each: each.seconds)


def history(directory: pathlib.Path) -> tuple[list[str], list[list[float]]]:
    """Columns and lines of history.csv; a torn last line is left out."""
    path = directory / "history.csv"
    if not path.exists():
        return [], []
    with path.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.reader(file) if row]
    columns = [name.strip() for name in rows[0]] if rows else []
    lines = []
    for row in rows[1:]:
        try:
            values = [float(word) for word in row]
        except ValueError:
            continue
        if len(values) == len(columns):
            lines.append(values)
    return columns, lines


def last(directory: pathlib.Path) -> dict[str, float]:
    columns, lines = history(directory)
    return dict(zip(columns, lines[-1])) if lines else {}


def run(
    tool: pathlib.Path,
    directory: pathlib.Path,
    arguments: list[str],
    seconds: float,
    environment: dict[str, str] | None = None,
    stop_when: Callable[[], bool] | None = None,
) -> float:
    """Runs a campaign anew until the time is over or `stop_when` holds; returns the seconds that it took.

    Raises Failure where it does not start or breaks off.
    """
    shutil.rmtree(directory, ignore_errors=True)
    directory.parent.mkdir(parents=True, exist_ok=True)
    log = directory.with_suffix(".log")
    command = [str(tool), "run", str(directory), f"--time={max(1, round(seconds))}", *arguments]
    begin = time.monotonic()
    with log.open("w", encoding="utf-8") as stream:
        process = subprocess.Popen(
            command, stdout=stream, stderr=stream, env=os.environ | (environment or {}), start_new_session=True
        )
        try:
            while process.poll() is None:
                time.sleep(0.2)
                if stop_when and stop_when():
                    process.send_signal(signal.SIGINT)
                    process.wait(60)
                elif time.monotonic() - begin > 1.5 * seconds + 60:
                    raise Failure(f"{' '.join(command)} does not end; its words are in {log}")
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
    # 1: findings; 130: interrupted.
    if process.returncode not in (0, 1, 130):
        raise Failure(f"{' '.join(command)} ended with status {process.returncode}; its words are in {log}")
    return time.monotonic() - begin


def save(path: pathlib.Path, results: dict) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".new")
    temporary.write_text(json.dumps(results, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    temporary.replace(path)


def load(path: pathlib.Path) -> dict:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except ValueError as error:
        raise Failure(f"{path} is no JSON ({error}): delete it to begin anew") from None


def require(tool: pathlib.Path, target: str) -> pathlib.Path:
    if not os.access(tool, os.X_OK):
        preset = tool.parent.parent.name
        raise Failure(f"{tool} is missing: cmake --preset {preset} && ninja -C build/{preset} {target}")
    return tool


def command(main) -> None:
    """Runs a script's main; failures are one line."""
    try:
        sys.exit(main())
    except Failure as error:
        print(f"{pathlib.Path(sys.argv[0]).name}: {error}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


def slug(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", text)
