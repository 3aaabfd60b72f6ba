//===- BlockList.h - The blocks of the running executable ---------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "llvm/Support/Error.h"

#include <cstdint>
#include <string>
#include <vector>

namespace tenon::fuzz {

/// Addresses of blocks of the MLIR code in the running executable, as findBlocks finds them: from a
/// file in `cacheDirectory`, named by the build id, or found and, where that is possible, kept
/// there. A file that is damaged or that others could write is passed over.
llvm::Expected<std::vector<uint64_t>> listUpstreamBlocks(const std::string &cacheDirectory);

} // namespace tenon::fuzz
