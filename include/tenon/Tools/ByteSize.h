//===- ByteSize.h - Amounts of memory on a command line -----------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <cstdint>
#include <string>

namespace tenon {

/// "2GiB", "1.5MB", "4096": a number and a unit, B, KB, MB, GB, TB (powers of 1000) or KiB, MiB,
/// GiB, TiB (powers of 1024), in any case; without a unit, bytes. Fractions are rounded down to
/// bytes. The error names what was found.
llvm::Expected<int64_t> parseByteSize(llvm::StringRef text);

/// "1536 bytes", "2.00 MiB".
std::string formatByteSize(int64_t bytes);

} // namespace tenon
