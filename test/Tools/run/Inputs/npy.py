"""Writes and reads .npy files without NumPy.

usage: npy.py write FILE DTYPE SHAPE [FIRST]   FIRST, FIRST + 1, ... in row-major order
       npy.py show FILE                        the header's entries and the elements
"""

import math
import struct
import sys

FORMATS = {"<f4": "f", "<f8": "d", "<i4": "i", "<u4": "I", "|i1": "b", "|u1": "B", "<i8": "q", "|b1": "?"}


def write(path, dtype, shape, first):
    extents = tuple(int(extent) for extent in shape.split("x")) if shape != "scalar" else ()
    header = repr({"descr": dtype, "fortran_order": False, "shape": extents})
    header = header.ljust(117) + "\n"
    values = [first + i for i in range(math.prod(extents))]
    with open(path, "wb") as file:
        file.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode())
        file.write(struct.pack(f"<{len(values)}{FORMATS[dtype]}", *values))


def show(path):
    with open(path, "rb") as file:
        data = file.read()
    size = struct.unpack("<H", data[8:10])[0]
    header = eval(data[10 : 10 + size])
    count = math.prod(header["shape"])
    values = struct.unpack(f"<{count}{FORMATS[header['descr']]}", data[10 + size :])
    print(header["descr"], header["shape"], *values)


if sys.argv[1] == "write":
    write(sys.argv[2], sys.argv[3], sys.argv[4], int(sys.argv[5]) if len(sys.argv) > 5 else 0)
else:
    show(sys.argv[2])
