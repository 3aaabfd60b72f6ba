//===- Slicing.cpp - Slicing to a bound on memory -------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Planner/Slicing.h"

#include "SliceState.h"
#include "tenon/Planner/Random.h"

#include <algorithm>
#include <cstdio>
#include <string>

using namespace tenon::planner;

namespace {

std::string countText(double value) {
  char text[64];
  std::snprintf(text, sizeof(text), value < 0x1p63 ? "%.0f" : "%.4g", value);
  return text;
}

/// One greedy choice of slices after the other, over one tree.
class Slicer {
public:
  Slicer(const Network &network, const ContractionTree &tree, const NodeIndices &indices,
         const MemoryModel &memory, const SliceOptions &options)
      : network(network), tree(tree), indices(indices), options(options),
        state(network, tree, indices, memory), smallestPeak(state.leastPeak()) {}

  /// Slices until the bound and the number of slices are kept. False if they cannot be; then
  /// `smallestPeak` and `mostSlices` say how far it got.
  bool run(Random *random) {
    chosen.clear();
    while (true) {
      double peak = state.leastPeak();
      smallestPeak = std::min(smallestPeak, peak);
      mostSlices = std::max(mostSlices, state.slices());
      bool tooLarge = options.peakBytes && peak > *options.peakBytes;
      if (!tooLarge && state.slices() >= options.minSlices)
        return true;
      std::optional<IndexId> best = tooLarge ? chooseForPeak(peak, random) : chooseForCount(random);
      if (!best)
        return false;
      state.slice(*best);
      chosen.push_back(*best);
    }
  }

  /// Puts back indices, the one that saves most first, as long as everything is still kept.
  void putBackUnneeded() {
    while (true) {
      double before = state.log2Ops(), lowest = before;
      size_t best = chosen.size();
      for (size_t i = 0; i < chosen.size(); ++i) {
        state.unslice(chosen[i]);
        double ops = state.log2Ops();
        if (ops <= lowest && state.slices() >= options.minSlices &&
            (!options.peakBytes || state.leastPeak() <= *options.peakBytes)) {
          lowest = ops;
          best = i;
        }
        state.slice(chosen[i]);
      }
      if (best == chosen.size())
        return;
      state.unslice(chosen[best]);
      chosen.erase(chosen.begin() + static_cast<ptrdiff_t>(best));
    }
  }

  void clear() {
    for (IndexId index : chosen)
      state.unslice(index);
    chosen.clear();
  }

  double log2Ops() const { return state.log2Ops(); }
  const std::vector<IndexId> &slicedIndices() const { return chosen; }
  double smallestReached() const { return smallestPeak; }
  double mostReached() const { return mostSlices; }

private:
  /// Random factor of a score: none in the first, plain run.
  static double perturb(Random *random) {
    constexpr double strength = 0.3;
    return random ? std::exp(strength * random->gumbel()) : 1.0;
  }

  bool canSlice(IndexId index) const {
    return !state.isSliced(index) && network.extent(index) > 1 &&
           state.slices() * static_cast<double>(network.extent(index)) <= options.maxSlices;
  }

  void addCandidates(NodeId node, std::vector<IndexId> &candidates) const {
    for (IndexId index : indices[node])
      if (canSlice(index))
        candidates.push_back(index);
  }

  static void sortUnique(std::vector<IndexId> &list) {
    std::sort(list.begin(), list.end());
    list.erase(std::unique(list.begin(), list.end()), list.end());
  }

  double bytesOf(const std::vector<NodeId> &nodes) const {
    double sum = 0;
    for (NodeId node : nodes)
      sum += state.bytes(node);
    return sum;
  }

