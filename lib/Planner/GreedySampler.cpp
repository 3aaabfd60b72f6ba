//===- GreedySampler.cpp - Options of greedy runs that learn --------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "GreedySampler.h"

#include "tenon/Planner/Random.h"

#include <algorithm>

using namespace tenon::planner;

namespace {
/// Runs that others are sampled near.
constexpr size_t mostElite = 8;

/// One run in so many ignores what is known.
constexpr uint32_t exploreEvery = 4;

/// Near: alpha and temperature of one of the best, each times or by up to this.
constexpr double widestFactor = 1.7;
} // namespace

GreedyOptions GreedySampler::sample(uint64_t number) const {
  GreedyOptions options = restartOptions(seed, number);
  Random random(deriveSeed(options.seed, number));
  if (number == 0 || elite.empty() || random.below(exploreEvery) == 0)
    return options;
  // The better ones more often.
  size_t chosen = random.below(1 + random.below(static_cast<uint32_t>(elite.size())));
  const GreedyOptions &good = elite[chosen].options;
  options.alpha = good.alpha * random.logUniform(1 / widestFactor, widestFactor);
  options.temperature = good.temperature * random.logUniform(1 / widestFactor, widestFactor);
  return options;
}

void GreedySampler::learn(const GreedyOptions &options, const Score &score) {
  // Plain greedy has no temperature to sample near.
  if (options.temperature == 0)
    return;
  auto place = std::find_if(elite.begin(), elite.end(),
                            [&](const Outcome &other) { return score.betterThan(other.score); });
  elite.insert(place, {options, score});
  if (elite.size() > mostElite)
    elite.pop_back();
}
