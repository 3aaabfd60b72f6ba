"""The cost model `time`: tables of times, and predicted seconds."""

import math
import pathlib

import numpy as np
import pytest
import tenon

TABLES = pathlib.Path(__file__).parents[1] / "Planner" / "Inputs"
EVEN, THIN_IS_SLOW = TABLES / "even.times", TABLES / "thin-is-slow.times"

#: Right to left it takes fewer multiply-adds, but in products with sides of 2.
CHAIN = (["ij", "jk", "kl"], "il", {"i": 8, "j": 2, "k": 64, "l": 9})


def optimizer(table, minimize="time", **options):
    return tenon.Optimizer(minimize=minimize, time_table=table, threads=1, **{"dtype": "float32"} | options)


def test_the_table_decides():
    even, thin = optimizer(EVEN).plan(*CHAIN), optimizer(THIN_IS_SLOW).plan(*CHAIN)
    assert (even.flops, thin.flops) == (1296, 5632)
    # A nanosecond for a multiply-add, and one for each of two steps.
    assert even.seconds == pytest.approx(1298e-9, rel=0.01)
    assert thin.seconds < 1e-5 < optimizer(THIN_IS_SLOW, "flops").plan(*CHAIN).seconds


def test_every_plan_has_predicted_seconds():
    for minimize in ("flops", "size", "write", "combo", "time"):
        plan = tenon.Optimizer(minimize=minimize, threads=1).plan(*CHAIN)
        assert 1e-8 < plan.seconds < 1e-3
        assert "predicted time: " in str(plan)
    assert tenon.Optimizer(threads=1).plan(["ij"], "i", {"i": 3, "j": 4}).seconds > 0


def test_the_element_type_selects_rates():
    # 2 x 10^8 multiply-adds: complex ones take three times as long or more on any machine.
    product = (["ij", "jk"], "ik", {"i": 600, "j": 600, "k": 600})
    seconds = {
        dtype: tenon.Optimizer(threads=1, dtype=dtype).plan(*product).seconds
        for dtype in ("float32", "complex64", "float16", "complex128")
    }
    assert seconds["complex64"] > 2 * seconds["float32"]
    assert seconds["complex128"] > 1.3 * seconds["complex64"]
    assert seconds["float16"] == seconds["float32"]
    with pytest.raises(ValueError, match="has no rates for c64, it has f32; measure them with tenon-calibrate --types"):
        optimizer(EVEN, dtype="complex64").plan(*CHAIN)


@pytest.mark.parametrize(
    "optimize", [f"minimize=time time-table='{THIN_IS_SLOW}'", optimizer(THIN_IS_SLOW)], ids=["text", "optimizer"]
)
def test_contractions_take_it(optimize):
    rng = np.random.default_rng(5)
    arrays = [rng.integers(-4, 5, shape).astype(np.float32) for shape in ((8, 2), (2, 64), (64, 9))]
    result = tenon.einsum("ij,jk,kl->il", *arrays, optimize=optimize)
    np.testing.assert_array_equal(result, np.linalg.multi_dot([x.astype(np.float64) for x in arrays]))
    expression = tenon.contract_expression(
        "ij,jk,kl->il", *(a.shape for a in arrays), dtype="float32", optimize=optimize, threads=1
    )
    assert expression.plan.operations == 5632
    assert expression.plan.ssa_path[0] in ((0, 1), (1, 0))


def test_a_compiled_plan_has_predicted_seconds():
    expression = tenon.contract_expression(
        "ij,jk,kl->il", (8, 2), (2, 64), (64, 9), dtype="float32", threads=1, optimize=f"time-table='{EVEN}'"
    )
    assert expression.plan.predicted_seconds == pytest.approx(1298e-9, rel=0.01)
    assert "predicted time: 1.3e-06 s" in str(expression.plan)
    assert math.isfinite(tenon.contract_expression("ij->ji", (3, 4)).plan.predicted_seconds)


@pytest.mark.parametrize(
    "table, error, message",
    [
        (3, TypeError, "time_table must be the path of a file, not 3"),
        ("", ValueError, "time_table='' names no file"),
        ("a\0b", ValueError, "names no file"),
    ],
)
def test_bad_names(table, error, message):
    with pytest.raises(error, match=message):
        tenon.Optimizer(time_table=table)


def test_bad_files(tmp_path):
    with pytest.raises(ValueError, match="cannot read the table of times '.*none.times': No such file or directory"):
        optimizer(tmp_path / "none.times").plan(*CHAIN)
    bad = tmp_path / "bad.times"
    bad.write_text(EVEN.read_text().replace("call 1e-09", "call inf"))
    with pytest.raises(ValueError, match="bad.times:3:6: found 'inf'; expected a finite number of 0 or more, seconds"):
        optimizer(bad).plan(*CHAIN)
    binary = tmp_path / "binary.times"
    binary.write_bytes(b"tenon-times 2\ncall \xff\xfe\n")
    with pytest.raises(ValueError, match=r"binary.times:2:6: found '\?\?'; expected a finite number"):
        optimizer(binary).plan(*CHAIN)
    cut = tmp_path / "cut.times"
    cut.write_text(EVEN.read_text()[:-5])
    with pytest.raises(ValueError, match="cut.times:15:25: the file ends without the line 'end': it was cut off"):
        optimizer(cut).plan(*CHAIN)
    with pytest.raises(tenon.CompileError, match="bad.times:3:6"):
        tenon.contract_expression("ij,jk,kl->il", (2, 3), (3, 4), (4, 5), optimize=f"time-table='{bad}'")
