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

void sortUnique(std::vector<IndexId> &list) {
  std::sort(list.begin(), list.end());
  list.erase(std::unique(list.begin(), list.end()), list.end());
}

/// The `most` steps of largest value, largest first; the earlier of equals first.
template <typename Value>
std::vector<size_t> largestSteps(std::vector<size_t> steps, size_t most, Value &&value) {
  size_t count = std::min(most, steps.size());
  std::partial_sort(steps.begin(), steps.begin() + static_cast<ptrdiff_t>(count), steps.end(),
                    [&](size_t a, size_t b) {
                      double valueA = value(a), valueB = value(b);
                      return valueA != valueB ? valueA > valueB : a < b;
                    });
  steps.resize(count);
  return steps;
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
  if (options.largest && smallestLargest > *options.largest)
    return {"the bound of " + countText(*options.largest) +
            " elements on the largest intermediate cannot be kept: the smallest that slicing "
            "reaches is " +
            countText(smallestLargest) + " elements in " + countText(mostSlices) +
            " slices; raise the bound"};
  return {"found no slicing into at least " + countText(options.minSlices) +
          " slices that keeps the other limits: the most that was reached is " +
          countText(mostSlices) + "; ask for fewer slices"};
}

Slicer::Slicer(const Network &network, const ContractionTree &tree, const NodeIndices &indices,
               const MemoryModel &memory, const SliceOptions &options, const Budget &budget,
               SliceGoal goal)
    : network(network), tree(tree), indices(indices), options(options), budget(budget),
      target(goal == SliceGoal::Limits ? options.peakBytes : std::optional<double>(0)),
      state(network, tree, indices, memory) {}

void Slicer::note(SliceReach &reach) {
  reach.smallestLargest = std::min(reach.smallestLargest, largestResult());
  if (hasEnoughSlices() && !exceedsLargest())
    reach.smallestPeak = std::min(reach.smallestPeak, state.leastPeak());
  reach.mostSlices = std::max(reach.mostSlices, state.slices());
}

std::optional<IndexId> Slicer::choose(Random *random) {
  if (exceeds(target) || exceedsLargest()) {
    std::optional<IndexId> index;
    if (!budget.expired())
      index = chooseForPeak(random);
    // The budget may have ended the choice before it came to an index that helps.
    if (!index && budget.expired())
      index = chooseLargestAtPeak();
    if (index)
      return index;
  }
  if (hasEnoughSlices())
    return std::nullopt;
  return chooseForCount(random);
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
  return !state.isSliced(index) && network.extent(index) > 1 &&
         state.slices() * static_cast<double>(network.extent(index)) <= options.maxSlices;
}

void Slicer::addCandidates(NodeId node, std::vector<IndexId> &candidates) const {
  for (IndexId index : indices[node])
    if (canSlice(index))
      candidates.push_back(index);
}

/// How far all moments together are above the bound, in bits. Lowering only the highest moment
/// would pick an index for each peak in turn; the good index is one that many large
/// intermediates share.
double Slicer::largestResult() const {
  double largest = 0;
  for (size_t step = 0; step < tree.numSteps(); ++step)
    largest = std::max(largest, state.elements(tree.resultOf(step)));
  return largest;
}

double Slicer::excess() {
  double sum = 0;
  if (options.largest) {
    double log2Largest = std::log2(std::max(*options.largest, 1.0));
    for (size_t step = 0; step < tree.numSteps(); ++step)
      sum += std::max(state.sizes(step).result - log2Largest, 0.0);
  }
  if (!target)
    return sum;
  double log2Bound = std::log2(std::max(*target, 1.0));
  // Unsliced, everything counts as hoisted, of which there is one set.
  double sets = slicedIndices().empty() ? state.setsOfAllThreads() : 1;
  auto above = [&](double bytes) {
    return sets * bytes > *target ? std::log2(sets * bytes) - log2Bound : 0;
  };
  sum += above(state.leastPeak());
  for (size_t step = 0; step < tree.numSteps(); ++step)
    sum += above(state.footprint(step));
  return sum;
}

