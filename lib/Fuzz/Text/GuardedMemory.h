//===- GuardedMemory.h - Buffers between pages that fault ---------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Fuzz/GuardedPages.h"

#include <cstddef>
#include <map>
#include <string>

namespace tenon::fuzz {

/// What every byte holds before the program writes it: no number but NaN, -1 or the largest.
inline constexpr std::byte kUnwritten{0xff};

/// The memory of one run. A block ends where a page begins that faults when touched; the bytes from
/// the start of its first page to the block are compared when the run is over. A released block
/// faults wherever it is touched.
class GuardedMemory {
public:
  /// Blocks may take `limit` bytes in all, the pages around them not counted.
  explicit GuardedMemory(size_t limit) : limit(limit) {}
  GuardedMemory(const GuardedMemory &) = delete;
  GuardedMemory &operator=(const GuardedMemory &) = delete;

  /// Filled with kUnwritten. Aligned to the largest power of two that divides `bytes`, up to a
  /// page. Null where the limit or the system's memory ends.
  void *allocate(size_t bytes);
  /// False where `pointer` is not the start of a block that is still there.
  bool release(void *pointer);
  /// What was written outside of blocks, in words; empty where nothing was.
  std::string describeDamage() const;

private:
  struct Block {
    GuardedPages pages;
    size_t bytes;
    bool isReleased = false;

    std::string describeDamage() const;
  };

  size_t limit, used = 0;
  /// By their first byte; ordered, so that reports do not depend on hashing.
  std::map<std::byte *, Block> blocks;
};

} // namespace tenon::fuzz
