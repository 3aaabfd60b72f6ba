#!/usr/bin/env python3
"""Path quality at equal wall-clock budgets on the same cores: Tenon's planner and its peers (README.md has more).

Results go to a JSON file after every run; what is there is not run again, so an interrupted benchmark goes on where it
was. At the end, or with --table alone, prints them as Markdown.
"""

from __future__ import annotations

import argparse
import importlib.util
import pathlib
import sys

sys.path[:0] = [str(folder) for folder in pathlib.Path(__file__).resolve().parents[:2]]

from bench.execute import execute
from bench.figures import TOLERANCE
from bench.peers import PEERS
from bench.schedule import all_runs, expected_seconds, subset
from bench.store import Store
from bench.table import format_tables
from common.machine import describe_machine
from common.network import BadInput, find_networks, read_network

NETWORKS = pathlib.Path(__file__).resolve().parents[2] / "test" / "Inputs" / "networks"


def parse_arguments(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument(
        "--networks",
        nargs="+",
        metavar="PATH",
        default=[str(NETWORKS)],
        help="directories and .json files (default: test/Inputs/networks)",
    )
    parser.add_argument(
        "--who", type=_names, default=["tenon", "cotengra"], metavar="NAME,...", help="of " + ", ".join(PEERS)
    )
    parser.add_argument("--budget", type=_budgets, default=[10.0], metavar="SECONDS,...", help="default: 10")
    parser.add_argument("--seeds", type=_count, metavar="N", help="runs of each (default: 5, and 3 from 60 s on)")
    parser.add_argument(
        "--minimize",
        type=_objectives,
        default=["flops"],
        metavar="flops,size",
        help="what is searched for (default: flops)",
    )
    parser.add_argument(
        "--largest", type=float, metavar="LOG2", help="slice until no intermediate has more than 2^LOG2 elements"
    )
    parser.add_argument(
        "--workers", type=_count, default=2, metavar="N", help="threads or processes of each planner (default: 2)"
    )
    parser.add_argument(
        "--minutes", type=float, metavar="M", help="a subset of the networks, of all families, that takes about so long"
    )
    parser.add_argument(
        "--out",
        type=pathlib.Path,
        default=pathlib.Path("planner-results.json"),
        metavar="FILE",
        help="results (default: %(default)s)",
    )
    parser.add_argument(
        "--again",
        type=_names,
        default=[],
        metavar="NAME,...",
        help="what is asked for of these planners is run again though FILE has it",
    )
    parser.add_argument(
        "--again-noisy",
        action="store_true",
        help="what is asked for is run again where it was run while others used the processors",
    )
    parser.add_argument(
        "--table", type=pathlib.Path, metavar="FILE", help="run nothing: print the tables of a results file"
    )
    options = parser.parse_args(arguments)
    for name in options.again:
        if name not in options.who:
            parser.error(f"--again {name}: --who asks for {','.join(options.who)} only")
    return options


def _names(text: str) -> list[str]:
    names = text.split(",")
    for name in names:
        if name not in PEERS:
            raise argparse.ArgumentTypeError(f"unknown planner '{name}'; expected some of {', '.join(PEERS)}")
    return names


def _objectives(text: str) -> list[str]:
    names = text.split(",")
    for name in names:
        if name not in ("flops", "size"):
            raise argparse.ArgumentTypeError(f"'{name}' is neither flops nor size")
    return names


def _budgets(text: str) -> list[float]:
    try:
        budgets = [float(number) for number in text.split(",")]
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is no list of seconds") from None
    if not all(0 < seconds <= 86400 for seconds in budgets):
        raise argparse.ArgumentTypeError("a budget is more than 0 s and at most a day")
    return budgets


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 1000:
        raise argparse.ArgumentTypeError(f"'{text}' is no number from 1 to 1000")
    return int(text)


def check_planners(names: list[str]) -> None:
    for name in names:
        missing = [module for module in PEERS[name].needs if importlib.util.find_spec(module) is None]
        if missing:
            raise BadInput(
                f"{name} needs the Python modules {', '.join(missing)}, which are not there: README.md beside "
                "this program says how to install all; or leave it out of --who"
            )


def run_all(options: argparse.Namespace, store: Store) -> None:
    networks = [(path, read_network(path)) for path in find_networks(options.networks)]

    def runs_of(chosen):
        return all_runs(
            chosen, options.who, options.budget, options.seeds, options.minimize, options.largest, options.workers
        )

    if options.minutes is not None:
        networks = subset(networks, options.minutes, runs_of)
    machine = store.machine_number(describe_machine())
    asked = runs_of(networks)

    def is_due(run) -> bool:
        known = store.find(run.key())
        if known is None or run.who in options.again:
            return True
        return options.again_noisy and known.get("foreign_load", 0) > TOLERANCE

    due = [run for run in asked if is_due(run)]
    print(f"{len(asked)} runs, {len(asked) - len(due)} of them done", file=sys.stderr)
    for number, run in enumerate(due):
        record = execute(run) | {"machine": machine}
        # What is run again keeps its figures until it has new ones.
        store.add(record)
        result = record.get("failed") or (
            f"C={record['log10_madds']:.3f} W={record['log2_size']:.1f} {record['elapsed']:.1f} s"
        )
        minutes = expected_seconds(due[number + 1 :]) / 60
        print(
            f"{number + 1}/{len(due)} {run.network.name} {run.who} {run.seconds:g} s seed {run.seed}: {result} "
            f"({minutes:.0f} min left)",
            file=sys.stderr,
            flush=True,
        )


def main(arguments: list[str] | None = None) -> int:
    options = parse_arguments(arguments)
    try:
        if options.table is not None:
            if not options.table.exists():
                raise BadInput(f"{options.table} does not exist; --table takes a results file")
            store = Store(options.table)
        else:
            check_planners(options.who)
            store = Store(options.out)
            try:
                run_all(options, store)
            except KeyboardInterrupt:
                print(f"interrupted; the same command goes on from {options.out}", file=sys.stderr)
                return 130
        print(format_tables(store, [read_network(path) for path in find_networks(options.networks)]))
    except BadInput as error:
        print(f"run.py: error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
