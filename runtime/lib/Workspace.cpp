//===- Workspace.cpp - Memory of a call that brings none ------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "Workspace.h"

#include "tenon-runtime/KeptMemory.h"

#include <cstdlib>

using namespace tenon::runtime;

static constexpr uint64_t kLargeFrom = uint64_t(4) << 20;

void *Workspace::reserve(uint64_t bytes) {
  if (block && bytes <= blockBytes)
    return block;
  release();
  isLarge = bytes > kLargeFrom;
  uint64_t alignment = isLarge ? kBlockAlignment : kWorkspaceAlignment;
  if (bytes > UINT64_MAX - alignment)
    return nullptr;
  blockBytes = ((bytes ? bytes : 1) + alignment - 1) / alignment * alignment;
  block = isLarge ? KeptMemory::take(blockBytes) : std::aligned_alloc(alignment, blockBytes);
  if (!block)
    blockBytes = 0;
  return block;
}

void Workspace::release() {
  if (isLarge)
    KeptMemory::give(block, blockBytes);
  else
    std::free(block);
  block = nullptr;
  blockBytes = 0;
}
