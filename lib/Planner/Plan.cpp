//===- Plan.cpp - One call from network to plan ---------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Planner/Plan.h"

#include "tenon/Planner/Reconfigure.h"

#include <cmath>
#include <functional>
#include <map>
#include <string>

using namespace tenon::planner;

namespace {

std::optional<std::string> checkOptions(const PlanOptions &options) {
  if (options.memory.alignment < 1)
    return "the alignment of buffers must be 1 byte or more, found " +
           std::to_string(options.memory.alignment);
  if (options.slicing.peakBytes && !(*options.slicing.peakBytes >= 0))
    return std::string("the memory bound must be 0 bytes or more");
  return std::nullopt;
}

std::optional<std::string> checkTree(const Network &network, const ContractionTree &tree) {
  if (tree.numLeaves() == network.numTensors())
    return std::nullopt;
  return "the path is over " + std::to_string(tree.numLeaves()) + " tensors, the network has " +
         std::to_string(network.numTensors());
}

bool needsSlices(const SliceOptions &slicing) {
  return slicing.peakBytes || slicing.smallestPeak || slicing.minSlices > 1;
}

/// The part of `budget` that may be spent now, where as much time is to be left for what comes
/// next.
Budget halfOf(Budget budget) {
  if (budget.deadline) {
    auto now = std::chrono::steady_clock::now();
    budget.deadline = now + (*budget.deadline - now) / 2;
  }
  return budget;
}

/// The strategy's tree, or the initial one, reconfigured, if that is better.
Result<SlicedTree> searchFromInitial(const Network &network, const Strategy &strategy,
                                     const CostModel &model, const Budget &budget,
                                     const std::optional<ContractionTree> &initial) {
  if (!initial)
    return strategy.search({network, model, budget});
  std::vector<double> extents = network.log2Extents();
  ContractionTree polished = reconfigure(network, *initial, model, extents, halfOf(budget));
  Result<SlicedTree> found = strategy.search({network, model, budget, &polished});
  if (!found)
    return found;
  Score score = scoreTree(network, found->tree, model, extents);
  if (!score.betterThan(scoreTree(network, polished, model, extents)))
    return SlicedTree{std::move(polished), {}};
  return found;
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
  Trees(const Network &network, const Strategy &strategy, const PlanOptions &options)
      : network(network), strategy(strategy), options(options) {}

  const Result<SlicedTree> &of(const CostModel &model) {
    std::optional<Result<SlicedTree>> &tree = found[model.name()];
    if (!tree)
      tree.emplace(searchFromInitial(
          network, strategy, model,
          needsSlices(options.slicing) ? halfOf(options.budget) : options.budget, options.initial));
    return *tree;
  }

private:
  const Network &network;
  const Strategy &strategy;
  const PlanOptions &options;
  std::map<std::string_view, std::optional<Result<SlicedTree>>> found;
};

Result<Plan> searchTree(const Network &network, Trees &trees, const CostModel &model,
                        const PlanOptions &options, SliceReach &reach) {
  auto slice = [&](const ContractionTree &tree, const CostModel &searched) {
    // Half of the time that is left: the narrow tree may need slices, too.
    return sliceAndReconfigure(network, tree, options.memory, options.slicing, searched,
                               halfOf(options.budget), reach);
  };
  const Result<SlicedTree> &cheap = trees.of(model);
  if (!cheap)
    return cheap.fullError();
  std::optional<SlicedTree> best = slice(cheap->tree, model);

  // A tree whose largest intermediate is small needs fewer slices. Where there are many, that
  // can outweigh its extra operations, and it may keep a bound that the other cannot.
  constexpr double manySlices = 64;
  auto countOf = [&](const SlicedTree &tree) {
    return evaluateTree(network, tree.tree, tree.sliced, options.memory);
  };
  SizeModel size;
  if (options.slicing.peakBytes && model.name() != size.name() && !options.budget.expired() &&
      (!best || countOf(*best).slices >= manySlices)) {
    std::optional<SlicedTree> narrow;
    if (const Result<SlicedTree> &found = trees.of(size))
      narrow = slice(found->tree, size);
    if (narrow && (!best || countOf(*narrow).log2Ops < countOf(*best).log2Ops))
      best = std::move(narrow);
  }
  if (!best) {
    Error error = reach.explain(options.memory, options.slicing);
    if (options.budget.expired())
      error.message += "; the search was out of time, and may reach more with more of it";
    return error;
  }
  return countPlan(network, std::move(*best), options);
}

} // namespace

Result<Plan> tenon::planner::planNetwork(const Network &network, const PlanOptions &options,
                                         const StrategyRegistry &registry) {
  if (std::optional<std::string> problem = network.validate())
    return Error{*problem};
  if (std::optional<std::string> problem = checkOptions(options))
    return Error{*problem};
  if (options.initial)
    if (std::optional<std::string> problem = checkTree(network, *options.initial))
      return Error{*problem};
  Result<const Strategy *> strategy = registry.find(options.strategy);
  if (!strategy)
    return Error{strategy.error()};
  Result<std::unique_ptr<CostModel>> model = makeCostModel(options.costModel, options.alpha);
  if (!model)
    return Error{model.error()};

  Trees trees(network, **strategy, options);
  return searchFor(options, [&](const PlanOptions &bounded, SliceReach &reach) {
    return searchTree(network, trees, **model, bounded, reach);
  });
}

Result<Plan> tenon::planner::planTree(const Network &network, const ContractionTree &tree,
                                      const PlanOptions &options, bool reshape) {
  if (std::optional<std::string> problem = network.validate())
    return Error{*problem};
  if (std::optional<std::string> problem = checkOptions(options))
    return Error{*problem};
  if (std::optional<std::string> problem = checkTree(network, tree))
    return Error{*problem};
  Result<std::unique_ptr<CostModel>> model = makeCostModel(options.costModel, options.alpha);
  if (!model)
    return Error{model.error()};
  return searchFor(options, [&](const PlanOptions &bounded, SliceReach &reach) -> Result<Plan> {
    std::optional<SlicedTree> sliced =
        reshape
            ? sliceAndReconfigure(network, tree, bounded.memory, bounded.slicing, **model,
                                  bounded.budget, reach)
            : sliceFixedTree(network, tree, bounded.memory, bounded.slicing, bounded.budget, reach);
    if (!sliced)
      return reach.explain(bounded.memory, bounded.slicing);
    return countPlan(network, std::move(*sliced), bounded);
  });
}
