"""benchmarks/run.py: counts, checks and figures against what is known by hand, peers that are scripts, and the command."""

import json
import math
import pathlib
import sys

import numpy as np
import pytest

PLACE = pathlib.Path(__file__).parents[2] / "benchmarks"
sys.path.insert(0, str(PLACE))

import tenon  # noqa: E402

from common.network import BadInput  # noqa: E402
from speed import command, modes, native  # noqa: E402
from speed.aims import judge_aims  # noqa: E402
from speed.cases import Case, from_einsum, read_suite, shrink, suites  # noqa: E402
from speed.client import Client, PeerFailed  # noqa: E402
from speed.figures import collect, ratio_of_rounds  # noqa: E402
from speed.measure import Effort, measure  # noqa: E402
from speed.operands import make_operands  # noqa: E402
from speed.paths import fits, with_path  # noqa: E402
from speed.peers import PEERS, environment  # noqa: E402
from speed.plot import write_plot  # noqa: E402
from speed.reference import choose_samples, compute_reference, contract, take_samples  # noqa: E402
from speed.store import Key, Store  # noqa: E402
from speed.table import format_comparison, format_tables  # noqa: E402

PRODUCT = from_einsum("square", "product", "ik,kj->ij", {"i": 30, "k": 50, "j": 70})
CHAIN = Case("networks", "chain", ("ab", "bc", "cd"), "ad", {"a": 2, "b": 3, "c": 5, "d": 7}, ((0, 1), (0, 1)))


# ---- cases


def test_counts_operations_and_bytes():
    assert PRODUCT.madds() == 30 * 50 * 70
    assert PRODUCT.bytes_moved(4) == 4 * (30 * 50 + 50 * 70 + 30 * 70)
    assert CHAIN.madds() == 2 * 3 * 5 + 7 * 5 * 2
    assert [("".join(sorted(union)), "".join(sorted(kept))) for union, kept in CHAIN.steps()] == [
        ("abc", "ac"),
        ("acd", "ad"),
    ]
    # The diagonal's elements lie in cache lines of their own, those of `iij` side by side.
    assert from_einsum("trace", "t", "ii->", {"i": 100}).bytes_moved(4) == 100 * 64 + 4
    assert from_einsum("trace", "t", "iij->j", {"i": 10, "j": 50}).bytes_moved(8) == 8 * (500 + 50)


def test_an_index_in_three_tensors_is_kept_until_the_last():
    hyper = Case("networks", "h", ("ax", "bx", "cx"), "abc", {"a": 2, "b": 3, "c": 5, "x": 7}, ((0, 1), (0, 1)))
    assert hyper.madds() == 2 * 3 * 7 + 2 * 3 * 5 * 7


def test_shrinks_the_longest_extents():
    small = shrink(PRODUCT, 30_000)
    assert small.sizes == {"i": 30, "j": 35, "k": 25}
    assert small.digest() != PRODUCT.digest()
    assert shrink(PRODUCT, 1e6) is PRODUCT
    assert shrink(CHAIN, 1) is CHAIN


def test_every_suite_is_readable():
    names = set()
    for suite in suites():
        cases, _ = read_suite(suite)
        assert cases and len({case.name for case in cases}) == len(cases)
        names |= {case.digest() for case in cases}
        for case in cases:
            assert all(case.sizes[label] > 0 for label in case.output)
    assert {"tccg", "decompositions", "square", "matvec", "outer", "trace", "permutation", "batched", "networks"} <= set(
        suites()
    )


@pytest.mark.parametrize(
    "text, message",
    [
        ("{", "is no suite of cases"),
        ('{"cases": [{"einsum": "ij->ji"}]}', "is no suite of cases"),
        ('{"cases": [{"einsum": "ij", "sizes": {"i": 2, "j": 2}}]}', "'ij' is no equation with an output"),
        ('{"cases": [{"einsum": "ij->ik", "sizes": {"i": 2, "j": 2, "k": 2}}]}', "is no equation"),
        ('{"cases": [{"einsum": "ij->i", "sizes": {"i": 2}}]}', "is no equation"),
    ],
)
def test_a_damaged_suite(tmp_path, text, message):
    (tmp_path / "bad.json").write_text(text)
    with pytest.raises(BadInput, match=message):
        read_suite("bad", tmp_path)


