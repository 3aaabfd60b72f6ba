#!/usr/bin/env python3
"""Contractions by Tenon and its peers: see README.md beside this program, and `run.py --help`."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from speed.command import main

if __name__ == "__main__":
    sys.exit(main())