  /// The index that adds least to the operations per bit by which the peak falls.
  std::optional<IndexId> chooseForPeak(double peak, Random *random) {
    std::vector<NodeId> live = state.liveAtLeastPeak();
    std::vector<IndexId> candidates;
    for (NodeId node : live)
      addCandidates(node, candidates);
    sortUnique(candidates);
    double opsBefore = state.log2Ops(), liveBefore = bytesOf(live);
    std::optional<IndexId> best;
    double lowest = 0;
    for (IndexId index : candidates) {
      state.slice(index);
      double lowered = std::log2(peak) - std::log2(std::max(state.leastPeak(), 1.0));
      // Where several moments share the peak, one index may not lower all of them at once:
      // then what is live at this one counts, with little weight.
      constexpr double partialWeight = 0.01;
      double reduction =
          lowered > 1e-9
              ? lowered
              : partialWeight * (std::log2(liveBefore) - std::log2(std::max(bytesOf(live), 1.0)));
      double added = std::max(state.log2Ops() - opsBefore, 0.0);
      state.unslice(index);
      if (reduction <= 1e-12)
        continue;
      // The constant lets the reduction decide between indices that cost nothing.
      double value = (added + 1e-3) / reduction * perturb(random);
      if (!best || value < lowest) {
        best = index;
        lowest = value;
      }
    }
    return best;
  }

  /// The index that adds least to the operations per bit of further slices.
  std::optional<IndexId> chooseForCount(Random *random) {
    constexpr size_t dearestSteps = 32;
    std::vector<size_t> steps(tree.numSteps());
    for (size_t step = 0; step < steps.size(); ++step)
      steps[step] = step;
    size_t count = std::min(dearestSteps, steps.size());
    std::partial_sort(steps.begin(), steps.begin() + static_cast<ptrdiff_t>(count), steps.end(),
                      [&](size_t a, size_t b) {
                        if (state.sizes(a).ops != state.sizes(b).ops)
                          return state.sizes(a).ops > state.sizes(b).ops;
                        return a < b;
                      });
    steps.resize(count);
    std::vector<IndexId> candidates;
    for (size_t step : steps) {
      addCandidates(tree.step(step).lhs, candidates);
      addCandidates(tree.step(step).rhs, candidates);
    }
    sortUnique(candidates);
    if (candidates.empty())
      for (NodeId leaf = 0; leaf < tree.numLeaves(); ++leaf)
        addCandidates(leaf, candidates);
    sortUnique(candidates);
    double before = state.log2Ops();
    std::optional<IndexId> best;
    double lowest = 0;
    for (IndexId index : candidates) {
      state.slice(index);
      double added = std::max(state.log2Ops() - before, 0.0);
      state.unslice(index);
      double value =
          (added + 1e-3) / std::log2(static_cast<double>(network.extent(index))) * perturb(random);
      if (!best || value < lowest) {
        best = index;
        lowest = value;
      }
    }
    return best;
  }

  const Network &network;
  const ContractionTree &tree;
  const NodeIndices &indices;
  const SliceOptions &options;
  SliceState state;
  std::vector<IndexId> chosen;
  double smallestPeak;
  double mostSlices = 1;
};

} // namespace

Result<SlicedTree> tenon::planner::sliceTree(const Network &network, const ContractionTree &tree,
                                             const MemoryModel &memory,
                                             const SliceOptions &options) {
  NodeIndices indices(network, tree);
  Slicer slicer(network, tree, indices, memory, options);
  std::optional<std::vector<IndexId>> best;
  double fewestOps = 0;
  for (unsigned variation = 0; variation < std::max(options.variations, 1u); ++variation) {
    Random random(deriveSeed(options.seed, variation));
    if (slicer.run(variation ? &random : nullptr)) {
      slicer.putBackUnneeded();
      if (!best || slicer.log2Ops() < fewestOps) {
        best = slicer.slicedIndices();
        fewestOps = slicer.log2Ops();
      }
    }
    bool nothingToChoose = slicer.slicedIndices().empty();
    slicer.clear();
    if (nothingToChoose)
      break;
  }
  if (!best) {
    if (options.peakBytes && slicer.smallestReached() > *options.peakBytes)
      return Error{"the memory bound of " + countText(*options.peakBytes) +
                   " bytes cannot be kept: the smallest peak that slicing reaches is " +
                   countText(slicer.smallestReached()) +
                   " bytes; raise the bound to at least that" +
                   (memory.threads > 1 ? ", or run fewer slices at a time (" +
                                             std::to_string(memory.threads) + " threads now)"
                                       : std::string())};
    return Error{"found no slicing into at least " + countText(options.minSlices) +
                 " slices that keeps the other limits: the most that was reached is " +
                 countText(slicer.mostReached()) + "; ask for fewer slices"};
  }
  std::sort(best->begin(), best->end());
  return SlicedTree{orderForMemory(network, tree, *best, memory), *best};
}
