//===- TreeWindow.cpp - A part of a tree, as a problem of its own ---------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "TreeWindow.h"

#include "tenon/Planner/Cost.h"
#include "tenon/Planner/Reconfigure.h"

#include <algorithm>
#include <cmath>
#include <queue>

using namespace tenon::planner;

/// The cost of the dearest step at or below each node.
static std::vector<double> dearestBelow(const ContractionTree &tree, const NodeIndices &indices,
                                        const CostModel &model,
                                        std::span<const double> log2Extents) {
  std::vector<double> dearest(tree.numNodes(), log2Zero);
  for (size_t step = 0; step < tree.numSteps(); ++step) {
    auto [lhs, rhs] = tree.step(step);
    double cost = model.step(stepSizes(tree, indices, step, log2Extents));
    dearest[tree.resultOf(step)] = std::max({cost, dearest[lhs], dearest[rhs]});
  }
  return dearest;
}

TreeWindow tenon::planner::openDearest(const Network &network, const ContractionTree &tree,
                                       const CostModel &model, std::span<const double> log2Extents,
                                       size_t mostLeaves) {
  NodeIndices indices(network, tree);
  std::vector<double> dearest = dearestBelow(tree, indices, model, log2Extents);
  // Opened nodes form a connected set with the root, since parents are at least as dear.
  std::vector<bool> isOpen(tree.numNodes(), false);
  auto cheaper = [&](NodeId a, NodeId b) {
    return dearest[a] != dearest[b] ? dearest[a] < dearest[b] : a < b;
  };
  std::priority_queue<NodeId, std::vector<NodeId>, decltype(cheaper)> queue(cheaper);
  queue.push(tree.root());
  for (size_t leaves = 1; leaves < mostLeaves && !queue.empty(); ++leaves) {
    NodeId node = queue.top();
    queue.pop();
    isOpen[node] = true;
    auto [lhs, rhs] = tree.makerOf(node);
    for (NodeId child : {lhs, rhs})
      if (!tree.isLeaf(child))
        queue.push(child);
  }

  TreeWindow window;
  std::vector<IndexId> localOf(network.numIndices(), ~IndexId{0});
  auto toLocal = [&](std::span<const IndexId> global) {
    std::vector<IndexId> local;
    for (IndexId index : global) {
      if (localOf[index] == ~IndexId{0}) {
        localOf[index] = window.network.addIndex(network.extent(index));
        window.indices.push_back(index);
        window.log2Extents.push_back(log2Extents[index]);
      }
      local.push_back(localOf[index]);
    }
    return local;
  };
  std::vector<NodeId> idOf(tree.numNodes(), 0);
  for (NodeId node = tree.numLeaves(); node < tree.numNodes(); ++node)
    if (isOpen[node])
      for (NodeId child : {tree.makerOf(node).lhs, tree.makerOf(node).rhs})
        if (!isOpen[child]) {
          idOf[child] = static_cast<NodeId>(window.frontier.size());
          window.frontier.push_back(child);
          window.network.addTensor(toLocal(indices[child]));
        }
  window.network.setOutput(toLocal(indices[tree.root()]));
  std::vector<Step> steps;
  NodeId leaves = static_cast<NodeId>(window.frontier.size());
  for (NodeId node = tree.numLeaves(); node < tree.numNodes(); ++node)
    if (isOpen[node]) {
      idOf[node] = leaves + static_cast<NodeId>(steps.size());
      steps.push_back({idOf[tree.makerOf(node).lhs], idOf[tree.makerOf(node).rhs]});
    }
  window.tree = ContractionTree(leaves, std::move(steps));
  return window;
}