def test_paths_are_found_once_and_limits_are_kept(tmp_path):
    found = with_path(Case("s", "n", CHAIN.inputs, CHAIN.output, CHAIN.sizes), tmp_path)
    assert found.madds() == 2 * 3 * 5 + 2 * 5 * 7
    (file,) = tmp_path.iterdir()
    file.write_text("[[1, 2], [0, 1]]")
    again = with_path(Case("s", "n", CHAIN.inputs, CHAIN.output, CHAIN.sizes), tmp_path)
    assert again.madds() == 3 * 5 * 7 + 2 * 3 * 7
    assert fits(found, {"largest_log10_madds": 2.01, "largest_log2_elements": 3.9})
    assert not fits(found, {"largest_log10_madds": 1.9})
    assert not fits(found, {"largest_log2_elements": 3.8})


# ---- is it right?


@pytest.mark.parametrize("dtype", ["f32", "f64", "c64", "c128", "bf16"])
@pytest.mark.parametrize("case", [PRODUCT, CHAIN, from_einsum("trace", "t", "iij->ji", {"i": 12, "j": 40})])
def test_a_right_result_is_right_and_a_wrong_one_wrong(case, dtype):
    if dtype == "bf16":
        pytest.importorskip("ml_dtypes")
    operands = make_operands(case, dtype)
    reference = compute_reference(case, dtype, operands)
    narrow = operands[0].dtype
    kind = {"bf16": np.float32}.get(dtype, narrow)
    result = contract(case, [np.asarray(values, kind) for values in operands]).astype(narrow)
    samples = choose_samples(case)
    assert math.prod(map(len, samples)) <= 256
    found = take_samples(result, samples)
    assert reference.judge(found) == ""
    wrong = found.copy()
    wrong.flat[3] += 3 * reference.bound.flat[3]
    assert "1 of" in reference.judge(wrong) and "expected" in reference.judge(wrong)
    wrong.flat[3] = np.nan
    assert "wrong result: 1 of" in reference.judge(wrong)
    assert "wrong shape" in reference.judge(found[..., :-1])
    if case is PRODUCT:
        assert "wrong result" in reference.judge(take_samples(np.asarray(result[::-1], kind), samples))


def test_the_bound_is_that_of_the_definition():
    case = from_einsum("matvec", "dot", "i,i->", {"i": 100})
    reference = compute_reference(case, "f32", [np.ones(100, np.float32), np.full(100, 2, np.float32)])
    count, u, v = 100, 2.0**-24, 2.0**-53
    assert reference.values == 200
    assert reference.bound == pytest.approx(200 * (count * u / (1 - count * u) + count * v / (1 - count * v)), rel=1e-12)


def test_operands_are_the_same_everywhere_and_distinct():
    first, second = make_operands(PRODUCT, "f32")
    assert np.array_equal(first, make_operands(PRODUCT, "f32")[0])
    assert len(np.unique(first)) > 0.9 * first.size and not np.array_equal(first.ravel()[:10], second.ravel()[:10])
    assert np.abs(make_operands(CHAIN, "c64")[0].imag).max() > 0


def test_what_leaves_the_range_is_not_judged():
    case = Case("networks", "long", ("a",) * 3, "a", {"a": 2}, ((0, 1), (0, 1)))
    assert compute_reference(case, "f32", [np.full(2, 1e-20, np.float32)] * 3) is None


# ---- peers as scripts

FAKE = """
import json, pathlib, sys, threading, time
name = sys.argv[1]
log = pathlib.Path(__file__).with_name("turns.txt")

def look_for_work(seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pass
    with log.open("a") as file:
        file.write("rested\\n")

for line in sys.stdin:
    request = json.loads(line)
    do = request["do"]
    if do == "run":
        with log.open("a") as file:
            file.write(name + "\\n")
        answer = {"seconds": {"tenon": 1.0, "numpy": 3.0, "torch": 2.0}.get(name, 4.0), "own": 0.0}
        if name in ("restless", "endless"):
            seconds = 0.2 if name == "restless" else 1e9
            threading.Thread(target=look_for_work, args=(seconds,), daemon=True).start()
    elif do == "prepare":
        if name == "crash":
            sys.exit("it broke")
        if name == "silent":
            time.sleep(60)
        if name == "unable":
            answer = {"unsupported": "NotSupported: not me"}
        else:
            if request["samples"]:
                import numpy as np
                values = np.load(pathlib.Path(__file__).with_name("right.npy"))
                np.save(request["samples"], -values if name == "wrong" else values)
            answer = {"first": 0.5}
    else:
        answer = {"version": name + " 1.0"}
    print(json.dumps(answer), flush=True)
"""


