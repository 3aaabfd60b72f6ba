//===- Slicing.cpp - Slicing to a bound on memory -------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Planner/Slicing.h"

#include "PricedModel.h"
#include "SliceAnneal.h"
#include "Slicer.h"
#include "TreeWindow.h"
#include "tenon/Planner/Reconfigure.h"

#include <algorithm>

using namespace tenon::planner;

namespace {

/// The search for slices of one network: what does not change, and the best so far.
/// Fits a tree to the extents that a slice has left.
class Reshaping {
public:
  Reshaping(const Network &network, const CostModel &model, const Budget &budget,
            const SliceOptions &options)
      : network(network), model(model), quiet(budget), limit(likelyLimit(network, options)) {
    quiet.progress = nullptr;
    // One slice changes little: most of the gain is in the first passes.
    quiet.reconfigureRounds = std::min(budget.reconfigureRounds, 2u);
  }

  ContractionTree operator()(const ContractionTree &tree, std::span<const double> extents,
                             SliceGoal goal, uint64_t seed) {
    quiet.seed = seed;
    // The way to the smallest peak must not depend on the bound.
    if (goal == SliceGoal::SmallestPeak || !limit)
      return reconfigure(network, tree, model, extents, quiet);
    return annealDearest(network, tree, PricedModel(model, *limit, 1), extents,
                         {.sweeps = 200, .hottest = 0.3, .coldest = 0.05, .seed = seed}, quiet);
  }

private:
  const Network &network;
  const CostModel &model;
  Budget quiet;
  std::optional<double> limit;
};

class SliceSearch {
public:
  SliceSearch(const Network &network, const MemoryModel &memory, const SliceOptions &options,
              const Budget &budget, SliceReach &reach)
      : network(network), memory(memory), options(options), budget(budget), reach(reach) {}

  /// The plain run on a tree as it is and, while there is a budget, the perturbed ones.
  void sliceFixed(const ContractionTree &tree);
  /// One run that reconfigures the tree, for the extents that remain, after every slice.
  void sliceReshaping(ContractionTree tree, const CostModel &model, SliceGoal goal, Random *random);

  bool found() const { return best.has_value(); }
  bool foundWithoutSlices() const { return best && best->sliced.empty(); }
  std::optional<SlicedTree> finish();

private:
  bool runFixed(Slicer &slicer, SliceGoal goal, Random *random);
  /// Takes what `slicer` chose for `tree`, which keeps the limits.
  void offer(const ContractionTree &tree, Slicer &slicer);

