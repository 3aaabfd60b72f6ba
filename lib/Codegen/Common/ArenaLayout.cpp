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

namespace {
/// Sorting a buffer among its neighbours takes as long as passing by this many in order.
constexpr size_t kSortingPerScan = 16;

/// The lives of placed buffers, to find those that overlap another one in time proportional to their number (and a logarithm).
/// Two lives overlap where one begins within the other: those that begin within the given life are found by their first time,
/// those within which it begins by a segment tree over all first times.
class PlacedLives {
public:
  explicit PlacedLives(const std::vector<BufferLife> &buffers) : buffers(buffers) {
    for (const BufferLife &buffer : buffers)
      starts.push_back(buffer.first);
    std::sort(starts.begin(), starts.end());
    starts.erase(std::unique(starts.begin(), starts.end()), starts.end());
    covering.resize(2 * starts.size());
  }

  void insert(size_t buffer) {
    byFirst.emplace(buffers[buffer].first, buffer);
    // Its own beginning is found through `byFirst`.
    size_t low = rank(buffers[buffer].first) + 1, high = rank(buffers[buffer].last + 1);
    for (low += starts.size(), high += starts.size(); low < high; low /= 2, high /= 2) {
      if (low & 1)
        covering[low++].push_back(buffer);
      if (high & 1)
        covering[--high].push_back(buffer);
    }
  }

  void appendOverlapping(size_t buffer, std::vector<size_t> &found) const {
    auto end = byFirst.upper_bound(buffers[buffer].last);
    for (auto it = byFirst.lower_bound(buffers[buffer].first); it != end; ++it)
      found.push_back(it->second);
    for (size_t node = rank(buffers[buffer].first) + starts.size(); node > 0; node /= 2)
      found.insert(found.end(), covering[node].begin(), covering[node].end());
  }

private:
  /// Number of distinct first times before `time`.
  size_t rank(int64_t time) const {
    return static_cast<size_t>(std::lower_bound(starts.begin(), starts.end(), time) - starts.begin());
  }

  const std::vector<BufferLife> &buffers;
  std::vector<int64_t> starts;
  std::multimap<int64_t, size_t> byFirst;
  /// For each node of the tree (leaves at starts.size() + rank) the lives that cover it and not its parent.
  std::vector<std::vector<size_t>> covering;
};
} // namespace

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

  PlacedLives placed(buffers);
  auto isBelow = [&](size_t a, size_t b) { return layout.offsets[a] < layout.offsets[b]; };
  std::vector<size_t> byOffset; // placed buffers, by rising offset
  std::vector<size_t> neighbours;
  for (size_t i : order) {
    if (sizes[i] == 0)
      continue;
    neighbours.clear();
    placed.appendOverlapping(i, neighbours);
    if (neighbours.size() < byOffset.size() / kSortingPerScan) {
      std::sort(neighbours.begin(), neighbours.end(), isBelow);
    } else {
      neighbours.clear();
      std::copy_if(byOffset.begin(), byOffset.end(), std::back_inserter(neighbours), [&](size_t other) {
        return buffers[other].first <= buffers[i].last && buffers[i].first <= buffers[other].last;
      });
    }
    int64_t best = -1, bestGap = std::numeric_limits<int64_t>::max(), end = 0;
    for (size_t other : neighbours) {
      int64_t gap = layout.offsets[other] - end;
      if (gap >= sizes[i] && gap < bestGap) {
        best = end;
        bestGap = gap;
      }
      end = std::max(end, layout.offsets[other] + sizes[other]);
    }
    layout.offsets[i] = best >= 0 ? best : end;
    layout.bytes = std::max(layout.bytes, layout.offsets[i] + sizes[i]);
    placed.insert(i);
    byOffset.insert(std::upper_bound(byOffset.begin(), byOffset.end(), i, isBelow), i);
  }
  return layout;
}