@pytest.fixture
def fakes(tmp_path):
    (tmp_path / "server.py").write_text(FAKE)
    np.save(tmp_path / "right.npy", compute_reference(PRODUCT, "f32", make_operands(PRODUCT, "f32")).values)
    made = []

    def make(*names):
        made.extend(Client(name, 1, tmp_path / f"{name}.log", 2.0, tmp_path / "server.py") for name in names)
        return made[-len(names) :]

    yield make
    for client in made:
        client.stop()


def test_peers_take_turns(fakes, tmp_path):
    figures = measure(PRODUCT, "f32", fakes("tenon", "numpy", "torch"), Effort(4, 0.01))
    turns = (tmp_path / "turns.txt").read_text().split()
    assert [turns[k : k + 3] for k in range(0, 12, 3)] == [
        ["tenon", "numpy", "torch"],
        ["numpy", "torch", "tenon"],
        ["torch", "tenon", "numpy"],
        ["tenon", "numpy", "torch"],
    ]
    assert figures["numpy"]["rounds"] == [3.0] * 4 and figures["numpy"]["first"] == 0.5


def test_who_fails_is_said_and_the_others_go_on(fakes, tmp_path):
    names = ("tenon", "wrong", "crash", "silent", "unable", "matmul")
    figures = measure(PRODUCT, "f32", fakes(*names), Effort(2, 0.01))
    assert figures["tenon"]["rounds"] == [1.0, 1.0]
    assert figures["matmul"]["rounds"] == [4.0, 4.0]
    assert figures["wrong"]["failed"].startswith("wrong result")
    assert figures["crash"]["failed"] == "the process ended with status 1: it broke"
    assert figures["silent"]["failed"] == "no answer in 2 s"
    assert figures["unable"]["unsupported"] == "NotSupported: not me"
    assert set((tmp_path / "turns.txt").read_text().split()) == {"tenon", "matmul"}


def test_the_next_peer_waits_until_threads_rest(fakes, tmp_path):
    # As those of a library do that look for more work before they sleep.
    figures = measure(PRODUCT, "f32", fakes("restless", "tenon"), Effort(2, 0.01))
    assert (tmp_path / "turns.txt").read_text().split() == ["restless", "rested", "tenon"] + ["tenon", "restless", "rested"]
    assert figures["restless"]["rounds"] == [4.0, 4.0]


def test_threads_that_never_rest_are_a_failure(fakes, tmp_path):
    figures = measure(PRODUCT, "f32", fakes("endless", "tenon"), Effort(2, 0.01))
    assert figures["endless"] == {"failed": "its threads do not come to rest in 2 s"}
    assert figures["tenon"]["rounds"] == [1.0, 1.0]


def test_long_cases_have_fewer_rounds(fakes, tmp_path):
    figures = measure(PRODUCT, "f32", fakes("tenon"), Effort(6, 0.01, long_round=0.0, few_rounds=3))
    assert len(figures["tenon"]["rounds"]) == 3


def test_a_peer_that_does_not_start(tmp_path):
    (tmp_path / "server.py").write_text("raise SystemExit('no module named numpy')")
    client = Client("numpy", 1, tmp_path / "log", 2.0, tmp_path / "server.py")
    with pytest.raises(BadInput, match="numpy does not start: .*no module named numpy; run benchmarks/setup.sh"):
        client.version()


