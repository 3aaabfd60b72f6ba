//===- GraphPlan.cpp - A plan of several networks -------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Planner/GraphPlan.h"

#include "CanonicalNetwork.h"
#include "GraphSchedule.h"
#include "GraphSearch.h"
#include "Rematerialize.h"

#include <algorithm>
#include <limits>
#include <map>
#include <unordered_set>

using namespace tenon::planner;

namespace {

/// Whether a value stands in two places: else nothing is shared.
bool hasEqualTensors(const NetworkGraph &graph) {
  std::unordered_set<ValueId> seen;
  for (const GraphNetwork &part : graph.networks)
    for (ValueId value : part.values)
      if (!seen.insert(value).second)
        return true;
  return false;
}

class GraphPlanner {
public:
  GraphPlanner(const NetworkGraph &graph, const PlanOptions &options,
               const StrategyRegistry &registry)
      : graph(graph), options(options), registry(registry) {}

  Result<GraphPlan> run();

private:
  template <typename PlanOne> Result<std::vector<Plan>> planEach(PlanOne planOne) const;
  Result<std::vector<Plan>> planTogether(NodeClasses &classes);
  Result<Plan> planAlone(uint32_t number, const ContractionTree *known = nullptr);
  bool keepsLimits(const Plan &plan) const;
  void keepBounds(GraphSchedule &schedule) const;
  bool isLimited(uint32_t number) const {
    return graph.networks[number].isLimited &&
           (options.slicing.peakBytes || options.slicing.largest);
  }

  const NetworkGraph &graph;
  const PlanOptions &options;
  const StrategyRegistry &registry;
  /// By canonical network and kinds; sliced indices are canonical, too.
  std::map<std::vector<uint64_t>, Result<Plan>> alone;
};

Error ofNetwork(Error error, uint32_t number) {
  error.network = number;
  return error;
}

/// A plan without slices: the tree with its steps in the order of least peak.
Plan countTree(const GraphNetwork &part, const ContractionTree &tree) {
  Plan plan{orderForMemory(part.network, tree, {}, part.memory), {}, {}};
  plan.cost = evaluateTree(part.network, plan.tree, {}, part.memory);
  return plan;
}

} // namespace

/// Plans by `planOne` for all networks. Where some cannot keep the bound on memory, the error is
/// that of the one that needs most: the bound that it names is one that all of them keep.
template <typename PlanOne>
Result<std::vector<Plan>> GraphPlanner::planEach(PlanOne planOne) const {
  std::vector<Plan> plans;
  std::optional<Error> tightest;
  for (uint32_t number = 0; number < graph.networks.size(); ++number) {
    Result<Plan> plan = planOne(number);
    if (plan) {
      plans.push_back(std::move(*plan));
      continue;
    }
    if (plan.fullError().smallestPeak == 0)
      return plan.fullError();
    if (!tightest || plan.fullError().smallestPeak > tightest->smallestPeak)
      tightest = plan.fullError();
  }
  if (tightest)
    return *tightest;
  return plans;
}

/// A plan that owes nothing to other networks; searched once for those that are equal but for the
/// names of their indices. `known`: a tree that was found in a part of the time.
Result<Plan> GraphPlanner::planAlone(uint32_t number, const ContractionTree *known) {
  const GraphNetwork &part = graph.networks[number];
  if (part.given)
    return *part.given;
  CanonicalNetwork canonical = canonicalize(part.network);
  std::vector<uint64_t> key = describeWhole(canonical.network);
  key.insert(key.end(), {part.kind, part.resultKind, part.isLimited});
  // What starts from a tree of its own is found for that one only.
  bool isShared = !part.initial;
  if (auto found = alone.find(key); isShared && found != alone.end()) {
    if (!found->second)
      return ofNetwork(found->second.fullError(), number);
    Plan plan = *found->second;
    for (IndexId &index : plan.sliced)
      index = canonical.original[index];
    std::sort(plan.sliced.begin(), plan.sliced.end());
    return plan;
  }
  PlanOptions own = options;
  own.memory = part.memory;
  own.initial = part.initial;
  own.initialSliced = part.initialSliced;
  if (!part.isLimited)
    own.slicing = SliceOptions();
  if (own.budget.deadline) {
    if (known && !part.initial)
      own.initial = *known;
    auto now = std::chrono::steady_clock::now();
    own.budget.deadline = now + (*options.budget.deadline - now) /
                                    static_cast<int64_t>(graph.networks.size() - number);
  }
  Result<Plan> plan = planNetwork(part.network, own, registry);
  if (!plan) {
    if (isShared)
      alone.emplace(std::move(key), plan);
    return ofNetwork(plan.fullError(), number);
  }
  if (!isShared)
    return plan;
  std::vector<IndexId> numberOf(part.network.numIndices(), 0);
  for (IndexId index = 0; index < canonical.original.size(); ++index)
    numberOf[canonical.original[index]] = index;
  Plan kept = *plan;
  for (IndexId &index : kept.sliced)
    index = numberOf[index];
  alone.emplace(std::move(key), std::move(kept));
  return plan;
}

