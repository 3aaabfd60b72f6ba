//===- CoverageCounters.cpp - Where the compiler's counters are -------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "CoverageCounters.h"

using namespace tenon::fuzz;

namespace {
// Filled before main, perhaps before any constructor of this file would run: plain memory.
constexpr size_t kMaxRegions = 64;
constinit CounterRegion regions[kMaxRegions];
constinit size_t numRegions = 0;
} // namespace

std::span<const CounterRegion> tenon::fuzz::counterRegions() { return {regions, numRegions}; }

extern "C" {

__attribute__((visibility("default"))) void __sanitizer_cov_8bit_counters_init(uint8_t *begin,
                                                                               uint8_t *end) {
  // Each file of a module may call this, with the same counters.
  for (const CounterRegion &region : counterRegions())
    if (region.counters.data() == begin)
      return;
  if (begin != end && numRegions != kMaxRegions)
    regions[numRegions++].counters = {begin, end};
}

__attribute__((visibility("default"))) void __sanitizer_cov_pcs_init(const CounterPlace *begin,
                                                                     const CounterPlace *end) {
  if (numRegions == 0)
    return;
  CounterRegion &last = regions[numRegions - 1];
  if (static_cast<size_t>(end - begin) == last.counters.size())
    last.places = {begin, end};
}
}
