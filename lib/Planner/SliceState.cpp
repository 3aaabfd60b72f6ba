//===- SliceState.cpp - A tree under a changing set of slices -------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "SliceState.h"

#include "tenon/Support/Assert.h"

#include <algorithm>

using namespace tenon::planner;

/// What each index multiplies sizes by.
static std::vector<ExtentProduct>
factorsOf(const Network &network, std::span<const double> log2Extents, const Log2Grid &grid) {
  std::vector<ExtentProduct> factors;
  factors.reserve(network.numIndices());
  for (IndexId index = 0; index < network.numIndices(); ++index)
    factors.emplace_back(network.extent(index), log2Extents[index], grid);
  return factors;
}

SliceState::SliceState(const Network &network, const ContractionTree &tree,
                       const MemoryModel &memory)
    : network(network), tree(tree), memory(memory), log2Extents(network.log2Extents()),
      grid(log2Extents), factors(factorsOf(network, log2Extents, grid)), incidence(network),
      products(network, incidence, tree, factors), parent(tree.numNodes(), tree.root()),
      summedLeaf(tree.numLeaves(), false), sliced(network.numIndices(), false),
      slicedBelow(tree.numNodes(), 0), nodeElements(tree.numNodes()), stepOps(tree.numSteps()),
      mark(tree.numNodes(), 0) {
  for (IndexId index = 0; index < network.numIndices(); ++index)
    if (NodeId node = products.summedBy[index]; node < tree.numLeaves())
      summedLeaf[node] = true;
  for (NodeId node = 0; node < tree.numNodes(); ++node)
    nodeElements[node] = products.nodes[node].value(grid);
  if (memory.extraBytes)
    stepExtra.resize(tree.numSteps());
  for (size_t step = 0; step < tree.numSteps(); ++step) {
    parent[tree.step(step).lhs] = parent[tree.step(step).rhs] = tree.resultOf(step);
    stepOps[step] = products.steps[step].value(grid);
    if (memory.extraBytes)
      stepExtra[step] = memory.extraBytes(sizes(step));
  }
  wholeOutput = saturate(nodeElements[tree.root()] * static_cast<double>(network.elementBytes()));
}

void SliceState::setSliced(IndexId index, bool on) {
  TENON_ASSERT(sliced[index] != on, "the index is in that state already");
  sliced[index] = on;
  if (on)
    slicedList.push_back(index);
  else
    std::erase(slicedList, index);
  countSlices();
  ExtentProduct change = on ? factors[index].inverse() : factors[index];
  changedSteps.clear();
  ++stamp;
  for (NodeId leaf : incidence.holders(index))
    for (NodeId node = leaf; mark[node] != stamp; node = parent[node]) {
      mark[node] = stamp;
      if (!tree.isLeaf(node)) {
        size_t step = node - tree.numLeaves();
        products.steps[step] *= change;
        stepOps[step] = products.steps[step].value(grid);
        changedSteps.push_back(step);
      }
      if (node == products.summedBy[index])
        break;
      products.nodes[node] *= change;
      nodeElements[node] = products.nodes[node].value(grid);
    }
  if (memory.extraBytes)
    for (size_t step : changedSteps)
      stepExtra[step] = memory.extraBytes(sizes(step));
  ++stamp;
  for (NodeId leaf : incidence.holders(index))
    for (NodeId node = leaf; mark[node] != stamp; node = parent[node]) {
      mark[node] = stamp;
      slicedBelow[node] += on ? 1 : -1;
    }
}

void SliceState::countSlices() {
  sliceCount = 1;
  log2SliceCount = 0;
  for (IndexId index : slicedList) {
    sliceCount = saturate(sliceCount * static_cast<double>(network.extent(index)));
    log2SliceCount += log2Extents[index];
  }
}

double SliceState::bytes(NodeId node) const {
  return roundUp(saturate(nodeElements[node] * static_cast<double>(network.elementBytes())));
}

double SliceState::roundUp(double size) const {
  double unit = static_cast<double>(memory.alignment);
  return memory.alignment > 1 ? saturate(std::ceil(size / unit) * unit) : saturate(size);
}

