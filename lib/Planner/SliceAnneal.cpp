//===- SliceAnneal.cpp - Trees annealed together with their slices --------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "SliceAnneal.h"

#include "Effort.h"
#include "IdleRule.h"
#include "Jobs.h"
#include "PricedModel.h"
#include "Slicer.h"
#include "TreeWindow.h"
#include "tenon/Planner/Anneal.h"

#include <algorithm>
#include <cmath>
#include <limits>

using namespace tenon::planner;

namespace {

class SliceAnnealing {
public:
  SliceAnnealing(const Network &network, const MemoryModel &memory, const SliceOptions &options,
                 const CostModel &model, const Budget &budget)
      : network(network), memory(memory), options(options), model(model), budget(budget) {}

  std::optional<SlicedTree> run(std::vector<SlicedTree> starts);

private:
  struct Scored {
    SlicedTree tree;
    /// log2 of multiply-adds; infinite where the limits are not kept.
    double ops = 0;
    /// log2 of the elements of its largest intermediate in a slice.
    double largest = 0;
  };

  bool keepsLimits(const SlicedTree &tree) const;
  Scored scored(SlicedTree tree) const;
  SlicedTree annealDearestPart(const SlicedTree &from, const CostModel &priced,
                               const AnnealOptions &annealing) const;
  std::optional<Scored> vary(const Scored &from, uint64_t sweeps, Random &random) const;
  double addLineage(SlicedTree start);
  size_t chooseLineage(Random &random) const;
  void round(uint64_t jobs, uint64_t sweeps);
  void runSteps(double worth);
  void runUntilDeadline();
  const Scored &best() const { return lineages[order.front()]; }
  double movesOfSweep() const {
    return static_cast<double>(std::min<size_t>(best().tree.tree.numSteps(), mostImprovedLeaves));
  }

  const Network &network;
  const MemoryModel &memory;
  const SliceOptions &options;
  const CostModel &model;
  const Budget &budget;
  /// The best of each start.
  std::vector<Scored> lineages;
  /// Of lineages, the best first.
  std::vector<size_t> order;
  uint64_t varied = 0;
};

} // namespace

std::optional<double> tenon::planner::likelyLimit(const Network &network,
                                                  const SliceOptions &options) {
  std::optional<double> limit;
  if (options.peakBytes)
    limit = std::log2(std::max(*options.peakBytes / 2.5, 1.0) /
                      static_cast<double>(network.elementBytes()));
  if (options.largest)
    limit = std::min(limit.value_or(std::numeric_limits<double>::infinity()),
                     std::log2(*options.largest));
  return limit;
}

bool SliceAnnealing::keepsLimits(const SlicedTree &tree) const {
  NodeIndices indices(network, tree.tree);
  Slicer slicer(network, tree.tree, indices, memory, options, budget, SliceGoal::Limits);
  for (IndexId index : tree.sliced)
    slicer.slice(index);
  return slicer.keepsLimits() || slicer.keepsLimitsInOrder();
}

SliceAnnealing::Scored SliceAnnealing::scored(SlicedTree tree) const {
  TreeCost cost = evaluateTree(network, tree.tree, tree.sliced, memory);
  return {std::move(tree), cost.log2Ops, cost.log2Largest};
}

/// Anneals the dearest part of a large tree: the sets of indices of all its nodes would take
/// gigabytes, and few steps decide.
SlicedTree SliceAnnealing::annealDearestPart(const SlicedTree &from, const CostModel &priced,
                                             const AnnealOptions &annealing) const {
  std::vector<double> extents = network.log2Extents();
  if (from.tree.numLeaves() <= mostImprovedLeaves)
    return annealSlices(network, from, priced, extents, annealing, budget);
  std::vector<double> inSlice = extents;
  for (IndexId index : from.sliced)
    inSlice[index] = 0;
  TreeWindow window = openDearest(network, from.tree, priced, inSlice, mostImprovedLeaves);
  // Slices of indices that the window does not have stay as they are.
  OuterSlices outer = outerSlices(network, from.tree, window, from.sliced);
  SlicedTree part{window.tree, {}}, whole;
  std::vector<bool> isSliced(network.numIndices(), false);
  for (IndexId index : from.sliced)
    isSliced[index] = true;
  for (IndexId local = 0; local < window.indices.size(); ++local) {
    window.log2Extents[local] = extents[window.indices[local]];
    if (isSliced[window.indices[local]])
      part.sliced.push_back(local);
    isSliced[window.indices[local]] = false;
  }
  SlicedTree found =
      annealSlices(window.network, part, priced, window.log2Extents, annealing, budget, outer);
  for (IndexId local : found.sliced)
    isSliced[window.indices[local]] = true;
  for (IndexId index = 0; index < network.numIndices(); ++index)
    if (isSliced[index])
      whole.sliced.push_back(index);
  whole.tree = replaceWindow(from.tree, window, found.tree);
  return whole;
}