ContractionTree tenon::planner::replaceWindow(const ContractionTree &tree, const TreeWindow &window,
                                              const ContractionTree &replacement) {
  // The subtrees below the window first, in their old order, then the window's new steps.
  std::vector<bool> isBelow(tree.numNodes(), false);
  for (NodeId node : window.frontier)
    isBelow[node] = true;
  for (NodeId node = tree.numNodes(); node-- > tree.numLeaves();)
    if (isBelow[node])
      isBelow[tree.makerOf(node).lhs] = isBelow[tree.makerOf(node).rhs] = true;
  std::vector<Step> steps;
  std::vector<NodeId> idOf(tree.numNodes(), 0);
  for (NodeId leaf = 0; leaf < tree.numLeaves(); ++leaf)
    idOf[leaf] = leaf;
  for (NodeId node = tree.numLeaves(); node < tree.numNodes(); ++node)
    if (isBelow[node]) {
      idOf[node] = tree.numLeaves() + static_cast<NodeId>(steps.size());
      steps.push_back({idOf[tree.makerOf(node).lhs], idOf[tree.makerOf(node).rhs]});
    }
  NodeId first = tree.numLeaves() + static_cast<NodeId>(steps.size());
  auto globalOf = [&](NodeId node) {
    return replacement.isLeaf(node) ? idOf[window.frontier[node]]
                                    : first + (node - replacement.numLeaves());
  };
  for (const Step &step : replacement.steps())
    steps.push_back({globalOf(step.lhs), globalOf(step.rhs)});
  return {tree.numLeaves(), std::move(steps)};
}

OuterSlices tenon::planner::outerSlices(const Network &network, const ContractionTree &tree,
                                        const TreeWindow &window, std::span<const IndexId> sliced) {
  OuterSlices outer;
  std::vector<bool> isOuter(network.numIndices(), false);
  for (IndexId index : sliced)
    isOuter[index] = true;
  for (IndexId index : window.indices)
    isOuter[index] = false;
  // Whether a node depends on one of them.
  std::vector<bool> depends(tree.numNodes(), false);
  for (IndexId index : sliced)
    if (isOuter[index])
      outer.log2Slices +=
          std::log2(static_cast<double>(std::max<int64_t>(network.extent(index), 1)));
  for (NodeId leaf = 0; leaf < tree.numLeaves(); ++leaf)
    depends[leaf] = std::ranges::any_of(network.tensor(leaf),
                                        [&](IndexId index) { return bool(isOuter[index]); });
  for (size_t step = 0; step < tree.numSteps(); ++step)
    depends[tree.resultOf(step)] = depends[tree.step(step).lhs] || depends[tree.step(step).rhs];
  for (NodeId tensor = 0; tensor < window.frontier.size(); ++tensor)
    if (depends[window.frontier[tensor]])
      outer.tensors.push_back(tensor);
  return outer;
}

/// Applies `improve(network, tree, log2Extents)` to a tree, of a large one to its dearest window.
template <typename Improve>
static ContractionTree improveDearest(const Network &network, const ContractionTree &tree,
                                      const CostModel &model, std::span<const double> log2Extents,
                                      Improve &&improve) {
  if (tree.numLeaves() <= mostImprovedLeaves)
    return improve(network, tree, log2Extents);
  TreeWindow window = openDearest(network, tree, model, log2Extents, mostImprovedLeaves);
  return replaceWindow(tree, window, improve(window.network, window.tree, window.log2Extents));
}

ContractionTree tenon::planner::annealDearest(const Network &network, const ContractionTree &tree,
                                              const CostModel &model,
                                              std::span<const double> log2Extents,
                                              const AnnealOptions &options, const Budget &budget) {
  return improveDearest(
      network, tree, model, log2Extents,
      [&](const Network &part, const ContractionTree &top, std::span<const double> weights) {
        return anneal(part, top, model, weights, options, budget);
      });
}

ContractionTree
tenon::planner::rearrangeDearest(const Network &network, const ContractionTree &tree,
                                 const CostModel &model, std::span<const double> log2Extents,
                                 const RearrangeOptions &options, const Budget &budget) {
  return improveDearest(
      network, tree, model, log2Extents,
      [&](const Network &part, const ContractionTree &top, std::span<const double> weights) {
        return rearrange(part, top, model, weights, options, budget);
      });
}

ContractionTree tenon::planner::reconfigureDearest(const Network &network,
                                                   const ContractionTree &tree,
                                                   const CostModel &model,
                                                   std::span<const double> log2Extents,
                                                   const Budget &budget) {
  return improveDearest(
      network, tree, model, log2Extents,
      [&](const Network &part, const ContractionTree &top, std::span<const double> weights) {
        return reconfigure(part, top, model, weights, budget);
      });
}
