//===- EliminationStrategy.cpp - The strategy elimination -----------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "BestOfRuns.h"
#include "Elimination.h"
#include "EliminationParts.h"
#include "Strategies.h"

#include "tenon/Planner/Random.h"

using namespace tenon::planner;

namespace {

/// Restarts by Order::Degree, which is cheaper but seldom the best.
constexpr uint64_t firstByDegree = 3, everyNthByDegree = 8;

/// Restarts by Order::Dissection, which take longer.
constexpr uint64_t firstByDissection = 8, everyNthByDissection = 16;

} // namespace

struct EliminationSearch::Shared {
  Shared(const Network &network, std::span<const double> log2Extents, const Budget &budget)
      : network(network, log2Extents), tensors(network), log2Extents(log2Extents) {
    // With one extent, all powers of it give the same orders.
    for (unsigned power = 0; power < (this->network.hasOneExtent() ? 1 : 3); ++power) {
      // One that is too large is too large for all powers.
      if (power > 0 && !fill.front().isUsable())
        break;
      fill.emplace_back(this->network, power, budget);
    }
  }

  EliminationNetwork network;
  ReducedTensors tensors;
  std::span<const double> log2Extents;
  /// By power.
  std::vector<FillGraph> fill;
};

EliminationSearch::EliminationSearch(const Network &network, std::span<const double> log2Extents,
                                     const Budget &budget)
    : shared(std::make_unique<Shared>(network, log2Extents, budget)) {}

EliminationSearch::~EliminationSearch() = default;

std::optional<ScoredTree> EliminationSearch::run(const CostModel &model,
                                                 const EliminationOptions &options,
                                                 const Budget &budget) const {
  WorkMeter meter(budget, size_t{shared->network.numTensors()} + shared->network.numIndices());
  BucketElimination buckets(shared->network, model, meter);
  const FillGraph &graph =
      shared->fill[std::min<size_t>(options.weightPower, shared->fill.size() - 1)];
  if (options.order == EliminationOptions::Order::Fill && graph.isUsable()) {
    std::vector<IndexId> order;
    graph.appendOrder(options.degreePower, options.temperature, options.seed, meter, order);
    for (IndexId index : order)
      if (buckets.isPresent(index) && !meter.isExhausted())
        buckets.eliminate(index);
  }
  std::vector<uint32_t> ranks;
  if (options.order == EliminationOptions::Order::Dissection) {
    DissectionOptions dissection;
    dissection.row.limits.imbalance = options.imbalance;
    dissection.smallest = options.smallestPart;
    dissection.seed = options.seed;
    ranks = dissectIndices(shared->tensors, shared->log2Extents, dissection, budget);
  }
  // All of it, or what is left where the graph of fill became too dense.
  eliminateByGrowth(shared->network, buckets, options.alpha, options.temperature, options.seed,
                    meter, ranks);
  return buckets.finish();
}

std::optional<ScoredTree> tenon::planner::eliminationTree(const Network &network,
                                                          std::span<const double> log2Extents,
                                                          const CostModel &model,
                                                          const EliminationOptions &options,
                                                          const Budget &budget) {
  return EliminationSearch(network, log2Extents, budget).run(model, options, budget);
}

EliminationOptions tenon::planner::eliminationOptions(uint64_t seed, uint64_t number) {
  EliminationOptions options;
  options.degreePower = 1.2;
  // Hardly any: it only settles near-ties in one way throughout the run, which keeps what is
  // eliminated together on regular networks.
  options.temperature = 0.02;
  if (number == 0)
    return options;
  using Order = EliminationOptions::Order;
  if (number % everyNthByDegree == firstByDegree)
    options.order = Order::Degree;
  else if (number % everyNthByDissection == firstByDissection)
    options.order = Order::Dissection;
  Random random(deriveSeed(seed, number));
  options.seed = random.bits();
  if (number <= firstByDegree) {
    options.weightPower = number == 1 ? 0 : 2;
    options.degreePower = number == 1 ? 1 : 1.6;
    return options;
  }
  if (options.order == Order::Fill) {
    constexpr unsigned powers[] = {0, 1, 1, 2};
    options.weightPower = powers[random.below(4)];
    options.degreePower = 0.6 + 1.6 * random.unit();
  } else {
    options.alpha = random.below(3) == 0 ? 0 : random.logUniform(0.05, 16);
    options.imbalance = random.logUniform(0.02, 0.8);
    options.smallestPart = static_cast<uint32_t>(random.logUniform(4, 120));
  }
  options.temperature = random.logUniform(0.01, 0.4);
  return options;
}

namespace {

class EliminationStrategy final : public Strategy {
public:
  std::string_view name() const override { return "elimination"; }
  std::string_view summary() const override {
    return "the best of many elimination orders, by minimum fill, minimum degree and nested "
           "dissection";
  }
  Result<SlicedTree> search(const Request &request) const override {
    std::vector<double> extents = request.network.log2Extents();
    const Budget &budget = request.budget;
    EliminationSearch search(request.network, extents, budget);
    auto run = [&](uint64_t number) {
      return search.run(request.model, eliminationOptions(budget.seed, number), budget);
    };
    // Where plain minimum fill gives up, all its restarts would.
    std::optional<ScoredTree> best = run(0);
    bool fillIsAffordable = best.has_value();
    if (!best)
      best = run(firstByDegree);
    if (!best) {
      best = GreedySearch(request.network, extents).run(request.model, GreedyOptions{});
    } else if (budget.restarts > 1) {
      auto runOther = [&](uint64_t number) {
        return run(fillIsAffordable ? number + 1 : everyNthByDegree * (number + 1) + firstByDegree);
      };
      std::optional<ScoredTree> other =
          bestOfRuns(budget, budget.restarts - 1, name(), [&] { return runOther; });
      if (other && other->score.betterThan(best->score))
        best = std::move(other);
    }
    uint64_t count = std::max<uint64_t>(budget.restarts, 1);
    budget.report({name(), count, count, best->score});
    return SlicedTree{std::move(best->tree), {}};
  }
};

} // namespace

std::unique_ptr<Strategy> tenon::planner::makeEliminationStrategy() {
  return std::make_unique<EliminationStrategy>();
}
