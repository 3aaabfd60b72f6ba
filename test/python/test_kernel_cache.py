"""Kernels on disk, from Python: processes share them, and settings are checked."""

import os
import subprocess
import sys

import pytest

import tenon

CODE = """
import os; os.umask({umask})
import numpy as np, tenon, sys
tenon.set_kernel_cache({cache!r}, {bytes!r})
a, b = np.arange(40).reshape(5, 8), np.arange(24).reshape(8, 3)  # kernels of integers are no part of Tenon
assert np.array_equal(tenon.einsum("ij,jk->ki", a, b), (a @ b).T)
print(*tenon.kernel_cache_info())
"""


def counts(cache, most=None, umask=0o022):
    code = CODE.format(cache=cache, bytes=most, umask=umask)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return tuple(map(int, done.stdout.split()))


def test_processes_share_kernels(tmp_path):
    directory = str(tmp_path / "kernels")
    assert counts(directory) == (0, 0, 1)
    assert counts(directory) == (0, 1, 0)
    assert counts(False) == (0, 0, 1)
    (file,) = (tmp_path / "kernels").iterdir()
    assert file.suffix == ".kernel"


def test_the_umask_does_not_matter(tmp_path):
    assert counts(str(tmp_path), umask=0o002) == (0, 0, 1)
    assert counts(str(tmp_path), umask=0o002) == (0, 1, 0)
    assert [file.stat().st_mode & 0o022 for file in tmp_path.iterdir()] == [0]


def test_what_is_no_file_is_not_waited_for(tmp_path):
    assert counts(str(tmp_path)) == (0, 0, 1)
    (file,) = tmp_path.iterdir()
    file.unlink()
    os.mkfifo(file)
    assert counts(str(tmp_path)) == (0, 0, 1)
    assert counts(str(tmp_path)) == (0, 1, 0)


def test_other_files_stay(tmp_path):
    names = ["thesis.tmp", "notes.kernel", "0123456789abcdef.tmp"]
    for name in names:
        (tmp_path / name).write_text("mine")
        os.utime(tmp_path / name, (0, 0))
    # So small a bound looks at all files.
    assert counts(str(tmp_path), 1 << 16) == (0, 0, 1)
    assert [(tmp_path / name).exists() for name in names] == [True, True, False]


def test_the_bound(tmp_path):
    assert counts(str(tmp_path), 1) == (0, 0, 1)
    assert list(tmp_path.iterdir()) == []


def test_a_directory_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("")
    assert counts(str(tmp_path / "file" / "below")) == (0, 0, 1)


@pytest.mark.parametrize(
    "arguments, kind, message",
    [
        (("",), ValueError, "names no directory"),
        ((3,), TypeError, "cache must be True, False or the path of a directory, not 3"),
        (("x", 0), ValueError, "max_bytes must be from 1"),
        (("x", 1.5), TypeError, "max_bytes must be an integer"),
    ],
)
def test_settings_are_checked(arguments, kind, message):
    with pytest.raises(kind, match=message):
        tenon.set_kernel_cache(*arguments)
