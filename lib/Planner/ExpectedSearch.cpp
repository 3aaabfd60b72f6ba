//===- ExpectedSearch.cpp - Better trees for sparse tensors ---------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "ExpectedSearch.h"

#include "RewirableTree.h"
#include "tenon/Planner/Density.h"

#include <algorithm>
#include <bit>
#include <map>

using namespace tenon::planner;

namespace {

/// All trees over so many nodes are looked at in less than a millisecond.
constexpr size_t mostLeaves = 7;

/// Steps this far (in log2) below the tree's cost are left alone: nothing that they could save
/// would be noticed.
constexpr double negligible = 14;

/// Work of one search, in nodes that are counted; that of a window is as much as counting so many.
/// It takes some seconds.
constexpr uint64_t mostWork = 50'000'000, workOfWindow = 5'000;

/// A set of the nodes of a window.
using Subset = uint32_t;

/// The best trees over the subsets of a window's nodes.
class WindowSearch {
public:
  WindowSearch(const CostModel &model, std::span<const std::vector<IndexId> *const> legs,
               std::span<const double> shares, const std::vector<IndexId> &open,
               std::span<const double> log2Extents);

  double cost() const { return best.back().cost; }
  /// The halves of a set of two or more.
  std::pair<Subset, Subset> split(Subset set) const {
    return {best[set].half, set & ~best[set].half};
  }

private:
  /// Indices that the same nodes have are one.
  struct Group {
    Subset holders;
    bool isOpen;
    double weight;
    bool isOf(Subset set) const { return (holders & set) && (isOpen || (holders & ~set)); }
  };
  struct Entry {
    double size = 0, share = 0, cost = log2Zero;
    Subset half = 0;
  };

  double join(double a, double b) const {
    return model.accumulation() == Accumulation::Sum ? log2Add(a, b) : std::max(a, b);
  }

  const CostModel &model;
  std::vector<Group> groups;
  std::vector<Entry> best;
};

WindowSearch::WindowSearch(const CostModel &model,
                           std::span<const std::vector<IndexId> *const> legs,
                           std::span<const double> shares, const std::vector<IndexId> &open,
                           std::span<const double> log2Extents)
    : model(model), best(size_t{1} << legs.size()) {
  std::map<IndexId, Subset> holders;
  for (size_t node = 0; node < legs.size(); ++node)
    for (IndexId index : *legs[node])
      holders[index] |= Subset{1} << node;
  std::map<std::pair<Subset, bool>, double> weights;
  for (auto [index, set] : holders)
    weights[{set, std::binary_search(open.begin(), open.end(), index)}] += log2Extents[index];
  for (auto [key, weight] : weights)
    groups.push_back({key.first, key.second, weight});

  for (Subset set = 1; set < best.size(); ++set) {
    Entry &entry = best[set];
    for (const Group &group : groups)
      if (group.isOf(set))
        entry.size += group.weight;
    if (std::has_single_bit(set)) {
      entry.share = shares[std::countr_zero(set)];
      continue;
    }
    Subset lowest = set & -set;
    entry.cost = std::numeric_limits<double>::infinity();
    for (Subset half = (set - 1) & set; half; half = (half - 1) & set) {
      if (!(half & lowest))
        continue;
      const Entry &lhs = best[half], &rhs = best[set & ~half];
      double below = join(lhs.cost, rhs.cost);
      if (below >= entry.cost)
        continue;
      double all = 0;
      for (const Group &group : groups)
        if (group.isOf(half) || group.isOf(set & ~half))
          all += group.weight;
      double pairs = lhs.share + rhs.share, share = log2ShareOfSums(pairs, all - entry.size);
      double cost = join(below, model.step({lhs.size + lhs.share, rhs.size + rhs.share,
                                            entry.size + share, all + pairs}));
      if (cost < entry.cost) {
        entry.cost = cost;
        entry.share = share;
        entry.half = half;
      }
    }
  }
}

/// A tree with the expected costs of its steps.
class ExpectedTree : public RewirableTree {
public:
  ExpectedTree(const Network &network, const ContractionTree &tree, const NodeIndices &indices,
               const CostModel &model, std::span<const double> log2Extents)
      : RewirableTree(tree, indices, log2Extents), model(model),
        shares(log2Shares(network, tree, indices, log2Extents)), score(recount()) {}

  const Score &present() const { return score; }
  uint64_t workDone() const { return work; }
  /// Replaces the top of the subtree at `top` by a better one over the same nodes, which are opened
  /// at random or dearest first. True if the tree got better.
  bool improve(NodeId top, size_t width, Random *random);
  /// With the smaller number first in each step, as other searches have it.
  ContractionTree tree() const {
    ContractionTree found = treeFromChildren(numLeaves, std::span(children).subspan(numLeaves));
    std::vector<Step> steps(found.steps().begin(), found.steps().end());
    for (Step &step : steps)
      if (step.lhs > step.rhs)
        std::swap(step.lhs, step.rhs);
    return ContractionTree(numLeaves, std::move(steps));
  }

private:
  void rewire(NodeId top, const WindowSearch &search);
  /// Shares and costs of all steps, operands first, and what they come to.
  Score recount();

