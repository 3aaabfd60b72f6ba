"""tenon.plot: what is drawn has the sizes and costs of the plan; every kind of plan can be drawn."""

import json
import math
import types
import xml.etree.ElementTree

import pytest

from tenon import plot

#: ((A B) C) D over extents 2, 3, 5, 7, 11, sliced over the last index
CHAIN = {
    "inputs": [[0, 1], [1, 2], [2, 3], [3, 4]],
    "output": [0, 4],
    "sizes": [2, 3, 5, 7, 11],
    "ssa_path": [[0, 1], [4, 2], [5, 3]],
    "sliced": [{"index": 4, "name": "m", "extent": 11}],
    "steps": [{"result": 4, "live_bytes": 40}, {"result": 5, "live_bytes": 96}, {"result": 6, "live_bytes": 56}],
    "events": [
        {"seconds": 0.1, "strategy": "greedy", "log2_cost": 9.0},
        {"seconds": 0.3, "strategy": "greedy", "log2_cost": 8.0},
        {"seconds": 0.2, "strategy": "auto", "log2_cost": 7.5},
    ],
}
#: a hyperedge, a diagonal, an index of one tensor, a tensor without an index
HYPER = {
    "inputs": [[0, 1], [0, 1, 2, 2], [1, 3], []],
    "output": [0],
    "sizes": [2, 3, 5, 7],
    "ssa_path": [[2, 0], [4, 1], [3, 5]],
}
ONE = {"inputs": [[0, 1]], "output": [0], "sizes": [2, 3], "ssa_path": []}


def document(*contractions):
    return json.dumps({"input": "a<b>.json", "contractions": contractions})


def test_sizes_and_costs():
    plan = plot.read_plan(CHAIN)
    assert [round(10**cost) for cost in plan.costs] == [2 * 3 * 5, 2 * 5 * 7, 2 * 7]
    assert [round(10**size) for size in plan.elements] == [6, 15, 35, 7, 10, 14, 2]
    assert plan.consumer == [0, 0, 1, 2, 1, 2, None]
    plan = plot.read_plan(HYPER)
    assert [round(10**cost) for cost in plan.costs] == [2 * 3, 2 * 3, 2]
    assert [round(10**size) for size in plan.elements] == [6, 6, 3, 1, 6, 2, 2]


def test_an_object_with_the_attributes_of_a_plan():
    plan = types.SimpleNamespace(
        inputs=[("i", "j"), ("j", "k"), ("k", "l"), ("l", "m")],
        output=("i", "m"),
        size_dict={"m": 11, "i": 2, "j": 3, "k": 5, "l": 7},
        ssa_path=[(0, 1), (4, 2), (5, 3)],
        sliced_inds={"m": 11},
    )
    assert plot.read_plan(plan).costs == plot.read_plan(CHAIN).costs
    assert plot.read_plan(plot.read_plan(plan)).steps == [(0, 1), (4, 2), (5, 3)]


def test_trees_run_from_the_tensors_to_the_result():
    plan = plot.read_plan(CHAIN | {"ssa_path": [[3, 2], [0, 1], [4, 5]]})
    assert plan.leaf_order() == [3, 2, 0, 1]
    place, height = plan.positions()
    assert list(height) == [0, 0, 0, 0, 0.5, 0.5, 1]
    assert list(place) == [0.625, 0.875, 0.375, 0.125, 0.25, 0.75, 0.5]


def test_memory_search_and_widths():
    figure = plot.figure(CHAIN, ["ring", "memory", "search"])
    titles = {axes.get_title(): axes for axes in figure.axes}
    (live,) = titles["memory"].lines
    assert list(live.get_ydata()) == [40, 96, 56]
    assert {line.get_label(): list(line.get_xdata()) for line in titles["search"].lines} == {
        "greedy": [0.1, 0.3, 0.3],
        "auto": [0.2, 0.3],
    }
    assert titles["search"].lines[1].get_ydata()[0] == pytest.approx(7.5 * math.log10(2))
    (tree,) = titles["ring"].collections
    assert len(tree.get_segments()) == 6
    # The widest line carries the largest tensor (5 x 7), the darkest comes from the dearest step.
    widths = tree.get_linewidths()
    assert max(widths) == pytest.approx(5.0)
    assert sorted(tree.get_array())[-1] == pytest.approx(math.log10(70))


