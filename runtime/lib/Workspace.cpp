//===- Workspace.cpp - Memory of a call that brings none ------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "Workspace.h"

#include <cstdlib>
#include <sys/mman.h>

using namespace tenon::runtime;

static constexpr uint64_t kHugePage = uint64_t(2) << 20;
static constexpr uint64_t kMapFrom = uint64_t(4) << 20;

static uint64_t roundUp(uint64_t value, uint64_t multiple) {
  return (value + multiple - 1) / multiple * multiple;
}

/// Maps `bytes` (a multiple of the huge page) at a multiple of the huge page.
static void *mapAligned(uint64_t bytes) {
  uint64_t mappedBytes = bytes + kHugePage;
  void *start =
      mmap(nullptr, mappedBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (start == MAP_FAILED)
    return nullptr;
  auto first = reinterpret_cast<uintptr_t>(start);
  uintptr_t aligned = roundUp(first, kHugePage);
  uintptr_t end = first + mappedBytes;
  if (aligned > first)
    munmap(start, aligned - first);
  if (end > aligned + bytes)
    munmap(reinterpret_cast<void *>(aligned + bytes), end - aligned - bytes);
  auto *block = reinterpret_cast<void *>(aligned);
  // Advice only: a kernel without huge pages is as good.
  madvise(block, bytes, MADV_HUGEPAGE);
  return block;
}

void *Workspace::reserve(uint64_t bytes) {
  if (block && bytes <= blockBytes)
    return block;
  release();
  if (bytes > UINT64_MAX / 4)
    return nullptr;
  mapped = bytes > kMapFrom;
  blockBytes = roundUp(bytes ? bytes : 1, mapped ? kHugePage : kWorkspaceAlignment);
  block = mapped ? mapAligned(blockBytes) : std::aligned_alloc(kWorkspaceAlignment, blockBytes);
  if (!block)
    blockBytes = 0;
  return block;
}

void Workspace::release() {
  if (mapped && block)
    munmap(block, blockBytes);
  else
    std::free(block);
  block = nullptr;
  blockBytes = 0;
}
