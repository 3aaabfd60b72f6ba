//===- BisectionRow.cpp - Tensors in a row, by bisection ------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "BisectionRow.h"

#include <algorithm>
#include <cmath>
#include <numeric>

using namespace tenon::planner;

namespace {

/// What a tensor weighs in the balance, before its rank counts.
constexpr double tensorWeight = 64;

/// No weight is more than this, so that sums stay within 64 bits.
constexpr double heaviestWeight = 0x1p30;

int64_t toWeight(double value) { return std::lround(std::clamp(value, 1.0, heaviestWeight)); }

} // namespace

ReducedTensors::ReducedTensors(const Network &network) : holders(network) {
  for (NodeId tensor = 0; tensor < network.numTensors(); ++tensor) {
    for (IndexId index : network.tensor(tensor))
      if (holders.survivesReduction(index))
        legs.push_back(index);
    auto own = legs.begin() + static_cast<ptrdiff_t>(begin.back());
    std::sort(own, legs.end());
    legs.erase(std::unique(own, legs.end()), legs.end());
    begin.push_back(legs.size());
  }
}

std::vector<uint32_t> TensorRow::unitsOf(uint32_t part, size_t count, uint32_t size) const {
  auto smaller = [&](uint32_t a, uint32_t b) {
    return parts[a].size() != parts[b].size() ? parts[a].size() < parts[b].size() : a > b;
  };
  std::vector<uint32_t> units = {part};
  while (units.size() < count && parts[units.front()].size() > size &&
         parts[units.front()].isSplit()) {
    std::pop_heap(units.begin(), units.end(), smaller);
    uint32_t largest = units.back();
    units.back() = parts[largest].lhs;
    std::push_heap(units.begin(), units.end(), smaller);
    units.push_back(parts[largest].rhs);
    std::push_heap(units.begin(), units.end(), smaller);
  }
  std::sort(units.begin(), units.end(),
            [&](uint32_t a, uint32_t b) { return parts[a].begin < parts[b].begin; });
  return units;
}

RowMaker::Job RowMaker::wholeNetwork(const RowOptions &options) const {
  Job job;
  job.tensors.resize(tensors.size());
  std::iota(job.tensors.begin(), job.tensors.end(), 0);
  for (NodeId tensor = 0; tensor < tensors.size(); ++tensor) {
    double size = 0;
    for (IndexId index : tensors[tensor])
      size += weights[index];
    job.graph.vertexWeights.push_back(toWeight(tensorWeight * (1 + options.rankWeight * size)));
  }
  for (IndexId index = 0; index < weights.size(); ++index) {
    std::span<const NodeId> holders = tensors.incidence().holders(index);
    bool anchored = options.openAtEnd && tensors.incidence().isOpen(index);
    if (holders.size() + anchored < 2 || weights[index] <= 0)
      continue;
    for (NodeId tensor : holders)
      job.graph.addPin(tensor);
    job.graph.closeNet(toWeight(weights[index] * netWeightUnit), anchored ? rightAnchor : 0);
  }
  job.graph.connect();
  return job;
}

/// The tensors of `parent` on `side`; what they share with the others becomes anchored there.
RowMaker::Job RowMaker::extract(const Job &parent, uint8_t side, double outerShare) {
  Job child;
  const BisectionGraph &graph = parent.graph;
  renamed.resize(graph.numVertices());
  for (uint32_t vertex = 0; vertex < graph.numVertices(); ++vertex)
    if (sides[vertex] == side) {
      renamed[vertex] = child.graph.numVertices();
      child.graph.vertexWeights.push_back(graph.vertexWeights[vertex]);
      child.tensors.push_back(parent.tensors[vertex]);
    }
  for (uint32_t net = 0; net < graph.numNets(); ++net) {
    uint32_t inside = 0;
    std::span<const uint32_t> pins = graph.pins(net);
    for (uint32_t vertex : pins)
      if (sides[vertex] == side) {
        child.graph.addPin(renamed[vertex]);
        ++inside;
      }
    uint8_t anchors = graph.anchors[net];
    int64_t weight = graph.netWeights[net];
    if (inside < pins.size()) {
      if (anchors == 0)
        weight = toWeight(outerShare * static_cast<double>(weight));
      anchors |= side == 0 ? rightAnchor : leftAnchor;
    }
    // Left out is what is cut wherever the part is split, and what cannot be cut.
    if (inside == 0 || anchors == (leftAnchor | rightAnchor) || inside + (anchors != 0) < 2)
      child.graph.dropNet();
    else
      child.graph.closeNet(weight, anchors);
  }
  child.graph.connect();
  return child;
}

/// Exchanges the sides if that puts them closer to what is around them.
void RowMaker::orient(const BisectionGraph &graph) {
  int64_t gain = 0;
  for (uint32_t net = 0; net < graph.numNets(); ++net) {
    unsigned touched = 0;
    if (graph.anchors[net] == 0)
      continue;
    for (uint32_t vertex : graph.pins(net))
      touched |= 1u << sides[vertex];
    if (touched == graph.anchors[net])
      gain -= graph.netWeights[net];
    else if (touched != (leftAnchor | rightAnchor))
      gain += graph.netWeights[net];
  }
  if (gain > 0)
    for (uint8_t &side : sides)
      side = 1 - side;
}

bool RowMaker::make(const RowOptions &options, Random &random, const Budget &budget,
                    TensorRow &row) {
  row.parts.assign(1, {0, tensors.size()});
  row.order.resize(tensors.size());
  std::vector<Job> jobs;
  jobs.push_back(wholeNetwork(options));
  while (!jobs.empty()) {
    Job job = std::move(jobs.back());
    jobs.pop_back();
    RowPart part = row.parts[job.part];
    if (part.size() == 1) {
      row.order[part.begin] = job.tensors[0];
      continue;
    }
    bisector.bisect(job.graph, options.limits, random, budget, sides);
    // What an expired budget leaves behind is a split, but not one to build upon.
    if (budget.expired())
      return false;
    orient(job.graph);
    Job lhs = extract(job, 0, options.outerShare), rhs = extract(job, 1, options.outerShare);
    uint32_t middle = part.begin + static_cast<uint32_t>(lhs.tensors.size());
    lhs.part = row.parts[job.part].lhs = static_cast<uint32_t>(row.parts.size());
    rhs.part = row.parts[job.part].rhs = lhs.part + 1;
    row.parts.push_back({part.begin, middle});
    row.parts.push_back({middle, part.end});
    jobs.push_back(std::move(lhs));
    jobs.push_back(std::move(rhs));
  }
  return true;
}
