"""tenon.Optimizer: paths for opt_einsum, cotengra and quimb, and for tenon itself."""

import contextvars
import copy
import inspect
import io
import math
import os
import pickle
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

import tenon
from oracle import check, values

EQUATION = "ab,bcd,ce,dfg,ef,gh->ah"
EXTENTS = {"a": 2, "b": 3, "c": 4, "d": 5, "e": 6, "f": 3, "g": 2, "h": 4}
INPUTS = EQUATION.split("->")[0].split(",")
RNG = np.random.default_rng(31)
ARRAYS = [values(RNG, tuple(EXTENTS[x] for x in term), "float64") for term in INPUTS]


def network(count, seed=0):
    """A ring with chords, hyperedges, an open index and unequal extents."""
    rng = np.random.default_rng(seed)
    inputs = [[] for _ in range(count)]
    sizes = {}

    def connect(*tensors):
        label = ("x", len(sizes))
        sizes[label] = 2 + len(sizes) % 3
        for tensor in set(tensors):
            inputs[tensor].append(label)

    for k in range(count):
        connect(k, (k + 1) % count)
    for _ in range(count // 3):
        connect(*rng.integers(0, count, 2 + len(sizes) % 2))
    return [tuple(x) for x in inputs], (("x", 3),), sizes


def recount(plan):
    """Multiply-adds and the largest result of a plan without slices, from the definition."""
    alive = dict(enumerate(map(frozenset, plan.inputs)))
    sizes, total, largest = plan.size_dict, 0, 0
    # What no other tensor has is summed before anything else.
    for k, labels in alive.items():
        others = set(plan.output).union(*(x for j, x in alive.items() if j != k))
        alive[k] = labels & others
    for number, (a, b) in enumerate(plan.ssa_path):
        left, right = alive.pop(a), alive.pop(b)
        others = set(plan.output).union(*alive.values())
        both = left | right
        total += math.prod(sizes[x] for x in both)
        alive[len(plan.inputs) + number] = both & others
        largest = max(largest, math.prod(sizes[x] for x in both & others))
    assert len(alive) == 1
    return total, largest


@pytest.mark.parametrize("count", [1, 2, 3, 9, 40])
def test_plan_and_its_costs(count):
    inputs, output, sizes = network(max(count, 5))
    if count < 5:
        inputs, output = inputs[:count], ()
    plan = tenon.Optimizer(restarts=8, threads=1).plan(inputs, output, sizes)
    assert len(plan.path) == len(plan.ssa_path) == count - 1
    if count > 1:
        flops, largest = recount(plan)
        assert plan.flops == flops and plan.size == largest
        assert plan.log10_flops == pytest.approx(math.log10(flops))
        assert plan.log2_size == pytest.approx(math.log2(largest), abs=1e-12)
    assert plan.slices == 1 and plan.sliced_inds == {} and not plan.interrupted
    assert set(plan.edge_path) | set(output) == {x for labels in inputs for x in labels}
    assert "multiply-adds" in str(plan) and "PathPlan" in repr(plan)


def test_linear_path_is_the_ssa_path():
    inputs, output, sizes = network(50)
    plan = tenon.Optimizer(threads=1, strategy="greedy").plan(inputs, output, sizes)
    alive, steps = list(range(50)), []
    for number, (i, j) in enumerate(plan.path):
        assert i < j
        pair = alive.pop(j), alive.pop(i)
        steps.append(tuple(sorted(pair)))
        alive.append(50 + number)
    assert steps == [tuple(sorted(pair)) for pair in plan.ssa_path]


def test_same_seed_same_path_whatever_the_threads():
    problem = network(60, seed=4)
    paths = [tenon.Optimizer(threads=threads, seed=5, restarts=12).plan(*problem).path for threads in (1, 3)]
    assert paths[0] == paths[1]


def test_labels_of_sets_are_numbered_alike_in_every_process():
    code = (
        "import tenon; i = [frozenset(x) for x in ('abc', 'cde', 'efa', 'bdf', 'agh', 'hbe')];"
        "s = {x: 2 for x in 'abcdefgh'}; print(tenon.Optimizer(threads=1).plan(i, frozenset('g'), s).ssa_path)"
    )
    runs = {
        subprocess.run(
            [sys.executable, "-c", code], env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
            check=True, capture_output=True, text=True,
        ).stdout
        for seed in ("1", "2", "3")
    }  # fmt: skip
    assert len(runs) == 1


def test_minimize():
    # A network whose best plans differ.
    plans = {
        cost: tenon.Optimizer(minimize=cost, threads=1, strategy="optimal").plan(*network(12, seed=8))
        for cost in ("flops", "size", "write", "combo", "combo-1000", "combo-0.001")
    }
    flops, size, write = plans["flops"], plans["size"], plans["write"]
    assert (flops.flops, flops.size, flops.write) == (944, 64, 222)
    assert (size.flops, size.size, size.write) == (976, 48, 206)
    assert (write.flops, write.write) == (1000, 203)
    assert plans["combo-1000"].write == 203 and plans["combo-0.001"].flops == 944
    assert plans["combo"].flops + 64 * plans["combo"].write <= min(x.flops + 64 * x.write for x in plans.values())


def test_warm_start_of_every_form():
    problem = network(40, seed=2)
    good = tenon.Optimizer(threads=1, restarts=64).plan(*problem)
    quick = tenon.Optimizer(threads=1, strategy="greedy")
    assert quick.plan(*problem).flops > good.flops
    for initial, form in [(good.path, "linear"), (good.ssa_path, "ssa"), (good, "linear")]:
        assert quick.plan(*problem, initial=initial, initial_form=form).flops <= good.flops
    order = good.edge_path
    assert quick.plan(*problem, initial=order, initial_form="edge").flops < quick.plan(*problem).flops
    # Paths of numpy.einsum_path may have steps of one and of three.
    assert len(quick.plan(*problem, initial=[(0,), (0, 1, 2)]).path) == 39


def test_warm_start_from_slices():
    problem = network(60, seed=2)
    whole = tenon.Optimizer(threads=1).plan(*problem)
    limit = int(whole.size // 16)
    good = tenon.Optimizer(threads=1, size_limit=limit, restarts=64).plan(*problem)
    assert good.slices > 1
    quick = tenon.Optimizer(threads=1, size_limit=limit, strategy="greedy", seed=1)
    labels = list(good.sliced_inds)
    for options in [
        {"initial": good},
        {"initial": good.ssa_path, "initial_form": "ssa", "initial_sliced": labels},
        {"initial": good.path, "initial_sliced": labels[::-1]},
    ]:
        plan = quick.plan(*problem, **options)
        assert plan.flops <= good.flops and plan.size <= limit
    # Nothing is sliced without a limit.
    assert tenon.Optimizer(threads=1, strategy="greedy").plan(*problem, initial=good).slices == 1
    for options, message in [
        ({"initial": good.path, "initial_sliced": ["y"]}, "the initial slices have the label 'y', which no tensor has"),
        ({"initial": good.path, "initial_sliced": [labels[0]] * 2}, "the initial slices have a label twice"),
        ({"initial_sliced": labels}, "initial_sliced belongs to a path"),
    ]:
        with pytest.raises(ValueError, match=message):
            quick.plan(*problem, **options)
    for wrong in (3, [["a"]]):
        with pytest.raises(TypeError, match="initial_sliced must be a sequence of labels"):
            quick.plan(*problem, initial=good.path, initial_sliced=wrong)


def test_warm_start_from_slices_in_an_array():
    inputs, output, sizes = [(0, 1), (1, 2), (2, 3)], (0, 3), {k: 4 for k in range(4)}
    optimizer = tenon.Optimizer(threads=1, size_limit=8)
    for labels in (np.array([], int), np.array([0]), np.array([0, 3])):
        plan = optimizer.plan(inputs, output, sizes, initial=[(0, 1), (0, 1)], initial_sliced=labels)
        assert plan.size <= 8


def test_warm_start_from_a_plan_with_other_labels():
    inputs, output, sizes = network(60, seed=2)
    limit = int(tenon.Optimizer(threads=1).plan(inputs, output, sizes).size // 16)
    good = tenon.Optimizer(threads=1, size_limit=limit, restarts=64).plan(inputs, output, sizes)
    assert good.slices > 1
    renamed = [[(label, "new") for label in labels] for labels in inputs]
    others = [(label, "new") for label in output], {(label, "new"): size for label, size in sizes.items()}
    # Where the indices are the same ones, so are the slices.
    quick = tenon.Optimizer(threads=1, size_limit=limit, strategy="greedy", seed=1)
    assert quick.plan(renamed, *others, initial=good).flops <= good.flops
    # Else they are not, and the path is all that is taken.
    mixed = [renamed[0], *(labels[::-1] for labels in renamed[1:])]
    assert quick.plan(mixed, *others, initial=good).size <= limit
    assert tenon.Optimizer(threads=1, strategy="greedy").plan(mixed, *others, initial=good).slices == 1


def test_time_limit_is_kept():
    problem = network(300, seed=3)
    optimizer = tenon.Optimizer(time_limit=0.4, strategy="random-greedy", restarts=2**40, threads=2)
    start = time.perf_counter()
    path = optimizer(*problem)
    assert 0.35 < time.perf_counter() - start < 2  # generous: the machine may be busy
    assert len(path) == 299
    start = time.perf_counter()
    assert optimizer(*problem) == path
    assert time.perf_counter() - start < 0.2, "the plan of a network is remembered"
    assert len(tenon.Optimizer(time_limit=0)(*problem)) == 299


def test_large_networks_take_little_more_than_their_search():
    count = 40_000
    inputs = [(f"v{k}", f"v{k + 1}", f"w{k // 2}") for k in range(count)]
    sizes = {label: 2 for labels in inputs for label in labels}
    start = time.process_time()
    path = tenon.Optimizer(time_limit=0, strategy="greedy", threads=1)(inputs, (), sizes)
    assert len(path) == count - 1
    assert time.process_time() - start < 10  # seconds of a build with assertions; quadratic code takes minutes


def test_memory_limit_slices():
    problem = network(40, seed=6)
    whole = tenon.Optimizer(threads=1, dtype="complex128").plan(*problem)
    limit = int(whole.peak_bytes // 4)
    plan = tenon.Optimizer(threads=1, dtype="complex128", memory_limit=limit).plan(*problem)
    assert plan.peak_bytes <= limit and plan.slices > 1
    assert plan.slices == math.prod(plan.sliced_inds.values())
    assert all(problem[2][label] == extent for label, extent in plan.sliced_inds.items())
    with pytest.raises(tenon.MemoryLimitError) as error:
        tenon.Optimizer(threads=1, memory_limit=1).plan(*problem)
    smallest = error.value.smallest_limit
    assert tenon.Optimizer(threads=1, memory_limit=smallest).plan(*problem).peak_bytes <= smallest


def test_size_limit_slices():
    problem = network(40, seed=6)
    whole = tenon.Optimizer(threads=1).plan(*problem)
    plan = tenon.Optimizer(threads=1, size_limit=int(whole.size // 8)).plan(*problem)
    assert plan.size <= whole.size // 8 and plan.slices == math.prod(plan.sliced_inds.values()) > 1
    check(tenon.einsum(EQUATION, *ARRAYS, optimize=tenon.Optimizer(size_limit=12)), EQUATION, ARRAYS)


def every_kind_of_index(seed):
    """Bonds, hyperedges, batch, open, repeated and lone indices, tensors of rank 0, parts that share nothing."""
    rng = np.random.default_rng([17, seed])
    inputs, output, sizes = [[] for _ in range(rng.integers(2, 7))], [], {}
    for label in "abcdefgh"[: rng.integers(3, 9)]:
        for tensor in rng.integers(0, len(inputs), rng.integers(1, 5)):
            inputs[tensor].append(label)
        sizes[label] = int(rng.integers(2, 4))
        if rng.random() < 0.3:
            output.append(label)
    rng.shuffle(output)
    arrays = [rng.integers(-3, 4, [sizes[x] for x in labels]) for labels in inputs]
    return ["".join(labels) for labels in inputs], "".join(output), sizes, arrays


def sum_of_slices(plan, arrays):
    """Contracts along the path, one slice after the other, by numpy.einsum of two arrays at a time."""
    result = np.zeros([plan.size_dict[x] for x in plan.output], arrays[0].dtype)
    for place in np.ndindex(*plan.sliced_inds.values()):
        chosen = dict(zip(plan.sliced_inds, place))

        def cut(labels):
            return tuple(chosen.get(x, slice(None)) for x in labels)

        def left(labels):
            return "".join(x for x in labels if x not in chosen)

        alive = {k: (left(labels), array[cut(labels)]) for k, (labels, array) in enumerate(zip(plan.inputs, arrays))}
        for number, (a, b) in enumerate(plan.ssa_path):
            (first, x), (second, y) = alive.pop(a), alive.pop(b)
            needed = set(plan.output).union(*(labels for labels, _ in alive.values()))
            kept = "".join(sorted((set(first) | set(second)) & needed))
            alive[len(arrays) + number] = kept, np.einsum(f"{first},{second}->{kept}", x, y)
        ((labels, whole),) = alive.values()
        result[cut(plan.output)] += np.einsum(f"{labels}->{left(plan.output)}", whole)
    return result


@pytest.mark.parametrize("strategy", ["auto", "greedy", "random-greedy", "optimal", "elimination", "bisection",
                                      "annealing", "reconfiguration"])  # fmt: skip
def test_slices_add_up_to_the_whole(strategy):
    """Of whatever indices are sliced, whichever strategy found the tree: integers, so that sums are exact."""
    sliced = {"summed": 0, "open": 0, "of many": 0, "repeated": 0}
    for seed in range(40):
        inputs, output, sizes, arrays = every_kind_of_index(seed)
        options = {"threads": 1, "strategy": strategy, "restarts": 2, "seed": seed}
        whole = tenon.Optimizer(**options).plan(inputs, output, sizes)
        expected = np.einsum(f"{','.join(inputs)}->{output}", *arrays, optimize=False)
        np.testing.assert_array_equal(sum_of_slices(whole, arrays), expected)
        for limit in (3, 8):
            try:
                plan = tenon.Optimizer(size_limit=limit, **options).plan(inputs, output, sizes)
            except ValueError as error:
                assert "cannot be kept" in str(error)
                continue
            assert plan.size <= limit and plan.slices == math.prod(plan.sliced_inds.values())
            np.testing.assert_array_equal(sum_of_slices(plan, arrays), expected)
            for label in plan.sliced_inds:
                sliced["open" if label in output else "summed"] += 1
                sliced["of many"] += sum(label in labels for labels in inputs) > 2
                sliced["repeated"] += any(labels.count(label) > 1 for labels in inputs)
    assert min(sliced.values()) >= 5, sliced


def test_compiled_slices_add_up_to_the_whole():
    compared = 0
    for seed in range(12):
        inputs, output, sizes, arrays = every_kind_of_index(seed)
        limited = tenon.Optimizer(size_limit=8, threads=1)
        try:
            slices = limited.plan(inputs, output, sizes).slices
        except ValueError as error:
            assert "cannot be kept" in str(error)
            continue
        expression = tenon.array_contract_expression(
            [tuple(x) for x in inputs], tuple(output), size_dict=sizes, dtype="int64", optimize=limited, threads=1
        )
        assert expression.plan.slices == slices
        expected = np.einsum(f"{','.join(inputs)}->{output}", *arrays, optimize=False)
        np.testing.assert_array_equal(expression(*arrays), expected)
        compared += slices > 1
    assert compared >= 4


def test_progress_function():
    states = []
    optimizer = tenon.Optimizer(progress=states.append, restarts=200, threads=1)
    plan = optimizer.plan(*network(80))
    assert states and all(isinstance(state, tenon.ProgressState) for state in states)
    assert all(a.log2_cost >= b.log2_cost and a.seconds <= b.seconds for a, b in zip(states, states[1:]))
    assert states[-1].log10_flops >= plan.log10_flops - 1e-9

    def fail(state):
        raise KeyError(state.strategy)

    with pytest.raises(KeyError):
        tenon.Optimizer(progress=fail, threads=1).plan(*network(80))


def test_a_progress_function_may_search():
    """It would wait for itself: with the same optimizer and network, or with two that ask each other."""
    problem, other = network(80), network(80, seed=1)
    inner = []

    def ask(state):
        if len(inner) < 3:
            inner.append(optimizer.plan(*problem))
            inner.append(optimizer.plan(*other))

    optimizer = tenon.Optimizer(progress=ask, restarts=64, threads=1)
    plan = optimizer.plan(*problem)
    assert inner and all(x.path == plan.path for x in inner[::2])
    assert optimizer.plan(*other).path == inner[1].path

    # Each waits for what the other is searching.
    barrier = threading.Barrier(2, timeout=60)
    found = {}

    def cross(wanted):
        met = []

        def progress(state):
            if not met:
                met.append(state)
                barrier.wait()
                found[wanted].append(crossing[1 - wanted].plan(*(problem, other)[1 - wanted]).path)

        return progress

    crossing = [tenon.Optimizer(progress=cross(k), restarts=64, threads=1) for k in range(2)]
    found = {0: [], 1: []}
    workers = [
        threading.Thread(target=lambda k=k: crossing[k].plan(*(problem, other)[k]), daemon=True) for k in range(2)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(120)
    assert not any(worker.is_alive() for worker in workers)
    assert found == {0: [inner[1].path], 1: [plan.path]}


@pytest.mark.parametrize("together", [False, True])
def test_a_thread_that_a_progress_function_waits_for_may_search(together):
    inputs, output, sizes = network(80)
    asked, found = [], []

    def plan():
        if together:
            found.append([x.path for x in optimizer.plan_together([(inputs, output), (inputs, output)], sizes).plans])
        else:
            found.append(optimizer.plan(inputs, output, sizes).path)

    def ask(state):
        if not asked:
            asked.append(state)
            thread = threading.Thread(target=plan, daemon=True)
            thread.start()
            thread.join()

    optimizer = tenon.Optimizer(progress=ask, restarts=64, threads=1)
    outer = threading.Thread(target=plan, daemon=True)
    outer.start()
    outer.join(120)
    assert not outer.is_alive() and len(asked) == 1
    assert len(found) == 2 and found[0] == found[1]


def test_two_searches_of_one_network_may_both_report(monkeypatch):
    """The one does not hide from a thread that the progress function of the other waits for it."""
    monkeypatch.setattr("tenon._optimizer._PATIENCE", 0.2)
    problem, who = network(80), contextvars.ContextVar("who", default="third")
    gave_up, reported, joined, found = threading.Event(), threading.Event(), [], []

    def plan(name):
        who.set(name)
        found.append(len(optimizer.plan(*problem).path))

    def start(name):
        thread = threading.Thread(target=plan, args=(name,), daemon=True)
        thread.start()
        return thread

    def progress(state):
        if who.get() == "second":
            reported.set()
        elif not gave_up.is_set():
            gave_up.wait(60)
        elif reported.is_set() and not joined:
            reported.clear()
            joined.append(start("third"))
            reported.wait(5)
            joined[0].join()

    optimizer = tenon.Optimizer(
        progress=progress, strategy="random-greedy", restarts=2**40, threads=1, time_limit=2.5
    )
    report_on = optimizer._report_on

    def report_between(key):
        # The second search begins when the first one's progress function has returned.
        if who.get() == "second":
            gave_up.set()
            while optimizer._reporting:
                time.sleep(0.001)
        return report_on(key)

    monkeypatch.setattr(optimizer, "_report_on", report_between)
    searches = [start("first")]
    while not optimizer._reporting:
        time.sleep(0.001)
    searches.append(start("second"))
    for search in searches:
        search.join(60)
    assert not any(search.is_alive() for search in searches)
    assert joined and found == [79, 79, 79]


def test_a_signal_handler_may_search():
    optimizer = tenon.Optimizer(restarts=2**40, strategy="random-greedy", threads=1)
    problem, done = network(60), []

    def handler(*_):
        if not done:
            done.append(None)
            timer = threading.Timer(0.1, signal.raise_signal, [signal.SIGINT])
            timer.start()
            with pytest.warns(UserWarning, match="interrupted"):
                done[0] = optimizer.plan(*problem)
            timer.join()
            signal.raise_signal(signal.SIGINT)

    before = signal.signal(signal.SIGALRM, handler)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.1)
        with pytest.warns(UserWarning, match="interrupted"):
            plan = optimizer.plan(*problem)
    finally:
        signal.signal(signal.SIGALRM, before)
    assert plan.interrupted and recount(done[0])[0] == done[0].flops


#: Python 3.12 warns of it; what is tested here is that it works all the same.
FORKS = pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork:DeprecationWarning")


def exit_status(child, seconds=60):
    """The exit status of a forked process; None if it had to be killed."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pid, status = os.waitpid(child, os.WNOHANG)
        if pid:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.02)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return None


def run_forked(work):
    """Forks; the child ends with status 0 if `work` returns True."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            status = 0 if work() else 2
        finally:
            os._exit(status)
    return child


@FORKS
def test_a_process_forked_during_a_search_may_search_the_same():
    problem = network(60)
    optimizer = tenon.Optimizer(restarts=2**40, strategy="random-greedy", threads=2, time_limit=3)
    searching = threading.Thread(target=optimizer.plan, args=problem)
    searching.start()
    time.sleep(0.5)
    child = run_forked(lambda: len(optimizer.plan(*problem).path) == 59)
    searching.join()
    assert exit_status(child) == 0


@FORKS
def test_a_process_forked_by_a_progress_function():
    problem, children = network(60), []

    def progress(state):
        if not children:
            children.append(run_forked(lambda: len(tenon.Optimizer(threads=1).plan(*problem).path) == 59))
            children.append(run_forked(lambda: len(optimizer.plan(*problem).path) == 59))
            child = os.fork()
            if child == 0:
                os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
                return  # There is no thread to return to: it ends, instead of waiting for those of its parent.
            children.append(child)

    optimizer = tenon.Optimizer(restarts=64, threads=2, progress=progress)
    assert len(optimizer.plan(*problem).path) == 59
    assert [exit_status(child) for child in children] == [0, 0, 1]


@FORKS
def test_a_process_forked_by_a_signal_handler_during_its_search():
    problem, children = network(60), []
    optimizer = tenon.Optimizer(restarts=2**40, strategy="random-greedy", threads=2, time_limit=2)
    parent = os.getpid()

    def fork(*_):
        children.append(os.fork())

    before = signal.signal(signal.SIGALRM, fork)
    signal.setitimer(signal.ITIMER_REAL, 0.3)
    try:
        plan, error = optimizer.plan(*problem), None
    except ValueError as raised:
        error = raised
    finally:
        signal.signal(signal.SIGALRM, before)
        if os.getpid() != parent:
            right = "forked while it searched" in str(error) and len(optimizer(*problem)) == 59
            os._exit(0 if right else 1)
    assert error is None and len(plan.path) == 59
    assert exit_status(children[0]) == 0


def test_progress_line(monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    for progress, stream, shown in [
        (True, Terminal(), True), (True, io.StringIO(), False), ("always", io.StringIO(), True),
        (False, Terminal(), False),
    ]:  # fmt: skip
        monkeypatch.setattr(sys, "stderr", stream)
        tenon.Optimizer(progress=progress, threads=1, restarts=4).plan(*network(30))
        text = stream.getvalue()
        assert (text != "") == shown
        if shown:
            assert "multiply-adds, largest" in text and text.endswith("\n") and text.rstrip().endswith("elements")


def test_ctrl_c_returns_the_best_so_far():
    optimizer = tenon.Optimizer(strategy="random-greedy", restarts=2**40, threads=2)
    problem = network(100)
    timer = threading.Timer(0.2, signal.raise_signal, [signal.SIGINT])
    timer.start()
    with pytest.warns(UserWarning, match="interrupted"):
        plan = optimizer.plan(*problem)
    timer.join()
    assert plan.interrupted and recount(plan)[0] == plan.flops
    hopeless = tenon.Optimizer(strategy="random-greedy", restarts=2**40, threads=2, memory_limit=1)
    timer = threading.Timer(0.2, signal.raise_signal, [signal.SIGINT])
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        hopeless.plan(*problem)
    timer.join()


def test_other_signals_raise():
    class Alarm(Exception):
        pass

    def handler(*_):
        raise Alarm

    before = signal.signal(signal.SIGALRM, handler)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.2)
        with pytest.raises(Alarm):
            tenon.Optimizer(strategy="random-greedy", restarts=2**40, threads=1).plan(*network(100))
    finally:
        signal.signal(signal.SIGALRM, before)


def test_threads_search_at_once():
    optimizer = tenon.Optimizer(threads=1, restarts=8)
    problems = [network(30, seed) for seed in range(6)]
    found = [None] * len(problems)

    def work(k):
        found[k] = optimizer.plan(*problems[k]).path

    workers = [threading.Thread(target=work, args=(k,)) for k in range(len(problems))]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert found == [tenon.Optimizer(threads=1, restarts=8).plan(*problem).path for problem in problems]


def test_remembered_plan_has_the_labels_of_the_call():
    optimizer = tenon.Optimizer(threads=1, memory_limit=384)
    first = optimizer.plan(INPUTS, "ah", EXTENTS)
    rename = dict(zip("abcdefgh", "stuvwxyz"))
    inputs = ["".join(rename[x] for x in term) for term in INPUTS]
    second = optimizer.plan(inputs, "sz", {rename[x]: extent for x, extent in EXTENTS.items()})
    assert second.path == first.path and second.inputs == inputs
    assert list(second.sliced_inds) == [rename[x] for x in first.sliced_inds] != []


def test_cache_on_disk(tmp_path, monkeypatch):
    problem = network(30, seed=3)
    options = {"threads": 1, "restarts": 8}
    first = tenon.Optimizer(cache=tmp_path / "plans", **options).plan(*problem)
    second = tenon.Optimizer(cache=str(tmp_path / "plans"), **options).plan(*problem)
    assert not first.cached and second.cached and second.path == first.path
    assert len(list((tmp_path / "plans").iterdir())) == 1
    assert not tenon.Optimizer(cache=tmp_path / "plans", threads=1, restarts=9).plan(*problem).cached
    monkeypatch.setenv("TENON_CACHE_DIR", str(tmp_path / "plans"))
    assert tenon.Optimizer(cache=True, **options).plan(*problem).cached
    monkeypatch.setenv("HOME", str(tmp_path))
    assert tenon.Optimizer(cache="~/plans", **options).plan(*problem).cached
    with pytest.raises(ValueError, match="names no directory"):
        tenon.Optimizer(cache="a\0b")
    assert not tenon.Optimizer(**options).plan(*problem).cached
    (tmp_path / "file").write_text("")
    with pytest.warns(UserWarning, match="cannot be written"):
        plan = tenon.Optimizer(cache=tmp_path / "file", **options).plan(*problem)
    assert plan.path == first.path


def test_einsum():
    for optimizer in [tenon.Optimizer(), tenon.Optimizer(time_limit=0.1), tenon.Optimizer(memory_limit=100_000)]:
        check(tenon.einsum(EQUATION, *ARRAYS, optimize=optimizer), EQUATION, ARRAYS)
        check(tenon.einsum(EQUATION, *ARRAYS, optimize=optimizer, memory_limit=50_000), EQUATION, ARRAYS)
    with pytest.raises(tenon.MemoryLimitError) as refused:
        tenon.einsum(EQUATION, *ARRAYS, optimize=tenon.Optimizer(), memory_limit=64)
    limit = refused.value.smallest_limit
    check(tenon.einsum(EQUATION, *ARRAYS, optimize=tenon.Optimizer(), memory_limit=limit), EQUATION, ARRAYS)
    path, info = tenon.contract_path(EQUATION, *ARRAYS, optimize=tenon.Optimizer())
    assert info.opt_cost == tenon.Optimizer().plan(INPUTS, "ah", EXTENTS).flops
    batch = [values(RNG, shape, "float64") for shape in [(5, 3, 4), (5, 4, 2), (5, 2), (2, 3)]]
    check(tenon.einsum("bij,bjk,bk,ki->bi", *batch, optimize=tenon.Optimizer()), "bij,bjk,bk,ki->bi", batch)


def test_einsum_takes_the_slices():
    inputs, output, sizes = network(14, seed=8)
    sizes = {label: extent + 1 for label, extent in sizes.items()}
    arrays = [values(RNG, tuple(sizes[x] for x in labels), "float64") for labels in inputs]
    whole = tenon.Optimizer(threads=1).plan(inputs, output, sizes)
    sliced = tenon.Optimizer(threads=1, memory_limit=whole.peak_bytes // 2)
    assert sliced.plan(inputs, output, sizes).slices > 1
    expression = tenon.array_contract_expression(inputs, output, size_dict=sizes, optimize=sliced, threads=1)
    assert expression.plan.slices == sliced.plan(inputs, output, sizes).slices
    expected = tenon.array_contract(arrays, inputs, output, optimize="greedy", threads=1)
    np.testing.assert_allclose(expression(*arrays), expected, rtol=1e-12)


def test_opt_einsum():
    opt_einsum = pytest.importorskip("opt_einsum")
    tenon.register()
    expected = tenon.Optimizer().plan(INPUTS, "ah", EXTENTS)
    for optimize in ("tenon", tenon.Optimizer()):
        path, info = opt_einsum.contract_path(EQUATION, *ARRAYS, optimize=optimize)
        assert info.opt_cost / 2 == expected.flops or info.opt_cost == expected.flops
        check(opt_einsum.contract(EQUATION, *ARRAYS, optimize=optimize), EQUATION, ARRAYS)
    assert isinstance(tenon.Optimizer(), opt_einsum.paths.PathOptimizer)
    assert tenon.Optimizer()(["ab"], "a", {"a": 2, "b": 3}) == [(0,)]


def test_opt_einsum_memory_limit_is_in_elements():
    opt_einsum = pytest.importorskip("opt_einsum")
    problem = network(12, seed=8)
    flops = tenon.Optimizer(threads=1, strategy="optimal").plan(*problem)
    narrow = tenon.Optimizer(threads=1, strategy="optimal", minimize="size").plan(*problem)
    assert narrow.size < flops.size
    optimizer = tenon.Optimizer(threads=1, strategy="optimal")
    assert optimizer(*problem, memory_limit=flops.size) == flops.path
    assert optimizer(*problem, memory_limit=narrow.size) == narrow.path
    with pytest.warns(UserWarning, match="no path was found"):
        assert optimizer(*problem, memory_limit=2) == narrow.path
    assert opt_einsum.contract(EQUATION, *ARRAYS, optimize=optimizer, memory_limit=10**6).shape == (2, 4)


def test_cotengra():
    cotengra = pytest.importorskip("cotengra")
    assert "cotengra" in tenon.register("tenon", threads=1)
    inputs, output, sizes = network(30, seed=5)
    plan = tenon.Optimizer(threads=1).plan(inputs, output, sizes)
    tree = plan.tree()
    assert tree.contraction_cost() == plan.flops
    assert tree.contraction_width() == pytest.approx(plan.log2_size)
    assert tenon.Optimizer(threads=1).search(inputs, output, sizes).get_ssa_path()
    for optimize in ("tenon", tenon.Optimizer(threads=1), tenon.Optimizer(threads=1, memory_limit=384)):
        check(cotengra.einsum(EQUATION, *ARRAYS, optimize=optimize), EQUATION, ARRAYS)
        result = cotengra.array_contract(ARRAYS, [tuple(x) for x in INPUTS], tuple("ah"), optimize=optimize)
        check(result, EQUATION, ARRAYS)
    hyper = cotengra.HyperOptimizer(methods=["tenon"], max_repeats=3, parallel=False, progbar=False)
    found = hyper.search(inputs, output, sizes)
    assert found.contraction_cost() <= 4 * plan.flops


def test_cotengra_tree_has_the_slices():
    pytest.importorskip("cotengra")
    problem = network(30, seed=5)
    whole = tenon.Optimizer(threads=1).plan(*problem)
    plan = tenon.Optimizer(threads=1, memory_limit=int(whole.peak_bytes // 4)).plan(*problem)
    tree = plan.tree()
    assert plan.slices > 1 and set(tree.sliced_inds) == set(plan.sliced_inds)
    assert tree.multiplicity == plan.slices
    assert tree.contraction_width() == pytest.approx(plan.log2_size)
    again = tenon.Optimizer(threads=1, strategy="greedy").plan(*problem, initial=tree)
    assert again.flops <= tree.contraction_cost()
    narrow = tenon.Optimizer(threads=1, strategy="greedy", size_limit=int(tree.max_size()))
    assert narrow.plan(*problem, initial=tree).flops <= plan.flops


def test_quimb():
    quimb = pytest.importorskip("quimb.tensor")
    tenon.register("tenon", threads=1)
    lattice = quimb.TN2D_rand(3, 4, D=3, seed=7)
    expected = lattice.contract(optimize="greedy")
    for optimize in ("tenon", tenon.Optimizer(threads=1), tenon.Optimizer(threads=1, memory_limit=2000)):
        assert lattice.contract(optimize=optimize) == pytest.approx(expected)


def test_register_again_changes_the_options():
    opt_einsum = pytest.importorskip("opt_einsum")
    tenon.register("tenon-test", strategy="greedy")
    function = opt_einsum.paths.get_path_fn("tenon-test")
    tenon.register("tenon-test", strategy="nonsense")
    with pytest.raises(ValueError, match="nonsense"):
        function(*network(20))
    with pytest.raises(ValueError, match="of its own"):
        tenon.register("greedy")
    with pytest.raises(ValueError, match="lower case"):
        tenon.register("Tenon")


@pytest.mark.parametrize("first", ["tenon", "cotengra", "opt_einsum"])
def test_names_that_are_taken(first):
    """Of cotengra's presets, its methods, and opt_einsum's functions; whoever is imported first. In a new process."""
    pytest.importorskip("cotengra")
    code = f"""
import {first}, sys, tenon
before = set(sys.modules)
for name in "hyper", "auto", "labels", "dp", "random-greedy-128", "branch-all":
    try:
        tenon.register(name)
    except ValueError as error:
        assert f"has a path optimizer {{name!r}} of its own: choose another name" in str(error), error
    else:
        raise SystemExit(name + " was replaced")
import cotengra, opt_einsum
from cotengra.interface import preset_to_optimizer
for name in "hyper", "auto", "dp":
    assert "tenon" not in repr(preset_to_optimizer(name)) + repr(opt_einsum.paths.get_path_fn(name))
tenon.register("mine", threads=1)
tenon.register("mine", threads=2)
"""
    subprocess.run([sys.executable, "-c", code], env={"PYTHONPATH": ":".join(sys.path)}, check=True)


def test_import_is_light():
    code = "import sys, tenon; assert not {'opt_einsum', 'cotengra'} & set(sys.modules), sorted(sys.modules)"
    subprocess.run([sys.executable, "-c", code], env={"PYTHONPATH": ":".join(sys.path)}, check=True)
    assert "Optimizer" in dir(tenon) and "Optimizer" in tenon.__all__
    with pytest.raises(AttributeError, match="no attribute 'Optimiser'"):
        _ = tenon.Optimiser


def test_without_opt_einsum():
    code = (
        "import sys; sys.modules['opt_einsum'] = sys.modules['opt_einsum.paths'] = None; import tenon;"
        "print(tenon.Optimizer(threads=1)(['ab', 'bc', 'cd'], 'ad', dict(a=2, b=3, c=5, d=7)))"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], env={"PYTHONPATH": ":".join(sys.path)}, check=True, capture_output=True, text=True
    )
    assert run.stdout == "[(0, 1), (0, 1)]\n"


COPIES = [copy.copy, copy.deepcopy, *(lambda x, k=k: pickle.loads(pickle.dumps(x, k)) for k in range(6))]


@pytest.mark.parametrize("duplicate", COPIES)
def test_a_copied_optimizer_is_the_same(duplicate):
    optimizer = tenon.Optimizer(threads=1, seed=3, memory_limit="1MiB")
    optimizer.plan(*network(20))
    copied = duplicate(optimizer)
    assert repr(copied) == repr(optimizer)
    assert copied.plan(*network(20)).path == optimizer.plan(*network(20)).path


@pytest.mark.parametrize("duplicate", COPIES)
def test_a_copied_plan_is_the_same(duplicate):
    for problem, limit in [(network(30, seed=5), 2000), (network(9), None), ((["ij"], "j", {"i": 2, "j": 3}), None)]:
        plan = tenon.Optimizer(threads=1, memory_limit=limit).plan(*problem)
        copied = duplicate(duplicate(plan))
        for name in [x for x in dir(plan) if not x.startswith("_")]:
            if not callable(getattr(plan, name)):
                assert getattr(copied, name) == getattr(plan, name), name
        assert (plan.slices > 1) == (limit is not None)
        assert str(copied) == str(plan) and repr(copied) == repr(plan)
        assert copied.get_ssa_path() == plan.ssa_path
        again = tenon.Optimizer(threads=1, strategy="greedy").plan(*problem, initial=copied)
        assert again.flops <= max(plan.flops, recount(plan)[0])
    pytest.importorskip("cotengra")
    assert copied.tree().get_ssa_path() == plan.tree().get_ssa_path()


def test_plans_from_worker_processes():
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    optimizer = tenon.Optimizer(threads=1)
    with ProcessPoolExecutor(1, get_context("spawn")) as workers:
        plan = workers.submit(optimizer.plan, *network(20)).result(120)
    assert plan.ssa_path == optimizer.plan(*network(20)).ssa_path


def test_networks_with_an_empty_extent():
    """Figures and their logarithms agree: of all, of some and of no steps."""
    for sizes, figures in [
        # (flops, size, write) of (ij jk) kl -> il
        ({"i": 2, "j": 0, "k": 5, "l": 7}, {(0 + 2 * 5 * 7, 14, 10 + 14), (5 * 7 * 0 + 0, 14, 0 + 14)}),
        ({"i": 0, "j": 3, "k": 5, "l": 7}, {(0, 0, 0), (3 * 5 * 7, 21, 21)}),
        ({"i": 0, "j": 0, "k": 0, "l": 0}, {(0, 0, 0)}),
    ]:
        plan = tenon.Optimizer(threads=1).plan(["ij", "jk", "kl"], "il", sizes)
        assert (plan.flops, plan.size, plan.write) in figures
        for number, log2 in [(plan.flops, plan.log2_flops), (plan.size, plan.log2_size), (plan.write, plan.log2_write)]:
            assert log2 == (math.log2(number) if number else -math.inf)
        assert plan.log10_flops == (pytest.approx(math.log10(plan.flops)) if plan.flops else -math.inf)
        assert "inf" not in str(plan) and "inf" not in repr(plan)
        if not plan.flops:
            assert "operations: 0 multiply-adds\n" in str(plan)
    assert "operations: 0 multiply-adds\n" in str(tenon.Optimizer().plan(["ij"], "i", {"i": 2, "j": 3}))
    expression = tenon.contract_expression("ij,jk,kl->il", (0, 3), (3, 5), (5, 7), optimize=False)
    assert expression.plan.operations == 0
    assert "operations: 0 multiply-adds\n" in str(expression.plan)


def test_warnings_point_at_the_line_that_called_tenon(tmp_path):
    problem = network(12, seed=8)
    (tmp_path / "file").write_text("")
    options = {"threads": 1, "strategy": "greedy", "cache": tmp_path / "file"}

    def expect(call):
        _, first = inspect.getsourcelines(call)
        with pytest.warns(UserWarning) as caught:
            call()
        for warning in caught:
            assert (warning.filename, warning.lineno) == (__file__, first), warning.message

    # Each is a function of one line.
    expect(lambda: tenon.Optimizer(**options).plan(*problem))
    expect(lambda: tenon.Optimizer(**options).plan(*problem, initial=[]))
    expect(lambda: tenon.Optimizer(**options)(*problem))
    expect(lambda: tenon.Optimizer(**options)(*problem, memory_limit=2))
    expect(lambda: tenon.einsum(EQUATION, *ARRAYS, optimize=tenon.Optimizer(**options)))
    opt_einsum = pytest.importorskip("opt_einsum")
    tenon.register("tenon-warns", **options)
    expect(lambda: opt_einsum.contract(EQUATION, *ARRAYS, optimize="tenon-warns"))
    cotengra = pytest.importorskip("cotengra")
    expect(lambda: cotengra.array_contract_tree(problem[0], problem[1], problem[2], optimize="tenon-warns"))


GOOD = (["ij", "jk", "kl"], "il", {"i": 2, "j": 3, "k": 5, "l": 7})


@pytest.mark.parametrize(
    "network, error, message",
    [
        (([], "", {}), ValueError, "no tensors"),
        ((["ij", "jk"], "il", GOOD[2]), ValueError, "the output has the label 'l', which no tensor has"),
        ((["ij", "jk"], "ii", GOOD[2]), ValueError, "the output has the label 'i' twice"),
        ((["ij", "jz"], "i", GOOD[2]), ValueError, "no size for the label 'z'"),
        ((["ij"], "i", {"i": 2, "j": -3}), ValueError, "the label 'j' has the negative size -3"),
        ((["ij"], "i", {"i": 2, "j": 3.5}), TypeError, "the label 'j' has the size 3.5"),
        ((["ij"], "i", {"i": 2, "j": 2**70}), TypeError, "expected an integer below 2"),
        ((["ij"], "i", [2, 3]), TypeError, r"size_dict must be a mapping from each label to its size, not a list: \[2"),
        (([(0, 1)], (0,), [2, 3]), TypeError, "size_dict must be a mapping"),
        (("ij,jk", "ik", GOOD[2]), TypeError, "inputs must be a list with the labels of each tensor, not 'ij,jk'"),
        ((None, "ik", GOOD[2]), TypeError, "inputs must be a list with the labels of each tensor, not None"),
        ((["ij", 7], "ik", GOOD[2]), TypeError, r"inputs\[1\] is 7; expected the labels of a tensor"),
    ],
)
def test_bad_networks(network, error, message):
    with pytest.raises(error, match=message):
        tenon.Optimizer().plan(*network)


def test_shapes():
    plan = tenon.Optimizer().plan(["ij", "jk", "kl"], "il", shapes=[(2, 3), (3, 5), (5, 7)])
    assert plan.flops == 100 and plan.size_dict == {"i": 2, "j": 3, "k": 5, "l": 7}
    for shapes, error, message in [
        ([(2, 3), (4, 5), (5, 7)], ValueError, "the label 'j' has the size 3 in tensor 0 and 4 in tensor 1"),
        ([(2, 3), (3, 5)], ValueError, "there are 2 shapes, but 3 lists of labels"),
        ([(2, 3), (3,), (5, 7)], ValueError, "tensor 1 has 2 labels, but the shape"),
        (None, TypeError, "needs size_dict or shapes="),
    ]:
        with pytest.raises(error, match=message):
            tenon.Optimizer().plan(["ij", "jk", "kl"], "il", shapes=shapes)


@pytest.mark.parametrize(
    "initial, form, error, message",
    [
        ([(0, 1), (0, 5)], "linear", ValueError, "step 1 of the path names position 5, but 2 tensors remain"),
        ([(0, 0)], "linear", ValueError, "step 0 of the path names position 0 twice"),
        ([(0, 1), (0, 2)], "ssa", ValueError, "step 1 of the path names tensor 0, which step 0 already contracted"),
        ([()], "ssa", ValueError, "step 0 of the path names no tensor"),
        (["j", "z"], "edge", ValueError, "the edge path has the label 'z', which no tensor has"),
        (["j", "j"], "edge", ValueError, "element 1 of the edge path repeats index 1"),
        ([(0, 1)], "tree", ValueError, "the form of a path is one of"),
        (7, "linear", TypeError, "a path is a sequence of steps"),
        ([("a", "b")], "ssa", TypeError, "a path is a sequence of steps"),
    ],
)
def test_bad_paths(initial, form, error, message):
    with pytest.raises(error, match=message):
        tenon.Optimizer().plan(*GOOD, initial=initial, initial_form=form)


@pytest.mark.parametrize(
    "options, error, message",
    [
        ({"time_limit": -1}, ValueError, "time_limit=-1.0 must be 0 seconds or more"),
        ({"time_limit": math.nan}, ValueError, "time_limit=nan"),
        ({"time_limit": -math.inf}, ValueError, "time_limit=-inf must be 0 seconds or more"),
        ({"time_limit": 10**400}, ValueError, "time_limit is beyond the range of a float; None stands for no limit"),
        ({"time_limit": "1s"}, TypeError, "time_limit must be a number"),
        ({"minimize": "time!"}, ValueError, "minimize='time!' is no cost"),
        ({"minimize": "combo-0"}, ValueError, "minimize='combo-0' is no cost"),
        ({"threads": 0}, ValueError, "threads must be from 1"),
        ({"memory_limit": -5}, ValueError, "memory_limit=-5"),
        ({"memory_limit": 0}, ValueError, "memory_limit=0 must be at least one byte"),
        ({"memory_limit": "0.1B"}, ValueError, "memory_limit='0.1B' must be at least one byte"),
        ({"memory_limit": 2**63}, ValueError, "less than 2..63; None stands for no limit"),
        ({"memory_limit": 10**5000}, ValueError, "an integer of thousands of digits. must be at least one byte"),
        ({"memory_limit": "9" * 400 + "GB"}, ValueError, r"memory_limit='9{36}\.\.\. must be at least one byte"),
        ({"memory_limit": math.nan}, ValueError, "memory_limit=nan is no limit; expected a number, or None"),
        ({"memory_limit": -math.inf}, TypeError, "memory_limit must be a number of bytes or a text"),
        ({"memory_limit": 1e9}, TypeError, "memory_limit must be a number of bytes or a text"),
        ({"memory_limit": "much"}, ValueError, "no amount of memory"),
        ({"seed": -1}, ValueError, "seed must be from 0"),
        ({"seed": 2**64}, ValueError, "seed must be from 0 to 18446744073709551615"),
        ({"seed": 1.0}, TypeError, "seed must be an integer"),
        ({"restarts": 10**400}, ValueError, "restarts must be from 1"),
        ({"minimize": "combo-" + "9" * 400}, ValueError, "a finite number A above 0"),
        ({"restarts": 0}, ValueError, "restarts must be from 1"),
        ({"restarts": 1.5}, TypeError, "restarts must be an integer"),
        ({"strategy": 3}, TypeError, "strategy must be the name"),
        ({"progress": "sometimes"}, TypeError, "progress must be"),
        ({"dtype": "float80"}, TypeError, "float80"),
        ({"size_limit": 0}, ValueError, "size_limit must be from 1"),
        ({"size_limit": math.nan}, ValueError, "size_limit=nan is no limit"),
        ({"size_limit": 1e9}, TypeError, "size_limit must be an integer"),
        ({"cache": 7}, TypeError, "cache must be True"),
        ({"cache": ""}, ValueError, "names no directory"),
        ({"cache_bytes": 0}, ValueError, "cache_bytes must be from 1"),
    ],
)
def test_bad_options(options, error, message):
    with pytest.raises(error, match=message):
        tenon.Optimizer(**options)


def test_unknown_strategy_lists_the_names():
    with pytest.raises(ValueError, match="unknown strategy 'best'; expected one of .*auto, "):
        tenon.Optimizer(strategy="best").plan(*GOOD)


def test_infinity_is_no_limit():
    problem = network(20)
    plan = tenon.Optimizer(time_limit=math.inf, memory_limit=np.float64(math.inf), size_limit=math.inf).plan(*problem)
    assert plan.path == tenon.Optimizer().plan(*problem).path
    assert tenon.einsum("ij,jk->ik", np.ones((2, 3)), np.ones((3, 4)), memory_limit=math.inf).sum() == 24
    assert tenon.Optimizer(seed=2**64 - 1, time_limit=1e308, strategy="greedy").plan(*problem).slices == 1
