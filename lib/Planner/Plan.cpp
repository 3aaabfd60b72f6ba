//===- Plan.cpp - One call from network to plan ---------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Planner/Plan.h"

#include "tenon/Planner/Reconfigure.h"

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

/// Reconfigures the tree for the extents that remain in a slice, slices afresh, and keeps what
/// is better.
void reshapeAndSlice(const Network &network, const PlanOptions &options, const CostModel &model,
                     SlicedTree &best) {
  TreeCost bestCost = evaluateTree(network, best.tree, best.sliced, options.memory);
  SlicedTree current = best;
  for (unsigned round = 0; round < options.budget.sliceRounds && !current.sliced.empty(); ++round) {
    if (options.budget.expired())
      return;
    std::vector<double> extents = network.log2Extents();
    for (IndexId index : current.sliced)
      extents[index] = 0;
    Budget budget = options.budget;
    budget.seed += round;
    ContractionTree reshaped = reconfigure(network, current.tree, model, extents, budget);
    Result<SlicedTree> again = sliceTree(network, reshaped, options.memory, options.slicing);
    if (!again)
      return;
    current = std::move(*again);
    TreeCost cost = evaluateTree(network, current.tree, current.sliced, options.memory);
    if (cost.log2Ops < bestCost.log2Ops) {
      best = current;
      bestCost = cost;
    }
  }
}

Result<Plan> sliceAndCount(const Network &network, const ContractionTree &tree,
                           const PlanOptions &options, const CostModel &model, bool reshape) {
  if (std::optional<std::string> problem = checkOptions(options))
    return Error{*problem};
  Result<SlicedTree> sliced = sliceTree(network, tree, options.memory, options.slicing);
  if (!sliced)
    return Error{sliced.error()};
  if (reshape)
    reshapeAndSlice(network, options, model, *sliced);
  Plan plan{std::move(sliced->tree), std::move(sliced->sliced), {}};
  plan.cost = evaluateTree(network, plan.tree, plan.sliced, options.memory);
  return plan;
}

} // namespace

Result<Plan> tenon::planner::planNetwork(const Network &network, const PlanOptions &options,
                                         const StrategyRegistry &registry) {
  if (std::optional<std::string> problem = network.validate())
    return Error{*problem};
  Result<const Strategy *> strategy = registry.find(options.strategy);
  if (!strategy)
    return Error{strategy.error()};
  Result<std::unique_ptr<CostModel>> model = makeCostModel(options.costModel, options.alpha);
  if (!model)
    return Error{model.error()};
  Result<SlicedTree> found = (*strategy)->search({network, **model, options.budget});
  if (!found)
    return Error{found.error()};
  return sliceAndCount(network, found->tree, options, **model, true);
}

Result<Plan> tenon::planner::planTree(const Network &network, const ContractionTree &tree,
                                      const PlanOptions &options, bool reshape) {
  if (std::optional<std::string> problem = network.validate())
    return Error{*problem};
  if (tree.numLeaves() != network.numTensors())
    return Error{"the path is over " + std::to_string(tree.numLeaves()) +
                 " tensors, the network has " + std::to_string(network.numTensors())};
  Result<std::unique_ptr<CostModel>> model = makeCostModel(options.costModel, options.alpha);
  if (!model)
    return Error{model.error()};
  return sliceAndCount(network, tree, options, **model, reshape);
}
