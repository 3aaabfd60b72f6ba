//===- Memory.cpp - Large blocks for callers ------------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "tenon-c/Tenon.h"
#include "tenon-runtime/KeptMemory.h"

using tenon::runtime::KeptMemory;

void *tenon_block_allocate(size_t bytes) { return KeptMemory::take(bytes); }

void tenon_block_free(void *block, size_t bytes) { KeptMemory::give(block, bytes); }

size_t tenon_memory_trim(void) { return KeptMemory::trim(); }
