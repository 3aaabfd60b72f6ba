//===- Slicing.cpp - Slicing to a bound on memory -------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Planner/Slicing.h"

#include "Slicer.h"
#include "tenon/Planner/Reconfigure.h"

#include <algorithm>

using namespace tenon::planner;

namespace {

/// Keeps the sliced tree of fewest operations, and how far all attempts got.
class BestSlicing {
public:
  BestSlicing(const Network &network, const MemoryModel &memory, SliceReach &reach)
      : reach(reach), network(network), memory(memory) {}

  /// Takes what `slicer` chose for `tree`, which keeps the limits.
  void offer(const ContractionTree &tree, Slicer &slicer) {
    slicer.putBackUnneeded();
    if (best && slicer.log2Ops() >= fewestOps)
      return;
    best = SlicedTree{tree, slicer.slicedIndices()};
    fewestOps = slicer.log2Ops();
  }

  std::optional<SlicedTree> finish() {
    if (best) {
      std::sort(best->sliced.begin(), best->sliced.end());
      best->tree = orderForMemory(network, best->tree, best->sliced, memory);
    }
    return std::move(best);
  }

  SliceReach &reach;

private:
  const Network &network;
  const MemoryModel &memory;
  std::optional<SlicedTree> best;
  double fewestOps = 0;
};

/// All variations on one tree. False if the first needs no slice at all.
bool sliceFixedTree(const Network &network, const ContractionTree &tree, const MemoryModel &memory,
                    const SliceOptions &options, BestSlicing &best) {
  NodeIndices indices(network, tree);
  Slicer slicer(network, tree, indices, memory, options);
  for (unsigned variation = 0; variation < std::max(options.variations, 1u); ++variation) {
    Random random(deriveSeed(options.seed, variation));
    bool kept = slicer.keepsLimits(best.reach);
    bool needsSlices = !kept;
    while (!kept) {
      std::optional<IndexId> index = slicer.choose(variation ? &random : nullptr);
      if (!index)
        break;
      slicer.slice(*index);
      kept = slicer.keepsLimits(best.reach);
    }
    if (kept)
      best.offer(tree, slicer);
    if (!needsSlices)
      return false;
    slicer.clear();
  }
  return true;
}

/// One pass: a slice, then a reconfiguration of the tree for the extents that remain, until the
/// limits are kept.
void sliceReshaping(const Network &network, ContractionTree tree, const MemoryModel &memory,
                    const SliceOptions &options, const CostModel &model, const Budget &budget,
                    Random *random, BestSlicing &best) {
  std::vector<double> extents = network.log2Extents();
  std::vector<IndexId> sliced;
  Budget perSlice = budget;
  perSlice.progress = nullptr;
  // One slice changes little: most of the gain is in the first passes.
  perSlice.reconfigureRounds = std::min(budget.reconfigureRounds, 2u);
  while (!budget.expired()) {
    NodeIndices indices(network, tree);
    Slicer slicer(network, tree, indices, memory, options);
    for (IndexId index : sliced)
      slicer.slice(index);
    if (slicer.keepsLimits(best.reach)) {
      best.offer(tree, slicer);
      return;
    }
    std::optional<IndexId> index = slicer.choose(random);
    if (!index)
      return;
    sliced.push_back(*index);
    extents[*index] = 0;
    perSlice.seed = deriveSeed(perSlice.seed, sliced.size());
    tree = reconfigure(network, tree, model, extents, perSlice);
  }
}

} // namespace

Result<SlicedTree> tenon::planner::sliceTree(const Network &network, const ContractionTree &tree,
                                             const MemoryModel &memory,
                                             const SliceOptions &options) {
  SliceReach reach;
  BestSlicing best(network, memory, reach);
  sliceFixedTree(network, tree, memory, options, best);
  if (std::optional<SlicedTree> found = best.finish())
    return std::move(*found);
  return reach.explain(memory, options);
}

std::optional<SlicedTree> tenon::planner::sliceAndReconfigure(
    const Network &network, const ContractionTree &tree, const MemoryModel &memory,
    const SliceOptions &options, const CostModel &model, const Budget &budget, SliceReach &reach) {
  BestSlicing best(network, memory, reach);
  if (sliceFixedTree(network, tree, memory, options, best))
    for (unsigned round = 0; round < budget.sliceRounds; ++round) {
      Random random(deriveSeed(options.seed, 0x736c696365 + round));
      sliceReshaping(network, tree, memory, options, model, budget, round ? &random : nullptr,
                     best);
      budget.report({"slice", round + 1, budget.sliceRounds, {}});
    }
  return best.finish();
}
