"""The benchmark of contractions: cases, peers, measuring, tables. `../run.py` is its command."""
