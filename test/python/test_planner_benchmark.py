"""benchmarks/planner: its counter against figures counted by hand, and the command on two tiny networks."""

import json
import math
import pathlib
import sys

import pytest

PLACE = pathlib.Path(__file__).parents[2] / "benchmarks" / "planner"
sys.path[:0] = [str(PLACE), str(PLACE.parent)]

import run  # noqa: E402
from bench.aims import describe_aims  # noqa: E402
from bench.count import BadPath, count_path  # noqa: E402
from bench.figures import collect  # noqa: E402
from common.network import Network, symbol  # noqa: E402
from bench.schedule import all_runs, subset  # noqa: E402
from bench.store import Store  # noqa: E402
from bench.table import format_tables  # noqa: E402

CHAIN = {"name": "chain", "inputs": [[0, 1], [1, 2], [2, 3]], "output": [0, 3], "sizes": [2, 3, 5, 7]}
#: index 0 is open and in two tensors, 1 is a hyperedge, 2 a diagonal, 3 is of one tensor only
HYPER = {"name": "hyper", "inputs": [[0, 1], [0, 1, 2, 2], [1, 3]], "output": [0], "sizes": [2, 3, 5, 7]}


def network(data, **more):
    return Network(data["name"], data["inputs"], data["output"], data["sizes"], **more)


def test_counts_a_chain():
    left = count_path(network(CHAIN), [(0, 1), (2, 3)])
    assert left.log10_madds == pytest.approx(math.log10(2 * 3 * 5 + 2 * 5 * 7))
    assert 2**left.log2_size == pytest.approx(2 * 7)
    right = count_path(network(CHAIN), [(1, 2), (0, 3)])
    assert right.log10_madds == pytest.approx(math.log10(3 * 5 * 7 + 2 * 3 * 7))
    assert 2**right.log2_size == pytest.approx(3 * 7)


def test_counts_hyperedges_diagonals_and_sums():
    # Leaves become [0, 1], [0, 1] and [1]: 2 is summed where it stands, and 3 too.
    cost = count_path(network(HYPER), [(0, 1), (2, 3)])
    assert cost.log10_madds == pytest.approx(math.log10(2 * 3 + 2 * 3))
    assert 2**cost.log2_size == pytest.approx(2 * 3)
    outer_last = count_path(network(HYPER), [(0, 2), (1, 3)])
    assert outer_last.log10_madds == cost.log10_madds


def half_operations(network, path):
    """By opt_einsum itself, of the same pairwise steps."""
    flop_count = pytest.importorskip("opt_einsum.helpers").flop_count
    sizes = dict(enumerate(network.sizes))
    alive = dict(enumerate(map(frozenset, network.inputs)))
    total = 0
    for number, (a, b) in enumerate(path):
        left, right = alive.pop(a), alive.pop(b)
        kept = (left | right) & frozenset(network.output).union(*alive.values())
        total += flop_count(left | right, bool((left | right) - kept), 2, sizes)
        alive[len(network.inputs) + number] = kept
    return total / 2


def test_counts_as_the_references_are_counted():
    # A step that sums nothing is half of its multiply-adds; a sum over the index of one tensor is in the step.
    outer = count_path(network(HYPER), [(0, 2), (1, 3)])
    assert outer.log10_half_operations == pytest.approx(math.log10(2 * 3 * 7 + 2 * 3 * 5))
    product = network({"name": "product", "inputs": [[0], [1], [2]], "output": [0, 1, 2], "sizes": [2, 3, 5]})
    assert count_path(product, [(0, 1), (2, 3)]).log10_half_operations == pytest.approx(math.log10(3 + 15))
    assert count_path(network(CHAIN), [(0, 1), (2, 3)]).log10_half_operations == pytest.approx(math.log10(100))
    assert count_path(network(CHAIN), [(0, 1), (2, 3)], sliced=[0]).log10_half_operations == pytest.approx(2.0)
    # So is one that sums nothing but a sliced index.
    inner = network({"name": "inner", "inputs": [[0, 1], [1, 2]], "output": [0, 2], "sizes": [2, 3, 5]})
    assert count_path(inner, [(0, 1)], sliced=[1]).log10_half_operations == pytest.approx(math.log10(3 * 2 * 5 / 2))
    for case, path in [(HYPER, [(0, 2), (1, 3)]), (HYPER, [(0, 1), (2, 3)]), (CHAIN, [(0, 2), (1, 3)])]:
        expected = half_operations(network(case), path)
        assert count_path(network(case), path).log10_half_operations == pytest.approx(math.log10(expected))