def test_the_real_server(tmp_path):
    client = Client("numpy", 1, tmp_path / "log", 60.0)
    try:
        assert client.version().startswith("numpy ")
        client.prepare(PRODUCT, "f64", tmp_path / "samples.npy")
        answer = client.run(0.02)
        assert 0 < answer["seconds"] < 0.02 and answer["samples"] > 1
        reference = compute_reference(PRODUCT, "f64", make_operands(PRODUCT, "f64"))
        assert reference.judge(np.load(tmp_path / "samples.npy")) == ""
        with pytest.raises(PeerFailed, match="KeyError"):
            client.prepare(PRODUCT, "f8", None)
        # The process lives on.
        client.prepare(CHAIN, "f32", None)
        assert client.run(0.01)["seconds"] > 0
    finally:
        client.stop()


# ---- figures

BUFFERS = {"100": 8e9, "100000000": 4e9, "200000000": 1e9}
MACHINE = {"roofline": {"1": {"flops": {"f32": 1e9, "f64": 5e8}, "bandwidth": 1e9, "buffers": BUFFERS}}}


def stored(tmp_path, entries, machine=MACHINE):
    store = Store(tmp_path / "results.json")
    base = {"processor": "P", "cores": 2, "memory_gib": 1, "system": "S", "python": "3"}
    store.machine_number(base | machine)
    for key, flops, bytes_, peers in entries:
        figures = {name: value if isinstance(value, dict) else {"rounds": value} for name, value in peers.items()}
        store.add(key, {"machine": 0, "flops": flops, "bytes": bytes_, "peers": figures})
    return Store(tmp_path / "results.json")


def key(name, suite="tccg", dtype="f32", threads=1, mode="steady"):
    return Key(mode, suite, name, name, dtype, threads)


def test_ratios_are_of_rounds():
    # Twice as slow in the second round, both of them: the ratio does not move.
    ratio = ratio_of_rounds([2.0, 4.0, 3.0], [1.0, 2.0, 1.5])
    assert (ratio.value, ratio.spread) == (2.0, 0.0)
    assert ratio_of_rounds([1.0, 2.0, 3.0], [1.0, 1.0, 1.0]).spread == pytest.approx(0.25)


def test_best_peer_product_and_roofline(tmp_path):
    peers = {"tenon": [2.0], "tenon-expression": [0.1], "numpy": [4.0], "torch": [3.0], "matmul": [1.0]}
    peers["jax"] = {"failed": "no"}
    store = stored(tmp_path, [(key("a"), 1e9, 1e8, peers), (key("b", dtype="c128"), 1e9, 3e9, peers)])
    row, other = collect(store)
    assert (row.best, row.to_best.value, row.to_yardstick.value) == ("torch", 1.5, 0.5)
    assert (row.of_roofline, row.bound_by_memory) == (0.5, False)
    assert (other.of_roofline, other.bound_by_memory) == (1.5, True)
    # What fits a cache comes from there: the largest buffer that is no larger counts, of less than all the least.
    entries = [(key(str(size)), 0, size, peers) for size in (10, 1e8 - 1, 1e8, 2e8 - 1)]
    cached = collect(stored(tmp_path / "cached", entries))
    assert [row.of_roofline for row in cached] == [size / rate / 2 for size, rate in (
        (10, 8e9),
        (1e8 - 1, 8e9),
        (1e8, 4e9),
        (2e8 - 1, 4e9),
    )]
    assert all(row.bound_by_memory for row in cached)
    # Each of two threads has half of the bytes.
    shared = {"roofline": {"2": MACHINE["roofline"]["1"]}}
    (half,) = collect(stored(tmp_path / "shared", [(key("a", threads=2), 0, 1.5e8, peers)], shared))
    assert half.of_roofline == 1.5e8 / 8e9 / 2
    # Results of earlier versions have one bandwidth, which holds beyond the last cache.
    older = {"roofline": {"1": {"flops": {"f32": 1e9}, "bandwidth": 1e9, "cache": 1e8}}}
    (row_of_old,) = collect(stored(tmp_path / "older", [(key("a"), 1e9, 1e8, peers)], older))
    assert (row_of_old.of_roofline, row_of_old.bound_by_memory) == (None, False)
    (row_of_old,) = collect(stored(tmp_path / "large", [(key("a"), 1e9, 3e9, peers)], older))
    assert (row_of_old.of_roofline, row_of_old.bound_by_memory) == (1.5, True)
    assert row.failures == {"jax": "no"}
    text = format_tables(store)
    assert "| `a`  | 0.500 | 10.0 | 0.250 | 0.333 | - | 1.00 | 1.50 ±0% torch | 0.50 | 0.50 |" in text
    assert "| `b`  |" in text and "1.50m |" in text
    assert "* jax: no: 2 (a f32, b c128)" in text
    assert "Ahead of the best peer in 1 of 1; geometric mean 1.50, against the equal-sized product 0.50." in text


