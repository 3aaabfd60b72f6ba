//===- Split.cpp - How threads share one contraction ----------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/KernelModel/Split.h"

#include <algorithm>

namespace tenon::cpu {

CallSplit chooseSplit(const KernelTiling &tiling, const ContractionSizes &sizes, int64_t threads) {
  const int64_t m = sizes.m, n = sizes.n, batch = sizes.batch;
  double operations = double(m) * double(n) * double(batch) * double(sizes.k);
  if (threads <= 1 || operations < double(kSharedFromOperations))
    return {};
  auto tiles = [](int64_t size, int64_t tile) { return (size + tile - 1) / tile; };
  int64_t tilesM = tiles(m, tiling.mr), tilesN = tiles(n, tiling.nr);
  CallSplit split{CallSplit::Batch, batch, 1};
  // Points of a stream's batch may share lines of C, and what is left of n is large. Of a gathered
  // contraction any group may have most of what there is to share.
  if (tiling.strategy == KernelStrategy::Streamed)
    split = {CallSplit::N, tilesN, tiling.nr};
  else if (tiling.strategy == KernelStrategy::Gathered)
    split = batch >= std::max(m, n) ? split
            : m > n                 ? CallSplit{CallSplit::M, tilesM, tiling.mr}
                                    : CallSplit{CallSplit::N, tilesN, tiling.nr};
  else if (batch < 2 * threads && std::max(tilesM, tilesN) > 1)
    split = tilesM >= tilesN ? CallSplit{CallSplit::M, tilesM, tiling.mr}
                             : CallSplit{CallSplit::N, tilesN, tiling.nr};
  split.ways = std::min(threads, split.ways);
  return split.ways > 1 ? split : CallSplit();
}

} // namespace tenon::cpu
