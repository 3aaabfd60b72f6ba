"""Threads: counts, concurrent callers, forks, and signals during a run."""

import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import tenon
from oracle import check, values

RNG = np.random.default_rng(41)


def run_python(code, **environment):
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env={**os.environ, **environment}, timeout=120
    )


def test_number_of_threads():
    before = tenon.get_num_threads()
    try:
        tenon.set_num_threads(3)
        assert tenon.get_num_threads() == 3
        assert tenon.contract_expression("ij->i", (3, 4)).plan.threads == 3
        assert tenon.contract_expression("ij->i", (3, 4), threads=2).plan.threads == 2
    finally:
        tenon.set_num_threads(before)
    for bad in (0, -1, 1025):
        with pytest.raises(ValueError, match="from 1 to 1024"):
            tenon.set_num_threads(bad)
    for bad in (1.5, True, "2"):
        with pytest.raises(TypeError, match="must be an integer"):
            tenon.set_num_threads(bad)
    with pytest.raises(ValueError, match="from 1 to 1024"):
        tenon.einsum("i->", np.ones(3), threads=0)


def test_environment_variable():
    code = "import tenon; print(tenon.get_num_threads())"
    assert run_python(code, TENON_NUM_THREADS="3").stdout.strip() == "3"
    assert int(run_python(code, TENON_NUM_THREADS="").stdout) == len(os.sched_getaffinity(0))
    assert "TENON_NUM_THREADS is 'many'" in run_python(code, TENON_NUM_THREADS="many").stderr


def test_concurrent_callers():
    tenon.cache_clear()
    cases = []
    for n in range(2, 10):
        a, b = values(RNG, (n, n + 1), "float64"), values(RNG, (n + 1, 5), "float64")
        cases += [(a, b)] * 8
    expression = tenon.contract_expression("ij,jk->ik", (4, 5), (5, 6))

    def work(case):
        check(tenon.einsum("ij,jk->ik", *case), "ij,jk->ik", case)
        own = np.full((4, 5), float(threading.get_ident() % 1000)), np.ones((5, 6))
        np.testing.assert_array_equal(expression(*own), own[0] @ own[1])

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, cases))
    assert tenon.cache_info().misses == 8 + 1  # each network was compiled once


def test_gil_is_released():
    ticks = 0
    done = threading.Event()

    def count():
        nonlocal ticks
        while not done.is_set():
            ticks += 1
            time.sleep(0.002)

    a, b = np.ones((700, 800)), np.ones((800, 600))
    expression = tenon.contract_expression("ij,jk->ik", a.shape, b.shape, threads=1)
    counter = threading.Thread(target=count)
    counter.start()
    started, before = time.monotonic(), ticks
    while time.monotonic() - started < 0.4:
        expression(a, b)
    done.set()
    counter.join()
    assert ticks - before > 20  # 200 without any hindrance, next to none with the GIL held


def test_forked_child_runs():
    code = """
import numpy, os, tenon
a = numpy.arange(12.0).reshape(3, 4)
tenon.einsum("ij,kj->ik", a, a, threads=2)
pid = os.fork()
if pid == 0:
    good = numpy.array_equal(tenon.einsum("ij,kj->ik", a, a, threads=2), a @ a.T)
    os._exit(7 if good else 1)
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
"""
    done = run_python(code)
    assert done.stdout.split() == ["7"], done.stderr


def test_forked_child_compiles_what_its_parent_was_compiling():
    # Each child is forked while a kernel is compiled that nobody has yet, and asks for the same one.
    code = """
import numpy, os, signal, threading, time, tenon, warnings
warnings.simplefilter("ignore")  # Python 3.12 warns of forks beside threads.
tenon.einsum("ij,jk->ik", numpy.ones((2, 2)), numpy.ones((2, 2)), threads=1)
for extent in range(7, 17):
    a = numpy.arange(extent * extent, dtype=float).reshape(extent, extent)
    def compile():
        tenon.contract_expression("ij,jk,kl->il", a.shape, a.shape, a.shape, threads=1)
    compiling = threading.Thread(target=compile)
    compiling.start()
    children = []
    while compiling.is_alive() and len(children) < 4:
        time.sleep(0.01)
        pid = os.fork()
        if pid == 0:
            signal.alarm(60)
            good = numpy.allclose(tenon.einsum("ij,jk,kl->il", a, a, a, threads=1), a @ a @ a)
            os._exit(7 if good else 1)
        children.append(pid)
    compiling.join()
    print(*{os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in children})
"""
    done = run_python(code)
    assert set(done.stdout.split()) == {"7"}, done.stdout + done.stderr


