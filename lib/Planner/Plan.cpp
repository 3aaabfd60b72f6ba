//===- Plan.cpp - One call from network to plan ---------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Planner/Plan.h"

#include "ExpectedSearch.h"
#include "InitialTree.h"
#include "SliceAnneal.h"
#include "Slicer.h"
#include "tenon/Planner/Density.h"
#include "tenon/Planner/Greedy.h"
#include "tenon/Planner/Reconfigure.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <string>
#include <vector>

using namespace tenon::planner;

namespace {

std::optional<std::string> checkOptions(const PlanOptions &options) {
  if (options.memory.alignment < 1)
    return "the alignment of buffers must be 1 byte or more, found " +
           std::to_string(options.memory.alignment);
  if (options.slicing.peakBytes && !(*options.slicing.peakBytes >= 0))
    return std::string("the memory bound must be 0 bytes or more");
  if (options.slicing.largest && !(*options.slicing.largest >= 1))
    return std::string("the bound on the largest intermediate must be 1 element or more");
  return std::nullopt;
}

bool isBounded(const SliceOptions &options) {
  return options.peakBytes || options.largest || options.smallestPeak;
}

/// A budget for `share` of the time that is left of `budget`.
Budget partOf(Budget budget, double share) {
  using Clock = std::chrono::steady_clock;
  if (budget.deadline)
    budget.deadline = Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                         share * (*budget.deadline - Clock::now()));
  return budget;
}

/// The strategy's tree, or the initial one, reconfigured, if that is better. `others` gets what the
/// strategy found besides.
Result<SlicedTree> searchDense(const Network &network, const Strategy &strategy,
                               const CostModel &model, const Budget &budget,
                               const std::optional<ContractionTree> &initial,
                               std::vector<ContractionTree> &others) {
  if (!initial)
    return strategy.search({network, model, budget, nullptr, &others});
  std::vector<double> extents = network.log2Extents();
  ContractionTree polished = reconfigure(network, *initial, model, extents, partOf(budget, 0.5));
  Result<SlicedTree> found = strategy.search({network, model, budget, &polished, &others});
  if (!found)
    return found;
  Score score = scoreTree(network, found->tree, model, extents);
  if (!score.betterThan(scoreTree(network, polished, model, extents)))
    return SlicedTree{std::move(polished), {}};
  return found;
}

/// As searchDense, and for sparse tensors the best by expected costs of several trees: strategies
/// know dense ones.
Result<SlicedTree> searchFromInitial(const Network &network, const Strategy &strategy,
                                     const CostModel &model, const Budget &budget,
                                     const std::optional<ContractionTree> &initial,
                                     std::vector<ContractionTree> &others) {
  if (!network.hasDensities())
    return searchDense(network, strategy, model, budget, initial, others);
  std::vector<double> extents = network.log2Extents();
  Result<SlicedTree> found = searchDense(network.withoutDensities(), strategy, model,
                                         partOf(budget, 0.5), initial, others);
  if (!found)
    return found;
  std::vector<ContractionTree> starts = {found->tree};
  if (initial)
    starts.push_back(*initial);
  starts.push_back(GreedySearch(network, extents).run(model, GreedyOptions{}).tree);
  std::optional<ScoredTree> best;
  for (size_t left = starts.size(); const ContractionTree &start : starts) {
    ContractionTree tree =
        improveExpected(network, start, model, extents, partOf(budget, 1.0 / double(left--)));
    Score score = scoreExpected(network, tree, model, extents);
    if (!best || score.betterThan(best->score))
      best = ScoredTree{std::move(tree), score};
  }
  return SlicedTree{std::move(best->tree), {}};
}