@pytest.mark.parametrize("picture", plot.PICTURES)
@pytest.mark.parametrize("plan", [CHAIN, HYPER, ONE], ids=["chain", "hyper", "one"])
def test_everything_can_be_drawn(plan, picture, tmp_path):
    (tmp_path / "plan.json").write_text(document(plan))
    arguments = [str(tmp_path / "plan.json"), "--pictures", picture]
    assert plot.main([*arguments, "-o", str(tmp_path / "plan.svg")]) == 0
    first = (tmp_path / "plan.svg").read_bytes()
    assert xml.etree.ElementTree.fromstring(first).tag.endswith("svg")
    assert plot.main([*arguments, "-o", str(tmp_path / "plan.svg")]) == 0
    assert (tmp_path / "plan.svg").read_bytes() == first


def test_a_page_has_all_contractions(tmp_path):
    (tmp_path / "plan.json").write_text(document(CHAIN, HYPER))
    assert plot.main([str(tmp_path / "plan.json"), "-o", str(tmp_path / "plan.html")]) == 0
    page = (tmp_path / "plan.html").read_text()
    assert page.count("<svg") == 2 * len(plot.PICTURES)
    assert "a&lt;b&gt;.json" in page and "<b>" not in page
    # Self-contained: nothing is fetched.
    assert "<script" not in page and "src=" not in page
    assert "<p>4 tensors, 5 indices; 10<sup>2.057</sup> multiply-adds in each of 11 slices;" in page


def test_png(tmp_path):
    (tmp_path / "plan.json").write_text(document(CHAIN))
    assert plot.main([str(tmp_path / "plan.json"), "-o", str(tmp_path / "plan.png"), "--pictures", "tent"]) == 0
    assert (tmp_path / "plan.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    "text, message",
    [
        ("{", "this is no JSON"),
        ("[]", "expected what tenon-plan --emit=json writes"),
        (document(CHAIN)[:-40], "this is no JSON"),
        ("[" * 100_000, "this is no JSON"),
        (b"{\"input\": \"\xff\"}", "this is no JSON: 'utf-8' codec"),
        ("7", "the plan is 7; expected what tenon-plan --emit=json writes"),
        ('{"input": "x"}', "contractions is missing; expected what tenon-plan --emit=json writes"),
        ('{"contractions": {}}', "contractions is {}; expected a list"),
        ('{"contractions": [null]}', "contractions[0] is null; expected an object"),
        ('{"contractions": [], "input": 7}', "input is 7; expected a text"),
        (json.dumps({"contractions": [CHAIN]}), "input is missing"),
        (document({"sizes": []}), "contractions[0].inputs is missing"),
        (document(CHAIN | {"sizes": "2357"}), 'contractions[0].sizes is "2357"; expected a list'),
        (document(CHAIN | {"sizes": [2, 3, 5, 7, -1]}), "contractions[0].sizes[4] is -1; expected an extent"),
        (document(CHAIN | {"sizes": [2, 3, True, 7, 11]}), "contractions[0].sizes[2] is true; expected an extent"),
        (document(CHAIN | {"sizes": [2, 3]}), "inputs[1][1] is 2; expected the number of an index, below 2"),
        (document(CHAIN | {"inputs": [[0, 1], 5]}), "contractions[0].inputs[1] is 5; expected a list"),
        (document(CHAIN | {"inputs": [[0, "i"]]}), 'inputs[0][1] is "i"; expected the number of an index, below 5'),
        (document(CHAIN | {"output": None}), "contractions[0].output is null; expected a list"),
        (document(CHAIN | {"output": [9]}), "contractions[0].output[0] is 9; expected the number of an index"),
        (document(CHAIN | {"ssa_path": [[0, 1, 2]]}), "ssa_path[0] is [0, 1, 2]; expected the numbers of two tensors"),
        (document(CHAIN | {"ssa_path": [[0, 1.5]]}), "ssa_path[0][1] is 1.5; expected the number of a tensor"),
        (document(CHAIN | {"ssa_path": [[0, 1], [0, 2], [5, 3]]}), "step 1 of the path of contractions[0] is [0, 2]"),
        (document(CHAIN | {"ssa_path": [[0, 1]], "steps": []}), "the path of contractions[0] leaves 3 tensors"),
        (document(CHAIN | {"sliced": [4]}), "sliced[0] is 4; expected an object"),
        (document(CHAIN | {"sliced": [{"index": 5}]}), "sliced[0].index is 5; expected the number of an index"),
        (document(CHAIN | {"steps": [{"live_bytes": 1}]}), "steps[0].result is missing"),
        (document(CHAIN | {"steps": [{"result": 4, "live_bytes": "1"}]}), 'steps[0].live_bytes is "1"; expected a'),
        (document(CHAIN | {"steps": [{"result": 4, "live_bytes": 10**400}]}), "expected a finite number"),
        (document(CHAIN | {"steps": [{"result": 4, "live_bytes": 1}] * 3}), "expected each of the 3 steps of the path"),
        (document(CHAIN | {"steps": [{"result": 3, "live_bytes": 1}] * 3}), "expected each of the 3 steps of the path"),
        (document(CHAIN | {"events": [{"seconds": 1, "strategy": "a"}]}), "events[0].log2_cost is missing"),
        (document(CHAIN | {"events": [{"seconds": math.nan, "strategy": "a", "log2_cost": 1}]}), "seconds is NaN"),
        (document(CHAIN | {"events": [{"seconds": 1, "strategy": [], "log2_cost": 1}]}), "strategy is []; expected a"),
        (document(CHAIN, CHAIN), "it has 2 contractions"),
    ],
)
def test_bad_input(text, message, tmp_path, capsys):
    (tmp_path / "plan.json").write_bytes(text if isinstance(text, bytes) else text.encode())
    suffix = "svg" if "it has" in message else "html"
    assert plot.main([str(tmp_path / "plan.json"), "-o", str(tmp_path / f"plan.{suffix}")]) == 1
    error = capsys.readouterr().err
    assert error.startswith(f"tenon.plot: error: {tmp_path / 'plan.json'}: ") and message in error
    assert error.count("\n") == 1 and error.endswith("\n") and len(error) < 500
    assert [path.name for path in tmp_path.iterdir()] == ["plan.json"]