def test_counts_a_step_of_three_as_pairs_and_of_one_as_nothing():
    assert count_path(network(CHAIN), [(0,), (3, 1, 2)]) == count_path(network(CHAIN), [(0, 1), (2, 3)])


def test_counts_slices():
    # Index 1 is sliced: [1, 2][2, 3] runs in every slice, though it could be run once for 2 and 3 alone.
    cost = count_path(network(CHAIN), [(0, 1), (2, 3)], sliced=[3])
    assert cost.slices == 7
    assert cost.log10_madds == pytest.approx(math.log10(7 * (2 * 3 * 5 + 2 * 5)))
    assert cost.log10_madds_hoisted == pytest.approx(math.log10(2 * 3 * 5 + 7 * 2 * 5))
    assert 2**cost.log2_size == pytest.approx(2 * 5)


@pytest.mark.parametrize(
    "path, message",
    [
        ([(0, 1)], "leaves 2 tensors"),
        ([(0, 1), (0, 2)], "step 1 names tensor 0"),
        ([(0, 3), (1, 2)], "step 0 names tensor 3"),
        ([(), (0, 1), (2, 4)], "step 0 names no tensor"),
    ],
)
def test_a_path_that_is_none(path, message):
    with pytest.raises(BadPath, match=message):
        count_path(network(CHAIN), path)


def test_symbols_are_distinct_and_encodable():
    symbols = [symbol(index) for index in range(70000)]
    assert len(set(symbols)) == len(symbols)
    "".join(symbols).encode()


@pytest.fixture
def folder(tmp_path):
    networks = tmp_path / "networks"
    networks.mkdir()
    reference = {"opt_flops": {"log10_madds": 1.5, "log2_size": 4.0}}
    (networks / "chain.json").write_text(json.dumps(CHAIN | {"reference": reference}))
    (networks / "hyper.json").write_text(json.dumps(HYPER))
    return tmp_path


def command(folder, *more):
    arguments = ["--networks", str(folder / "networks"), "--out", str(folder / "results.json"), *more]
    return run.main([*arguments, "--budget", "0.5"])


