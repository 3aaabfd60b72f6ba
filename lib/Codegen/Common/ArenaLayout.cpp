//===- ArenaLayout.cpp - Offsets for buffers with known lives ---------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Codegen/Common/ArenaLayout.h"

#include <algorithm>
#include <limits>
#include <map>
#include <numeric>

using namespace tenon;

std::optional<ArenaLayout> tenon::layOutArena(const std::vector<BufferLife> &buffers, int64_t alignment) {
  size_t count = buffers.size();
  ArenaLayout layout;
  layout.offsets.assign(count, 0);
  // Sizes are rounded up once, so that every offset is aligned by itself.
  std::vector<int64_t> sizes(count);
  int64_t total = 0;
  for (size_t i = 0; i < count; ++i) {
    if (buffers[i].bytes > std::numeric_limits<int64_t>::max() - alignment - total)
      return std::nullopt;
    sizes[i] = (buffers[i].bytes + alignment - 1) / alignment * alignment;
    total += sizes[i];
  }

  std::map<int64_t, int64_t> change;
  for (size_t i = 0; i < count; ++i) {
    change[buffers[i].first] += sizes[i];
    change[buffers[i].last + 1] -= sizes[i];
  }
  int64_t inUse = 0;
  for (auto [time, bytes] : change) {
    inUse += bytes;
    layout.bound = std::max(layout.bound, inUse);
  }

  std::vector<size_t> order(count);
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    if (sizes[a] != sizes[b])
      return sizes[a] > sizes[b];
    return buffers[a].first != buffers[b].first ? buffers[a].first < buffers[b].first : a < b;
  });

  std::vector<size_t> byOffset; // placed buffers, by rising offset
  for (size_t i : order) {
    if (sizes[i] == 0)
      continue;
    int64_t best = -1, bestGap = std::numeric_limits<int64_t>::max(), end = 0;
    for (size_t other : byOffset) {
      if (buffers[other].last < buffers[i].first || buffers[i].last < buffers[other].first)
        continue;
      int64_t gap = layout.offsets[other] - end;
      if (gap >= sizes[i] && gap < bestGap) {
        best = end;
        bestGap = gap;
      }
      end = std::max(end, layout.offsets[other] + sizes[other]);
    }
    layout.offsets[i] = best >= 0 ? best : end;
    layout.bytes = std::max(layout.bytes, layout.offsets[i] + sizes[i]);
    auto place = std::upper_bound(byOffset.begin(), byOffset.end(), i,
                                  [&](size_t a, size_t b) { return layout.offsets[a] < layout.offsets[b]; });
    byOffset.insert(place, i);
  }
  return layout;
}
