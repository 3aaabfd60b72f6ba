//===- StrategyRegistry.cpp - Strategies by name --------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Strategies.h"

#include <algorithm>
#include <string>

using namespace tenon::planner;

StrategyRegistry::StrategyRegistry() {
  add(makeAnnealingStrategy());
  add(makeAutoStrategy());
  add(makeBisectionStrategy());
  add(makeEliminationStrategy());
  add(makeGreedyStrategy());
  add(makeOptimalStrategy());
  add(makeRandomGreedyStrategy());
  add(makeReconfigurationStrategy());
}

void StrategyRegistry::add(std::unique_ptr<Strategy> strategy) {
  auto place = std::lower_bound(strategies.begin(), strategies.end(), strategy,
                                [](const auto &a, const auto &b) { return a->name() < b->name(); });
  if (place != strategies.end() && (*place)->name() == strategy->name())
    *place = std::move(strategy);
  else
    strategies.insert(place, std::move(strategy));
}

Result<const Strategy *> StrategyRegistry::find(std::string_view name) const {
  std::string names;
  for (const std::unique_ptr<Strategy> &strategy : strategies) {
    if (strategy->name() == name)
      return strategy.get();
    names += (names.empty() ? "" : ", ") + std::string(strategy->name());
  }
  return Error{"unknown strategy '" + std::string(name) + "'; expected one of " + names};
}

std::vector<const Strategy *> StrategyRegistry::all() const {
  std::vector<const Strategy *> result;
  for (const std::unique_ptr<Strategy> &strategy : strategies)
    result.push_back(strategy.get());
  return result;
}
