//===- StoredOrders.cpp - The order of intermediates' dimensions ----------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "StoredOrders.h"

#include "LaneOrders.h"

#include "tenon/KernelModel/Layouts.h"
#include "tenon/Planner/IndexOrder.h"

#include <algorithm>

using namespace tenon;
using namespace tenon::planner;

/// Comparing orders takes some 40 microseconds a step. From this many multiply-adds for each step
/// on, that is a small part of the first run.
static constexpr double kComparedFromOperations = 2e7;

static double countOperations(const Network &network, const ContractionTree &tree,
                              const NodeIndices &nodeIndices) {
  double operations = 0;
  for (const Step &step : tree.steps()) {
    double product = 1;
    forEachInUnion(nodeIndices[step.lhs], nodeIndices[step.rhs],
                   [&](IndexId index) { product *= double(network.extent(index)); });
    operations += product;
  }
  return operations;
}

std::vector<std::vector<IndexId>> quick::chooseStoredOrders(const Network &network,
                                                            const ContractionTree &tree,
                                                            const NodeIndices &nodeIndices,
                                                            const cpu::SumFormat &format,
                                                            const cpu::Processor &processor) {
  std::vector<std::vector<IndexId>> orders = orderIntermediates(network, tree, nodeIndices);
  if (countOperations(network, tree, nodeIndices) <
      kComparedFromOperations * double(tree.numSteps())) {
    giveLanes(network, tree, nodeIndices, format, processor, orders);
    return orders;
  }

  cpu::LayoutProblem problem;
  problem.processor = processor;
  // Leaves as they are read: each index once, none that is summed beforehand.
  for (NodeId leaf = 0; leaf < tree.numLeaves(); ++leaf)
    for (IndexId index : network.tensor(leaf))
      if (std::ranges::binary_search(nodeIndices[leaf], index) &&
          std::ranges::find(orders[leaf], index) == orders[leaf].end())
        orders[leaf].push_back(index);
  for (NodeId node = 0; node < tree.numNodes(); ++node) {
    cpu::LayoutTensor tensor;
    for (IndexId index : orders[node])
      tensor.extents.push_back(network.extent(index));
    tensor.elementBytes = format.elementBytes();
    tensor.isFixed = tree.isLeaf(node) || node == tree.root();
    problem.tensors.push_back(std::move(tensor));
  }
  auto operand = [&](NodeId node) {
    return cpu::LayoutOperand{static_cast<int32_t>(node),
                              {orders[node].begin(), orders[node].end()}};
  };
  for (size_t step = 0; step < tree.numSteps(); ++step)
    problem.steps.push_back({{operand(tree.step(step).lhs), operand(tree.step(step).rhs)},
                             operand(tree.resultOf(step)),
                             format});
  cpu::LayoutChoice choice = cpu::chooseLayouts(problem);
  for (NodeId node = 0; node < tree.numNodes(); ++node) {
    std::vector<IndexId> written = std::move(orders[node]);
    orders[node].clear();
    if (!tree.isLeaf(node))
      for (int32_t dim : choice.orders[node])
        orders[node].push_back(written[static_cast<size_t>(dim)]);
  }
  return orders;
}
