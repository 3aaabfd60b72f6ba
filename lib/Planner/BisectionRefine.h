//===- BisectionRefine.h - Moving vertices across a cut ---------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Private to the planner. Fiduccia and Mattheyses (DAC 1982) on a hypergraph: vertices move one
// by one, the one that shrinks the cut most first, each once in a pass; then the best moment of
// the pass is restored. Only vertices at the cut are looked at. A pass is near-linear in the
// pins: a net with many pins is walked only when its first pin crosses or its last one does,
// which happens a few times in a pass.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "BisectionGraph.h"

#include "tenon/Planner/Budget.h"
#include "tenon/Planner/Random.h"

#include <array>

namespace tenon::planner {

/// Vertices of one side by gain, of equal gains the latest first.
class GainHeap {
public:
  void reset(uint32_t numVertices);
  bool empty() const { return heap.empty(); }
  bool contains(uint32_t vertex) const { return place[vertex] != absent; }
  uint32_t top() const { return heap.front().vertex; }
  int64_t topGain() const { return heap.front().gain; }
  void push(uint32_t vertex, int64_t gain);
  void add(uint32_t vertex, int64_t difference);
  void remove(uint32_t vertex);

private:
  static constexpr uint32_t absent = ~uint32_t{0};
  struct Entry {
    int64_t gain;
    uint64_t time;
    uint32_t vertex;
    bool before(const Entry &other) const {
      return gain != other.gain ? gain > other.gain : time > other.time;
    }
  };
  void up(size_t at, Entry entry);
  void down(size_t at, Entry entry);
  void set(size_t at, const Entry &entry) {
    heap[at] = entry;
    place[entry.vertex] = static_cast<uint32_t>(at);
  }

  std::vector<Entry> heap;
  std::vector<uint32_t> place;
  uint64_t clock = 0;
};

class BisectionRefiner {
public:
  /// \pre `graph` and `sides` outlive the refiner's work on them.
  void start(const BisectionGraph &graph, std::vector<uint8_t> &sides, int64_t largestSide);

  /// Passes until one does not improve, at most `passes`.
  void refine(unsigned passes, const Budget &budget);

  /// Puts everything on side 0, then moves to side 1 what is closest to it, from a random vertex
  /// or the anchors of side 1, until it weighs `target`.
  void grow(int64_t target, Random &random);

  int64_t cut() const { return cutNow; }
  /// By how much a side is too heavy.
  int64_t excess() const {
    return std::max<int64_t>({weight[0] - largestSide, weight[1] - largestSide, 0});
  }

private:
  void reset();
  bool pass(const Budget &budget);
  int64_t gainOf(uint32_t vertex) const;
  void enter(uint32_t vertex);
  void move(uint32_t vertex);
  void moveBack(uint32_t vertex);
  bool mayMove(uint32_t vertex) const;

  const BisectionGraph *graph = nullptr;
  std::vector<uint8_t> *sidesOf = nullptr;
  int64_t largestSide = 0;
  /// Pins and anchors of each net on each side.
  std::vector<std::array<uint32_t, 2>> counts;
  std::array<int64_t, 2> weight = {0, 0};
  std::array<uint32_t, 2> members = {0, 0};
  int64_t cutNow = 0;
  std::array<GainHeap, 2> heaps;
  std::vector<bool> settled;
  std::vector<uint32_t> moves, blocked;
};

} // namespace tenon::planner
