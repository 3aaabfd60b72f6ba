//===- PrebuiltKernels.cpp - Kernels that are part of Tenon ---------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/QuickStart/PrebuiltKernels.h"

#include "tenon/KernelModel/HostCaches.h"
#include "tenon/Support/MadeOnce.h"

#include <algorithm>
#include <cstdlib>
#include <string_view>

using namespace tenon;
using namespace tenon::quick;

KernelFunction KernelSet::find(const KernelKey &key) const {
  auto it = std::find_if(kernels.begin(), kernels.end(),
                         [&](const PrebuiltKernel &kernel) { return kernel.key == key; });
  return it == kernels.end() ? nullptr : it->function;
}

std::optional<cpu::SumFormat> quick::prebuiltSumFormat(tenon_dtype dtype) {
  switch (dtype) {
  case TENON_F32:
    return cpu::SumFormat{1, 4};
  case TENON_F64:
    return cpu::SumFormat{1, 8};
  case TENON_C64:
    return cpu::SumFormat{2, 4};
  case TENON_C128:
    return cpu::SumFormat{2, 8};
  default:
    return std::nullopt;
  }
}

/// Whether this processor has what the kernels of a set were compiled for (CMakeLists.txt).
static bool runsHere(const KernelSet &set) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (set.name == "avx512")
    return __builtin_cpu_supports("x86-64-v4");
  if (set.name == "avx2")
    return __builtin_cpu_supports("x86-64-v3");
#endif
  return false;
}

/// Users, and measurements of compile times, can leave them out.
static bool isSwitchedOff() {
  const char *value = std::getenv("TENON_PREBUILT");
  return value && std::string_view(value) == "0";
}

const KernelSet *quick::hostKernelSet() {
  static constinit MadeOnce<std::optional<KernelSet>> best;
  const std::optional<KernelSet> &set = best.get([] {
    std::optional<KernelSet> found;
    if (isSwitchedOff())
      return found;
    for (const KernelSet *each : allKernelSets())
      if (!found && runsHere(*each))
        found = *each;
    if (found)
      cpu::readCacheSizes(found->processor);
    return found;
  });
  return set ? &*set : nullptr;
}
