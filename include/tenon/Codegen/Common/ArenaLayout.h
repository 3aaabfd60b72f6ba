//===- ArenaLayout.h - Offsets for buffers with known lives -------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Knows no MLIR.
//
//===----------------------------------------------------------------------===//
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace tenon {

/// A buffer of `bytes` bytes that is in use at the times first … last, both included.
struct BufferLife {
  int64_t bytes = 0;
  int64_t first = 0, last = 0;
};

struct ArenaLayout {
  std::vector<int64_t> offsets; ///< of each buffer, in bytes, multiples of the alignment
  int64_t bytes = 0;            ///< of the arena
  int64_t bound = 0;            ///< largest sum of bytes in use at one time: no layout is smaller
};

/// Places buffers so that no two that are in use at one time share a byte. Buffers are taken in the order of falling
/// size (then rising first use, then number) and go to the smallest gap that holds them among the placed ones they
/// live with. O(n²) where most live at once, with a small constant; O(n log n · buffers alive at once) otherwise.
/// nullopt past 2^63 bytes.
std::optional<ArenaLayout> layOutArena(const std::vector<BufferLife> &buffers, int64_t alignment = 64);

} // namespace tenon
