//===- Reconfigure.cpp - Exact improvement of subtrees --------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Planner/Reconfigure.h"

#include "RewirableTree.h"
#include "tenon/Planner/Exact.h"

#include <algorithm>

using namespace tenon::planner;

namespace {

/// Windows whose cost and operations are both this far (in log2) below the tree's are left
/// alone: nothing that they could save would be noticed.
constexpr double negligible = 14;

/// The trees that a window is replaced by.
enum class Trees { WithoutOuterProducts, All };

/// All trees over so many leaves are looked at in some ten microseconds.
constexpr size_t maxLeavesWithOuterProducts = 8;

/// Wider windows take longer than they save.
constexpr size_t widestWindow = 12;

/// A tree of which subtrees are replaced by the best ones.
class Rewiring : public RewirableTree {
public:
  Rewiring(const Network &network, const ContractionTree &tree, const CostModel &model,
           std::span<const double> log2Extents)
      : RewirableTree(tree, NodeIndices(network, tree), log2Extents), model(model),
        sizes(tree.numNodes(), 0), localOf(network.numIndices(), 0) {
    for (NodeId node = 0; node < tree.numNodes(); ++node) {
      sizes[node] = sizeOf(legs[node]);
      if (!isLeaf(node))
        priceNode(node);
    }
  }

  Score score() const {
    ScoreSum sum(model);
    for (NodeId node = numLeaves; node <= root; ++node)
      sum.add(sizesOfStep(node));
    return sum.score();
  }

  /// Replaces the top of the subtree at `top` by the best tree over the same frontier of
  /// `width` nodes. True if that improved it.
  bool improve(NodeId top, size_t width, Trees trees, const Score &treeScore, Random *random);

  ContractionTree tree() const;

private:
  StepSizes sizesOfStep(NodeId node) const {
    auto [lhs, rhs] = children[node];
    StepSizes step{sizes[lhs], sizes[rhs], sizes[node], 0};
    forEachInUnion(legs[lhs], legs[rhs], [&](IndexId index) { step.ops += weights[index]; });
    return step;
  }
  void priceNode(NodeId node) { stepCost[node] = model.step(sizesOfStep(node)); }
  ExactProblem problemOfWindow(NodeId top);
  void rewire(NodeId top, const ExactTree &best);

  const CostModel &model;
  std::vector<double> sizes;
  // The window at work.
  std::vector<IndexId> globalOf;
  /// 1 + the local number of an index of the window, or 0.
  std::vector<uint32_t> localOf;
  std::vector<bool> openLocal;
};

ExactProblem Rewiring::problemOfWindow(NodeId top) {
  ExactProblem problem;
  globalOf.clear();
  for (NodeId node : frontier) {
    std::vector<uint32_t> &leaf = problem.leaves.emplace_back();
    for (IndexId index : legs[node]) {
      if (localOf[index] == 0) {
        globalOf.push_back(index);
        localOf[index] = static_cast<uint32_t>(globalOf.size());
        problem.weights.push_back(weights[index]);
      }
      leaf.push_back(localOf[index] - 1);
    }
  }
  problem.open.assign(globalOf.size(), false);
  for (IndexId index : legs[top])
    problem.open[localOf[index] - 1] = true;
  for (IndexId index : globalOf)
    localOf[index] = 0;
  return problem;
}

bool Rewiring::improve(NodeId top, size_t width, Trees trees, const Score &treeScore,
                       Random *random) {
  chooseWindow(top, width, random);
  if (frontier.size() < 3)
    return false;
  ScoreSum sum(model);
  for (NodeId node : inner)
    sum.add(sizesOfStep(node));
  Score present = sum.score();
  if (present.cost < treeScore.cost - negligible && present.ops < treeScore.ops - negligible)
    return false;
  ExactProblem problem = problemOfWindow(top);
  openLocal = problem.open;
  std::optional<ExactTree> connected;
  if (trees == Trees::WithoutOuterProducts)
    connected = solveConnected(problem, model, present.cost);
  ExactTree best = connected ? std::move(*connected) : solveDense(problem, model, present.cost);
  if (!best.score.betterThan(present))
    return false;
  rewire(top, best);
  return true;
}

void Rewiring::rewire(NodeId top, const ExactTree &best) {
  // How many nodes of the window, and whether something above it, need each index.
  std::vector<uint32_t> needed(globalOf.size(), 0);
  for (uint32_t local = 0; local < globalOf.size(); ++local)
    localOf[globalOf[local]] = local + 1;
  for (NodeId node : frontier)
    for (IndexId index : legs[node])
      ++needed[localOf[index] - 1];
  for (uint32_t local = 0; local < globalOf.size(); ++local)
    needed[local] += openLocal[local];

  // The ids of the inner nodes are reused, and the last step makes `top` again. Operands are
  // frontier nodes or results made just before, so no old legs are read after this.
  size_t count = best.steps.size();
  std::vector<NodeId> idOf(frontier);
  for (size_t step = 0; step < count; ++step)
    idOf.push_back(step + 1 == count ? top : inner[step + 1]);
  for (size_t step = 0; step < count; ++step) {
    NodeId lhs = idOf[best.steps[step].lhs], rhs = idOf[best.steps[step].rhs];
    NodeId result = idOf[frontier.size() + step];
    std::vector<IndexId> merged;
    std::set_union(legs[lhs].begin(), legs[lhs].end(), legs[rhs].begin(), legs[rhs].end(),
                   std::back_inserter(merged));
    std::erase_if(merged, [&](IndexId index) {
      bool inBoth = std::binary_search(legs[lhs].begin(), legs[lhs].end(), index) &&
                    std::binary_search(legs[rhs].begin(), legs[rhs].end(), index);
      return inBoth && --needed[localOf[index] - 1] == 1;
    });
    legs[result] = std::move(merged);
    sizes[result] = sizeOf(legs[result]);
    children[result] = {lhs, rhs};
    priceNode(result);
  }
  for (IndexId index : globalOf)
    localOf[index] = 0;
}

// Rewiring broke the order of the ids.
ContractionTree Rewiring::tree() const {
  return treeFromChildren(numLeaves, std::span(children).subspan(numLeaves));
}

} // namespace

ContractionTree tenon::planner::reconfigure(const Network &network, const ContractionTree &tree,
                                            const CostModel &model,
                                            std::span<const double> log2Extents,
                                            const Budget &budget) {
  if (tree.numSteps() < 2 || budget.reconfigureRounds == 0)
    return tree;
  size_t width = std::clamp<size_t>(budget.reconfigureLeaves, 3, widestWindow);
  Rewiring rewiring(network, tree, model, log2Extents);
  Random random(deriveSeed(budget.seed, 0x7265636f6e));
  auto runRound = [&](unsigned number, size_t leaves, Trees trees, Random *chooser) {
    Score score = rewiring.score();
    budget.report({"reconfigure", number, budget.reconfigureRounds + 1, score});
    bool improved = false;
    for (NodeId top : rewiring.dearestFirst()) {
      if (budget.expired())
        break;
      improved |= rewiring.improve(top, leaves, trees, score, chooser);
    }
    return improved;
  };
  unsigned round = 0;
  for (unsigned idleRounds = 0; round < budget.reconfigureRounds && idleRounds < 2; ++round) {
    bool improved =
        runRound(round, width, Trees::WithoutOuterProducts, round % 2 ? &random : nullptr);
    idleRounds = improved ? 0 : idleRounds + 1;
  }
  // Outer products seldom pay, and looking at all of them takes long: once, at the end.
  runRound(round, std::min(width, maxLeavesWithOuterProducts), Trees::All, nullptr);
  return rewiring.tree();
}