def test_noise_is_marked(tmp_path):
    noisy = {"tenon": {"rounds": [1.0], "foreign": [0.5]}, "numpy": {"rounds": [2.0], "foreign": [0.0]}}
    store = stored(tmp_path, [(key("a"), 1, 1, noisy)])
    assert "| `a` ~ |" in format_tables(store)


def found(rows, what):
    (verdict,) = [v for v in judge_aims(rows) if v.what.startswith(what)]
    return verdict.found, verdict.reached


def test_aims(tmp_path):
    tccg = [(key(f"c{k}"), 1, 1, {"tenon": [1.0], "numpy": [2.0 if k else 0.5], "matmul": [1.0]}) for k in range(24)]
    tccg += [(key(f"c{k}", threads=2), 1, 1, {"tenon": [0.5]}) for k in range(24)]
    # 0.95 of the bandwidth; 0.5 of it, but 1.6 times the best peer; neither.
    memory = [
        (key("m0", "matvec"), 1, 0.95e9, {"tenon": [1.0], "numpy": [1.0]}),
        (key("m1", "matvec"), 1, 0.5e9, {"tenon": [1.0], "numpy": [1.6]}),
        (key("m2", "matvec"), 1, 0.5e9, {"tenon": [1.0], "numpy": [1.4]}),
    ]
    other = [
        (key("s", "square"), 1, 1, {"tenon": [1.0], "numpy": [9.0], "matmul": [0.94]}),
        (key("s", "square", "bf16"), 1, 1, {"tenon": [1.0], "torch": [0.96], "jax": [0.1]}),
        (key("n", "networks"), 1, 1, {"tenon": [1.0], "numpy": [4.0], "torch": [3.1]}),
        (key("n", "networks", mode="first"), 1, 1, {"tenon": [1.0], "numpy": [0.9], "torch": [0.1]}),
        (key("o", "overhead", "f64", mode="overhead"), 1, 1, {"tenon": [9e-6], "tenon-c": [150e-9], "tenon-expression": [2e-6]}),
        (key("k", "kernels", "all", mode="compile"), 0, 0, {"tenon": [0.06]}),
    ]
    rows = collect(stored(tmp_path, tccg + memory + other))
    assert found(rows, "TCCG f32: ahead") == ("23 of 24; not c0 (0.50)", True)
    mean = (0.5 * 2**23) ** (1 / 24)
    assert found(rows, "TCCG f32: geometric mean against the best") == (f"{mean:.2f}", True)
    assert found(rows, "TCCG f32: two threads") == ("2.00", True)
    assert found(rows, "matvec f32") == ("2 of 3; not m2 (0.93)", False)
    assert found(rows, "square f32") == ("0 of 1; not s (0.94)", False)
    assert found(rows, "square bf16") == ("1 of 1", True)
    assert found(rows, "networks f32: geometric") == ("3.10", True)
    assert found(rows, "first result") == ("0 of 1; not n (0.90)", False)
    assert found(rows, "o: Python over") == ("1850 ns", True)
    assert found(rows, "o: from C") == ("150 ns", True)
    assert found(rows, "k") == ("60.0 ms", False)


def test_comparison(tmp_path):
    (tmp_path / "old").mkdir()
    old = stored(tmp_path / "old", [(key("a"), 1, 1, {"tenon": [2.0, 2.0], "numpy": [1.0]}), (key("gone"), 1, 1, {})])
    new = stored(tmp_path, [(key("a"), 1, 1, {"tenon": [1.0, 1.0], "numpy": [1.0]}), (key("b"), 1, 1, {"tenon": [1.0]})])
    text = format_comparison(new, old)
    assert "| `a` | steady tccg f32 1 | 2.00 | ±0% | 1.00 |" in text and "`b`" not in text
    assert "Geometric means: numpy 1.000 (1), tenon 2.000 (1)." in text
    assert "Nothing in common" in format_comparison(new, Store(tmp_path / "empty.json"))


