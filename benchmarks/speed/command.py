"""The command `benchmarks/run.py`."""

from __future__ import annotations

import argparse
import pathlib
import sys
import time

from common.machine import describe_machine
from common.network import BadInput

from . import native
from .cases import ROOT, Case, read_suite, shrink, suites
from .client import PeerFailed
from .dtypes import TYPES
from .figures import collect
from .measure import Effort
from .modes import TINY, Compile, First, Overhead, Steady
from .paths import fits, with_path
from .peers import PEERS, YARDSTICK
from .plot import write_plot
from .store import Key, Store
from .table import format_comparison, format_tables

RESULTS = ROOT / "build" / "benchmarks"
DESCRIPTION = """Measures contractions by Tenon and its peers, each in a process of its own, pinned to the same processors
and interleaved by rounds, and prints tables of ratios.

Results are written after every case: the same command given again goes on where it was interrupted."""
EPILOG = """examples:
  benchmarks/run.py --quick                                       all suites, small, f32: some minutes
  benchmarks/run.py --suite tccg --dtype f32,f64,c64 --save tccg  the table of single contractions
  benchmarks/run.py --suite tccg --save new --compare tccg        what a change has done
  benchmarks/run.py --mode first --suite networks                 cold starts
  benchmarks/run.py --table tccg --plot tccg.svg                  nothing is run"""


