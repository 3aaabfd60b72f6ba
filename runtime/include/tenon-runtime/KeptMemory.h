//===- KeptMemory.h - Large blocks, kept from use to use --------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include <cstdint>

namespace tenon::runtime {

/// Blocks start at a multiple of this, and their sizes are rounded up to it: the huge page of
/// x86-64 and of AArch64 with pages of 4 KiB.
inline constexpr uint64_t kBlockAlignment = uint64_t(2) << 20;

/// Unused blocks of so many bytes together, those that were given back last, are not marked
/// (below): marking 4 MiB and writing to them again takes longer than some contractions with such a
/// result. Larger blocks lie in no cache when they are taken again, and take longer to write by
/// far.
inline constexpr uint64_t kMostUnmarkedBytes = uint64_t(32) << 20;

/// The large blocks of a process that nobody uses at present. A fresh block costs a page fault and
/// the clearing of its pages on first touch, which takes about as long as writing it; a network
/// that runs again asks for a block of the same size. What is kept, but for the kMostUnmarkedBytes
/// that were used last, is marked MADV_FREE: the system takes the pages when it needs them, without
/// asking and without swap.
///
/// At most an eighth of the machine's memory is kept, and of the address space where that is
/// limited, or `TENON_KEPT_MEMORY` bytes (0: nothing); the blocks that were given back first go
/// first. Any thread may call, at any time; nothing waits: a call that meets another one, or a lock
/// that a fork left behind, maps and unmaps by itself.
class KeptMemory {
public:
  /// A block of at least `bytes` bytes of unspecified content, advised to have huge pages; nullptr
  /// when memory is out.
  static void *take(uint64_t bytes);
  /// Gives back what `take(bytes)` returned.
  static void give(void *block, uint64_t bytes);
  /// Returns all that is kept to the system; how many bytes that were.
  static uint64_t trim();
};

} // namespace tenon::runtime
