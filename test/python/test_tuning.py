"""set_tuning: kernels as a tuning file has them."""

import numpy as np
import pytest

import tenon

SHAPES = [(60, 50), (50, 70)]


@pytest.fixture(autouse=True)
def without_tuning():
    yield
    tenon.set_tuning(None)


def tuned_file(path, tile):
    """A tuning file for a product of SHAPES in float64, with this machine's processor."""
    empty = path.with_suffix(".empty")
    empty.write_text("tenon-tuning 1\nprocessor 64/8/0/1/1/1\n")
    tenon.set_tuning(empty)
    with pytest.raises(tenon.CompileError) as error:
        tenon.contract_expression("ij,jk->ik", *SHAPES)
    processor = str(error.value).split("code is made for ")[1].split(";")[0]
    path.write_text(
        f"tenon-tuning 1\nprocessor {processor}\n"
        "contraction plus-times,f64,f64,f64,f64 m60(50,0,70) n70(0,1,1) k50(1,70,0)\n"
        f"packed lanes 2 tile {tile} blocks 32 64 20\n"
    )
    return path


def test_choices_are_taken(tmp_path):
    rng = np.random.default_rng(3)
    a, b = (rng.integers(-9, 9, shape).astype("float64") for shape in SHAPES)
    tenon.set_tuning(tuned_file(tmp_path / "a.tune", "4x4"))
    expression = tenon.contract_expression("ij,jk->ik", *SHAPES)
    assert "tile = [4, 4]" in expression.mlir("schedule")
    np.testing.assert_array_equal(expression(a, b), a @ b)
    np.testing.assert_array_equal(tenon.einsum("ij,jk->ik", a, b), a @ b)
    tenon.set_tuning(None)
    assert "tile = [4, 4]" not in tenon.contract_expression("ij,jk->ik", *SHAPES).mlir("schedule")


def test_damaged_files(tmp_path):
    path = tuned_file(tmp_path / "b.tune", "4x4")
    path.write_text(path.read_text().replace("4x4", "4x5"))
    tenon.set_tuning(path)
    with pytest.raises(tenon.CompileError, match=r"b.tune: line 4: tile 4x5: expected whole vectors"):
        tenon.contract_expression("ij,jk->ik", *SHAPES)
    tenon.set_tuning(tmp_path / "none.tune")
    with pytest.raises(tenon.CompileError, match="cannot read the tuning file"):
        tenon.contract_expression("ij,jk->ik", *SHAPES)


def test_what_is_no_file():
    with pytest.raises(TypeError, match="must be a path or None"):
        tenon.set_tuning(3)
    with pytest.raises(ValueError, match="names no tuning file"):
        tenon.set_tuning("")