double SliceState::log2Ops() const {
  Log2Sum once, perSlice;
  for (size_t step = 0; step < tree.numSteps(); ++step)
    (isHoisted(tree.resultOf(step)) ? once : perSlice).add(sizes(step).ops);
  return log2Add(once.log2(), perSlice.log2() + log2SliceCount);
}

Score SliceState::score(const CostModel &model) const {
  Log2Sum once, perSlice;
  double largest = log2Zero;
  for (size_t step = 0; step < tree.numSteps(); ++step) {
    double cost = model.step(sizes(step));
    (isHoisted(tree.resultOf(step)) ? once : perSlice).add(cost);
    largest = std::max(largest, cost);
  }
  double sum = log2Add(once.log2(), perSlice.log2() + log2SliceCount);
  return {model.accumulation() == Accumulation::Sum ? sum : largest, log2Ops()};
}

double SliceState::log2OpsWithoutHoisting() const {
  Log2Sum perSlice;
  for (size_t step = 0; step < tree.numSteps(); ++step)
    perSlice.add(sizes(step).ops);
  return perSlice.log2() + log2SliceCount;
}

double SliceState::stored(NodeId node) const {
  return tree.isLeaf(node) || node == tree.root() ? 0 : bytes(node);
}

double SliceState::temporary(size_t number) const {
  double size = stepExtra.empty() ? 0 : stepExtra[number];
  if (isHoisted(tree.resultOf(number)) && stepOps[number] >= memory.sharedFromOps)
    size *= std::max(memory.threads, 1u);
  for (NodeId operand : {tree.step(number).lhs, tree.step(number).rhs})
    size += summedBytes(operand);
  return size;
}

double SliceState::summedBytes(NodeId node) const {
  return tree.isLeaf(node) && summedLeaf[node] ? bytes(node) : 0;
}

double SliceState::footprint(size_t number) const {
  NodeId result = tree.resultOf(number);
  double total = copies(result) * (stored(result) + temporary(number));
  for (NodeId operand : {tree.step(number).lhs, tree.step(number).rhs})
    total += copies(operand) * stored(operand);
  return saturate(total);
}

double SliceState::sets() const {
  double threads = std::max(memory.threads, 1u);
  return allThreads ? threads : std::min(threads, std::max(sliceCount, 1.0));
}

double SliceState::accumulators() const { return sets() > 1 ? roundUp(sets() * wholeOutput) : 0; }

template <typename Visitor> void SliceState::visitMoments(Visitor &&visit) const {
  double live = 0;
  for (size_t step = 0; step < tree.numSteps(); ++step) {
    NodeId result = tree.resultOf(step);
    if (!isHoisted(result))
      continue;
    live += stored(result);
    visit(step, live + temporary(step));
    live -= stored(tree.step(step).lhs) + stored(tree.step(step).rhs);
  }
  double outside = live + accumulators();
  live = 0;
  for (size_t step = 0; step < tree.numSteps(); ++step) {
    NodeId result = tree.resultOf(step);
    if (isHoisted(result))
      continue;
    live += stored(result);
    visit(step, outside + sets() * (live + temporary(step)));
    for (NodeId operand : {tree.step(step).lhs, tree.step(step).rhs})
      if (!isHoisted(operand))
        live -= stored(operand);
  }
}

double SliceState::peakInOrder() const {
  double peak = 0;
  visitMoments([&](size_t, double bytes) { peak = std::max(peak, bytes); });
  return saturate(peak);
}

std::vector<LiveMoment> SliceState::momentsInOrder() const {
  std::vector<LiveMoment> moments;
  moments.reserve(tree.numSteps());
  visitMoments([&](size_t step, double bytes) { moments.push_back({step, saturate(bytes)}); });
  return moments;
}