/// A tree in the slices that the user gave it, and in more where these do not keep the limits. One
/// that has none and needs some is left to searches.
std::optional<SlicedTree> sliceAsGiven(const Network &network, const ContractionTree &tree,
                                       const PlanOptions &options) {
  NodeIndices indices(network, tree);
  Slicer slicer(network, tree, indices, options.memory, options.slicing, options.budget,
                SliceGoal::Limits);
  for (IndexId index : options.initialSliced)
    if (slicer.canSlice(index))
      slicer.slice(index);
  if (!slicer.keepsLimits() && !slicer.keepsLimitsInOrder() &&
      (options.initialSliced.empty() || !slicer.sliceToLimits()))
    return std::nullopt;
  std::vector<IndexId> sliced = slicer.slicedIndices();
  std::sort(sliced.begin(), sliced.end());
  return SlicedTree{orderForMemory(network, tree, sliced, options.memory), std::move(sliced)};
}

Plan countPlan(const Network &network, SlicedTree sliced, const PlanOptions &options) {
  Plan plan{std::move(sliced.tree), std::move(sliced.sliced), {}};
  plan.cost = evaluateTree(network, plan.tree, plan.sliced, options.memory);
  return plan;
}

/// The plan, or an error; `reach` learns of the bounds that slicing keeps.
using Search = std::function<Result<Plan>(const PlanOptions &options, SliceReach &reach)>;

/// Searches for the options' bound, or for the smallest peak. That one is found in two searches:
/// one for a bound that nothing keeps learns the smallest peak, one for a bound of that much is the
/// search of a caller who was told of it.
Result<Plan> searchFor(const PlanOptions &options, const Search &search) {
  SliceReach reach;
  if (!options.slicing.smallestPeak)
    return search(options, reach);
  PlanOptions bounded = options;
  bounded.slicing.smallestPeak = false;
  bounded.slicing.peakBytes = 0;
  Result<Plan> plan = search(bounded, reach);
  if (plan.ok() || !std::isfinite(reach.smallestPeak))
    return plan;
  bounded.slicing.peakBytes = reach.smallestPeak;
  return search(bounded, reach);
}

/// The trees of one strategy by cost model, searched for when first asked for: they do not depend
/// on the bound, of which there may be several.
class Trees {
public:
  /// Each search gets `share` of the time until the budget's deadline.
  Trees(const Network &network, const Strategy &strategy, const PlanOptions &options, double share)
      : network(network), strategy(strategy), options(options) {
    if (options.budget.deadline)
      timeForEach = std::chrono::duration_cast<Clock::duration>(
          share * (*options.budget.deadline - Clock::now()));
  }

  const Result<SlicedTree> &of(const CostModel &model) { return *entryOf(model).tree; }
  /// What was found besides, better ones first.
  const std::vector<ContractionTree> &othersOf(const CostModel &model) {
    return entryOf(model).others;
  }

private:
  using Clock = std::chrono::steady_clock;

  struct Entry {
    std::optional<Result<SlicedTree>> tree;
    std::vector<ContractionTree> others;
  };

  Entry &entryOf(const CostModel &model) {
    Entry &entry = found[model.name()];
    if (!entry.tree) {
      Budget own = options.budget;
      if (own.deadline)
        own.deadline = std::min(*own.deadline, Clock::now() + timeForEach);
      entry.tree.emplace(
          searchFromInitial(network, strategy, model, own, options.initial, entry.others));
    }
    return entry;
  }

  const Network &network;
  const Strategy &strategy;
  const PlanOptions &options;
  Clock::duration timeForEach{};
  std::map<std::string_view, Entry> found;
};