  const Network &network;
  const MemoryModel &memory;
  const SliceOptions &options;
  const Budget &budget;
  SliceReach &reach;
  std::optional<SlicedTree> best;
  double fewestOps = 0;
};

void SliceSearch::offer(const ContractionTree &tree, Slicer &slicer) {
  slicer.putBackUnneeded();
  if (best && slicer.log2Ops() >= fewestOps)
    return;
  best = SlicedTree{tree, slicer.slicedIndices()};
  fewestOps = slicer.log2Ops();
}

std::optional<SlicedTree> SliceSearch::finish() {
  if (best) {
    std::sort(best->sliced.begin(), best->sliced.end());
    best->tree = orderForMemory(network, best->tree, best->sliced, memory);
  }
  return std::move(best);
}

/// Slices until the limits are kept; false if they cannot be.
bool SliceSearch::runFixed(Slicer &slicer, SliceGoal goal, Random *random) {
  while (true) {
    // Only the runs that do not depend on the bound tell what another bound would reach.
    if (goal == SliceGoal::SmallestPeak || !options.peakBytes)
      slicer.note(reach);
    if (slicer.keepsLimits())
      return true;
    std::optional<IndexId> index = slicer.choose(random);
    if (!index)
      return false;
    slicer.slice(*index);
  }
}

void SliceSearch::sliceFixed(const ContractionTree &tree) {
  NodeIndices indices(network, tree);
  Slicer slicer(network, tree, indices, memory, options, budget, SliceGoal::Limits);
  for (unsigned variation = 0; variation < std::max(options.variations, 1u); ++variation) {
    Random random(deriveSeed(options.seed, variation));
    bool kept = runFixed(slicer, SliceGoal::Limits, variation ? &random : nullptr);
    if (kept)
      offer(tree, slicer);
    bool wasEasy = slicer.slicedIndices().empty();
    slicer.clear();
    // Without a slice there is nothing to vary. A bound that the plain run cannot keep is left
    // to the runs that go for the smallest peak.
    if (wasEasy || !kept || budget.expired())
      break;
  }
  if (found())
    return;
  Slicer descent(network, tree, indices, memory, options, budget, SliceGoal::SmallestPeak);
  if (runFixed(descent, SliceGoal::SmallestPeak, nullptr))
    offer(tree, descent);
}

void SliceSearch::sliceReshaping(ContractionTree tree, const CostModel &model, SliceGoal goal,
                                 Random *random) {
  std::vector<double> extents = network.log2Extents();
  std::vector<IndexId> sliced;
  Reshaping reshape(network, model, budget, options);
  while (!budget.expired()) {
    NodeIndices indices(network, tree);
    Slicer slicer(network, tree, indices, memory, options, budget, goal);
    for (IndexId index : sliced)
      slicer.slice(index);
    if (goal == SliceGoal::SmallestPeak)
      slicer.note(reach);
    if (slicer.keepsLimits()) {
      offer(tree, slicer);
      return;
    }
    std::optional<IndexId> index = slicer.choose(random);
    if (!index)
      return;
    sliced.push_back(*index);
    extents[*index] = 0;
    tree = reshape(tree, extents, goal, deriveSeed(budget.seed, sliced.size()));
  }
}

} // namespace

std::optional<SlicedTree> tenon::planner::sliceFixedTree(const Network &network,
                                                         const ContractionTree &tree,
                                                         const MemoryModel &memory,
                                                         const SliceOptions &options,
                                                         const Budget &budget, SliceReach &reach) {
  SliceSearch search(network, memory, options, budget, reach);
  search.sliceFixed(tree);
  return search.finish();
}

Result<SlicedTree> tenon::planner::sliceTree(const Network &network, const ContractionTree &tree,
                                             const MemoryModel &memory,
                                             const SliceOptions &options) {
  SliceReach reach;
  if (std::optional<SlicedTree> found =
          sliceFixedTree(network, tree, memory, options, Budget(), reach))
    return std::move(*found);
  return reach.explain(memory, options);
}

std::optional<SlicedTree>
tenon::planner::sliceAndReshape(const Network &network, const ContractionTree &tree,
                                const MemoryModel &memory, const SliceOptions &options,
                                const CostModel &model, const Budget &budget, SliceReach &reach) {
  SliceSearch search(network, memory, options, budget, reach);
  search.sliceFixed(tree);
  if (!search.foundWithoutSlices())
    for (unsigned round = 0; round < budget.sliceRounds; ++round) {
      Random random(deriveSeed(options.seed, 0x736c696365 + round));
      search.sliceReshaping(tree, model, SliceGoal::Limits, round ? &random : nullptr);
      budget.report({"slice", round + 1, budget.sliceRounds, {}});
    }
  return search.finish();
}

std::optional<SlicedTree> tenon::planner::sliceToSmallestPeak(
    const Network &network, const ContractionTree &tree, const MemoryModel &memory,
    const SliceOptions &options, const CostModel &model, const Budget &budget, SliceReach &reach) {
  SliceSearch search(network, memory, options, budget, reach);
  if (budget.sliceRounds > 0)
    search.sliceReshaping(tree, model, SliceGoal::SmallestPeak, nullptr);
  return search.finish();
}

std::optional<SlicedTree> tenon::planner::sliceAndReconfigure(
    const Network &network, const ContractionTree &tree, const MemoryModel &memory,
    const SliceOptions &options, const CostModel &model, const Budget &budget, SliceReach &reach) {
  if (std::optional<SlicedTree> found =
          sliceAndReshape(network, tree, memory, options, model, budget, reach))
    return found;
  return sliceToSmallestPeak(network, tree, memory, options, model, budget, reach);
}
