"""Every form of an equation, and every mistake in one."""

import numpy as np
import pytest

import tenon
from oracle import check, tenon_einsum, values

RNG = np.random.default_rng(1)
A, B, C = (values(RNG, shape, "int64") for shape in [(3, 4), (4, 5), (5, 3)])
CUBE = values(RNG, (4, 4, 4), "int64")
T = values(RNG, (2, 3, 4), "int64")


@pytest.mark.parametrize(
    "equation, arrays",
    [
        ("ij,jk->ik", [A, B]),
        ("ij,jk", [A, B]),
        ("ba", [A]),
        (" i j , j k -> k i ", [A, B]),
        ("ij,jk,ki", [A, B, C]),
        ("iii->i", [CUBE]),
        ("iij->ji", [CUBE]),
        ("iii", [CUBE]),
        ("ij->", [A]),
        ("ij->j", [A]),
        ("...j,jk", [T, B]),
        ("i...->...", [T]),
        ("...", [T]),
        ("...ij->...ji", [T]),
        ("...,...", [A[0], T]),
        ("i,i,i->i", [A[0], B[:, 1], CUBE[0, 1]]),
        ("ij,kl->likj", [A, B]),
        (",ij->ij", [np.int64(5), A]),
        (",", [np.int64(5), np.int64(-7)]),
        ("", [np.int64(3)]),
        ("aB,Bc->ca", [A, B]),
        ("Zab", [T]),
    ],
)
def test_forms(equation, arrays):
    check(tenon_einsum(equation, arrays), equation, arrays)


def test_unicode_labels():
    np.testing.assert_array_equal(tenon.einsum("αβ,βγ->αγ", A, B), A @ B)
    opt_einsum = pytest.importorskip("opt_einsum")
    x, y, z = (opt_einsum.get_symbol(k) for k in (60, 4000, 100000))
    np.testing.assert_array_equal(tenon.einsum(f"{x}{y},{y}{z}->{z}{x}", A, B), (A @ B).T)


def test_interleaved():
    np.testing.assert_array_equal(tenon.einsum(A, [0, 1], B, [1, 2], [0, 2]), A @ B)
    np.testing.assert_array_equal(tenon.einsum(A, [0, 1], B, [1, 2]), A @ B)
    np.testing.assert_array_equal(tenon.einsum(T, [Ellipsis, 0], B, [0, 1], [Ellipsis, 1]), T @ B)
    np.testing.assert_array_equal(
        tenon.einsum(A, ["left", ("bond", 1)], B, [("bond", 1), "right"], ["right", "left"]), (A @ B).T
    )
    np.testing.assert_array_equal(tenon.einsum(A, [52, 700], B, [700, 3], [3, 52]), (A @ B).T)


def test_broadcasting_of_extent_one():
    row, column = A[:1], A[:, :1]
    np.testing.assert_array_equal(tenon.einsum("ij,ij->ij", row, A), row * A)
    np.testing.assert_array_equal(tenon.einsum("ij,ij->ij", row, column), row * column)
    np.testing.assert_array_equal(tenon.einsum("ij,ij->j", row, A), (row * A).sum(0))
    np.testing.assert_array_equal(tenon.einsum("ij,jk->ik", A[:, :1], B), A[:, :1] * B.sum(0))
    np.testing.assert_array_equal(tenon.einsum("i,i->i", np.arange(1), np.zeros(0, int)), np.zeros(0, int))
    np.testing.assert_array_equal(tenon.einsum("ii,i->i", np.array([[3]]), A[0]), 3 * A[0])


def test_empty_sums_are_zero():
    a, b = np.ones((3, 0)), np.ones((0, 4))
    np.testing.assert_array_equal(tenon.einsum("ij,jk", a, b), np.zeros((3, 4)))
    np.testing.assert_array_equal(tenon.einsum("ij->i", a.astype(bool)), np.zeros(3, bool))
    assert tenon.einsum("ji,jk->ik", b, np.ones((0, 2))).shape == (4, 2)
    assert tenon.einsum("ij,kj->ik", a, np.ones((0, 0))).shape == (3, 0)
    assert tenon.einsum("i->", np.zeros(0, np.int32)) == 0


