"""What the benchmarks share: the machine, network files, files that are written whole."""
