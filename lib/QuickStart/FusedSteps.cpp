//===- FusedSteps.cpp - Steps that run tile by tile -----------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "FusedSteps.h"

#include "tenon/KernelModel/ChainTiling.h"

#include <algorithm>

using namespace tenon;
using namespace tenon::quick;
using namespace tenon::planner;

namespace {
struct Pair {
  NodeId node;
  size_t first, second; ///< steps
  double gain;
  std::vector<FusedLoop> loops;
};

class PairFinder {
public:
  PairFinder(const Network &network, const ContractionTree &tree, const NodeIndices &nodeIndices,
             const std::vector<std::vector<IndexId>> &orders, const cpu::SumFormat &format,
             const cpu::Processor &processor, int64_t threads)
      : network(network), tree(tree), nodeIndices(nodeIndices), orders(orders), format(format),
        processor(processor), threads(threads) {}

  std::vector<Pair> find() const;

private:
  double bytes(NodeId node) const {
    double product = static_cast<double>(format.elementBytes());
    for (IndexId index : nodeIndices[node])
      product *= static_cast<double>(network.extent(index));
    return product;
  }
  void consider(NodeId node, size_t first, size_t second, std::vector<Pair> &pairs) const;

  const Network &network;
  const ContractionTree &tree;
  const NodeIndices &nodeIndices;
  const std::vector<std::vector<IndexId>> &orders;
  const cpu::SumFormat &format;
  const cpu::Processor &processor;
  const int64_t threads;
};
} // namespace

void PairFinder::consider(NodeId node, size_t first, size_t second,
                          std::vector<Pair> &pairs) const {
  auto [lhs, rhs] = tree.step(first);
  // Operands that are computed live until the second step: no more may live than before.
  double operands = 0;
  for (NodeId operand : {lhs, rhs})
    operands += tree.isLeaf(operand) && !nodeIndices.leafIsSummed(operand) ? 0 : bytes(operand);
  if (operands > bytes(node))
    return;
  NodeId other = tree.step(second).lhs == node ? tree.step(second).rhs : tree.step(second).lhs;
  NodeId result = tree.resultOf(second);
  cpu::ContractionChain chain;
  std::vector<IndexId> indices;
  auto list = [&](NodeId of) {
    cpu::ContractionChain::Indices numbers;
    auto add = [&](IndexId index) {
      auto it = std::find(indices.begin(), indices.end(), index);
      auto number = static_cast<int32_t>(it - indices.begin());
      if (it == indices.end()) {
        indices.push_back(index);
        chain.extents.push_back(network.extent(index));
      }
      if (std::find(numbers.begin(), numbers.end(), number) == numbers.end())
        numbers.push_back(number);
    };
    if (!tree.isLeaf(of))
      for (IndexId index : orders[of])
        add(index);
    else
      for (IndexId index : network.tensor(of))
        if (std::ranges::binary_search(nodeIndices[of], index))
          add(index);
    return numbers;
  };
  chain.lhs = list(lhs);
  chain.rhs = list(rhs);
  chain.between = list(node);
  chain.other = list(other);
  chain.result = list(result);
  chain.sums = {format, format};
  chain.elementBytes.fill(format.elementBytes());
  if (std::find(chain.extents.begin(), chain.extents.end(), 0) != chain.extents.end())
    return;
  std::optional<cpu::ChainTiling> tiling = cpu::chooseChainTiling(chain, processor, threads);
  if (!tiling)
    return;
  Pair pair{node, first, second, tiling->gain(), {}};
  for (int32_t index : tiling->loops)
    pair.loops.push_back(
        {indices[static_cast<size_t>(index)], tiling->tile[static_cast<size_t>(index)]});
  pairs.push_back(std::move(pair));
}

std::vector<Pair> PairFinder::find() const {
  std::vector<Pair> pairs;
  for (size_t second = 0; second < tree.numSteps(); ++second)
    for (NodeId node : {tree.step(second).lhs, tree.step(second).rhs})
      if (!tree.isLeaf(node) && bytes(node) > static_cast<double>(processor.l2Bytes))
        consider(node, node - tree.numLeaves(), second, pairs);
  std::stable_sort(pairs.begin(), pairs.end(),
                   [](const Pair &a, const Pair &b) { return a.gain > b.gain; });
  return pairs;
}

std::vector<std::vector<FusedLoop>> quick::chooseFusedSteps(
    const Network &network, const ContractionTree &tree, const NodeIndices &nodeIndices,
    const std::vector<std::vector<IndexId>> &orders, const cpu::SumFormat &format,
    const cpu::Processor &processor, int64_t threads) {
  std::vector<std::vector<FusedLoop>> fused(tree.numNodes());
  std::vector<bool> isTaken(tree.numSteps(), false);
  PairFinder finder(network, tree, nodeIndices, orders, format, processor, threads);
  for (Pair &pair : finder.find()) {
    if (isTaken[pair.first] || isTaken[pair.second])
      continue;
    isTaken[pair.first] = isTaken[pair.second] = true;
    fused[pair.node] = std::move(pair.loops);
  }
  return fused;
}