/// Another sliced tree that keeps the limits, if it found one.
std::optional<SliceAnnealing::Scored> SliceAnnealing::vary(const Scored &from, uint64_t sweeps,
                                                           Random &random) const {
  // How large a result may be that keeps the limits is known only by trying.
  double limit = from.largest + 1 - 1.5 * random.unit();
  if (options.largest)
    limit = std::log2(*options.largest);
  PricedModel priced(model, limit, random.logUniform(3, 12));
  AnnealOptions annealing;
  annealing.sweeps = sweeps;
  annealing.hottest = random.logUniform(0.3, 3);
  annealing.coldest = random.logUniform(0.02, 0.1);
  annealing.seed = random.bits();
  SlicedTree start = from.tree;
  // Slices hold a tree together: some runs choose all of them anew.
  constexpr uint32_t runsPerFreshOne = 4;
  if (random.below(runsPerFreshOne) == 0)
    start.sliced.clear();
  SlicedTree annealed = annealDearestPart(start, priced, annealing);
  const ContractionTree &tree = annealed.tree;
  NodeIndices indices(network, tree);
  Slicer slicer(network, tree, indices, memory, options, budget, SliceGoal::Limits);
  for (IndexId index : annealed.sliced)
    slicer.slice(index);
  if (!slicer.sliceToLimits())
    return std::nullopt;
  slicer.putBackUnneeded();
  return scored({tree, slicer.slicedIndices()});
}

/// log2 of the multiply-adds of the start, whether or not it keeps the limits.
double SliceAnnealing::addLineage(SlicedTree start) {
  Scored lineage = scored(std::move(start));
  double ops = lineage.ops;
  if (!keepsLimits(lineage.tree)) {
    lineage.ops = std::numeric_limits<double>::infinity();
    lineage.largest = likelyLimit(network, options).value_or(lineage.largest);
  }
  order.push_back(lineages.size());
  lineages.push_back(std::move(lineage));
  return ops;
}

/// The best half of the time; of all the better ones more often.
size_t SliceAnnealing::chooseLineage(Random &random) const {
  if (lineages.size() == 1 || random.below(2) == 0)
    return order.front();
  return order[random.below(1 + random.below(static_cast<uint32_t>(order.size())))];
}

void SliceAnnealing::round(uint64_t jobs, uint64_t sweeps) {
  struct Found {
    size_t lineage = 0;
    std::optional<Scored> tree;
  };
  std::vector<Found> found(jobs);
  runJobs(jobs, budget.threads, [&](uint64_t job) {
    if (budget.expired())
      return;
    Random random(deriveSeed(budget.seed, 0x736c616e + varied + job));
    size_t chosen = chooseLineage(random);
    found[job] = {chosen, vary(lineages[chosen], sweeps, random)};
  });
  varied += jobs;
  for (Found &one : found)
    if (one.tree && one.tree->ops < lineages[one.lineage].ops)
      lineages[one.lineage] = std::move(*one.tree);
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return lineages[a].ops < lineages[b].ops; });
  budget.report({"slice", varied, 0, {best().ops, best().ops}});
}

/// `worth`: rotations.
void SliceAnnealing::runSteps(double worth) {
  constexpr uint64_t jobs = 2, fewestRounds = 8, mostRounds = 16, fewestSweeps = 100;
  // More rounds once they are long: each goes on from the best of those before.
  constexpr double longRound = 5000;
  double together = movesOfSweep() * jobs;
  uint64_t rounds =
      std::clamp(static_cast<uint64_t>(worth / (together * longRound)), fewestRounds, mostRounds);
  uint64_t sweeps = static_cast<uint64_t>(worth / (together * static_cast<double>(rounds)));
  for (uint64_t number = 0; number < rounds && sweeps >= fewestSweeps; ++number)
    round(jobs, sweeps);
}

void SliceAnnealing::runUntilDeadline() {
  using Clock = std::chrono::steady_clock;
  // The slower, the better; but rather several than one.
  constexpr double longestShare = 0.1;
  constexpr double fewestSweeps = 500, mostSweeps = 1e9;
  double sweeps = fewestSweeps;
  IdleRule idle;
  while (!budget.expired() && !idle.isOver()) {
    Clock::time_point begin = Clock::now();
    double before = best().ops;
    uint64_t jobs = std::max(budget.threads, 1u);
    round(jobs, static_cast<uint64_t>(sweeps));
    idle.note(static_cast<double>(jobs) * sweeps * movesOfSweep(), best().ops < before);
    double left = std::chrono::duration<double>(*budget.deadline - Clock::now()).count();
    double took = std::chrono::duration<double>(Clock::now() - begin).count();
    if (took < longestShare * left)
      sweeps = std::min(2 * sweeps, mostSweeps);
    else if (took > 2 * longestShare * left)
      sweeps = std::max(sweeps / 2, fewestSweeps);
  }
}

std::optional<SlicedTree> SliceAnnealing::run(std::vector<SlicedTree> starts) {
  double fewestOps = std::numeric_limits<double>::infinity();
  for (SlicedTree &start : starts) {
    fewestOps = std::min(fewestOps, addLineage(std::move(start)));
  }
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return lineages[a].ops < lineages[b].ops; });
  // Of one step or none there is one tree, and its slices have been chosen.
  if (best().tree.tree.numSteps() >= 2)
    budget.deadline ? runUntilDeadline() : runSteps(slicingRotationsWorth(fewestOps));
  Scored &found = lineages[order.front()];
  if (std::isinf(found.ops) && found.ops > 0)
    return std::nullopt;
  std::sort(found.tree.sliced.begin(), found.tree.sliced.end());
  found.tree.tree = orderForMemory(network, found.tree.tree, found.tree.sliced, memory);
  return std::move(found.tree);
}

std::optional<SlicedTree>
tenon::planner::annealSliced(const Network &network, std::vector<SlicedTree> starts,
                             const MemoryModel &memory, const SliceOptions &options,
                             const CostModel &model, const Budget &budget) {
  return SliceAnnealing(network, memory, options, model, budget).run(std::move(starts));
}
