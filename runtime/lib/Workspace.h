//===- Workspace.h - Memory of a call that brings none ------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include <cstdint>

namespace tenon::runtime {

/// Every workspace starts at a multiple of this.
inline constexpr uint64_t kWorkspaceAlignment = 64;
/// A context keeps blocks up to this size from call to call; a larger one is for all contexts
/// (KeptMemory) when its call ends.
inline constexpr uint64_t kKeptWorkspaceBytes = uint64_t(32) << 20;

/// A block of memory, kept while it is large enough. Blocks above 4 MiB come from KeptMemory: they
/// start at a multiple of 2 MiB and ask the system for huge pages.
class Workspace {
public:
  Workspace() = default;
  Workspace(const Workspace &) = delete;
  Workspace &operator=(const Workspace &) = delete;
  ~Workspace() { release(); }

  /// At least `bytes` bytes of unspecified content; nullptr when memory is out.
  void *reserve(uint64_t bytes);
  void release();
  uint64_t size() const { return blockBytes; }

private:
  void *block = nullptr;
  uint64_t blockBytes = 0;
  bool isLarge = false;
};

} // namespace tenon::runtime
