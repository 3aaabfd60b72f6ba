//===- KernelCache.cpp - C API: kernels that networks share -----------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Execution/KernelCache.h"
#include "tenon-c/Tenon.h"

using namespace tenon;

void tenon_kernel_cache_set(const char *directory, int64_t max_bytes) {
  std::optional<std::string> chosen;
  if (directory)
    chosen = directory;
  KernelCache::get().setDisk(std::move(chosen),
                             max_bytes > 0 ? static_cast<uint64_t>(max_bytes) : 0);
}

void tenon_kernel_cache_get(tenon_kernel_cache_counts *counts) {
  if (!counts || counts->struct_size != sizeof(*counts))
    return;
  KernelCacheCounts found = KernelCache::get().counts();
  counts->memory = found.memory;
  counts->disk = found.disk;
  counts->compiled = found.compiled;
}
