//===- LaneOrders.cpp - Orders that fill the vectors of results -----------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "LaneOrders.h"

#include "tenon/KernelModel/LaneCost.h"

#include <algorithm>

using namespace tenon;
using namespace tenon::planner;

namespace {
/// What has an index in a step.
enum Holder : uint8_t { Lhs = 1, Rhs = 2, Result = 4 };

class LaneGiver {
public:
  LaneGiver(const Network &network, const ContractionTree &tree, const NodeIndices &nodeIndices,
            const cpu::SumFormat &format, const cpu::Processor &processor,
            std::vector<std::vector<IndexId>> &orders)
      : network(network), tree(tree), nodeIndices(nodeIndices), format(format),
        processor(processor), orders(orders), reader(tree.numNodes(), tree.root()),
        holders(network.numIndices(), 0) {
    for (size_t step = 0; step < tree.numSteps(); ++step)
      for (NodeId operand : {tree.step(step).lhs, tree.step(step).rhs})
        reader[operand] = tree.resultOf(step);
  }

  void run() {
    for (size_t step = 0; step < tree.numSteps(); ++step)
      if (tree.resultOf(step) != tree.root())
        visit(step);
  }

private:
  void visit(size_t step);
  void orderResult(NodeId result, const planner::Step &operands);
  double nanoseconds(NodeId result, const planner::Step &operands, Holder lanes) const;
  std::span<const IndexId> orderOf(NodeId node) const;
  bool isSummedInnermost(NodeId operand) const;
  /// The last index of the result's order that only one operand has.
  IndexId lastOf(NodeId result, Holder operand) const;

  const Network &network;
  const ContractionTree &tree;
  const NodeIndices &nodeIndices;
  const cpu::SumFormat &format;
  const cpu::Processor &processor;
  std::vector<std::vector<IndexId>> &orders;
  std::vector<NodeId> reader;   ///< what each node is contracted to
  std::vector<uint8_t> holders; ///< of each index in the step at hand; 0 between steps
};
} // namespace

std::span<const IndexId> LaneGiver::orderOf(NodeId node) const {
  if (tree.isLeaf(node))
    return network.tensor(node);
  return orders[node];
}

/// Whether the innermost dimension of an operand is summed in the step at hand.
bool LaneGiver::isSummedInnermost(NodeId operand) const {
  std::span<const IndexId> order = orderOf(operand);
  for (size_t dim = order.size(); dim-- > 0;)
    if (network.extent(order[dim]) > 1)
      return (holders[order[dim]] & Result) == 0;
  return false;
}

IndexId LaneGiver::lastOf(NodeId result, Holder operand) const {
  std::span<const IndexId> order = orders[result];
  for (size_t dim = order.size(); dim-- > 0;)
    if (holders[order[dim]] == (operand | Result) && network.extent(order[dim]) > 1)
      return order[dim];
  return order.back();
}

/// What a step takes with lanes from one of its operands, and what its reader does, which
/// transposes a tensor whose innermost dimension it sums.
double LaneGiver::nanoseconds(NodeId result, const planner::Step &operands, Holder lanes) const {
  // Kernels take the operand with the lanes for B.
  double m = 1, n = 1, k = 1, batch = 1;
  forEachInUnion(nodeIndices[operands.lhs], nodeIndices[operands.rhs], [&](IndexId index) {
    uint8_t who = holders[index];
    double &group = (who & Result) == 0           ? k
                    : who == (Lhs | Rhs | Result) ? batch
                    : (who & lanes) != 0          ? n
                                                  : m;
    group *= static_cast<double>(network.extent(index));
  });
  // Tiles no longer depend on extents beyond that.
  auto size = [](double product) { return static_cast<int64_t>(std::min(product, 1e9)); };
  cpu::ContractionSizes sizes{size(m), size(n), size(k), size(batch)};
  if (cpu::chooseBlocking(format, sizes, processor).strategy != cpu::KernelStrategy::Packed)
    return 0;
  bool lhs = isSummedInnermost(operands.lhs), rhs = isSummedInnermost(operands.rhs);
  cpu::SummedInnermost summed =
      lanes == Rhs ? cpu::SummedInnermost{lhs, rhs} : cpu::SummedInnermost{rhs, lhs};
  double time = cpu::laneNanoseconds(format, sizes, summed, processor);
  if (!std::ranges::binary_search(nodeIndices[reader[result]], lastOf(result, lanes)))
    time += cpu::kTransposedNanoseconds * batch * m * n;
  return time;
}

void LaneGiver::orderResult(NodeId result, const planner::Step &operands) {
  double withLhs = nanoseconds(result, operands, Lhs), withRhs = nanoseconds(result, operands, Rhs);
  if (withLhs == withRhs)
    return;
  bool fromLhs = withLhs < withRhs;
  uint8_t lanes = Result | (fromLhs ? Lhs : Rhs);
  auto laneIndices = std::ranges::stable_partition(
      orders[result], [&](IndexId index) { return holders[index] != lanes; });
  // In the order in which that operand has them, if whole vectors of them lie side by side in it.
  std::span<const IndexId> given = orderOf(fromLhs ? operands.lhs : operands.rhs);
  int64_t run = 1;
  for (size_t dim = given.size(); dim-- > 0 && holders[given[dim]] == lanes;)
    run *= network.extent(given[dim]);
  if (run >= processor.lanes(8 * format.bytes))
    std::ranges::sort(laneIndices, {},
                      [&](IndexId index) { return std::ranges::find(given, index); });
}

void LaneGiver::visit(size_t step) {
  const planner::Step &operands = tree.step(step);
  NodeId result = tree.resultOf(step);
  auto mark = [&](NodeId node, uint8_t holder) {
    for (IndexId index : nodeIndices[node])
      holders[index] |= holder;
  };
  mark(operands.lhs, Lhs);
  mark(operands.rhs, Rhs);
  mark(result, Result);
  orderResult(result, operands);
  for (NodeId node : {operands.lhs, operands.rhs})
    for (IndexId index : nodeIndices[node])
      holders[index] = 0;
}

void quick::giveLanes(const Network &network, const ContractionTree &tree,
                      const NodeIndices &nodeIndices, const cpu::SumFormat &format,
                      const cpu::Processor &processor, std::vector<std::vector<IndexId>> &orders) {
  LaneGiver(network, tree, nodeIndices, format, processor, orders).run();
}
