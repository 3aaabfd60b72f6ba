//===- Npy.h - Host tensors in NumPy's .npy files -----------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Format versions 1 to 3 of NumPy Enhancement Proposal 1 (numpy.lib.format). Element types:
// '<f2' '<f4' '<f8' '<c8' '<c16' '|b1' '|i1' '|u1' '<i2' '<u2' '<i4' '<u4' '<i8' '<u8', and
// bfloat16, which NumPy writes for ml_dtypes as '<V2'. Arrays in Fortran order are transposed
// while reading. Everything else (big endian, objects, records, strings) is refused.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/HostTensor/HostTensor.h"

namespace tenon {

/// What NumPy itself allows.
inline constexpr int64_t maxNpyRank = 64;

/// The content of a .npy file in memory, with nothing behind the array. Sizes are checked against
/// bytes.size() before anything is allocated. `name` is what messages call the file.
Result<HostTensor> parseNpy(std::span<const std::byte> bytes, const std::string &name);

/// Reads `path`. The message of a failure begins with the path.
Result<HostTensor> readNpy(const std::string &path);

/// The header of version 1.0 for `tensor`, whose rank is at most maxNpyRank, padded to a
/// multiple of 64.
std::string npyHeader(const HostTensor &tensor);

/// Writes `tensor` in row-major order to a temporary file beside `path` that then takes its name:
/// whoever reads `path` sees the old content or the new, and a failure leaves the old.
Status writeNpy(const std::string &path, const HostTensor &tensor);

} // namespace tenon