  const CostModel &model;
  std::vector<double> shares;
  uint64_t work = 0;
  Score score;
};

Score ExpectedTree::recount() {
  ScoreSum sum(model);
  work += root - numLeaves + 1;
  // Rewiring broke the order of the numbers.
  std::vector<NodeId> order{root};
  for (size_t i = 0; i < order.size(); ++i)
    for (NodeId child : {children[order[i]].lhs, children[order[i]].rhs})
      if (!isLeaf(child))
        order.push_back(child);
  std::reverse(order.begin(), order.end());
  for (NodeId node : order) {
    auto [lhs, rhs] = children[node];
    double size = sizeOf(legs[node]), all = 0, pairs = shares[lhs] + shares[rhs];
    forEachInUnion(legs[lhs], legs[rhs], [&](IndexId index) { all += weights[index]; });
    shares[node] = log2ShareOfSums(pairs, all - size);
    StepSizes sizes{sizeOf(legs[lhs]) + shares[lhs], sizeOf(legs[rhs]) + shares[rhs],
                    size + shares[node], all + pairs};
    stepCost[node] = model.step(sizes);
    sum.add(sizes);
  }
  return sum.score();
}

void ExpectedTree::rewire(NodeId top, const WindowSearch &search) {
  // The numbers of the inner nodes are used again, `top` for all of the window.
  size_t next = 0;
  const std::vector<IndexId> open = legs[top];
  auto make = [&](auto &self, Subset set) -> NodeId {
    if (std::has_single_bit(set))
      return frontier[std::countr_zero(set)];
    NodeId node = inner[next++];
    auto [left, right] = search.split(set);
    NodeId lhs = self(self, left), rhs = self(self, right);
    std::vector<IndexId> kept;
    forEachInUnion(legs[lhs], legs[rhs], [&](IndexId index) {
      bool isNeeded = std::binary_search(open.begin(), open.end(), index);
      for (size_t i = 0; i < frontier.size() && !isNeeded; ++i)
        isNeeded = !(set >> i & 1) &&
                   std::binary_search(legs[frontier[i]].begin(), legs[frontier[i]].end(), index);
      if (isNeeded)
        kept.push_back(index);
    });
    legs[node] = std::move(kept);
    children[node] = {lhs, rhs};
    return node;
  };
  make(make, (Subset{1} << frontier.size()) - 1);
}

bool ExpectedTree::improve(NodeId top, size_t width, Random *random) {
  chooseWindow(top, width, random);
  if (frontier.size() < 3)
    return false;
  double present = log2Zero;
  for (NodeId node : inner)
    present = model.accumulation() == Accumulation::Sum ? log2Add(present, stepCost[node])
                                                        : std::max(present, stepCost[node]);
  if (present < score.cost - negligible)
    return false;
  std::vector<const std::vector<IndexId> *> lists;
  std::vector<double> ownShares;
  for (NodeId node : frontier) {
    lists.push_back(&legs[node]);
    ownShares.push_back(shares[node]);
  }
  work += workOfWindow;
  WindowSearch search(model, lists, ownShares, legs[top], weights);
  // A difference that rounding can make is none.
  if (!(search.cost() < present - 0x1p-24))
    return false;
  std::vector<std::vector<IndexId>> oldLegs;
  std::vector<Step> oldChildren;
  for (NodeId node : inner) {
    oldLegs.push_back(legs[node]);
    oldChildren.push_back(children[node]);
  }
  rewire(top, search);
  Score changed = recount();
  if (changed.betterThan(score)) {
    score = changed;
    return true;
  }
  for (size_t i = 0; i < inner.size(); ++i) {
    legs[inner[i]] = std::move(oldLegs[i]);
    children[inner[i]] = oldChildren[i];
  }
  recount();
  return false;
}

} // namespace

ContractionTree tenon::planner::improveExpected(const Network &network, const ContractionTree &tree,
                                                const CostModel &model,
                                                std::span<const double> log2Extents,
                                                const Budget &budget) {
  if (tree.numSteps() < 2 || budget.reconfigureRounds == 0)
    return tree;
  ExpectedTree work(network, tree, NodeIndices(network, tree), model, log2Extents);
  Random random(deriveSeed(budget.seed, 0x7368617265));
  size_t width = std::clamp<size_t>(budget.reconfigureLeaves, 3, mostLeaves);
  unsigned idleRounds = 0;
  for (unsigned round = 0; round < budget.reconfigureRounds && idleRounds < 2; ++round) {
    budget.report({"expected", round, budget.reconfigureRounds, work.present()});
    bool improved = false;
    for (NodeId top : work.dearestFirst()) {
      if (budget.expired() || work.workDone() > mostWork)
        return work.tree();
      improved |= work.improve(top, width, round % 2 ? &random : nullptr);
    }
    idleRounds = improved ? 0 : idleRounds + 1;
  }
  return work.tree();
}
