//===- Slicer.cpp - Greedy choice of indices to slice ---------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Slicer.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string>

using namespace tenon::planner;

namespace {

std::string countText(double value) {
  char text[64];
  // Precise enough to be given back as a bound.
  std::snprintf(text, sizeof(text), value < 0x1p63 ? "%.0f" : "%.17g", value);
  return text;
}

/// Random factor of a score: none for the plain choice.
double perturbation(Random *random) {
  constexpr double strength = 0.3;
  return random ? std::exp(strength * random->gumbel()) : 1.0;
}

/// Keeps the candidate of least value; ties go to the first.
struct Cheapest {
  std::optional<IndexId> index;
  double value = 0;
  void offer(IndexId candidate, double candidateValue) {
    if (!index || candidateValue < value) {
      index = candidate;
      value = candidateValue;
    }
  }
};

/// Added to log2 of the operations, so that the gain decides between indices that cost nothing.
constexpr double freeCost = 1e-3;

} // namespace

Error SliceReach::explain(const MemoryModel &memory, const SliceOptions &options) const {
  if (options.peakBytes && std::isfinite(smallestPeak) && smallestPeak > *options.peakBytes) {
    std::string threads = memory.threads > 1 ? ", or run fewer slices at a time (now " +
                                                   std::to_string(memory.threads) + ")"
                                             : "";
    return {"the memory bound of " + countText(*options.peakBytes) +
                " bytes cannot be kept: the smallest peak that slicing reaches is " +
                countText(smallestPeak) + " bytes; raise the bound to at least that" + threads,
            smallestPeak};
  }
  if (options.largest && smallestLargest > *options.largest) {
    std::string largest = "the bound of " + countText(*options.largest) +
                          " elements on the largest intermediate cannot be kept: the smallest "
                          "that slicing reaches is " +
                          countText(smallestLargest) + " elements in " + countText(mostSlices) +
                          " slices";
    if (options.peakBytes && peakAtSmallestLargest > *options.peakBytes)
      return {largest + ", with a peak of " + countText(peakAtSmallestLargest) +
              " bytes, which the memory bound of " + countText(*options.peakBytes) +
              " bytes forbids as well; raise both"};
    return {largest + "; raise the bound"};
  }
  return {"found no slicing into at least " + countText(options.minSlices) +
          " slices that keeps the other limits: the most that was reached is " +
          countText(mostSlices) + "; ask for fewer slices"};
}

Slicer::Slicer(const Network &network, const ContractionTree &tree, const NodeIndices &indices,
               const MemoryModel &memory, const SliceOptions &options, const Budget &budget,
               SliceGoal goal)
    : network(network), tree(tree), options(options), budget(budget), goal(goal),
      state(network, tree, memory), gains(network, tree, indices, memory, state),
      isInSteps(network.numIndices(), false) {
  for (NodeId leaf = 0; leaf < tree.numLeaves(); ++leaf)
    for (IndexId index : indices[leaf])
      isInSteps[index] = true;
}

void Slicer::note(SliceReach &reach) {
  if (double largest = largestResult(); largest <= reach.smallestLargest) {
    // Only the error of two bounds that are both broken needs the peak.
    double peak = options.peakBytes && options.largest ? state.leastPeak() : 0;
    reach.peakAtSmallestLargest =
        largest < reach.smallestLargest ? peak : std::min(reach.peakAtSmallestLargest, peak);
    reach.smallestLargest = largest;
  }
  if (hasEnoughSlices() && !exceedsLargest())
    reach.smallestPeak = std::min(reach.smallestPeak, state.leastPeak());
  reach.mostSlices = std::max(reach.mostSlices, state.slices());
}

std::optional<IndexId> Slicer::choose(Random *random) {
  gains.countOps();
  if (goal == SliceGoal::SmallestPeak || exceeds(options.peakBytes) || exceedsLargest())
    if (std::optional<IndexId> index = chooseForSize(random))
      return index;
  if (hasEnoughSlices())
    return std::nullopt;
  return chooseForCount(random);
}

bool Slicer::sliceToLimits() {
  while (!keepsLimits()) {
    std::optional<IndexId> index = choose(nullptr);
    if (!index)
      return false;
    slice(*index);
  }
  return true;
}

void Slicer::clear() {
  while (!slicedIndices().empty())
    state.unslice(slicedIndices().back());
}

void Slicer::putBackUnneeded() {
  while (true) {
    // A copy: trying an index moves it to the end of the list.
    std::vector<IndexId> tried = slicedIndices();
    Cheapest best;
    double before = state.log2Ops();
    for (IndexId index : tried) {
      if (budget.expired())
        return;
      state.unslice(index);
      double ops = state.log2Ops();
      if (ops <= before && keepsLimits())
        best.offer(index, ops);
      state.slice(index);
    }
    if (!best.index)
      return;
    state.unslice(*best.index);
  }
}

bool Slicer::canSlice(IndexId index) const {
  return !state.isSliced(index) && isInSteps[index] && network.extent(index) > 1 &&
         state.slices() * static_cast<double>(network.extent(index)) <= options.maxSlices;
}

double Slicer::largestResult() const {
  double largest = 0;
  for (size_t step = 0; step < tree.numSteps(); ++step)
    largest = std::max(largest, state.elements(tree.resultOf(step)));
  return largest;
}

/// The index that costs least per bit by which it brings all steps together closer to the limits.
/// Lowering only the highest moment would pick an index for each peak in turn; the good index is
/// one that many large intermediates share.
std::optional<IndexId> Slicer::chooseForSize(Random *random) {
  bool forPeak = goal == SliceGoal::SmallestPeak;
  gains.clear();
  if (options.largest)
    gains.addForLargest(*options.largest);
  if (forPeak || options.peakBytes) {
    // The first slices bring further threads with buffers of their own, which can outweigh what
    // they save. That price is paid once, whatever index comes first: it must not keep the search
    // from starting.
    state.countAllThreads(true);
    double peak = state.leastPeak();
    if (slicedIndices().empty())
      peak *= state.setsOfAllThreads();
    // On the way to the smallest peak, what is well below the present one does not matter yet.
    constexpr double wellBelow = 4;
    gains.addForBytes(forPeak ? peak / wellBelow : *options.peakBytes, state.liveAtLeastPeak(),
                      peak);
    state.countAllThreads(false);
  }
  // To a bound as cheaply as possible; to the smallest peak with as few slices, of which there
  // may be so many only.
  auto costOf = [&](IndexId index) {
    return forPeak ? std::log2(static_cast<double>(network.extent(index)))
                   : gains.addedOps(index) + freeCost;
  };
  Cheapest best;
  for (IndexId index : gains.gaining()) {
    constexpr double noticeable = 1e-9;
    if (gains.gain(index) > noticeable && canSlice(index))
      best.offer(index, costOf(index) / gains.gain(index) * perturbation(random));
  }
  return best.index;
}

/// The index that adds least to the operations per bit of further slices.
std::optional<IndexId> Slicer::chooseForCount(Random *random) {
  Cheapest best;
  for (IndexId index = 0; index < network.numIndices(); ++index)
    if (canSlice(index))
      best.offer(index, (gains.addedOps(index) + freeCost) /
                            std::log2(static_cast<double>(network.extent(index))) *
                            perturbation(random));
  return best.index;
}