def test_runs_resumes_and_prints(folder, capfd):
    assert command(folder, "--who", "opt_einsum,opt_einsum-rg", "--seeds", "2") == 0
    out, err = capfd.readouterr()
    assert "6 runs, 0 of them done" in err
    first = (folder / "results.json").read_text()
    runs = json.loads(first)["runs"]
    # The greedy path has no seeds.
    assert [(r["network"], r["who"], r["seed"]) for r in runs] == [
        (name, *rest)
        for name in ("chain", "hyper")
        for rest in (("opt_einsum", 0), ("opt_einsum-rg", 0), ("opt_einsum-rg", 1))
    ]
    costs = {"chain": [2 * 3 * 5 + 2 * 5 * 7, 3 * 5 * 7 + 2 * 3 * 7], "hyper": [2 * 3 + 2 * 3]}
    for r in runs:
        assert round(10 ** r["log10_madds"]) in costs[r["network"]]
        assert 0 < r["elapsed"] and r["driver"].startswith("opt_einsum")
    greedy = runs[0]["log10_madds"]
    assert f"| chain | 3 | 1.50 | 4.0 | {greedy:.3f} ({greedy - 1.5:+.2f})" in out
    assert "| hyper | 3 |  |  | 1.079" in out

    # Nothing is run again; what is missing is, and nothing else.
    assert command(folder, "--who", "opt_einsum,opt_einsum-rg", "--seeds", "2") == 0
    assert "6 runs, 6 of them done" in capfd.readouterr().err
    assert (folder / "results.json").read_text() == first
    store = Store(folder / "results.json")
    (key,) = [key for key, r in store.runs.items() if r["network"] == "chain" and r["seed"] == 1]
    del store.runs[key]
    # No run takes so long, so this tells what was kept from what was run now.
    for r in store.runs.values():
        r["elapsed"] = 99.0
    store.write()
    assert command(folder, "--who", "opt_einsum,opt_einsum-rg", "--seeds", "2") == 0
    assert "6 runs, 5 of them done" in capfd.readouterr().err
    again = json.loads((folder / "results.json").read_text())["runs"]
    assert [(r["network"], r["who"], r["seed"]) for r in again if r["elapsed"] != 99.0] == [
        ("chain", "opt_einsum-rg", 1)
    ]
    assert len(again) == 6

    assert run.main(["--table", str(folder / "results.json"), "--networks", str(folder / "networks")]) == 0
    assert capfd.readouterr().out.count("| chain |") == 1


def test_runs_again_what_is_asked_for_and_keeps_the_rest(folder, capfd):
    assert command(folder, "--who", "opt_einsum,opt_einsum-rg", "--seeds", "2") == 0
    store = Store(folder / "results.json")
    for r in store.runs.values():
        r["log10_madds"] = 99.0
        r["foreign_load"] = 0.9 if r["seed"] == 1 else 0.0
    store.write()

    def stale():
        runs = json.loads((folder / "results.json").read_text())["runs"]
        assert len(runs) == 6
        return [(r["network"], r["who"], r["seed"]) for r in runs if r["log10_madds"] == 99.0]

    chain = ["--networks", str(folder / "networks" / "chain.json"), "--who", "opt_einsum,opt_einsum-rg"]
    # Only the seed and the network that are asked for, and only that planner.
    assert command(folder, *chain, "--seeds", "1", "--again", "opt_einsum-rg") == 0
    assert "2 runs, 1 of them done" in capfd.readouterr().err
    assert stale() == [
        ("chain", "opt_einsum", 0),
        ("chain", "opt_einsum-rg", 1),
        ("hyper", "opt_einsum", 0),
        ("hyper", "opt_einsum-rg", 0),
        ("hyper", "opt_einsum-rg", 1),
    ]
    # What was run now may be noisy as well.
    store = Store(folder / "results.json")
    for r in store.runs.values():
        r["foreign_load"] = 0.9 if r["seed"] == 1 else 0.0
    store.write()
    assert command(folder, *chain, "--seeds", "2", "--again-noisy") == 0
    assert "3 runs, 2 of them done" in capfd.readouterr().err
    assert ("chain", "opt_einsum-rg", 1) not in stale() and ("hyper", "opt_einsum-rg", 1) in stale()
    with pytest.raises(SystemExit) as status:
        command(folder, "--who", "opt_einsum", "--again", "tenon")
    assert status.value.code == 2
    assert "--again tenon: --who asks for opt_einsum only" in capfd.readouterr().err


def test_what_is_run_again_keeps_its_figures_until_then(folder, capfd, monkeypatch):
    assert command(folder, "--who", "opt_einsum", "--seeds", "1") == 0
    before = json.loads((folder / "results.json").read_text())["runs"]
    execute, calls = run.execute, []

    def interrupted(asked):
        calls.append(asked)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return execute(asked)

    monkeypatch.setattr(run, "execute", interrupted)
    assert command(folder, "--who", "opt_einsum", "--seeds", "1", "--again", "opt_einsum") == 130
    after = json.loads((folder / "results.json").read_text())["runs"]
    assert len(after) == 2 and after[1] == before[1]


