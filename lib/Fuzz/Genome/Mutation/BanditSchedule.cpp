//===- BanditSchedule.cpp - Arms by what they yielded lately --------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Edit.h"
#include "Schedules.h"

#include <cmath>

using namespace tenon::fuzz;

/// What an older result of an arm counts, for each later case.
static constexpr double kForget = 0.9995;
/// Most mutations of one case.
static constexpr unsigned kStack = 6;
/// Programs are drawn until there are so many to mutate.
static constexpr size_t kSeeds = 8;
/// One case in so many is a new program, whatever arms yield: mutants of few programs are much
/// alike, and what shows nothing new to the feedback may still be wrong.
static constexpr unsigned kFresh = 3;

BanditSchedule::BanditSchedule(bool guards, size_t capacity)
    : guards(guards), corpus(capacity), arms(mutators().size() + 2), counts(arms.size()) {}

/// About normal, of mean 0 and deviation 1: the sum of twelve uniform numbers. Exact arithmetic, so
/// the same everywhere.
static double drawNormal(Random &random) {
  uint64_t sum = 0;
  for (unsigned i = 0; i < 6; ++i) {
    uint64_t bits = random.next();
    sum += (bits & 0xffffffff) + (bits >> 32);
  }
  return double(sum) * 0x1p-32 - 6;
}

size_t BanditSchedule::drawArm(Random &random) {
  size_t best = 0;
  double bestValue = -1e9;
  for (size_t i = 0; i < arms.size(); ++i) {
    // Of the beta distribution with one success and one failure before.
    double n = arms[i].successes + arms[i].failures + 2, mean = (arms[i].successes + 1) / n;
    double value = mean + std::sqrt(mean * (1 - mean) / (n + 1)) * drawNormal(random);
    if (value > bestValue) {
      bestValue = value;
      best = i;
    }
  }
  return best;
}

Genome BanditSchedule::make(Random &random) {
  used.clear();
  parents.clear();
  size_t crossing = mutators().size(), generating = crossing + 1;
  bool hasSeeds = corpus.size() >= kSeeds;
  if (corpus.empty() || random.oneIn(hasSeeds ? kFresh : 2)) {
    used.push_back(generating);
    return generate(random, guards);
  }
  CaseCorpus::Parent parent = corpus.draw(random);
  Genome child = *parent.genome;
  parents.push_back(parent.id);
  for (unsigned left = drawGeometric(2, kStack, random), fruitless = 0; left > 0;) {
    size_t arm = drawArm(random);
    if (arm == generating) {
      // Nothing comes before a new program, and nobody else is credited with it.
      used.assign(1, generating);
      parents.clear();
      return generate(random, guards);
    }
    Genome old = child;
    bool isChanged = true;
    if (arm == crossing) {
      CaseCorpus::Parent other = corpus.draw(random);
      child = crossOver(child, *other.genome, random);
    } else {
      isChanged = mutators()[arm].apply(child, random);
    }
    if (isChanged) {
      repair(child);
      if (guards)
        removeGuarded(child);
      isChanged = child != old;
    } else {
      child = std::move(old);
    }
    if (isChanged) {
      used.push_back(arm);
      --left;
    } else {
      // It had nothing to change here, which says little of it.
      arms[arm].failures += 0.05;
      if (++fruitless == 4 * kStack)
        break;
    }
  }
  return child;
}

Genome BanditSchedule::next(Random &random) {
  last = make(random);
  return last;
}

void BanditSchedule::report(uint32_t newFeatures) {
  // One feature is a success; many are worth more, but never much more than a few.
  double reward =
      newFeatures == 0 ? 0 : 0.5 + 0.5 * double(newFeatures) / (double(newFeatures) + 8);
  for (Arm &arm : arms) {
    arm.successes *= kForget;
    arm.failures *= kForget;
  }
  for (size_t arm : used) {
    // One of several mutations may have done it.
    double share = 1.0 / double(used.size());
    arms[arm].successes += share * reward;
    arms[arm].failures += share * (1 - reward);
    ++counts[arm];
  }
  for (uint64_t parent : parents)
    corpus.credit(parent, reward);
  if (newFeatures > 0)
    corpus.add(last);
  used.clear();
  parents.clear();
}
