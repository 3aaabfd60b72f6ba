//===- ExactSparse.cpp - Optimal trees below the cost of a known one ------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "ExactSparse.h"

#include "ExactCentre.h"
#include "Preprocess.h"

#include "tenon/Support/Assert.h"

using namespace tenon::planner;

SparseSearch::SparseSearch(const ExactProblem &rooted, const ExactProblem &problem, bool isCentred,
                           const CostModel &model, double upperBound, ExactMeter &meter,
                           unsigned threads)
    : rooted(rooted), model(model), groups(problem), pricing(model, upperBound), meter(meter),
      threads(threads), n(problem.leaves.size()), isCentred(isCentred),
      hasOutput(n > rooted.leaves.size()), full(n == 64 ? ~LeafSet{0} : (LeafSet{1} << n) - 1),
      cap(pricing.relative(upperBound + slack)),
      mostBelow(isCentred && pricing.isSum() ? cap / 2 : cap),
      leastVertex(cap, [&](double ops) { return vertexOf(ops); }), kept(groups), byWidth(n + 1) {
  byShare.fill(std::vector<Shelves>(n + 1));
  setsWith.assign(n, 0);
  bool isConnected = connectedFrom(LeafSet{1}, full) == full;
  movesLeaves = isCentred && pricing.isSum();
  limitsVertices = movesLeaves && std::isnormal(pricing.vertex(0));
  countsLegs = isCentred && isConnected && isPreprocessingLossless(model);
  if (movesLeaves) {
    pairWeights.resize(n * n);
    for (size_t a = 0; a < n; ++a)
      for (LeafSet rest = groups.neighbours(a); rest; rest &= rest - 1) {
        auto b = static_cast<size_t>(std::countr_zero(rest));
        pairWeights[a * n + b] = groups.weightsOf(LeafSet{1} << a | LeafSet{1} << b);
      }
  }
  bool isGraph = true;
  std::vector<Set> leaves(n);
  for (size_t leaf = 0; leaf < n; ++leaf) {
    Set &added = leaves[leaf];
    added.leaves = LeafSet{1} << leaf;
    added.around = groups.neighbours(leaf);
    added.weights = groups.weightsOf(added.leaves);
    bool isOutput = hasOutput && leaf + 1 == n;
    added.cost = isOutput ? pricing.edge(added.weights.size()) : 0;
    added.ops = 0;
    leafSizes.push_back(added.weights.size());
    added.use = added.usesBelow = useOf(added);
    byUse.push_back({added.use, added.leaves});
    widestLeaf = std::max(widestLeaf, added.weights.size());
  }
  std::sort(byUse.begin(), byUse.end(), [](const Leaf &a, const Leaf &b) {
    return a.use != b.use ? a.use > b.use : a.leaf < b.leaf;
  });
  for (Set &added : leaves) {
    added.readsBelow = readOf(added);
    allUses += added.use;
    allReads += added.readsBelow;
    complete(added);
    add(added);
    isGraph = isGraph && sets.back().isPlain;
  }
  countsGraph = countsLegs && isGraph;
}

std::optional<ExactTree> SparseSearch::run() {
  OuterProductBound outer(model, pricing, widestLeaf);
  FloorTable leastOuter(cap, [&](double size) { return outer.leastCost(size); });
  firstOf = {0, 0, n};
  sortLayer(1, outer);
  size_t last = !isCentred ? n : pricing.isSum() ? n - 2 : n / 2;
  for (size_t count = 2; count <= last; ++count)
    if (!makeLayer(count, outer, leastOuter))
      return std::nullopt;
  if (isCentred)
    return joinAtCentre();
  if (sets.back().leaves != full)
    return std::nullopt;
  return treeBelow(
      n, model, static_cast<uint32_t>(sets.size() - 1),
      [&](uint32_t number) -> const Entry & { return sets[number]; },
      [&](uint32_t number) { return number < n ? std::optional<NodeId>(number) : std::nullopt; });
}

void SparseSearch::complete(Set &set) const {
  if (isCentred && !hasOutput) {
    // A product of two numbers at the root: reads either side, writes the other and the result.
    double size = set.weights.size();
    double root =
        pricing.join(pricing.join(pricing.vertex(size), pricing.edge(size)), pricing.edge(0));
    double here = pricing.join(set.cost, root);
    if (here <= set.rooted.cost)
      set.rooted = {here, set.lhs, set.rhs, RootPlace::Here};
  }
  if (!std::has_single_bit(set.leaves)) {
    const Set &lhs = sets[set.lhs], &rhs = sets[set.rhs];
    set.around = (lhs.around | rhs.around) & ~set.leaves;
    bool isOneWay = set.rooted.place == RootPlace::Here ||
                    (set.rooted.lhs == set.lhs && set.rooted.rhs == set.rhs);
    set.isOuter = isOneWay && !(lhs.around & rhs.leaves);
  }
  set.isPlain = true;
  std::vector<Tie> outer;
  groups.forEachKept(set.leaves, [&](size_t, LeafSet holders, double weight) {
    LeafSet outside = holders & ~set.leaves;
    if (std::has_single_bit(outside))
      set.legs |= outside;
    else
      set.isPlain = false;
    outer.push_back({outside, weight});
  });
  if (movesLeaves)
    findFittingLeaves(set, outer);
}

void SparseSearch::add(const Set &set) {
  table.insert(set.leaves, static_cast<uint32_t>(sets.size()));
  kept.add(groups, set.leaves);
  sets.push_back(set);
}

void SparseSearch::sortLayer(size_t count, const OuterProductBound &outer) {
  std::vector<std::pair<double, uint32_t>> layer;
  for (size_t number = firstOf[count]; number < sets.size(); ++number) {
    Set &set = sets[number];
    if (set.isDominated || (set.isOuter && !findPartners(set, outer)))
      continue;
    set.mostOps = std::min(mostOpsWith(set), set.mostOfVertex);
    // Where three branches meet, it may still have a place.
    if (set.mostOps < set.weights.size())
      continue;
    for (LeafSet rest = set.leaves; rest; rest &= rest - 1)
      ++setsWith[static_cast<size_t>(std::countr_zero(rest))];
    layer.emplace_back(keyOf(set), static_cast<uint32_t>(number));
  }
  std::sort(layer.begin(), layer.end());
  for (auto [share, number] : layer) {
    Set &set = sets[number];
    findTies(set);
    if (!set.isForCentre)
      byShare[set.isOuter][count].add(share, set, number);
  }
  for (auto &[key, number] : layer)
    key = sets[number].weights.size();
  std::sort(layer.begin(), layer.end());
  for (auto [size, number] : layer)
    byWidth[count].add(size, sets[number], number);
}

std::optional<ExactTree> tenon::planner::solveSparse(const ExactProblem &problem,
                                                     const CostModel &model, double upperBound,
                                                     ExactMeter &meter, unsigned threads) {
  TENON_ASSERT(!problem.leaves.empty() && problem.leaves.size() <= maxSparseLeaves,
               "too many leaves for exact search");
  if (model.isSeparable()) {
    ExactProblem unrooted = withOutputAsLeaf(problem);
    if (size_t n = unrooted.leaves.size(); n >= 4 && n <= maxSparseLeaves)
      return SparseSearch(problem, unrooted, true, model, upperBound, meter, threads).run();
  }
  return SparseSearch(problem, problem, false, model, upperBound, meter, threads).run();
}
