//===- TextMutation.cpp - Changes IR that is given as text ------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Fuzz/TextMutation.h"

#include "DivisionByZero.h"

#include "TextMutators.h"

#include "tenon/Dialect/TN/IR/TN.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/AsmState.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Parser/Parser.h"

#include <numeric>

using namespace mlir;
using namespace tenon;
using namespace tenon::fuzz;

static constexpr uint64_t kMaxChanges = 4;
/// Tries for each change that is asked for.
static constexpr uint64_t kTries = 6;
/// Operations past which a module grows no further: mutants of mutants would become ever slower.
static constexpr size_t kMaxOperations = 400;
static constexpr uint64_t kMaxPasses = 8;

static constexpr TextMutator kMutators[] = {
    {"erase-operation", eraseOperation},
    {"duplicate-operation", duplicateOperation},
    {"swap-operands", swapOperands},
    {"replace-operand", replaceOperand},
    {"move-operation", moveOperation},
    {"exchange-operation", exchangeOperation},
    {"wrap-in-condition", wrapInCondition},
    {"change-attribute", changeAttribute},
    {"drop-attribute", dropAttribute},
    {"add-attribute", addAttribute},
    {"change-extent", changeExtent},
    {"change-element-type", changeElementType},
    {"splice-operation", spliceOperation},
    {"splice-function", spliceFunction},
    {"call-function", callFunction},
    {"inline-calls", inlineCalls},
    {"return-more", returnMore},
};

std::span<const TextMutator> tenon::fuzz::textMutators() { return kMutators; }

/// The number of an entry, by weight.
static size_t pickWeighted(std::span<const double> weights, Random &random) {
  const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
  double left = std::ldexp(double(random.next() >> 11), -53) * sum;
  for (size_t i = 0; i < weights.size(); ++i)
    if ((left -= weights[i]) < 0)
      return i;
  return weights.size() - 1;
}

/// The verifier takes some modules whose text is none: affine.for with a bound of too few operands.
static bool isReadable(ModuleOp module) {
  std::string text;
  llvm::raw_string_ostream(text) << module;
  return bool(parseSourceString<ModuleOp>(text, ParserConfig(module.getContext())));
}

Mutant tenon::fuzz::mutate(ModuleOp module, ModuleOp donor, std::span<const double> weights,
                           Random &random, std::vector<MutationRate> &rates) {
  // What the verifier says about the tries is for nobody.
  ScopedDiagnosticHandler silence(module.getContext(), [](Diagnostic &) { return success(); });
  // Mutators make operations of dialects that the text may have none of.
  module.getContext()->loadDialect<arith::ArithDialect, func::FuncDialect, scf::SCFDialect>();
  Mutant mutant;
  OwningOpRef<ModuleOp> current = module.clone();
  const uint64_t changes = 1 + random.below(kMaxChanges);
  for (uint64_t tries = changes * kTries; tries > 0 && mutant.mutators.size() < changes; --tries) {
    const size_t number = pickWeighted(weights, random);
    OwningOpRef<ModuleOp> changed = current->clone();
    ++rates[number].asked;
    if (!kMutators[number].apply(*changed, donor, random))
      continue;
    ++rates[number].applied;
    if (failed(verify(*changed)) || dividesByZero(*changed) ||
        allOperations(*changed).size() > kMaxOperations)
      continue;
    ++rates[number].valid;
    mutant.mutators.push_back(number);
    current = std::move(changed);
  }
  if (!mutant.mutators.empty() && isReadable(*current))
    mutant.module = std::move(current);
  return mutant;
}

Level tenon::fuzz::levelOf(ModuleOp module) {
  bool hasBuffers = false, hasNetwork = false;
  auto isBuffer = [](Type type) { return isa<BaseMemRefType>(type); };
  module->walk([&](Operation *op) {
    hasNetwork |= isa<tn::TNDialect>(op->getDialect());
    hasBuffers |= llvm::any_of(op->getResultTypes(), isBuffer) ||
                  llvm::any_of(op->getOperandTypes(), isBuffer);
    if (auto function = dyn_cast<func::FuncOp>(op))
      hasBuffers |= llvm::any_of(function.getArgumentTypes(), isBuffer);
  });
  return hasBuffers ? Level::Buffer : hasNetwork ? Level::Network : Level::Tensor;
}

static std::string drawOptions(const PassDescription &pass, bool guards, Random &random) {
  std::string text;
  for (const PassOption &option : pass.options)
    if (option.values.size() > 1 && (option.guard.empty() || !guards) && random.oneIn(3)) {
      text += text.empty() ? "" : " ";
      text += option.name;
      text += '=';
      text += option.values[1 + random.below(option.values.size() - 1)];
    }
  return text;
}

std::vector<PassStep> tenon::fuzz::drawPasses(Level level, bool guards, Random &random) {
  std::vector<PassStep> steps;
  for (uint64_t left = 1 + random.below(kMaxPasses); left > 0; --left) {
    std::vector<const PassDescription *> fitting;
    for (const PassDescription &pass : passCatalog())
      if ((pass.from & levelBit(level)) &&
          (!guards || pass.guard.empty() || isSeenInIr(pass.guardWhen)))
        // Where guards are off, what they keep out is looked for.
        fitting.insert(fitting.end(), !guards && !pass.guard.empty() ? 4 : 1, &pass);
    const PassDescription *pass = pick(fitting, random);
    if (!pass)
      break;
    steps.push_back({std::string(pass->name), drawOptions(*pass, guards, random)});
    level = pass->to.value_or(level);
  }
  return steps;
}