def test_tenon_runs(folder, capfd):
    assert command(folder, "--who", "tenon,opt_einsum", "--seeds", "1", "--minimize", "flops,size") == 0
    out, _ = capfd.readouterr()
    runs = {
        (r["network"], r["who"], r["minimize"]): r for r in json.loads((folder / "results.json").read_text())["runs"]
    }
    assert len(runs) == 6
    assert runs["chain", "tenon", "flops"]["log10_madds"] == pytest.approx(2.0, abs=1e-6)
    assert 2 ** runs["chain", "tenon", "size"]["log2_size"] == pytest.approx(2 * 7)
    assert runs["hyper", "tenon", "flops"]["driver"].startswith("tenon ")
    assert "## 0.5 s on 2 cores, for the largest intermediate" in out
    # Sliced: 2*3*5 in one piece; of the 2*7 elements of the result 2 fit.
    assert command(folder, "--who", "tenon", "--seeds", "1", "--largest", "3.5") == 0
    sliced = [r for r in json.loads((folder / "results.json").read_text())["runs"] if r["largest"] == 3.5]
    assert all(r["log2_size"] <= 3.5 for r in sliced)
    assert max(r["slices"] for r in sliced) > 1


def test_a_planner_that_fails_is_recorded(folder, capfd, monkeypatch):
    monkeypatch.setattr("bench.execute._CHILD", folder / "child.py")
    (folder / "child.py").write_text("raise SystemExit('it broke')")
    assert command(folder, "--who", "opt_einsum", "--seeds", "1") == 0
    runs = json.loads((folder / "results.json").read_text())["runs"]
    assert [r["failed"] for r in runs] == ["it broke", "it broke"]
    assert "| chain | 3 | 1.50 | 4.0 | - (1) | - | - |" in capfd.readouterr().out


@pytest.mark.parametrize(
    "content, message",
    [
        ("{", "is no JSON"),
        ('{"inputs": [[0, 1]], "output": [], "sizes": [2]}', "an index is not a number from 0 to 0"),
        ('{"inputs": [], "output": [], "sizes": []}', "has no tensors"),
        ("[1]", "expected an object with `inputs`"),
    ],
)
def test_a_damaged_network(folder, capfd, content, message):
    (folder / "networks" / "bad.json").write_text(content)
    assert command(folder, "--who", "opt_einsum") == 1
    assert message in capfd.readouterr().err


def test_other_bad_input(folder, capfd):
    assert run.main(["--networks", str(folder / "nowhere"), "--who", "opt_einsum"]) == 1
    assert "nowhere does not exist" in capfd.readouterr().err
    (folder / "results.json").write_text('{"runs": []}')
    assert command(folder, "--who", "opt_einsum") == 1
    assert "is not a results file" in capfd.readouterr().err
    for arguments, message in [
        (["--who", "nobody"], "unknown planner 'nobody'; expected some of tenon, cotengra"),
        (["--budget", "0"], "a budget is more than 0 s"),
        (["--budget", "x"], "'x' is no list of seconds"),
        (["--seeds", "0"], "'0' is no number from 1 to 1000"),
        (["--minimize", "time"], "'time' is neither flops nor size"),
    ]:
        with pytest.raises(SystemExit) as status:
            run.main(arguments)
        assert status.value.code == 2
        assert message in capfd.readouterr().err


def test_a_subset_has_all_families_and_fits():
    names = ["a_1", "a_2", "a_3", "b_1", "c_1"]
    networks = [(pathlib.Path(name), network(CHAIN | {"name": name})) for name in names]

    def runs_of(chosen):
        return all_runs(chosen, ["tenon", "opt_einsum"], [8.0], 1, ["flops"], None, 2)

    # 8 s and an overhead of 1 s, and another second for the planner without a budget: 10 s a network.
    assert [n.name for _, n in subset(networks, 0.75, runs_of)] == ["a_1", "b_1", "c_1", "a_2"]
    assert [n.name for _, n in subset(networks, 0.01, runs_of)] == ["a_1"]


