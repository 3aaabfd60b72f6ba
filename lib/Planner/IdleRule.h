//===- IdleRule.h - When a timed search is over -----------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Private to lib/Planner.
//
//===----------------------------------------------------------------------===//
#pragma once

#include <algorithm>

namespace tenon::planner {

/// Ends a search that found its best early and nothing since, in a hundred times that. Counts
/// rotations, or work that takes as long.
class IdleRule {
public:
  /// Notes that `moves` more were made, and whether they made a better tree.
  void note(double moves, bool improved) {
    made += moves;
    if (improved)
      madeAtBest = made;
  }
  bool isOver() const { return made - madeAtBest >= std::max(fewest, factor * madeAtBest); }

private:
  static constexpr double fewest = 5e7, factor = 100;
  double made = 0, madeAtBest = 0;
};

} // namespace tenon::planner