/// The steps of largest footprint above the bound.
std::vector<size_t> Slicer::worstSteps() const {
  constexpr size_t most = 16;
  std::vector<size_t> steps;
  for (size_t step = 0; step < tree.numSteps(); ++step)
    if ((target && state.footprint(step) > *target) ||
        (options.largest && state.elements(tree.resultOf(step)) > *options.largest))
      steps.push_back(step);
  return largestSteps(std::move(steps), most, [&](size_t step) { return state.footprint(step); });
}

/// The index that adds least to the operations per bit of excess that it removes. Hoisting is
/// not counted here: a step that is hoisted now will rarely stay so to the end.
std::optional<IndexId> Slicer::chooseForPeak(Random *random) {
  std::vector<IndexId> candidates;
  for (size_t step : worstSteps()) {
    addCandidates(tree.step(step).lhs, candidates);
    addCandidates(tree.step(step).rhs, candidates);
  }
  if (target)
    for (NodeId node : state.liveAtLeastPeak())
      addCandidates(node, candidates);
  sortUnique(candidates);
  // The first slices bring further threads with buffers of their own, which can outweigh what they
  // save. That price is paid once, whatever index comes first: it must not keep the search from
  // starting.
  state.countAllThreads(true);
  double opsBefore = state.log2OpsWithoutHoisting(), excessBefore = excess();
  Cheapest best;
  for (IndexId index : candidates) {
    if (budget.expired())
      break;
    state.slice(index);
    double reduction = excessBefore - excess();
    double added = std::max(state.log2OpsWithoutHoisting() - opsBefore, 0.0);
    state.unslice(index);
    constexpr double noticeable = 1e-9;
    if (reduction > noticeable)
      best.offer(index, (added + freeCost) / reduction * perturbation(random));
  }
  state.countAllThreads(false);
  return best.index;
}

/// The index that most of the bytes at the peak have, per bit of slices, whatever it costs.
std::optional<IndexId> Slicer::chooseLargestAtPeak() {
  std::vector<NodeId> nodes;
  if (target)
    nodes = state.liveAtLeastPeak();
  for (size_t step : worstSteps())
    for (NodeId node : {tree.step(step).lhs, tree.step(step).rhs, tree.resultOf(step)})
      nodes.push_back(node);
  std::vector<double> gain(network.numIndices(), 0);
  std::vector<IndexId> candidates;
  for (NodeId node : nodes) {
    addCandidates(node, candidates);
    for (IndexId index : indices[node])
      gain[index] += state.bytes(node);
  }
  sortUnique(candidates);
  Cheapest best;
  for (IndexId index : candidates) {
    double extent = static_cast<double>(network.extent(index));
    best.offer(index, -gain[index] * (1 - 1 / extent) / std::log2(extent));
  }
  return best.index;
}

/// The index that adds least to the operations per bit of further slices.
std::optional<IndexId> Slicer::chooseForCount(Random *random) {
  constexpr size_t dearestSteps = 32;
  std::vector<size_t> steps(tree.numSteps());
  for (size_t step = 0; step < steps.size(); ++step)
    steps[step] = step;
  std::vector<IndexId> candidates;
  for (size_t step : largestSteps(std::move(steps), dearestSteps,
                                  [&](size_t step) { return state.sizes(step).ops; })) {
    addCandidates(tree.step(step).lhs, candidates);
    addCandidates(tree.step(step).rhs, candidates);
  }
  if (candidates.empty())
    for (NodeId leaf = 0; leaf < tree.numLeaves(); ++leaf)
      addCandidates(leaf, candidates);
  sortUnique(candidates);
  double before = state.log2OpsWithoutHoisting();
  Cheapest best;
  for (IndexId index : candidates) {
    if (best.index && budget.expired())
      break;
    state.slice(index);
    double added = std::max(state.log2OpsWithoutHoisting() - before, 0.0);
    state.unslice(index);
    best.offer(index, (added + freeCost) / std::log2(static_cast<double>(network.extent(index))) *
                          perturbation(random));
  }
  return best.index;
}