def test_plot(tmp_path):
    pytest.importorskip("matplotlib")
    store = stored(tmp_path, [(key("a"), 1e9, 1, {"tenon": [2.0], "numpy": [4.0], "matmul": [1.5]})])
    write_plot(store, tmp_path / "p.svg")
    text = (tmp_path / "p.svg").read_text()
    assert text.lstrip().startswith("<?xml") and "</svg>" in text
    (tmp_path / "bare").mkdir()
    bare = stored(tmp_path / "bare", [(key("a"), 1, 1, {"tenon": [1.0]})], {})
    with pytest.raises(BadInput, match="nothing to plot"):
        write_plot(bare, tmp_path / "q.svg")


# ---- the command


@pytest.fixture
def quiet(monkeypatch):
    monkeypatch.setattr(native, "measure_roofline", lambda threads, folder: MACHINE["roofline"]["1"])


def run(tmp_path, *more):
    return command.main(["--results", str(tmp_path), "--rounds", "2", "--seconds", "0.01", "--limit", "0.001", *more])


def test_measures_resumes_compares(tmp_path, capfd, quiet):
    asked = ["--suite", "square,permutation", "--case", "ij", "--peers", "tenon,numpy,matmul"]
    assert run(tmp_path, *asked, "--case", "256", "--save", "one") == 0
    out, err = capfd.readouterr()
    assert "1 cases, 0 of them done" in err and "## square, f32, 1 thread (GFLOP/s)" in out and "| `256`" in out
    first = (tmp_path / "one.json").read_text()
    assert run(tmp_path, *asked, "--case", "256", "--save", "one") == 0
    assert "1 cases, 1 of them done" in capfd.readouterr().err
    assert (tmp_path / "one.json").read_text() == first
    # What is new is added; another type that a peer has not is no failure.
    assert run(tmp_path, *asked, "--case", "transpose", "--save", "one") == 0
    records = json.loads((tmp_path / "one.json").read_text())["records"]
    assert [record["name"] for record in records] == ["256", "transpose"]
    assert set(records[1]["peers"]["matmul"]) == {"unsupported", "version"}
    assert len(records[1]["peers"]["tenon"]["rounds"]) == 2
    capfd.readouterr()
    assert run(tmp_path, "--table", "one", "--compare", "one") == 0
    out, _ = capfd.readouterr()
    assert "## permutation, f32, 1 thread (GB/s)" in out and "Geometric means: " in out
    assert run(tmp_path, *asked, "--case", "256", "--save", "one", "--again") == 0
    assert (tmp_path / "one.json").read_text() != first


def test_an_interrupt_keeps_what_is_there(tmp_path, capfd, quiet, monkeypatch):
    once, calls = modes.Steady.measure, []

    def interrupted(self, *asked):
        calls.append(asked)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return once(self, *asked)

    monkeypatch.setattr(modes.Steady, "measure", interrupted)
    asked = ["--suite", "square", "--peers", "numpy"]
    assert run(tmp_path, *asked) == 130
    assert "the same command goes on from" in capfd.readouterr().err
    assert len(json.loads((tmp_path / "latest.json").read_text())["records"]) == 1


def test_first_results(tmp_path, capfd, quiet):
    assert run(tmp_path, "--mode", "first", "--suite", "square", "--case", "256", "--peers", "tenon,numpy") == 0
    (record,) = json.loads((tmp_path / "latest.json").read_text())["records"]
    assert record["mode"] == "first"
    assert {name: len(figures["rounds"]) for name, figures in record["peers"].items()} == {
        "tenon": 2,
        "tenon-cached": 2,
        "numpy": 2,
    }
    assert "## first: square, f32, 1 thread (ms)" in capfd.readouterr().out


