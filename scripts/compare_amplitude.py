#!/usr/bin/env python3
"""Prints the amplitude in a .npy file beside the one of the all-zero bit string that a JSON file knows.

usage: compare_amplitude.py AMPLITUDE.npy AMPLITUDES.json

Exits with 1 when they differ by more than 1e-4 (complex64) or 1e-10 (complex128) of the magnitude.
"""
import json
import sys

import numpy

found = numpy.load(sys.argv[1])
known = json.load(open(sys.argv[2]))["sycamore_n53_m10_s0_e0_pABCDCDAB"]
expected = complex(*next(entry["amplitude"] for entry in known if set(entry["bitstring"]) == {"0"}))
bound = 1e-4 if found.dtype == numpy.complex64 else 1e-10
error = abs(complex(found) - expected) / abs(expected)
print(f"amplitude {complex(found):.15g}")
print(f"expected  {expected:.15g} (computed independently), relative difference {error:.1e}, bound {bound:.0e}")
sys.exit(0 if error <= bound else 1)