@pytest.mark.parametrize(
    "equation, shapes, message",
    [
        ("ij,jk->ij->k", [(3, 4), (4, 5)], "outside of one '->'"),
        ("i>j", [(3, 4)], "outside of one '->'"),
        ("ij,jk->i,k", [(3, 4), (4, 5)], "',' in its output"),
        ("ij", [(3, 4), (4, 5)], "has 1 operands, but 2 arrays"),
        ("ij,jk", [(3, 4)], "has 2 operands, but 1 arrays"),
        ("ij,jk->ii", [(3, 4), (4, 5)], "lists 'i' 2 times"),
        ("ij,jk->ix", [(3, 4), (4, 5)], "'x', which no operand has"),
        ("ijk", [(3, 4)], "operand 0 has 2 dimensions, but its subscripts name 3"),
        ("i", [(3, 4)], "'...' stands for the rest"),
        ("...ijk", [(3, 4)], "operand 0 has 2 dimensions, but its subscripts name 3 beside"),
        ("i..j", [(3, 4)], "a '.' that is no part of '...'"),
        ("i.j", [(3, 4)], "a '.' that is no part of '...'"),
        ("......", [(3, 4)], "more than one '...'"),
        ("i1", [(3, 4)], "'1', which is no label"),
        ("i*", [(3, 4)], "which is no label"),
        ("...j->j", [(3, 4)], "the output needs '...' too"),
        ("ij,jk->ik", [(3, 4), (5, 6)], "'j' has extent 4 in operand 0 and 5 in operand 1"),
        ("...,...", [(3, 4), (3, 5)], "has extent 4 in operand 0 and 5 in operand 1"),
        ("ii->i", [(3, 4)], "operand 0 has the label 'i' twice, with the extents 3 and 4"),
        ("ii->i", [(1, 4)], "operand 0 has the label 'i' twice, with the extents 1 and 4"),
    ],
)
def test_malformed(equation, shapes, message):
    with pytest.raises(ValueError, match=".*") as caught:
        tenon.einsum(equation, *[np.ones(shape) for shape in shapes])
    assert message in str(caught.value)


@pytest.mark.parametrize(
    "left, right, output",
    [
        (np.array([0, 1]), np.array([1, 2]), np.array([2, 0])),
        (np.array([5, 3], np.uint8), range(3, 5), np.array([4, 5], np.int16)),
        ([0, np.int64(1)], (1, 2), np.array([0, 1, 2])),
        (np.array([0, 1]), np.array([1, 2]), None),
    ],
    ids=str,
)
def test_interleaved_labels_in_arrays(left, right, output):
    arguments = [A, left, B, right] + ([] if output is None else [output])
    expected = np.einsum(*arguments)
    # The operands are integers, whose sums wrap: exact.
    np.testing.assert_array_equal(tenon.einsum(*arguments), expected)
    path, _ = tenon.contract_path(*arguments)
    assert path == ((0, 1),)
    np.testing.assert_array_equal(tenon.einsum(np.int64(3), np.array([]), A, np.array([0, 1])), 3 * A)


def test_malformed_interleaved():
    for labels in (np.array([0.0, 1.0]), np.array([[0, 1]]), np.array(0), A, "ij"):
        with pytest.raises(TypeError, match="arrays each followed by a list of labels"):
            tenon.einsum(A, labels)
    with pytest.raises(TypeError, match="arrays each followed by a list of labels"):
        tenon.einsum(A, 3)
    with pytest.raises(TypeError, match="an equation and at least one array are needed"):
        tenon.einsum()
    with pytest.raises(ValueError, match="more than one Ellipsis"):
        tenon.einsum(T, [Ellipsis, Ellipsis])
    with pytest.raises(ValueError, match="need an explicit output"):
        tenon.einsum(A, [0, "x"])
    with pytest.raises(TypeError, match="labels must be hashable"):
        tenon.einsum(A, [[0], [1]])
    with pytest.raises(ValueError, match="which no operand has"):
        tenon.einsum(A, [0, 1], [2])


def test_too_many_elements():
    with pytest.raises(ValueError, match="2\\*\\*63 - 1"):
        tenon.contract_expression("i,j->ij", (2**40,), (2**40,))
    with pytest.raises(ValueError, match="negative extent -3"):
        tenon.contract_expression("i->i", (-3,))


@pytest.mark.parametrize(
    "extent, error",
    [(-3, ValueError), (2.5, TypeError), (float("inf"), TypeError), ("4", TypeError), (2**63, ValueError)],
)
def test_bad_extents(extent, error):
    with pytest.raises(error):
        tenon.contract_expression("ij->i", (3, extent))
    with pytest.raises(error):
        tenon.array_contract_expression([["i", "j"]], ["i"], shapes=[(3, extent)])


def test_damaged_equations():
    """What NumPy refuses is a ValueError or TypeError here; what both take has one result."""
    random = np.random.default_rng(20260117)
    letters = list("ijkxZ,.->... 1*é\x00\n")
    refused = accepted = 0
    for _ in range(400):
        equation = list("...ij,jk,k->...i")
        for _ in range(random.integers(1, 3)):
            place = int(random.integers(len(equation)))
            kind = random.integers(3)
            letter = str(random.choice(letters))
            equation[place : place + int(kind != 1)] = [] if kind == 2 else [letter]
        text = "".join(equation)
        arrays = [T, B, B[0]]
        try:
            found = tenon.einsum(text, *arrays)
        except (ValueError, TypeError) as error:
            refused += 1
            assert "\x00" not in str(error) and len(str(error)) < 500
            continue
        accepted += 1
        if text.isascii():
            # NumPy allows blanks between tokens only, and no line breaks.
            compact = "".join(text.split())
            np.testing.assert_array_equal(found, np.einsum(compact, *arrays), err_msg=repr(text))
    assert refused > 200 and accepted > 5
