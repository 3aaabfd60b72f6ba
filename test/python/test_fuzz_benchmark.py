"""Parts of benchmarks/fuzz that need no fuzzer."""

import importlib
import itertools
import json
import pathlib
import random
import sys

import pytest

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "benchmarks" / "fuzz"


@pytest.fixture(autouse=True)
def path(monkeypatch):
    monkeypatch.syspath_prepend(str(FOLDER))
    yield
    for name in ("campaign", "stats", "arms", "plot", "known_defects", "seeded"):
        sys.modules.pop(name, None)


def load(name):
    return importlib.import_module(name)


def test_mann_whitney_of_separate_samples_is_two_divisions():
    # 2 of C(10, 5) divisions are as uneven.
    assert load("stats").mann_whitney([1, 2, 3, 4, 5], [6, 7, 8, 9, 10]) == pytest.approx(2 / 252)


def test_mann_whitney_counts_divisions_with_ties():
    stats = load("stats")
    draw = random.Random(3)
    for _ in range(30):
        first = [draw.randrange(5) for _ in range(draw.randint(1, 4))]
        second = [draw.randrange(5) for _ in range(draw.randint(1, 4))]
        # From the definition: U of every division of the values.
        values = first + second
        middle = len(first) * len(second) / 2
        observed = abs(stats.rank_sum(first, second) - middle)
        divisions = list(itertools.combinations(range(len(values)), len(first)))
        uneven = 0
        for chosen in divisions:
            one = [values[i] for i in chosen]
            other = [values[i] for i in range(len(values)) if i not in chosen]
            uneven += abs(stats.rank_sum(one, other) - middle) >= observed - 1e-9
        assert stats.mann_whitney(first, second) == pytest.approx(uneven / len(divisions))


def test_mann_whitney_of_large_samples_is_near_the_exact_one():
    stats = load("stats")
    first, second = [float(x) for x in range(9)], [x + 3.5 for x in range(9)]
    exact = stats.mann_whitney(first, second)
    stats.EXACT_LIMIT = 0
    assert stats.mann_whitney(first, second) == pytest.approx(exact, abs=0.01)
    assert stats.mann_whitney([1.0] * 9, [1.0] * 9) == 1


def test_quartiles():
    assert load("stats").quartiles([5, 1, 3]) == (2, 3, 4)
    assert load("stats").quartiles([7]) == (7, 7, 7)


def write_campaign(directory, blocks, findings=()):
    (directory / "findings").mkdir(parents=True)
    lines = ["seconds,executions,blocks,findings"] + [f"{i},{100 * i},{n},0" for i, n in enumerate(blocks)]
    (directory / "history.csv").write_text("\n".join(lines) + "\n5,torn")
    for number, (signature, seconds) in enumerate(findings):
        stem = directory / "findings" / f"{number}-x"
        stem.with_suffix(".json").write_text(json.dumps({"signature": signature, "seconds": seconds, "pass": "cse"}))
        stem.with_suffix(".genome").write_bytes(b"x")


def test_findings_come_by_time(tmp_path):
    write_campaign(tmp_path, [1], [("late", 9), ("early", 2)])
    (tmp_path / "findings" / "torn.json").write_text("{")
    (tmp_path / "findings" / "alone.json").write_text("{}")
    assert [found.signature for found in load("campaign").findings(tmp_path)] == ["early", "late"]


def test_history_leaves_out_a_torn_line(tmp_path):
    write_campaign(tmp_path, [10, 20])
    campaign = load("campaign")
    assert campaign.history(tmp_path)[1] == [[0, 0, 10, 0], [1, 100, 20, 0]]
    assert campaign.last(tmp_path)["blocks"] == 20


def test_arms_are_compared(capsys):
    arms = load("arms")
    results = {}
    for trial in range(1, 6):
        for arm, blocks in (("c", 1000 + trial), ("f", 1300 + trial)):
            results[arms.key_of(arm, trial, 60)] = {
                "blocks": blocks, "edges": 5, "patterns": 2, "valuable": blocks // 10, "executions": 6000
            }  # fmt: skip
    results[arms.key_of("f", 1, 600)] = dict(results[arms.key_of("f", 1, 60)], blocks=9)
    arms.print_tables(results, ["a", "c", "f"], 60)
    printed = capsys.readouterr().out
    assert "| f | joint mutation, all feedback | 5 | 1303 | 1302 – 1304 | 130 | 5 | 100 |" in printed
    assert "| blocks, f over c | 1.30 | 1.15 | 0.008 |" in printed


