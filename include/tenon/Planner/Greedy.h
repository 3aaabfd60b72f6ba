//===- Greedy.h - Greedy contraction trees in near-linear time --*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Contracts again and again the pair with the least
//
//   score(a, b) = size(ab) - alpha (size(a) + size(b)),
//
// among pairs that share an index (Smith and Gray, JOSS 3(26), 753, 2018; noise and exponents
// after Gray and Kourtis, Quantum 5, 410, 2021). Parts that share nothing are joined last,
// smallest first. docs/planner.md tells how the search stays near-linear.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Planner/Budget.h"
#include "tenon/Planner/CostModel.h"
#include "tenon/Planner/Tree.h"

#include <memory>
#include <optional>
#include <span>

namespace tenon::planner {

struct GreedyOptions {
  /// Weight of the operands' sizes, >= 0: large prefers to get rid of large tensors.
  double alpha = 1;
  /// Boltzmann noise on log2 of the score; 0 takes the best pair always.
  double temperature = 0;
  uint64_t seed = 0;
};

struct ScoredTree {
  ContractionTree tree;
  Score score;
};

/// Greedy runs over one network, sharing what does not change between them.
class GreedySearch {
public:
  GreedySearch(const Network &network, std::span<const double> log2Extents);
  ~GreedySearch();

  /// One run. Equal options give equal trees. Not to be called by two threads at once.
  ScoredTree run(const CostModel &model, const GreedyOptions &options);
  /// A run that has to give a tree: it takes no notice of the deadline, but ends soon when the
  /// budget is cancelled. What is left then is joined along shared indices as they come.
  ScoredTree runFirst(const CostModel &model, const GreedyOptions &options, const Budget &budget);
  /// Nothing if the budget expires before the end.
  std::optional<ScoredTree> runWithin(const CostModel &model, const GreedyOptions &options,
                                      const Budget &budget);

private:
  class Engine;
  std::unique_ptr<Engine> engine;
};

/// The options of restart `number` of a random-greedy search with `seed`; restart 0 is plain
/// greedy.
GreedyOptions restartOptions(uint64_t seed, uint64_t number);

} // namespace tenon::planner
