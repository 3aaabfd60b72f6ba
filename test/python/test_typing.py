"""The type stub of the extension module names what the module has."""

import ast
import pathlib

import tenon
from tenon import _tenon

PACKAGE = pathlib.Path(tenon.__file__).parent


def public(names):
    return {name for name in names if not name.startswith("_")}


def test_stub_names_match_the_module():
    stub = ast.parse((PACKAGE / "_tenon.pyi").read_text())
    stated = {
        node.name: public(x.name for x in ast.walk(node) if isinstance(x, ast.FunctionDef))
        for node in stub.body
        if isinstance(node, (ast.ClassDef, ast.FunctionDef))
    }
    assert set(stated) == public(dir(_tenon))
    for name in ("Module", "Context", "Network", "PathPlan"):
        assert stated[name] == public(vars(getattr(_tenon, name)))


def test_package_is_typed_and_documented():
    assert (PACKAGE / "py.typed").exists()
    for name in tenon.__all__:
        assert getattr(tenon, name).__doc__, name
