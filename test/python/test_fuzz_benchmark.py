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


PRODUCT = """#map = affine_map<(d0, d1, d2) -> (d0, d2)>
#map1 = affine_map<(d0, d1, d2) -> (d2, d1)>
#map2 = affine_map<(d0, d1, d2) -> (d0, d1)>
module {
  func.func @main(%arg0: tensor<2x2xf32>, %arg1: tensor<2x2xf32>, %arg2: tensor<2x2xf32>) -> tensor<2x2xf32> {
    %0 = linalg.generic {indexing_maps = [#map, #map1, #map2], iterator_types = ["parallel", "parallel", "reduction"]} ins(%arg0, %arg1 : tensor<2x2xf32>, tensor<2x2xf32>) outs(%arg2 : tensor<2x2xf32>) {
    ^bb0(%in: f32, %in_0: f32, %out: f32):
      %1 = arith.mulf %in, %in_0 : f32
      %2 = arith.addf %out, %1 : f32
      linalg.yield %2 : f32
    } -> tensor<2x2xf32>
    return %0 : tensor<2x2xf32>
  }
}
"""


@pytest.mark.parametrize(
    "changes, defects",
    [
        ([], set()),
        ([("[#map, #map1", "[#map1, #map1")], {"D1"}),
        ([("      %1 = arith.mulf %in,", "      %9 = arith.negf %in : f32\n      %1 = arith.mulf %9,")], {"D2"}),
        ([("f32", "i1"), ("mulf", "muli"), ("addf", "addi")], {"D3"}),
        ([("f32", "i1"), ("mulf", "andi"), ("addf", "ori")], set()),
        ([("      %1 = arith.mulf %in,", "      %9 = arith.extui %in : i8 to i32\n      %1 = arith.muli %9,")], {"D4"}),
        ([("[#map, #map1", "[#map1, #map1"), ("f32", "i1"), ("mulf", "muli"), ("addf", "addi")], {"D1", "D3"}),
        # Two sums are none of its products.
        ([("[#map, #map1", "[#map1, #map1"), ('"parallel", "reduction"', '"reduction", "reduction"')], set()),
        # Matrices of a batch.
        ([("d0, d1, d2) -> (", "d0, d1, d2, d3) -> (d3, "), ("[#map, #map1", "[#map1, #map1")], {"D1"}),
    ],
)
def test_specializations_are_told_apart(changes, defects):
    ir = PRODUCT
    for old, new in changes:
        assert old in ir
        ir = ir.replace(old, new)
    assert load("known_defects").met_by_specialization(ir) == defects


@pytest.mark.parametrize(
    "body, defects",
    [
        ("(%in: i32, %init: i32) {\n        %1 = arith.addi %in, %init : i32\n        linalg.yield %1 : i32", {"D5"}),
        ("(%in: i32, %init: i32) {\n        %1 = arith.addi %in, %in : i32\n        linalg.yield %1 : i32", set()),
    ],
)
def test_maps_that_read_their_init_are_seen(body, defects):
    ir = "%mapped = linalg.map ins(%arg0 : tensor<3xi32>) outs(%arg1 : tensor<3xi32>)\n      " + body + "\n      }"
    assert load("known_defects").met_by_bufferization(ir) == defects


@pytest.mark.parametrize(
    "loops, defects",
    [
        (["%arg2 = 0 to 7 {"], set()),
        (["%arg2 = 0 to 8 step 3 {", "%arg3 = #map(%arg2) to min #map1(%arg2) {"], {"D6"}),
        (["%arg2 = 0 to 8 step 2 {"], {"D7"}),
        (["%arg2 = 0 to 8 step 3 {", "%arg3 = #map(%arg2) to #map1(%arg2) step 2 {"], {"D6", "D7"}),
        (["%arg2 = 0 to 8 step 3 {", "%arg3 = #map(%arg2) to #map1(%arg2) {", "%arg4 = 0 to 8 step 4 {"], {"D6", "D7"}),
        (["%arg2 = 0 to 8 step 2 iter_args(%arg3 = %0) -> (i32) {"], {"D7"}),
    ],
)
def test_vectorizations_are_told_apart(loops, defects):
    ir = "\n".join("    affine.for " + loop for loop in loops)
    assert load("known_defects").met_by_vectorization(ir) == defects


@pytest.mark.parametrize(
    "oracle, passes, detail, defects",
    [
        ("stage", "affine-super-vectorize", "result 0, element 4", {"D7"}),
        ("verifier", "affine-super-vectorize", "'vector.transfer_write' op should not have broadcast dimensions", set()),
        ("stage", "affine-loop-tile", "result 0, element 4", set()),
        ("round-trip", "linalg-morph-ops", "text reads back as another program", set()),
        ("stage", "linalg-specialize-generic-ops", "result 0, element 4", {"D1", "D2"}),
        ("verifier", "linalg-specialize-generic-ops", "'linalg.batch_matmul' op inferred input has shape's dimension", {"D1"}),
    ],
)
def test_other_faults_of_a_pass_are_no_known_defect(oracle, passes, detail, defects, monkeypatch):
    known, campaign = load("known_defects"), load("campaign")
    # The program would do for D1, D2 and D7.
    negated = PRODUCT.replace("[#map, #map1", "[#map1, #map1").replace("arith.mulf", "arith.negf : f32 arith.mulf")
    monkeypatch.setattr(known, "show", lambda *_: negated + "\n    affine.for %i = 0 to 8 step 2 {\n")
    found = campaign.Found("stem", pathlib.Path("case"), oracle, passes, "signature", detail, 1.0)
    assert known.classify(pathlib.Path("tool"), found, found.case) == defects


def test_seeds_leave_the_defects_out(tmp_path):
    (tmp_path / "test/Fuzz/known-defects").mkdir(parents=True)
    for name in ("test/a.mlir", "test/b.txt", "test/Fuzz/c.mlir", "test/Fuzz/known-defects/d.mlir"):
        (tmp_path / name).write_text("module {}")
    (tmp_path / "seeds").mkdir()
    (tmp_path / "seeds/old.mlir").write_text("module {}")
    load("known_defects").copy_seeds(tmp_path / "test", tmp_path / "seeds")
    copied = sorted(str(path.relative_to(tmp_path / "seeds")) for path in (tmp_path / "seeds").rglob("*") if path.is_file())
    assert copied == ["Fuzz/c.mlir", "a.mlir"]


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
