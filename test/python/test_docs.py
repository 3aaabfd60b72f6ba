"""The examples of the pages about Python and of the docstrings are executed."""

import doctest
import pathlib

import pytest

DOCS = pathlib.Path(__file__).parents[2] / "docs"
PAGES = {"python.md": 40, "how-to-plan.md": 20}


@pytest.mark.parametrize("page", PAGES)
def test_page(page):
    pytest.importorskip("opt_einsum")
    pytest.importorskip("cotengra")
    results = doctest.testfile(str(DOCS / page), module_relative=False)
    assert results.attempted > PAGES[page]
    assert results.failed == 0


@pytest.mark.parametrize("page", PAGES)
def test_code_blocks_are_all_executed(page):
    text = (DOCS / page).read_text()
    blocks = [block.split("```")[0] for block in text.split("```python\n")[1:]]
    assert len(blocks) >= 5
    assert all(block.startswith(">>> ") for block in blocks)