void SliceState::visitDepthFirst() {
  subtreePeak.assign(tree.numNodes(), 0);
  rhsFirst.assign(tree.numSteps(), false);
  cached.clear();
  for (size_t number = 0; number < tree.numSteps(); ++number) {
    const Step &step = tree.step(number);
    NodeId result = tree.resultOf(number);
    bool inSlice = !isHoisted(result);
    // What a slice reads from before it costs nothing here: it is counted once, outside.
    auto peakAndSize = [&](NodeId child) -> std::pair<double, double> {
      if (inSlice && isHoisted(child)) {
        if (!tree.isLeaf(child))
          cached.push_back(child);
        return {0, 0};
      }
      return {subtreePeak[child], stored(child)};
    };
    auto [lhsPeak, lhsSize] = peakAndSize(step.lhs);
    auto [rhsPeak, rhsSize] = peakAndSize(step.rhs);
    rhsFirst[number] = std::max(rhsPeak, rhsSize + lhsPeak) < std::max(lhsPeak, lhsSize + rhsPeak);
    double before = rhsFirst[number] ? std::max(rhsPeak, rhsSize + lhsPeak)
                                     : std::max(lhsPeak, lhsSize + rhsPeak);
    subtreePeak[result] = std::max(before, lhsSize + rhsSize + stored(result) + temporary(number));
  }
  std::sort(cached.begin(), cached.end(), [&](NodeId a, NodeId b) {
    double gainA = subtreePeak[a] - stored(a), gainB = subtreePeak[b] - stored(b);
    return gainA != gainB ? gainA > gainB : a < b;
  });
}

double SliceState::leastPeak() {
  visitDepthFirst();
  double root = subtreePeak[tree.root()];
  if (isHoisted(tree.root()))
    return saturate(root);
  double kept = 0, hoistedPeak = 0;
  for (NodeId node : cached) {
    hoistedPeak = std::max(hoistedPeak, kept + subtreePeak[node]);
    kept += stored(node);
  }
  return saturate(std::max(hoistedPeak, kept + sets() * root + accumulators()));
}

std::vector<size_t> SliceState::orderOfLeastPeak() {
  visitDepthFirst();
  std::vector<size_t> order;
  order.reserve(tree.numSteps());
  std::vector<std::pair<NodeId, bool>> stack;
  std::vector<bool> done(tree.numNodes(), false);
  auto emit = [&](NodeId top) {
    stack.push_back({top, false});
    while (!stack.empty()) {
      auto [node, operandsDone] = stack.back();
      stack.pop_back();
      if (tree.isLeaf(node) || done[node])
        continue;
      size_t number = node - tree.numLeaves();
      if (operandsDone) {
        done[node] = true;
        order.push_back(number);
        continue;
      }
      auto [first, second] = tree.step(number);
      if (rhsFirst[number])
        std::swap(first, second);
      stack.push_back({node, true});
      stack.push_back({second, false});
      stack.push_back({first, false});
    }
  };
  for (NodeId node : cached)
    emit(node);
  emit(tree.root());
  return order;
}

std::vector<NodeId> SliceState::liveAtLeastPeak() {
  std::vector<size_t> order = orderOfLeastPeak();
  // Two phases as in peakInOrder; hoisted results that slices read stay until the end.
  double live = 0, peak = -1;
  size_t peakPosition = 0;
  for (size_t position = 0; position < order.size(); ++position) {
    size_t number = order[position];
    const Step &step = tree.step(number);
    NodeId result = tree.resultOf(number);
    double factor = isHoisted(result) ? 1 : sets();
    live += factor * stored(result);
    if (live + factor * temporary(number) > peak) {
      peak = live + factor * temporary(number);
      peakPosition = position;
    }
    for (NodeId operand : {step.lhs, step.rhs})
      if (isHoisted(result) || !isHoisted(operand))
        live -= factor * stored(operand);
  }
  std::vector<size_t> positionOf(tree.numSteps());
  for (size_t position = 0; position < order.size(); ++position)
    positionOf[order[position]] = position;
  std::vector<NodeId> nodes;
  for (NodeId node = tree.numLeaves(); node < tree.numNodes(); ++node) {
    if (positionOf[node - tree.numLeaves()] > peakPosition)
      continue;
    bool dead = node != tree.root() && positionOf[parent[node] - tree.numLeaves()] < peakPosition &&
                (isHoisted(parent[node]) || !isHoisted(node));
    if (!dead)
      nodes.push_back(node);
  }
  if (!order.empty())
    for (NodeId operand : {tree.step(order[peakPosition]).lhs, tree.step(order[peakPosition]).rhs})
      if (tree.isLeaf(operand))
        nodes.push_back(operand);
  return nodes;
}