Result<Plan> searchTree(const Network &network, const Strategy &strategy, Trees &trees,
                        const CostModel &model, const PlanOptions &options, SliceGoal goal,
                        SliceReach &reach) {
  auto sliceWell = [&](const ContractionTree &tree, const CostModel &searched) {
    // Half of the time that is left: the narrow tree may need slices, too.
    return sliceAndReconfigure(network, tree, options.memory, options.slicing, searched,
                               partOf(options.budget, 0.5), reach);
  };
  auto slice = [&](const ContractionTree &tree) -> std::optional<SlicedTree> {
    if (!isBounded(options.slicing) && options.slicing.minSlices <= 1)
      return SlicedTree{orderForMemory(network, tree, {}, options.memory), {}};
    if (!options.budget.deadline)
      return sliceAndReshape(network, tree, options.memory, options.slicing, model, options.budget,
                             reach);
    // Annealing will improve on it: any slices will do, soon.
    SliceOptions quick = options.slicing;
    quick.variations = 1;
    return sliceFixedTree(network, tree, options.memory, quick, options.budget, reach);
  };
  auto annealIt = [&](std::vector<SlicedTree> starts, const Budget &budget) {
    return annealSliced(network, std::move(starts), options.memory, options.slicing, model, budget);
  };
  const Result<SlicedTree> &cheap = trees.of(model);
  if (!cheap)
    return cheap.fullError();
  std::optional<SlicedTree> best = slice(cheap->tree);
  // The tree that was best without slices need not be the best with them, nor need it keep a bound
  // that another kind of tree can. Whoever asks for the smallest peak does not ask for few
  // operations.
  std::vector<SlicedTree> starts;
  if (!best || (!best->sliced.empty() && goal == SliceGoal::Limits)) {
    SliceOptions quick = options.slicing;
    quick.variations = 1;
    for (const ContractionTree &other : trees.othersOf(model)) {
      if ((best || !starts.empty()) && options.budget.expired())
        break;
      if (std::optional<SlicedTree> sliced =
              sliceFixedTree(network, other, options.memory, quick, options.budget, reach))
        starts.push_back(std::move(*sliced));
    }
    if (options.initial)
      if (std::optional<SlicedTree> given = sliceAsGiven(network, *options.initial, options))
        starts.push_back(std::move(*given));
    if (!best && !starts.empty()) {
      auto cheapest = std::ranges::min_element(starts, {}, [&](const SlicedTree &tree) {
        return scoreSliced(network, tree.tree, tree.sliced, model).cost;
      });
      best = std::move(*cheapest);
      starts.erase(cheapest);
    }
  }

  // Slices that are annealed with the tree keep bounds that no slices of a given tree can.
  bool isAnnealed = false;
  if (!best && (options.budget.deadline || options.slicing.largest)) {
    best = annealIt({{cheap->tree, {}}}, partOf(options.budget, 0.6));
    isAnnealed = best.has_value();
  }
  if (!best && options.budget.deadline)
    best = sliceWell(cheap->tree, model);
  else if (!best)
    best = sliceToSmallestPeak(network, cheap->tree, options.memory, options.slicing, model,
                               options.budget, reach);
  SizeModel size;
  // A tree whose largest intermediate is small may keep a bound that the other cannot.
  if (!best && isBounded(options.slicing) && model.name() != size.name() &&
      !options.budget.expired())
    if (const Result<SlicedTree> &narrow = trees.of(size))
      best = sliceWell(narrow->tree, size);
  if (!best) {
    Error error = reach.explain(options.memory, options.slicing);
    if (options.budget.expired())
      error.message += "; the search was out of time, and may reach more with more of it";
    return error;
  }
  // Whoever asks for the smallest peak does not ask for few operations.
  if (!best->sliced.empty() && goal == SliceGoal::Limits &&
      (!isAnnealed || options.budget.deadline)) {
    starts.insert(starts.begin(), *best);
    if (std::optional<SlicedTree> better = annealIt(std::move(starts), options.budget))
      best = std::move(better);
  }
  // The time that was kept for slices is there for another search where none were needed.
  if (options.budget.deadline && isBounded(options.slicing) && best->sliced.empty() &&
      !options.budget.expired()) {
    PlanOptions rest = options;
    rest.budget.seed = deriveSeed(rest.budget.seed, 1);
    rest.initial = best->tree;
    rest.initialSliced.clear();
    auto scoreOf = [&](const SlicedTree &tree) {
      return scoreSliced(network, tree.tree, tree.sliced, model);
    };
    Trees others(network, strategy, rest, 1);
    std::optional<SlicedTree> other;
    if (const Result<SlicedTree> &found = others.of(model))
      other = slice(found->tree);
    if (other && scoreOf(*other).betterThan(scoreOf(*best)))
      best = std::move(other);
  }
  return countPlan(network, std::move(*best), options);
}

} // namespace

