//===- Rearrange.cpp - Improvement of trees by bisecting windows ----------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Rearrange.h"

#include "BisectionTree.h"
#include "tenon/Planner/Cost.h"

#include <algorithm>

using namespace tenon::planner;

namespace {

/// Nodes that a window hangs above.
constexpr double fewestLeaves = 8, mostLeaves = 200;

/// Noise on the log2 cost of steps when a window's top is chosen; of the root's advantage; and how
/// many generations above it the window may begin.
constexpr double topNoise = 3, rootBonus = 2;
constexpr uint32_t mostClimbed = 5;

/// Noise on the log2 cost of steps when a window grows, drawn for each window between these.
constexpr double leastGrowthNoise = 0.5, mostGrowthNoise = 8;

/// A tree, and what is known of its nodes.
class WindowSearch {
public:
  WindowSearch(const Network &network, ContractionTree start, const CostModel &model,
               std::span<const double> log2Extents, uint64_t seed)
      : network(network), model(model), weights(log2Extents), random(seed),
        localOf(network.numIndices(), 0) {
    adopt(std::move(start));
  }

  /// Looks at one window.
  void step(const Budget &budget);
  ContractionTree takeTree() { return std::move(tree); }

private:
  void adopt(ContractionTree newTree);
  NodeId chooseTop();
  void grow(NodeId top);
  Network windowNetwork(NodeId top);
  ContractionTree replaced(NodeId top, const ContractionTree &replacement) const;

  const Network &network;
  const CostModel &model;
  std::span<const double> weights;
  Random random;
  ContractionTree tree;
  std::optional<NodeIndices> legs;
  std::vector<double> cost;
  std::vector<NodeId> parent;

  // The window: nodes below it, ascending, and its inner nodes.
  std::vector<NodeId> frontier, inner;
  std::vector<double> windowExtents;
  /// 1 + the number of an index in the window, or 0.
  std::vector<IndexId> localOf;
};

} // namespace

void WindowSearch::adopt(ContractionTree newTree) {
  tree = std::move(newTree);
  legs.emplace(network, tree);
  cost.assign(tree.numNodes(), log2Zero);
  parent.assign(tree.numNodes(), tree.root());
  for (size_t step = 0; step < tree.numSteps(); ++step) {
    NodeId result = tree.resultOf(step);
    cost[result] = model.step(stepSizes(tree, *legs, step, weights));
    parent[tree.step(step).lhs] = parent[tree.step(step).rhs] = result;
  }
}

/// A dear node, or one not far above it.
NodeId WindowSearch::chooseTop() {
  NodeId top = tree.root();
  double highest = cost[top] + rootBonus + topNoise * random.gumbel();
  for (NodeId node = tree.numLeaves(); node < tree.root(); ++node) {
    double value = cost[node] + topNoise * random.gumbel();
    if (value > highest) {
      highest = value;
      top = node;
    }
  }
  for (uint32_t climbed = random.below(mostClimbed + 1); climbed > 0; --climbed)
    top = parent[top];
  return top;
}

/// Opens the dearest node below the window again and again, give or take noise.
void WindowSearch::grow(NodeId top) {
  auto width = static_cast<size_t>(random.logUniform(fewestLeaves, mostLeaves));
  double noise = random.logUniform(leastGrowthNoise, mostGrowthNoise);
  frontier.clear();
  inner.clear();
  std::vector<std::pair<double, NodeId>> heap;
  auto add = [&](NodeId node) {
    if (tree.isLeaf(node)) {
      frontier.push_back(node);
    } else {
      heap.emplace_back(cost[node] + noise * random.gumbel(), node);
      std::push_heap(heap.begin(), heap.end());
    }
  };
  add(top);
  while (!heap.empty() && frontier.size() + heap.size() < width) {
    std::pop_heap(heap.begin(), heap.end());
    NodeId opened = heap.back().second;
    heap.pop_back();
    inner.push_back(opened);
    add(tree.makerOf(opened).lhs);
    add(tree.makerOf(opened).rhs);
  }
  for (auto [value, node] : heap)
    frontier.push_back(node);
  std::sort(frontier.begin(), frontier.end());
}

Network WindowSearch::windowNetwork(NodeId top) {
  Network window;
  windowExtents.clear();
  std::vector<IndexId> globalOf, own;
  auto localLegs = [&](NodeId node) -> const std::vector<IndexId> & {
    own.clear();
    for (IndexId index : (*legs)[node]) {
      if (localOf[index] == 0) {
        // Extents are read from the weights.
        window.addIndex(1);
        windowExtents.push_back(weights[index]);
        globalOf.push_back(index);
        localOf[index] = static_cast<IndexId>(globalOf.size());
      }
      own.push_back(localOf[index] - 1);
    }
    return own;
  };
  for (NodeId node : frontier)
    window.addTensor(localLegs(node));
  window.setOutput(localLegs(top));
  for (IndexId index : globalOf)
    localOf[index] = 0;
  return window;
}

ContractionTree WindowSearch::replaced(NodeId top, const ContractionTree &replacement) const {
  NodeId leaves = tree.numLeaves();
  std::vector<Step> steps;
  steps.reserve(tree.numSteps());
  std::vector<bool> dropped(tree.numNodes(), false);
  for (NodeId node : inner)
    dropped[node] = true;
  std::vector<NodeId> renamed(tree.numNodes());
  for (NodeId leaf = 0; leaf < leaves; ++leaf)
    renamed[leaf] = leaf;
  auto add = [&](NodeId lhs, NodeId rhs) {
    steps.push_back({lhs, rhs});
    return leaves + static_cast<NodeId>(steps.size()) - 1;
  };
  for (NodeId node = leaves; node < tree.numNodes(); ++node) {
    if (node == top) {
      std::vector<NodeId> nodes;
      for (NodeId below : frontier)
        nodes.push_back(renamed[below]);
      for (const Step &step : replacement.steps())
        nodes.push_back(add(nodes[step.lhs], nodes[step.rhs]));
      renamed[top] = nodes.back();
    } else if (!dropped[node]) {
      renamed[node] = add(renamed[tree.makerOf(node).lhs], renamed[tree.makerOf(node).rhs]);
    }
  }
  return {leaves, std::move(steps)};
}

void WindowSearch::step(const Budget &budget) {
  NodeId top = chooseTop();
  grow(top);
  if (frontier.size() < 4)
    return;
  ScoreSum sum(model);
  for (NodeId node : inner)
    sum.add(stepSizes(tree, *legs, node - tree.numLeaves(), weights));
  Score present = sum.score();
  Network window = windowNetwork(top);
  std::optional<ScoredTree> found = BisectionSearch(window, windowExtents, model, present.cost)
                                        .run(bisectionOptions(random.bits(), 1), budget);
  // Trees as good are taken too: the next windows differ.
  if (found && !present.betterThan(found->score))
    adopt(replaced(top, found->tree));
}

ContractionTree tenon::planner::rearrange(const Network &network, const ContractionTree &tree,
                                          const CostModel &model,
                                          std::span<const double> log2Extents,
                                          const RearrangeOptions &options, const Budget &budget) {
  if (tree.numLeaves() < 4)
    return tree;
  WindowSearch search(network, tree, model, log2Extents, options.seed);
  for (uint64_t window = 0; window < options.windows && !budget.expired(); ++window)
    search.step(budget);
  return search.takeTree();
}
