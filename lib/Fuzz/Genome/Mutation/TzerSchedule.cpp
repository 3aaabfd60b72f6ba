//===- TzerSchedule.cpp - The schedule of Tzer ----------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Edit.h"
#include "Schedules.h"

using namespace tenon::fuzz;

/// Programs that a campaign starts from, where it has no corpus.
static constexpr size_t kSeeds = 16;

/// General mutators change the program at any place, and domain mutators what only tensor programs
/// have; 3 : 1 as in the paper.
static bool isOfDomain(const Mutator &mutator) {
  switch (mutator.kind) {
  case MutatorClass::Extents:
  case MutatorClass::Layouts:
  case MutatorClass::Decomposition:
  case MutatorClass::Slicing:
    return true;
  default:
    return false;
  }
}

Genome TzerSchedule::mutateProgram(const Genome &parent, Random &random) const {
  bool ofDomain = random.oneIn(4);
  for (;;) {
    std::span<const Mutator> all = mutators();
    const Mutator &mutator = drawFrom(all, random);
    if (mutator.kind == MutatorClass::Pipeline || isOfDomain(mutator) != ofDomain)
      continue;
    Genome child = parent;
    if (!mutator.apply(child, random)) {
      // Some programs have nothing to slice or to decompose.
      ofDomain = random.oneIn(4);
      continue;
    }
    repair(child);
    if (guards)
      removeGuarded(child);
    return child;
  }
}

Genome TzerSchedule::next(Random &random) {
  if (corpus.empty() || (corpus.size() < kSeeds && !current)) {
    last = generate(random, guards);
    return last;
  }
  if (!current)
    current = *corpus.drawAny(random).genome;
  if (!trial && failures >= kFailures) {
    failures = 0;
    trial.emplace();
    trial->left = drawPassList(guards, random);
    std::reverse(trial->left.begin(), trial->left.end());
    if (trial->left.empty())
      trial->left.push_back(drawStep(Level::Network, /*mayRise=*/true, guards, random));
  }
  if (trial) {
    last = *current;
    last.passes = trial->kept;
    last.passes.push_back(trial->left.back());
    repair(last);
    if (guards)
      removeGuarded(last);
  } else {
    last = mutateProgram(*current, random);
  }
  return last;
}

void TzerSchedule::report(uint32_t newFeatures) {
  bool isNew = newFeatures > 0;
  if (isNew)
    corpus.add(last);
  if (!current) {
    // The first programs: as if they were given.
    if (!isNew && corpus.empty())
      corpus.add(last);
    if (corpus.size() >= kSeeds)
      failures = 0;
    else if (!isNew && ++failures >= kSeeds * kFailures) {
      // No feedback, or nothing new to see: what there is has to do.
      failures = 0;
      current = last;
    }
    return;
  }
  if (!trial) {
    failures = isNew ? 0 : failures + 1;
    if (isNew)
      current = last;
    return;
  }
  PassStep step = std::move(trial->left.back());
  trial->left.pop_back();
  // What leads to another level is kept, for what comes after it.
  const PassDescription *pass = findPass(step.name);
  if (isNew || (pass && pass->to))
    trial->kept.push_back(std::move(step));
  if (!trial->left.empty())
    return;
  current->passes = std::move(trial->kept);
  trial.reset();
  // On with another pair.
  current.reset();
}
