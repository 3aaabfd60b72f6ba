//===- BisectionTree.cpp - Contraction trees from bisections --------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "BisectionTree.h"

#include "tenon/Planner/Cost.h"

#include <algorithm>

using namespace tenon::planner;

namespace {

/// The first, rough search over intervals takes rows of so many leaves. What it costs caps the
/// thorough one, which is far quicker for it.
constexpr uint32_t roughRowLength = 40;

} // namespace

BisectionSearch::BisectionSearch(const Network &network, std::span<const double> log2Extents,
                                 const CostModel &model, double worstCost)
    : network(network), weights(log2Extents), model(model), tensors(network),
      rowMaker(tensors, log2Extents), worstCost(worstCost), localOf(network.numIndices(), 0),
      met(network.numIndices(), 0) {}

BisectionSearch::BisectionSearch(const Network &network, std::span<const double> log2Extents,
                                 const CostModel &model)
    : BisectionSearch(network, log2Extents, model,
                      worstCostFrom(GreedySearch(network, log2Extents).run(model, {}).score.cost)) {
}

/// Makes a row of leaves of what contracting each unit gives.
void BisectionSearch::fillLeaves(std::span<const uint32_t> units) {
  leaves.begin.assign(1, 0);
  leaves.indices.clear();
  leaves.weights.clear();
  leaves.open.clear();
  std::vector<IndexId> globalOf, own;
  /// By local index: tensors of the row that have it.
  std::vector<size_t> inRow;
  for (uint32_t unit : units) {
    const RowPart &part = row.parts[unit];
    own.clear();
    for (uint32_t place = part.begin; place < part.end; ++place)
      for (IndexId index : tensors[row.order[place]])
        if (met[index]++ == 0)
          own.push_back(index);
    for (IndexId index : own) {
      uint32_t here = met[index];
      met[index] = 0;
      if (here == tensors.incidence().holders(index).size() && !tensors.incidence().isOpen(index))
        continue;
      if (localOf[index] == 0) {
        globalOf.push_back(index);
        localOf[index] = static_cast<uint32_t>(globalOf.size());
        inRow.push_back(0);
        leaves.weights.push_back(weights[index]);
      }
      inRow[localOf[index] - 1] += here;
      leaves.indices.push_back(localOf[index] - 1);
    }
    leaves.begin.push_back(static_cast<uint32_t>(leaves.indices.size()));
  }
  for (size_t local = 0; local < globalOf.size(); ++local) {
    IndexId index = globalOf[local];
    leaves.open.push_back(tensors.incidence().isOpen(index) ||
                          inRow[local] < tensors.incidence().holders(index).size());
    localOf[index] = 0;
  }
}

/// Contracts each unit, then the results by `joins`; `node` is the last. False if a unit has no
/// tree within the cap.
bool BisectionSearch::joinUnits(std::span<const uint32_t> units, std::span<const Step> joins,
                                uint32_t rowLength, double cap, const Budget &budget,
                                NodeId &node) {
  std::vector<NodeId> nodes(units.size());
  for (size_t unit = 0; unit < units.size(); ++unit)
    if (!assemble(units[unit], rowLength, cap, budget, nodes[unit]))
      return false;
  for (const Step &join : joins) {
    steps.push_back({nodes[join.lhs], nodes[join.rhs]});
    nodes.push_back(tensors.size() + static_cast<NodeId>(steps.size()) - 1);
  }
  node = nodes.back();
  return true;
}

/// The best tree over the intervals of a part: of up to `rowLength` units, each made likewise.
bool BisectionSearch::assemble(uint32_t part, uint32_t rowLength, double cap, const Budget &budget,
                               NodeId &node) {
  if (row.parts[part].size() == 1) {
    node = row.order[row.parts[part].begin];
    return true;
  }
  std::vector<uint32_t> units = row.unitsOf(part, rowLength, 1);
  fillLeaves(units);
  std::vector<Step> joins = intervals.run(leaves, model, cap, budget);
  return !joins.empty() && joinUnits(units, joins, rowLength, cap, budget, node);
}

bool BisectionSearch::assembleClusters(const BisectionOptions &options, double cap,
                                       const Budget &budget) {
  std::vector<uint32_t> units = row.unitsOf(0, tensors.size(), options.clusterSize);
  fillLeaves(units);
  Network clusters;
  std::vector<IndexId> output;
  for (uint32_t index = 0; index < leaves.weights.size(); ++index) {
    // Extents are read from the weights.
    clusters.addIndex(1);
    if (leaves.open[index])
      output.push_back(index);
  }
  for (uint32_t leaf = 0; leaf < leaves.numLeaves(); ++leaf)
    clusters.addTensor(
        std::span(leaves.indices)
            .subspan(leaves.begin[leaf], leaves.begin[leaf + 1] - leaves.begin[leaf]));
  clusters.setOutput(std::move(output));
  ScoredTree joined = GreedySearch(clusters, leaves.weights).run(model, options.greedy);
  NodeId root;
  return joinUnits(units, joined.tree.steps(), roughRowLength, cap, budget, root);
}

std::optional<ScoredTree> BisectionSearch::run(const BisectionOptions &options,
                                               const Budget &budget) {
  Random random(options.seed);
  if (!rowMaker.make(options.row, random, budget, row))
    return std::nullopt;
  std::optional<ScoredTree> best;
  double cap = worstCost;
  auto offer = [&](bool made) {
    if (!made)
      return;
    ContractionTree tree(tensors.size(), steps);
    Score score = scoreTree(network, tree, model, weights);
    if (!best || score.betterThan(best->score))
      best = {std::move(tree), score};
    cap = std::min(cap, best->score.cost);
  };
  NodeId root;
  if (options.clusterSize > 0) {
    steps.clear();
    offer(assembleClusters(options, cap, budget));
    return best;
  }
  // Each search's cost caps the next, more thorough one.
  for (uint32_t length = roughRowLength;; length *= 3) {
    steps.clear();
    offer(assemble(0, std::min(length, options.rowLength), cap, budget, root));
    if (length >= std::min(options.rowLength, tensors.size()))
      break;
  }
  return best;
}

std::optional<ScoredTree> BisectionSearch::bestOf(uint64_t seed, uint64_t first, uint64_t count,
                                                  const Budget &budget) {
  std::optional<ScoredTree> best;
  double worstBefore = worstCost;
  for (uint64_t number = first; number < first + count && !budget.expired(); ++number) {
    std::optional<ScoredTree> found = run(bisectionOptions(seed, number), budget);
    if (!found || (best && !found->score.betterThan(best->score)))
      continue;
    best = std::move(found);
    worstCost = std::min(worstCost, best->score.cost);
  }
  worstCost = worstBefore;
  return best;
}

BisectionOptions tenon::planner::bisectionOptions(uint64_t seed, uint64_t number) {
  Random random(deriveSeed(seed, number));
  BisectionOptions options;
  BisectionLimits &limits = options.row.limits;
  limits.imbalance = random.logUniform(0.04, 0.8);
  limits.tries = 2 + random.below(6);
  limits.coarsest = static_cast<uint32_t>(random.logUniform(12, 70));
  limits.passes = 1 + random.below(4);
  options.row.outerShare = random.logUniform(0.65, 1.3);
  options.row.rankWeight = random.below(2) ? random.logUniform(0.1, 5) : 0;
  options.row.openAtEnd = random.below(3) != 0;
  options.rowLength = 150 + random.below(200);
  if (random.below(16) == 0)
    options.clusterSize = static_cast<uint32_t>(random.logUniform(5, 100));
  options.greedy = restartOptions(random.bits(), 1);
  options.seed = random.bits();
  return options;
}