def test_calls_from_c(tmp_path, capfd, quiet):
    build = pathlib.Path(tenon.__file__).parents[2]
    if not (build / "bin" / "tenon-compile").exists():
        pytest.skip("the tools are not built beside the package")
    asked = ["--mode", "overhead", "--peers", "tenon-expression,numpy", "--build", str(build)]
    assert run(tmp_path, *asked) == 0
    records = json.loads((tmp_path / "latest.json").read_text())["records"]
    assert len(records) == 3
    for record in records:
        assert all(0 < seconds < 1e-3 for seconds in record["peers"]["tenon-c"]["rounds"])
    assert "2x2 times 2x2: from C" in capfd.readouterr().out
    assert run(tmp_path, *asked, "--again", "--build", str(tmp_path)) == 1
    assert "build the tools, or say --build" in capfd.readouterr().err


def test_distinct_kernels(tmp_path, capfd, monkeypatch):
    first, second = "a kernel of the first 3", "a kernel of the second 4"
    halves = [{first: 0.02, second: 0.07}, {first: 0.04, second: 0.09}]
    monkeypatch.setattr(modes.Compile, "measure_halves", lambda self, threads: iter(halves))
    assert run(tmp_path, "--mode", "compile") == 0
    out, err = capfd.readouterr()
    assert "| a kernel of the first 3 | 30.0 ms | below 50 ms | yes |" in out
    assert "| a kernel of the second 4 | 80.0 ms | below 50 ms | no |" in out
    assert "round 2: a kernel of the first 3 40.0 ms, a kernel of the second 4 90.0 ms" in err


def test_kernels_are_compiled_to_be_timed():
    # The first two types have kernels that are part of Tenon, and networks that start without a compiler.
    one, two = modes.Compile(Effort(2, 0.01), 600.0, networks=8).measure_halves(1)
    assert one.keys() == two.keys() and all(0.001 < seconds < 60 for seconds in [*one.values(), *two.values()])


def test_rounds_of_kernels_that_take_long_are_few():
    long = Effort(7, 0.01, long_round=0.0, few_rounds=2)
    assert len(list(modes.Compile(long, 600.0, networks=2).measure_halves(1))) == 2


def test_kernels_that_take_too_long():
    with pytest.raises(PeerFailed, match="did not compile in 0.001 s"):
        list(modes.Compile(Effort(1, 0.01), 0.001).measure_halves(1))


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["--suite", "nothing"], "unknown 'nothing'; expected some of batched"),
        (["--dtype", "f8"], "unknown 'f8'"),
        (["--peers", "abacus"], "unknown 'abacus'; expected some of tenon"),
        (["--threads", "0"], "'0': expected numbers from 1 to 1000"),
        (["--seconds", "-1"], "'-1' is no positive number"),
        (["--save", "a/b"], "'a/b' is no name of results"),
        (["--mode", "overhead", "--dtype", "f32"], "--mode overhead measures f64 only"),
    ],
)
def test_bad_options(arguments, message, capfd):
    with pytest.raises(SystemExit) as status:
        command.main(arguments)
    assert status.value.code == 2
    assert message in capfd.readouterr().err


def test_other_bad_input(tmp_path, capfd, quiet):
    assert run(tmp_path, "--table", "missing") == 1
    assert "--table and --compare take a name that --save was given" in capfd.readouterr().err
    (tmp_path / "latest.json").write_text('{"schema": 7}')
    assert run(tmp_path) == 1
    assert "has schema 7, expected 1" in capfd.readouterr().err
    (tmp_path / "latest.json").write_text("[")
    assert run(tmp_path) == 1
    assert "is not a results file" in capfd.readouterr().err


def test_every_peer_is_named_once():
    assert list(PEERS)[0] == "tenon" and len({kind for kind in PEERS.values()}) == len(PEERS)


def test_a_permutation_is_a_new_array():
    case = from_einsum("permutation", "t", "ij->ji", {"i": 5, "j": 7})
    (operand,) = make_operands(case, "f32")
    call = PEERS["numpy"](1).prepare(case, "f32", [operand])
    assert not np.may_share_memory(call(), operand) and call().flags.c_contiguous


def test_peers_are_at_their_best(monkeypatch):
    monkeypatch.setenv("OPENBLAS_CORETYPE", "Haswell")
    monkeypatch.setenv("OMP_NUM_THREADS", "9")
    found = environment(1)
    assert "OPENBLAS_CORETYPE" not in found and found["OPENBLAS_NUM_THREADS"] == found["OMP_NUM_THREADS"] == "1"
