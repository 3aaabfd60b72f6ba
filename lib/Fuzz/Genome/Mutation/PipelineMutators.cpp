//===- PipelineMutators.cpp - Which passes run, and with which options ----===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Edit.h"
#include "Mutators.h"
#include "PassLists.h"

using namespace tenon::fuzz;

// Passes with a guard are drawn as well; a schedule with guards takes them out.

namespace {

bool insertPass(Genome &genome, Random &random) {
  size_t at = random.below(genome.passes.size() + 1);
  bool isLast = at == genome.passes.size();
  genome.passes.insert(genome.passes.begin() + at,
                       drawStep(levelBefore(genome.passes, at), isLast && random.oneIn(2),
                                /*guards=*/!random.oneIn(4), random));
  return true;
}

bool deletePass(Genome &genome, Random &random) {
  if (genome.passes.empty())
    return false;
  genome.passes.erase(genome.passes.begin() + random.below(genome.passes.size()));
  return true;
}

bool swapPasses(Genome &genome, Random &random) {
  if (genome.passes.size() < 2)
    return false;
  size_t a = random.below(genome.passes.size()),
         b = (a + 1 + random.below(genome.passes.size() - 1)) % genome.passes.size();
  std::swap(genome.passes[a], genome.passes[b]);
  return genome.passes[a] != genome.passes[b];
}

/// A pass runs again, right away or later: it may find its own results.
bool duplicatePass(Genome &genome, Random &random) {
  if (genome.passes.empty())
    return false;
  size_t from = random.below(genome.passes.size()),
         to = random.oneIn(2) ? from : from + random.below(genome.passes.size() - from + 1);
  PassStep again = genome.passes[from];
  genome.passes.insert(genome.passes.begin() + to, std::move(again));
  return true;
}

/// A pass becomes another one of its level.
bool replacePass(Genome &genome, Random &random) {
  if (genome.passes.empty())
    return false;
  size_t at = random.below(genome.passes.size());
  PassStep drawn = drawStep(levelBefore(genome.passes, at), random.oneIn(4),
                            /*guards=*/!random.oneIn(4), random);
  bool isChanged = drawn != genome.passes[at];
  genome.passes[at] = std::move(drawn);
  return isChanged;
}

/// Passes that belong together go in between.
bool splicePasses(Genome &genome, Random &random) {
  size_t at = random.below(genome.passes.size() + 1);
  std::vector<PassStep> fragment = drawFragment(levelBefore(genome.passes, at), random);
  genome.passes.insert(genome.passes.begin() + at, fragment.begin(), fragment.end());
  return !fragment.empty();
}

bool changeOption(Genome &genome, Random &random) {
  int at = drawWhere(genome.passes, random, [](const PassStep &step) {
    const PassDescription *pass = findPass(step.name);
    return pass && !pass->options.empty();
  });
  return at >= 0 && redrawOption(genome.passes[at], random);
}

bool changeOptions(Genome &genome, Random &random) {
  int at = drawWhere(genome.passes, random, [](const PassStep &step) {
    const PassDescription *pass = findPass(step.name);
    return pass && !pass->options.empty();
  });
  if (at < 0)
    return false;
  std::string drawn = drawOptions(*findPass(genome.passes[at].name), random);
  bool isChanged = drawn != genome.passes[at].options;
  genome.passes[at].options = std::move(drawn);
  return isChanged;
}

bool resetOptions(Genome &genome, Random &random) {
  int at =
      drawWhere(genome.passes, random, [](const PassStep &step) { return !step.options.empty(); });
  if (at < 0)
    return false;
  genome.passes[at].options.clear();
  return true;
}

/// What comes after some pass goes.
bool truncatePasses(Genome &genome, Random &random) {
  if (genome.passes.empty())
    return false;
  genome.passes.resize(random.below(genome.passes.size()));
  return true;
}

/// The passes go on from where they end, up to the next level.
bool extendPasses(Genome &genome, Random &random) {
  std::vector<PassStep> fragment =
      drawFragment(levelBefore(genome.passes, genome.passes.size()), random);
  genome.passes.insert(genome.passes.end(), fragment.begin(), fragment.end());
  return !fragment.empty();
}

/// The compiler's own plan comes first.
bool prefixPasses(Genome &genome, Random &random) {
  std::vector<PassStep> fragment = drawFragment(Level::Network, random);
  genome.passes.insert(genome.passes.begin(), fragment.begin(), fragment.end());
  return !fragment.empty();
}

bool drawPasses(Genome &genome, Random &random) {
  genome.passes = drawPassList(/*guards=*/!random.oneIn(4), random);
  return true;
}

constexpr Mutator kMutators[] = {{"insert-pass", MutatorClass::Pipeline, insertPass},
                                 {"delete-pass", MutatorClass::Pipeline, deletePass},
                                 {"swap-passes", MutatorClass::Pipeline, swapPasses},
                                 {"duplicate-pass", MutatorClass::Pipeline, duplicatePass},
                                 {"replace-pass", MutatorClass::Pipeline, replacePass},
                                 {"splice-passes", MutatorClass::Pipeline, splicePasses},
                                 {"change-option", MutatorClass::Pipeline, changeOption},
                                 {"change-options", MutatorClass::Pipeline, changeOptions},
                                 {"reset-options", MutatorClass::Pipeline, resetOptions},
                                 {"truncate-passes", MutatorClass::Pipeline, truncatePasses},
                                 {"extend-passes", MutatorClass::Pipeline, extendPasses},
                                 {"prefix-passes", MutatorClass::Pipeline, prefixPasses},
                                 {"draw-passes", MutatorClass::Pipeline, drawPasses}};
} // namespace

std::span<const Mutator> tenon::fuzz::pipelineMutators() { return kMutators; }
