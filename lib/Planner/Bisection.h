//===- Bisection.h - Cutting a hypergraph in two -----------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Private to the planner. Multilevel: vertices that share much are merged again and again, the
// smallest graph is cut several times by growing one side, and the best cut is carried back and
// refined at every level (Karypis, Aggarwal, Kumar, Shekhar: multilevel hypergraph partitioning,
// IEEE TVLSI 7(1), 1999).
//
//===----------------------------------------------------------------------===//
#pragma once

#include "BisectionGraph.h"
#include "BisectionRefine.h"

#include <deque>

namespace tenon::planner {

struct BisectionLimits {
  /// The heavier side weighs at most (1 + imbalance) / 2 of all, or what one vertex more than half
  /// of all forces. 0 to 1.
  double imbalance = 0.1;
  /// Cuts grown in the coarsest graph.
  unsigned tries = 4;
  /// Vertices at which coarsening stops.
  uint32_t coarsest = 40;
  /// Passes of refinement at each level.
  unsigned passes = 3;
};

/// Bisects one graph after the other, reusing its memory.
class Bisector {
public:
  /// Puts the vertices, two at least, on two sides, none of which is empty; returns the cut's
  /// weight. If the budget expires, the sides are whatever is there by then, but valid.
  int64_t bisect(const BisectionGraph &graph, const BisectionLimits &limits, Random &random,
                 const Budget &budget, std::vector<uint8_t> &sides);

private:
  struct Level {
    BisectionGraph graph;
    /// The coarse vertex of each vertex of the level before.
    std::vector<uint32_t> clusterOf;
  };
  bool coarsen(const BisectionGraph &fine, Level &level, int64_t heaviest, Random &random);
  uint32_t cluster(const BisectionGraph &graph, int64_t heaviest, Random &random,
                   std::vector<uint32_t> &clusterOf);
  void contract(const BisectionGraph &fine, uint32_t numClusters, Level &level);

  /// Kept from call to call; references to levels stay valid while it grows.
  std::deque<Level> levels;
  BisectionRefiner refiner;
  std::vector<uint8_t> candidate, finer;
  // Of coarsening.
  std::vector<uint32_t> order, touched, stampOf, table, singles;
  std::vector<int64_t> rating, clusterWeight;
  uint32_t stamp = 0;
};

} // namespace tenon::planner
