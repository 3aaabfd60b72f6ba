//===- SliceGains.cpp - What slicing each index would change --------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "SliceGains.h"

#include <algorithm>
#include <array>
#include <cmath>

using namespace tenon::planner;

SliceGains::SliceGains(const Network &network, const ContractionTree &tree,
                       const NodeIndices &indices, const MemoryModel &memory,
                       const SliceState &state)
    : network(network), tree(tree), indices(indices), memory(memory), state(state),
      opsWith(network.numIndices(), 0), gains(network.numIndices(), 0),
      places(network.numIndices(), 0), bytesWith(network.numIndices(), 0) {}

void SliceGains::countOps() {
  // A step of less than a billionth of the dearest does not decide.
  constexpr double negligible = 30;
  std::fill(opsWith.begin(), opsWith.end(), 0);
  allOps = 0;
  double dearest = log2Zero;
  for (size_t step = 0; step < tree.numSteps(); ++step)
    dearest = std::max(dearest, state.sizes(step).ops);
  for (size_t step = 0; step < tree.numSteps(); ++step) {
    if (state.sizes(step).ops < dearest - negligible)
      continue;
    double ops = std::exp2(state.sizes(step).ops - dearest);
    allOps += ops;
    forEachInUnion(indices[tree.step(step).lhs], indices[tree.step(step).rhs],
                   [&](IndexId index) { opsWith[index] += ops; });
  }
}

double SliceGains::addedOps(IndexId index) const {
  // The steps that have the index cost the same in all slices together, the others as often.
  double extent = static_cast<double>(network.extent(index));
  double with = std::min(opsWith[index] / allOps, 1.0);
  return std::log2(extent - (extent - 1) * with);
}

void SliceGains::clear() {
  for (IndexId index : gainingList)
    gains[index] = 0;
  gainingList.clear();
}

const std::vector<IndexId> &SliceGains::gaining() {
  std::sort(gainingList.begin(), gainingList.end());
  gainingList.erase(std::unique(gainingList.begin(), gainingList.end()), gainingList.end());
  return gainingList;
}

void SliceGains::addGain(IndexId index, double bits) {
  // Gains may come back to 0: the list may have an index twice until it is asked for.
  if (gains[index] == 0)
    gainingList.push_back(index);
  gains[index] += bits;
}

void SliceGains::addForLargest(double largest) {
  double log2Largest = std::log2(std::max(largest, 1.0));
  for (size_t step = 0; step < tree.numSteps(); ++step) {
    double above = state.sizes(step).result - log2Largest;
    if (above <= 0)
      continue;
    for (IndexId index : indices[tree.resultOf(step)])
      if (!state.isSliced(index))
        addGain(index, std::min(above, std::log2(static_cast<double>(network.extent(index)))));
  }
}

void SliceGains::findPlaces(size_t number) {
  touched.clear();
  auto find = [&](NodeId node, Place place) {
    for (IndexId index : indices[node]) {
      if (state.isSliced(index))
        continue;
      if (places[index] == 0)
        touched.push_back(index);
      places[index] |= place;
    }
  };
  find(tree.step(number).lhs, InLhs);
  find(tree.step(number).rhs, InRhs);
  find(tree.resultOf(number), InResult);
}

void SliceGains::addForStep(size_t number, double bound) {
  double needed = state.footprint(number);
  if (needed <= bound)
    return;
  const Step &step = tree.step(number);
  const StepSizes sizes = state.sizes(number);
  double sets = state.setsOfAllThreads();
  auto neededIf = [&](uint8_t place, double extent) {
    double log2Extent = std::log2(extent);
    auto part = [&](Place one) { return place & one ? extent : 1.0; };
    auto left = [&](double size, Place one) { return size - (place & one ? log2Extent : 0); };
    // A step that has the index is in slices afterwards.
    double total = sets * state.stored(tree.resultOf(number)) / part(InResult);
    if (memory.extraBytes)
      total += sets * memory.extraBytes({left(sizes.lhs, InLhs), left(sizes.rhs, InRhs),
                                         left(sizes.result, InResult), sizes.ops - log2Extent});
    for (auto [operand, one] : {std::pair(step.lhs, InLhs), std::pair(step.rhs, InRhs)}) {
      total += (place & one ? sets / extent : state.copies(operand)) * state.stored(operand);
      total += sets * state.summedBytes(operand) / part(one);
    }
    return total;
  };
  findPlaces(number);
  // Most extents are equal, and then there are as many cases as places.
  std::array<double, numPlaces> cases{};
  int64_t extentOfCases = 0;
  for (IndexId index : touched) {
    if (network.extent(index) != extentOfCases) {
      cases.fill(0);
      extentOfCases = network.extent(index);
    }
    double &gain = cases[places[index]];
    if (gain == 0)
      gain = std::log2(
          needed /
          std::max(neededIf(places[index], static_cast<double>(network.extent(index))), bound));
    addGain(index, gain);
    places[index] = 0;
  }
}

void SliceGains::addForBytes(double bound, std::span<const NodeId> liveAtPeak, double livePeak) {
  bound = std::max(bound, 1.0);
  for (size_t step = 0; step < tree.numSteps(); ++step)
    addForStep(step, bound);
  if (livePeak <= bound)
    return;
  touched.clear();
  double sets = state.setsOfAllThreads();
  for (NodeId node : liveAtPeak)
    if (double size = state.stored(node) + state.summedBytes(node); size > 0)
      for (IndexId index : indices[node]) {
        if (state.isSliced(index))
          continue;
        if (bytesWith[index] == 0)
          touched.push_back(index);
        bytesWith[index] +=
            size * (state.copies(node) - sets / static_cast<double>(network.extent(index)));
      }
  for (IndexId index : touched) {
    addGain(index, std::log2(livePeak / std::max(livePeak - bytesWith[index], bound)));
    bytesWith[index] = 0;
  }
}
