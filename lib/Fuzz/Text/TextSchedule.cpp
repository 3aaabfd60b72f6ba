//===- TextSchedule.cpp - Which text is tried next --------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Fuzz/TextMutation.h"

#include "DivisionByZero.h"
#include "ModuleEdit.h"

#include "mlir/IR/AsmState.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/Parser/Parser.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::fuzz;

/// Cases of one context: types and attributes are never freed.
static constexpr unsigned kCasesOfContext = 2000;
/// The cases that joined the corpus last are a third of the parents.
static constexpr size_t kYoung = 32;
/// What a mutator has yielded fades with each case, so that one that has dried up is asked less.
static constexpr double kFading = 0.998;
/// Parents that are tried until one has a child that verifies.
static constexpr unsigned kMaxParents = 16;

namespace {
class Schedule : public TextSchedule {
public:
  Schedule(const DialectRegistry &registry, bool guards)
      : guards(guards), counts(textMutators().size()), yields(counts.size()) {
    registry.appendTo(this->registry);
  }

  TextCase next(Random &random) override;
  void report(uint32_t newFeatures) override;
  void add(const TextCase &text) override { corpus.push_back(text); }
  size_t corpusSize() const override { return corpus.size(); }
  std::span<const MutationRate> rates() const override { return counts; }

private:
  /// Of one mutator: how often it was part of a case lately, and of one that showed something new.
  struct Yield {
    double cases = 0, fresh = 0;
  };

  const TextCase &pickParent(Random &random) const;
  OwningOpRef<ModuleOp> parse(const TextCase &text);
  std::vector<double> getWeights() const;
  std::vector<PassStep> nextPasses(const TextCase &parent, ModuleOp module, Random &random) const;

  DialectRegistry registry;
  std::unique_ptr<MLIRContext> context;
  unsigned casesOfContext = 0;
  bool guards;
  std::vector<TextCase> corpus;
  std::vector<MutationRate> counts;
  std::vector<Yield> yields;
  TextCase last;
  std::vector<size_t> lastMutators;
};
} // namespace

const TextCase &Schedule::pickParent(Random &random) const {
  const size_t young = std::min(corpus.size(), kYoung);
  return random.oneIn(3) ? corpus[corpus.size() - 1 - random.below(young)]
                         : corpus[random.below(corpus.size())];
}

OwningOpRef<ModuleOp> Schedule::parse(const TextCase &text) {
  ScopedDiagnosticHandler silence(context.get(), [](Diagnostic &) { return success(); });
  return parseSourceString<ModuleOp>(text.module, ParserConfig(context.get()));
}

/// The share of its cases that showed something new; at least a tenth of the best, for what it is
/// next may differ.
std::vector<double> Schedule::getWeights() const {
  std::vector<double> weights;
  for (const Yield &yield : yields)
    weights.push_back((yield.fresh + 1) / (yield.cases + 4));
  const double best = *std::max_element(weights.begin(), weights.end());
  for (double &weight : weights)
    weight = std::max(weight, best / 10);
  return weights;
}

std::vector<PassStep> Schedule::nextPasses(const TextCase &parent, ModuleOp module,
                                           Random &random) const {
  std::vector<PassStep> drawn = drawPasses(levelOf(module), guards, random);
  if (parent.passes.empty() || random.oneIn(2))
    return drawn;
  // The parent's, with one that is new, twice there, or missing. What no longer fits its level
  // refuses.
  std::vector<PassStep> passes = parent.passes;
  const auto place = passes.begin() + static_cast<ptrdiff_t>(random.below(passes.size()));
  switch (random.below(4)) {
  case 0:
    passes.insert(place, pick(drawn, random));
    break;
  case 1:
    *place = pick(drawn, random);
    break;
  case 2:
    passes.erase(place);
    break;
  default:
    break;
  }
  return passes;
}

TextCase Schedule::next(Random &random) {
  lastMutators.clear();
  last = {};
  if (corpus.empty())
    return last;
  if (!context || ++casesOfContext > kCasesOfContext) {
    context = std::make_unique<MLIRContext>(registry, MLIRContext::Threading::DISABLED);
    casesOfContext = 0;
  }
  const std::vector<double> weights = getWeights();
  for (unsigned parents = 0; parents < kMaxParents; ++parents) {
    const TextCase &parent = pickParent(random);
    OwningOpRef<ModuleOp> module = parse(parent), donor = parse(pickParent(random));
    // Seeds may be there for what has no meaning, and mutation folds it.
    if (!module || !donor || dividesByZero(*module) || dividesByZero(*donor))
      continue;
    Mutant mutant;
    // Now and then only the passes change.
    if (!random.oneIn(6))
      mutant = mutate(*module, *donor, weights, random, counts);
    else
      mutant.module = std::move(module);
    if (!mutant.module || dividesByZero(*mutant.module))
      continue;
    last.passes = nextPasses(parent, *mutant.module, random);
    if (guards)
      removeGuarded(last.passes, *mutant.module);
    last.dataSeed = random.next();
    llvm::raw_string_ostream(last.module) << *mutant.module;
    lastMutators = std::move(mutant.mutators);
    if (last.module.size() <= kMaxTextCaseBytes)
      return last;
    last = {};
  }
  // A parent as it is, of those that have a meaning.
  last = {};
  for (size_t first = random.below(corpus.size()), i = 0; i < corpus.size(); ++i) {
    const TextCase &parent = corpus[(first + i) % corpus.size()];
    OwningOpRef<ModuleOp> module = parse(parent);
    if (!module || dividesByZero(*module))
      continue;
    last = parent;
    if (guards)
      removeGuarded(last.passes, *module);
    break;
  }
  return last;
}

void Schedule::report(uint32_t newFeatures) {
  for (Yield &yield : yields) {
    yield.cases *= kFading;
    yield.fresh *= kFading;
  }
  for (size_t mutator : lastMutators) {
    yields[mutator].cases += 1;
    yields[mutator].fresh += newFeatures > 0;
  }
  if (newFeatures > 0)
    corpus.push_back(last);
}

std::unique_ptr<TextSchedule> tenon::fuzz::makeTextSchedule(const DialectRegistry &registry,
                                                            bool guards) {
  return std::make_unique<Schedule>(registry, guards);
}
