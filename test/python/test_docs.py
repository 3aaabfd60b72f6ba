"""The examples of docs/python.md and of the docstrings are executed."""

import doctest
import pathlib

import pytest

PAGE = pathlib.Path(__file__).parents[2] / "docs" / "python.md"


def test_page():
    pytest.importorskip("opt_einsum")
    pytest.importorskip("cotengra")
    results = doctest.testfile(str(PAGE), module_relative=False)
    assert results.attempted > 40
    assert results.failed == 0


def test_code_blocks_are_all_executed():
    text = PAGE.read_text()
    blocks = [block.split("```")[0] for block in text.split("```python\n")[1:]]
    assert len(blocks) > 10
    assert all(block.startswith(">>> ") for block in blocks)
