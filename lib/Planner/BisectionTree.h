//===- BisectionTree.h - Contraction trees from bisections ------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Private to the planner. Recursive bisection puts the tensors into a row; then the best tree over
// the intervals of the row is found, or clusters of the row are joined greedily. docs/planner.md
// tells why.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "BisectionRow.h"
#include "IntervalTree.h"

#include "tenon/Planner/Greedy.h"

#include <optional>

namespace tenon::planner {

struct BisectionOptions {
  RowOptions row;
  /// Leaves that one search over intervals takes, 2 at least. Longer rows are nested.
  uint32_t rowLength = 300;
  /// If not 0: only parts of up to this many tensors are contracted as the row has it, and the
  /// results greedily, with `greedy`.
  uint32_t clusterSize = 0;
  GreedyOptions greedy;
  uint64_t seed = 0;
};

/// The options of run `number` of a search with `seed`.
BisectionOptions bisectionOptions(uint64_t seed, uint64_t number);

/// The worst cost to look for where the plain greedy tree's cost is all that is known. Costs are
/// doubles relative to the worst one, which reach 2^1022 down: steps far below greedy's cost still
/// count.
inline double worstCostFrom(double greedyCost) { return greedyCost + 800; }

/// Trees of one network under one model, sharing what does not change between runs.
class BisectionSearch {
public:
  /// No tree that costs more than 2^worstCost is looked for: the lower, the less time a run takes.
  /// The network and the model must outlive the search; so must the extents.
  BisectionSearch(const Network &network, std::span<const double> log2Extents,
                  const CostModel &model, double worstCost);
  /// With a worst cost far above the plain greedy tree's, which is made for it.
  BisectionSearch(const Network &network, std::span<const double> log2Extents,
                  const CostModel &model);

  /// One run. Nothing if the budget expired meanwhile, or every tree of the row is too dear. Equal
  /// options give equal trees. Not to be called by two threads at once.
  std::optional<ScoredTree> run(const BisectionOptions &options, const Budget &budget);

  /// The best of runs `first` to `first + count - 1` with `seed`. Quicker than one by one: each
  /// looks only for what is no worse than the best before.
  std::optional<ScoredTree> bestOf(uint64_t seed, uint64_t first, uint64_t count,
                                   const Budget &budget);

private:
  bool assemble(uint32_t part, uint32_t rowLength, double cap, const Budget &budget, NodeId &node);
  bool assembleClusters(const BisectionOptions &options, double cap, const Budget &budget);
  void fillLeaves(std::span<const uint32_t> units);
  bool joinUnits(std::span<const uint32_t> units, std::span<const Step> joins, uint32_t rowLength,
                 double cap, const Budget &budget, NodeId &node);

  const Network &network;
  std::span<const double> weights;
  const CostModel &model;
  ReducedTensors tensors;
  RowMaker rowMaker;
  IntervalSearch intervals;
  double worstCost;

  // One run.
  TensorRow row;
  std::vector<Step> steps;

  // Scratch of `fillLeaves`.
  LeafRow leaves;
  /// By index: 1 + its number among the leaves, or 0; and the tensors met that have it.
  std::vector<uint32_t> localOf, met;
};

} // namespace tenon::planner
