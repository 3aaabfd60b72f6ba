//===- Effort.h - How much search a tree is worth ---------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Private to lib/Planner.
//
//===----------------------------------------------------------------------===//
#pragma once

#include <algorithm>
#include <cmath>

namespace tenon::planner {

/// The rotations that annealing may try where no deadline says it, from log2 of the multiply-adds
/// of the best tree: about half of what its execution takes, and a second or two at most. A
/// rotation takes as long as some thousand multiply-adds.
inline double rotationsWorth(double log2Ops) {
  constexpr double opsPerRotation = 1000, most = 2e7;
  return std::min(std::exp2(std::min(log2Ops, 60.0)) / opsPerRotation, most);
}

/// The same where trees are annealed together with their slices. What that finds depends on which
/// slices come first: where all slices together take hours, some seconds more are worth it.
inline double slicingRotationsWorth(double log2Ops) {
  constexpr double opsPerRotation = 1e6, most = 8e7;
  return std::max(rotationsWorth(log2Ops),
                  std::min(std::exp2(std::min(log2Ops, 60.0)) / opsPerRotation, most));
}

} // namespace tenon::planner