def test_plots_draw_medians_of_trials(tmp_path):
    pytest.importorskip("matplotlib")
    plot = load("plot")
    for trial in (1, 2, 3):
        write_campaign(tmp_path / f"f-{trial}", [0, 10 * trial, 20 * trial])
    arms = plot.read_arms(sorted(tmp_path.iterdir()))
    assert list(arms) == ["f"] and len(arms["f"]) == 3
    assert plot.at(arms["f"][1], "blocks", 1.5) == 20
    picture = plot.draw("blocks", arms)
    assert picture.startswith("<svg")
    assert plot.draw("edges", arms) == ""
    assert "<td>f</td><td>2</td>" in plot.page([picture], arms)


@pytest.mark.parametrize(
    "ir, defect",
    [
        ("%0 = tn.contract (%a[k, i], %b[k, j]) -> [i, j] : (tensor<2x2xf32>, tensor<2x2xf32>)", "D1"),
        ("%0 = arith.negf %a : tensor<2xf32>\n%1 = tn.contract (%0[i, k], %b[k, j]) -> [i, j] :", "D2"),
        ("%0 = tn.contract (%a[i, k], %b[k, j]) -> [i, j] : (tensor<2x2xi1>, tensor<2x2xi1>)", "D3"),
        ("%0 = tn.contract (%a[i, k], %b[k, j]) -> [i, j] unsigned : (tensor<2x2xi8>, tensor<2x2xi8>)", "D4"),
        ("%0 = arith.addi %a, %b : tensor<2xi32>", None),
    ],
)
def test_specializations_are_told_apart(ir, defect):
    assert load("known_defects").classify_specialization(ir) == defect


@pytest.mark.parametrize(
    "passes, defect",
    [
        ("affine-loop-tile affine-super-vectorize", "D6"),
        ("affine-loop-unroll{unroll-factor=2} affine-super-vectorize", "D7"),
        ("affine-super-vectorize", None),
        ("affine-loop-tile affine-loop-unroll affine-super-vectorize", None),
    ],
)
def test_vectorizations_are_told_apart(passes, defect):
    assert load("known_defects").classify_vectorization(passes) == defect


@pytest.mark.parametrize(
    "oracle, passes, detail, defect",
    [
        ("stage", "affine-super-vectorize", "result 0, element 4", "D7"),
        ("verifier", "affine-super-vectorize", "'vector.transfer_write' op should not have broadcast dimensions", None),
        ("round-trip", "linalg-morph-ops", "text reads back as another program", None),
        ("verifier", "linalg-specialize-generic-ops", "'linalg.batch_matmul' op inferred input has shape's dimension", "D1"),
    ],
)
def test_other_faults_of_a_pass_are_no_known_defect(oracle, passes, detail, defect, monkeypatch):
    defects, campaign = load("known_defects"), load("campaign")
    # The program would do for D3 and D7.
    monkeypatch.setattr(defects, "show", lambda *_: "linalg.generic tensor<3xi1> affine-loop-unroll")
    found = campaign.Found("stem", pathlib.Path("case"), oracle, passes, "signature", detail, 1.0)
    assert defects.classify(pathlib.Path("tool"), found, found.case) == defect


FAKE_FUZZER = '''#!{python}
import json, os, pathlib, sys, time
command, target = sys.argv[1], pathlib.Path(sys.argv[2])
bug = os.environ.get("TENON_SEEDED_BUG")
if command == "replay":
    sys.exit(1 if target.read_text() == "always" else 0)
(target / "findings").mkdir(parents=True)
(target / "history.csv").write_text("seconds,executions\\n1,500\\n")
def put(name, text, seconds):
    (target / "findings" / (name + ".genome")).write_text(text)
    record = {{"signature": text, "seconds": seconds}}
    (target / "findings" / (name + ".json")).write_text(json.dumps(record))
put("0-a", "always", 0.1)
if bug == "noticed":
    put("1-b", "of the bug", 0.2)
end = time.monotonic() + float(next(word for word in sys.argv if word.startswith("--time="))[7:])
try:
    while time.monotonic() < end:
        time.sleep(0.05)
except KeyboardInterrupt:
    pass
sys.exit(1)
'''


def test_seeded_counts_only_what_is_gone_without_the_bug(tmp_path, monkeypatch, capsys):
    tool = tmp_path / "tenon-fuzz"
    tool.write_text(FAKE_FUZZER.format(python=sys.executable))
    tool.chmod(0o755)
    arguments = ["--fuzz", str(tool), "--seconds=2", "--seed=1", "--workers=1", "--out", str(tmp_path / "out")]
    monkeypatch.setattr(sys, "argv", ["seeded.py", *arguments, "noticed", "hidden"])
    seeded = load("seeded")
    assert seeded.main() == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "noticed  found after 0.2 s  of the bug"
    assert lines[1].startswith("hidden   not found in ")
    assert lines[-1] == "found 1 of 2"
    # The same again is read, not run.
    tool.unlink()
    assert seeded.main() == 1
    assert capsys.readouterr().out.splitlines() == lines