def test_an_output_that_cannot_be_written(tmp_path, capsys, monkeypatch):
    source = tmp_path / "plan.json"
    source.write_text(document(CHAIN))
    (tmp_path / "folder.svg").mkdir()
    for output, message in [
        (tmp_path / "folder.svg", "Is a directory"),
        (tmp_path / "none" / "plan.svg", "No such file or directory"),
        (source / "plan.svg", "Not a directory"),
    ]:
        assert plot.main([str(source), "-o", str(output), "--pictures", "ring"]) == 1
        assert capsys.readouterr().err == f"tenon.plot: error: {output}: {message}\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder.svg", "plan.json"]

    # A full disk leaves what was there before, and nothing else.
    (tmp_path / "plan.svg").write_text("before")

    def full(path, content):
        with path.open("wb") as file:
            file.write(content[:10])
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr("pathlib.Path.write_bytes", full)
    assert plot.main([str(source), "-o", str(tmp_path / "plan.svg"), "--pictures", "ring"]) == 1
    assert "plan.svg: No space left on device" in capsys.readouterr().err
    assert (tmp_path / "plan.svg").read_text() == "before"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder.svg", "plan.json", "plan.svg"]


def test_bad_arguments(tmp_path, capsys):
    assert plot.main([str(tmp_path / "none.json"), "-o", str(tmp_path / "plan.svg")]) == 1
    assert "none.json: No such file or directory" in capsys.readouterr().err
    for arguments, message in [
        (["-o", "plan.txt"], "expected a name that ends in .html, .svg, .pdf or .png"),
        (["-o", "plan.svg", "--pictures", "ring,pie"], "there is no picture 'pie'"),
    ]:
        with pytest.raises(SystemExit) as status:
            plot.main(["plan.json", *arguments])
        assert status.value.code == 2
        assert message in capsys.readouterr().err
    with pytest.raises(ValueError, match="there is no picture 'pie'"):
        plot.draw(CHAIN, "pie", None)
