//===- GreedySampler.h - Options of greedy runs that learn ------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Private to lib/Planner. Which alpha and temperature are good depends on the network. They are
// sampled widely first, then near those of the best runs so far, as the cross-entropy method does
// (Rubinstein, Methodol. Comput. Appl. Probab. 1, 1999) with samples in the place of a density.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Planner/Greedy.h"

#include <vector>

namespace tenon::planner {

class GreedySampler {
public:
  explicit GreedySampler(uint64_t seed) : seed(seed) {}

  /// The options of run `number`. Run 0 is plain greedy; while nothing is learned, and for one run
  /// in four afterwards, those of `restartOptions`.
  GreedyOptions sample(uint64_t number) const;
  /// What runs have led to. The order of calls must not depend on threads.
  void learn(const GreedyOptions &options, const Score &score);

private:
  struct Outcome {
    GreedyOptions options;
    Score score;
  };
  /// The best so far, best first.
  std::vector<Outcome> elite;
  uint64_t seed;
};

} // namespace tenon::planner