bool GraphPlanner::keepsLimits(const Plan &plan) const {
  return (!options.slicing.peakBytes || plan.cost.peakBytes <= *options.slicing.peakBytes) &&
         (!options.slicing.largest || plan.cost.largest <= *options.slicing.largest);
}

Result<std::vector<Plan>> GraphPlanner::planTogether(NodeClasses &classes) {
  Result<std::unique_ptr<CostModel>> model =
      makeCostModel(options.costModel, options.costModelOptions());
  if (!model)
    return model.fullError();
  PlanOptions search = options;
  if (search.budget.deadline && (options.slicing.peakBytes || options.slicing.largest)) {
    // As much as planNetwork gives to a tree that is to be sliced.
    constexpr int share = 4;
    auto now = std::chrono::steady_clock::now();
    search.budget.deadline = now + (*options.budget.deadline - now) / share;
  }
  Result<std::vector<ContractionTree>> trees =
      searchGraph(graph, search, registry, **model, classes);
  if (!trees)
    return trees.fullError();
  return planEach([&](uint32_t number) -> Result<Plan> {
    const GraphNetwork &part = graph.networks[number];
    const ContractionTree &tree = (*trees)[number];
    if (part.given)
      return *part.given;
    Plan plan = countTree(part, tree);
    if (isLimited(number) && !keepsLimits(plan))
      return planAlone(number, &tree);
    return plan;
  });
}

/// Each network keeps the bounds by itself, as far as it has to: with little enough shared, all do.
void GraphPlanner::keepBounds(GraphSchedule &schedule) const {
  double kept = std::numeric_limits<double>::infinity();
  if (options.keptBytes) {
    schedule.countPacking(false);
    kept = std::max(*options.keptBytes, schedule.largestPeakAlone());
    keepBound(schedule, kept, options.budget);
    schedule.countPacking(true);
  }
  if (!options.slicing.peakBytes)
    return;
  keepBound(schedule, *options.slicing.peakBytes, options.budget);
  // What is computed again for this bound may be in the way of the other.
  if (options.keptBytes) {
    schedule.countPacking(false);
    if (schedule.peakBytes() > kept)
      schedule.shareNothing();
    schedule.countPacking(true);
  }
}

Result<GraphPlan> GraphPlanner::run() {
  if (std::optional<Error> fault = graph.validate())
    return *fault;
  bool mayShare =
      !options.slicing.smallestPeak && options.slicing.minSlices <= 1 && hasEqualTensors(graph);
  NodeClasses classes;
  Result<std::vector<Plan>> plans =
      mayShare ? planTogether(classes)
               : planEach([&](uint32_t number) { return planAlone(number); });
  if (!plans)
    return plans.fullError();
  GraphSchedule schedule(graph, std::move(*plans), classes);
  if (!mayShare)
    schedule.shareNothing();
  else
    keepBounds(schedule);
  return schedule.take();
}

Result<GraphPlan> tenon::planner::planGraph(const NetworkGraph &graph, const PlanOptions &options,
                                            const StrategyRegistry &registry) {
  return GraphPlanner(graph, options, registry).run();
}

GraphPlan tenon::planner::shareTrees(const NetworkGraph &graph,
                                     std::span<const ContractionTree> trees) {
  NodeClasses classes;
  std::vector<Plan> plans;
  for (size_t number = 0; number < trees.size(); ++number)
    plans.push_back(countTree(graph.networks[number], trees[number]));
  return GraphSchedule(graph, std::move(plans), classes).take();
}