def record(name, who, seconds, value, seed=0, minimize="flops", **more):
    return {
        "network": name,
        "digest": name,
        "who": who,
        "minimize": minimize,
        "largest": None,
        "seconds": seconds,
        "workers": 2,
        "seed": seed,
        "driver": who,
        "elapsed": seconds,
        "log10_madds": value,
        "log10_madds_hoisted": value - 0.25,
        "log2_size": 20.0 + value,
        "foreign_load": 0.0,
    } | more


def format_runs(runs, networks):
    store = Store(pathlib.Path("none.json"))
    store.runs = dict(enumerate(runs))
    return format_tables(store, networks)


def test_medians_and_aims():
    reference = {
        "opt_flops": {"log10_madds": 9.0, "log2_size": 3.0},
        "opt_size": {"log10_madds": 9.5, "log2_size": 28.0},
    }
    networks = [
        network(CHAIN | {"name": name}, digest=name, reference=reference if name == "n0" else {})
        for name in ("n0", "n1", "n2")
    ]
    runs = [record("n0", "tenon", 10, value, seed) for seed, value in enumerate((9.5, 9.04, 9.02))]
    runs += [record("n1", "tenon", 10, 7.0), record("n2", "tenon", 10, 8.5)]
    runs += [record("n0", "tenon", 10, 8.9, minimize="size")]
    runs += [record("n0", "cotengra", 60, 9.02), record("n1", "cotengra", 60, 7.2), record("n2", "cotengra", 60, 8.0)]
    figures = collect(runs, networks)
    assert {(f.network, f.who, f.minimize): f.log10_madds for f in figures}["n0", "tenon", "flops"] == 9.04
    text = describe_aims(figures, networks)
    assert "| tenon 10 s against cotengra 60 s: as good within 0.02 | 2 of 3; not on n2 (+0.50) | 33 of 35 |" in text
    assert "| tenon 10 s against cotengra 60 s: better by 0.1 or more | 1 of 3 | a third |" in text
    assert "| tenon 10 s, `flops`: within 0.05 in log10 of the best known | 1 of 1 |  |" in text
    assert "| tenon 10 s, `size`: within 1 bit of the best known | 1 of 1 |  |" in text

    # A bound on the largest intermediate is a table of its own.
    tables = format_runs([*runs, record("n1", "tenon", 10, 7.5, largest=24)], networks)
    assert "## 10 s on 2 cores, for the operations\n" in tables
    assert "for the operations, sliced to 2^24 elements" in tables
    assert "| n1 | 3 |  |  | 7.500 (7.250 hoisted) | 27.5 | 10.0 (1) |" in tables

    # What is above a reference is told by the count of the reference, too, if runs have it.
    assert "counted alike" not in tables.split("## ", 1)[1]
    alike = [run | {"log10_half_operations": run["log10_madds"] - 0.03} for run in runs]
    assert "| 9.040 (+0.04, counted alike +0.01) | 29.0 |" in format_runs(alike, networks)
    lowest = [run | {"log10_madds": 8.5} for run in alike]
    assert "(-0.50) |" in format_runs(lowest, networks)
    far = [run | {"log10_madds": run["log10_madds"] + 0.08} for run in alike]
    assert "within 0.05 in log10 of the best known | 0 of 1; not on n0 (+0.12, counted alike +0.01)" in format_runs(
        far, networks
    )

    # A run without a tree is worse than any other.
    failed = {name: value for name, value in record("n1", "cotengra", 60, 0.0, 1).items() if "log" not in name}
    failed |= {"failed": "no tree", "seed": 1}
    figures = collect([*runs, failed, failed | {"seed": 2}], networks)
    assert {(f.network, f.who): f for f in figures}["n1", "cotengra"].log10_madds is None
    assert "better by 0.1 or more | 1 of 3" in describe_aims(figures, networks)
