"""The import path of the tests' own helpers, and no kernels from the user's cache."""

import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))
os.environ["TENON_KERNEL_CACHE"] = "off"