@pytest.mark.parametrize("interrupt", [signal.SIGINT, signal.SIGALRM])
def test_signals_cancel_a_run(interrupt):
    code = f"""
import numpy, os, signal, threading, time, tenon
def stop(number, frame): raise KeyboardInterrupt
signal.signal({int(interrupt)}, stop)
operands = numpy.ones((500, 900)), numpy.ones((900, 700))
expression = tenon.contract_expression("ij,jk->ik", (500, 900), (900, 700), threads=1)
expression(*operands)
threading.Timer(0.3, lambda: os.kill(os.getpid(), {int(interrupt)})).start()
started = time.monotonic()
try:
    while time.monotonic() - started < 30:
        expression(*operands)
    print("never stopped")
except KeyboardInterrupt:
    print("stopped" if time.monotonic() - started < 10 else "late")
print(numpy.array_equal(expression(*operands), numpy.full((500, 700), 900.0)))
"""
    done = run_python(code)
    assert done.stdout.split() == ["stopped", "True"], done.stderr


def test_a_signal_that_raises_nothing_changes_nothing():
    code = """
import numpy, os, signal, threading, tenon
seen = []
signal.signal(signal.SIGINT, lambda *_: seen.append(1))
a, b = numpy.ones((400, 900)), numpy.ones((900, 700))
expression = tenon.contract_expression("ij,jk->ik", a.shape, b.shape, threads=1)
threading.Timer(0.05, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
good = True
while not seen:
    good = good and numpy.array_equal(expression(a, b), numpy.full((400, 700), 900.0))
print(good, len(seen))
"""
    done = run_python(code)
    assert done.stdout.split() == ["True", "1"], done.stderr


# The network of a random graph, whose planning would take minutes: `compile_it()` plans it.
LONG_PLAN = """
import os, random, signal, sys, threading, time, tenon
random.seed(5)
legs, count = [[] for _ in range(400)], 0
for i in range(len(legs)):
    for j in {(i + 1) % len(legs), random.randrange(len(legs))} - {i}:
        legs[i].append(count)
        legs[j].append(count)
        count += 1
def compile_it():
    shapes = [(2,) * len(list) for list in legs]
    tenon.array_contract_expression(legs, [], shapes=shapes, dtype="float32", optimize="method=random-greedy restarts=10000000")
"""


def test_control_c_stops_a_compilation():
    code = LONG_PLAN + """
print("compiling", flush=True)
try:
    compile_it()
    print("finished")
except KeyboardInterrupt:
    print("stopped", tenon.einsum("i,i->", [1.0, 2.0], [3.0, 4.0]))
"""
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as child:
        try:
            assert child.stdout.readline() == "compiling\n"
            time.sleep(1)
            child.send_signal(signal.SIGINT)
            sent = time.monotonic()
            output = child.communicate(timeout=60)[0]
            assert output == "stopped 11.0\n"
            assert time.monotonic() - sent < 5  # some hundredths of a second on an idle machine
        finally:
            child.kill()


def test_other_signals_and_threads_do_not_stop_a_compilation():
    # The main thread waits for a compilation on another thread, which the signal does not concern.
    code = LONG_PLAN + """
seen = []
signal.signal(signal.SIGALRM, lambda *_: seen.append(1))
def stop(number, frame): raise TimeoutError
signal.signal(signal.SIGUSR1, stop)
threading.Timer(0.3, lambda: os.kill(os.getpid(), signal.SIGALRM)).start()
threading.Timer(1.5, lambda: os.kill(os.getpid(), signal.SIGUSR1)).start()
try:
    compile_it()
except TimeoutError:
    print(len(seen))
other = threading.Thread(target=compile_it, daemon=True)
other.start()
started = time.monotonic()
try:
    threading.Timer(0.3, lambda: os.kill(os.getpid(), signal.SIGUSR1)).start()
    time.sleep(30)
except TimeoutError:
    print(other.is_alive(), time.monotonic() - started < 10, flush=True)
os._exit(0)
"""
    done = run_python(code)
    assert done.stdout.split() == ["1", "True", "True"], done.stderr


def test_elements_outside_of_diagonals_make_no_run_long():
    # Runs of more elements and multiply-adds than these get a thread of their own, which costs them 45 us.
    def is_long(equation, *shapes):
        return tenon.contract_expression(equation, *shapes, dtype="float32")._compiled._long

    assert not is_long("iij,iik->jk", (96, 96, 640), (96, 96, 512))
    assert is_long("ij,j->i", (8192, 4096), (4096,))
