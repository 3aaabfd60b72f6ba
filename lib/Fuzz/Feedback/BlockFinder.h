//===- BlockFinder.h - Basic blocks of machine code ---------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "Executable.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Error.h"

#include <cstdint>
#include <vector>

namespace tenon::fuzz {

/// Addresses of the first instructions of basic blocks, ascending: entries of functions, targets of
/// branches inside a function, and what follows a branch, a return or a trap. Targets of jump
/// tables are found only where they follow one of these. A function that does not disassemble to
/// its end without a gap, or that has a branch into the middle of an instruction, has none; neither
/// has a block that begins with a breakpoint of its own. `functions` by address, none over another,
/// of x86-64 code.
llvm::Expected<std::vector<uint64_t>> findBlocks(llvm::ArrayRef<CodeRange> functions);

} // namespace tenon::fuzz