def parse_arguments(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="run.py", description=DESCRIPTION, epilog=EPILOG, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--mode", choices=("steady", "first", "overhead", "compile"), default="steady", help="default: steady")
    add("--suite", type=_some(suites()), metavar="NAME,...", default=suites(), help="of " + ", ".join(suites()))
    add("--case", metavar="TEXT", default="", help="only cases whose name or equation contains TEXT")
    add("--dtype", type=_some(list(TYPES)), metavar="NAME,...", help="of " + ", ".join(TYPES) + " (default: f32; overhead: f64)")
    add("--threads", type=_counts, metavar="N,...", default=[1], help="default: 1")
    add("--peers", type=_some(list(PEERS)), metavar="NAME,...", help="of " + ", ".join(PEERS))
    add("--rounds", type=_counts, metavar="N", help="default: 7, 3 where a round of a case takes long; --quick: 3")
    add("--seconds", type=_seconds, metavar="S", help="of each peer in a round; default: 0.3; --quick: 0.05")
    add("--limit", type=_seconds, metavar="GFLOP", help="halve the longest extents of single contractions until they fit")
    add("--quick", action="store_true", help="3 short rounds, --limit 1")
    add("--patience", type=_seconds, metavar="S", default=600.0, help="a peer that is silent for so long has failed (600)")
    add("--build", type=pathlib.Path, default=ROOT / "build" / "release", help="tools of --mode overhead (build/release)")
    add("--results", type=pathlib.Path, metavar="DIR", default=RESULTS, help="folder of results (build/benchmarks)")
    add("--save", type=_name, metavar="NAME", default="latest", help="results go to NAME.json in that folder (latest)")
    add("--again", action="store_true", help="measure again what the results have")
    add("--compare", type=_name, metavar="NAME", help="then print old time / new time against NAME")
    add("--table", type=_name, metavar="NAME", help="run nothing: print the tables of NAME")
    add("--plot", type=pathlib.Path, metavar="FILE.svg", help="then draw shares of the machine's peak")
    options = parser.parse_args(arguments)
    options.rounds = options.rounds[0] if options.rounds else (3 if options.quick else 7)
    options.seconds = options.seconds or (0.05 if options.quick else 0.3)
    options.limit = options.limit or (1.0 if options.quick else None)
    options.dtype = options.dtype or (["f64"] if options.mode == "overhead" else ["f32"])
    options.peers = options.peers or _default_peers(options.mode)
    if options.mode == "overhead" and options.dtype != ["f64"]:
        parser.error("--mode overhead measures f64 only")
    return options


def _default_peers(mode: str) -> list[str]:
    if mode == "overhead":
        return ["tenon-expression", "tenon", "numpy", "torch"]
    if mode == "first":
        return ["tenon", "numpy", "torch", "jax"]
    return ["tenon", "numpy", "torch", "jax", "tblis", YARDSTICK]


def _some(known: list[str]):
    def parse(text: str) -> list[str]:
        names = text.split(",")
        for name in names:
            if name not in known:
                raise argparse.ArgumentTypeError(f"unknown '{name}'; expected some of {', '.join(known)}")
        return list(dict.fromkeys(names))

    return parse


def _counts(text: str) -> list[int]:
    words = text.split(",")
    if not all(word.isdecimal() and 1 <= int(word) <= 1000 for word in words):
        raise argparse.ArgumentTypeError(f"'{text}': expected numbers from 1 to 1000")
    return [int(word) for word in words]


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 < value <= 1e6:
        raise argparse.ArgumentTypeError(f"'{text}' is no positive number")
    return value


def _name(text: str) -> str:
    if not text or "/" in text or text.endswith(".json"):
        raise argparse.ArgumentTypeError(f"'{text}' is no name of results: one word, without a folder and without .json")
    return text


def choose_cases(options: argparse.Namespace) -> list[Case]:
    if options.mode == "overhead":
        return list(TINY)
    cases = []
    for suite in options.suite:
        listed, limits = read_suite(suite)
        for case in listed:
            if options.case not in case.name and (len(case.inputs) > 2 or options.case not in case.equation):
                continue
            if options.limit:
                case = shrink(case, options.limit * 1e9 / 2)
            case = with_path(case, options.results / "paths")
            if fits(case, limits):
                cases.append(case)
    return cases


def run_all(options: argparse.Namespace, store: Store) -> None:
    effort = Effort(options.rounds, options.seconds)
    # Compilation is compared with no peak.
    compared = [] if options.mode == "compile" else options.threads
    roofline = {str(threads): native.measure_roofline(threads, options.results) for threads in compared}
    number = store.machine_number(_as_known(describe_machine() | {"roofline": roofline}, store.machines))
    if options.mode == "compile":
        _run_compile(options, store, number, Compile(effort, options.patience))
        return
    mode = _make_mode(options, effort)
    wanted = [
        (case, dtype, threads) for threads in options.threads for dtype in options.dtype for case in choose_cases(options)
    ]
    due = [entry for entry in wanted if options.again or not store.has(_key(mode.name, *entry), options.peers)]
    _say(f"{len(wanted)} cases, {len(wanted) - len(due)} of them done")
    start = time.monotonic()
    try:
        for done, (case, dtype, threads) in enumerate(due, 1):
            figures = mode.measure(case, dtype, threads, options.peers)
            kind = TYPES[dtype]
            record = {
                "machine": number,
                "flops": kind.flops_per_madd * case.madds(),
                "bytes": case.bytes_moved(kind.itemsize),
                "peers": figures,
            }
            key = _key(mode.name, case, dtype, threads)
            store.add(key, record)
            left = (time.monotonic() - start) / done * (len(due) - done) / 60
            _say(f"{done}/{len(due)} {case.suite} {case.name} {dtype} {threads}: {_summary(store, key)} ({left:.0f} min left)")
    finally:
        mode.close()


def _make_mode(options: argparse.Namespace, effort: Effort):
    if options.mode == "first":
        return First(effort, options.patience)
    steady = Steady(options.results / "logs", effort, options.patience)
    return steady if options.mode == "steady" else Overhead(steady, options.build, options.results / "native", effort)


def _run_compile(options: argparse.Namespace, store: Store, machine: int, mode: Compile) -> None:
    for threads in options.threads:
        found: dict[str, list[float]] = {}
        for number, halves in enumerate(mode.measure_halves(threads), 1):
            for name, seconds in halves.items():
                found.setdefault(name, []).append(seconds)
                record = {"machine": machine, "flops": 0, "bytes": 0, "peers": {"tenon": {"rounds": found[name]}}}
                store.add(Key("compile", "kernels", name, "", "all", threads), record)
            _say(f"round {number}: " + ", ".join(f"{name} {1e3 * seconds:.1f} ms" for name, seconds in halves.items()))


def _key(mode: str, case: Case, dtype: str, threads: int) -> Key:
    return Key(mode, case.suite, case.name, case.digest(), dtype, threads)


def _as_known(machine: dict, known: list[dict]) -> dict:
    """The machine as the results have it, if they do. Peaks are measured each time, and the best of all times counts."""
    for other in known:
        if all(machine[name] == other.get(name) for name in machine if name != "roofline"):
            peaks = other.setdefault("roofline", {})
            for threads, found in machine["roofline"].items():
                peaks[threads] = _better(found, peaks[threads]) if threads in peaks else found
            return other
    return machine


def _better(one: dict, other: dict) -> dict:
    flops = {kind: max(one["flops"][kind], other["flops"][kind]) for kind in one["flops"]}
    buffers = {size: max(rate, other.get("buffers", {}).get(size, 0.0)) for size, rate in one["buffers"].items()}
    return one | {"flops": flops, "bandwidth": max(one["bandwidth"], other["bandwidth"]), "buffers": buffers}


def _summary(store: Store, key: Key) -> str:
    (row,) = [row for row in collect(store) if row.key == key]
    failed = "; ".join(f"{peer} {why}" for peer, why in row.failures.items() if peer == "tenon")
    if failed:
        return failed
    if row.to_best is None:
        return "measured"
    product = "" if row.to_yardstick is None else f", {row.to_yardstick.value:.2f} of the equal product"
    return f"{row.to_best.value:.2f} of {row.best}{product}{' (others use the machine)' * row.noisy}"


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _open(options: argparse.Namespace, name: str) -> Store:
    path = options.results / f"{name}.json"
    if not path.exists():
        raise BadInput(f"there are no results {path}; --table and --compare take a name that --save was given")
    return Store(path)


def main(arguments: list[str] | None = None) -> int:
    options = parse_arguments(arguments)
    try:
        old = _open(options, options.compare) if options.compare else None
        if options.table:
            store = _open(options, options.table)
        else:
            store = Store(options.results / f"{options.save}.json")
            try:
                run_all(options, store)
            except KeyboardInterrupt:
                _say(f"interrupted; the same command goes on from {store.path}")
                return 130
        print(format_tables(store))
        if old:
            print(format_comparison(store, old))
        if options.plot:
            write_plot(store, options.plot)
    except (BadInput, PeerFailed) as error:
        _say(f"run.py: error: {error}")
        return 1
    return 0