std::optional<std::string> tenon::planner::checkInitial(const Network &network,
                                                        const ContractionTree *tree,
                                                        std::span<const IndexId> sliced) {
  if (tree && tree->numLeaves() != network.numTensors())
    return "the path is over " + std::to_string(tree->numLeaves()) + " tensors, the network has " +
           std::to_string(network.numTensors());
  if (!tree && !sliced.empty())
    return std::string("slices to start from need a path to start from");
  std::vector<bool> isSliced(network.numIndices(), false);
  for (IndexId index : sliced) {
    if (index >= network.numIndices())
      return "the slices to start from have index " + std::to_string(index) +
             ", which the network does not have; expected 0 to " +
             std::to_string(static_cast<int64_t>(network.numIndices()) - 1);
    if (isSliced[index])
      return "the slices to start from have index " + std::to_string(index) + " twice";
    isSliced[index] = true;
  }
  return std::nullopt;
}

Result<Plan> tenon::planner::planNetwork(const Network &network, const PlanOptions &options,
                                         const StrategyRegistry &registry) {
  if (std::optional<std::string> problem = network.validate())
    return Error{*problem};
  if (std::optional<std::string> problem = checkOptions(options))
    return Error{*problem};
  if (std::optional<std::string> problem = checkInitial(
          network, options.initial ? &*options.initial : nullptr, options.initialSliced))
    return Error{*problem};
  Result<const Strategy *> strategy = registry.find(options.strategy);
  if (!strategy)
    return Error{strategy.error()};
  Result<std::unique_ptr<CostModel>> model =
      makeCostModel(options.costModel, options.costModelOptions());
  if (!model)
    return Error{model.error()};

  // Slicing takes time as well, and most of it where there are many slices.
  constexpr double shareBeforeSlicing = 0.25;
  bool isSliced = isBounded(options.slicing) || options.slicing.minSlices > 1;
  Trees trees(network, **strategy, options, isSliced ? shareBeforeSlicing : 1);
  return searchFor(options, [&](const PlanOptions &bounded, SliceReach &reach) {
    return searchTree(network, **strategy, trees, **model, bounded,
                      options.slicing.smallestPeak ? SliceGoal::SmallestPeak : SliceGoal::Limits,
                      reach);
  });
}

Result<Plan> tenon::planner::planTree(const Network &network, const ContractionTree &tree,
                                      const PlanOptions &options, bool reshape) {
  if (std::optional<std::string> problem = network.validate())
    return Error{*problem};
  if (std::optional<std::string> problem = checkOptions(options))
    return Error{*problem};
  if (std::optional<std::string> problem = checkInitial(network, &tree, options.initialSliced))
    return Error{*problem};
  Result<std::unique_ptr<CostModel>> model =
      makeCostModel(options.costModel, options.costModelOptions());
  if (!model)
    return Error{model.error()};
  return searchFor(options, [&](const PlanOptions &bounded, SliceReach &reach) -> Result<Plan> {
    std::optional<SlicedTree> sliced = sliceAsGiven(network, tree, bounded);
    if (!sliced)
      sliced = reshape ? sliceAndReconfigure(network, tree, bounded.memory, bounded.slicing,
                                             **model, bounded.budget, reach)
                       : sliceFixedTree(network, tree, bounded.memory, bounded.slicing,
                                        bounded.budget, reach);
    if (!sliced)
      return reach.explain(bounded.memory, bounded.slicing);
    return countPlan(network, std::move(*sliced), bounded);
  });
}
