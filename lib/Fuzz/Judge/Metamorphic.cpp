//===- Metamorphic.cpp - Changed programs with known results --------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Metamorphic.h"

#include "Interpretation.h"
#include "Relations.h"

#include "tenon/Execution/DiagnosticCollector.h"
#include "tenon/Fuzz/Program.h"

#include "mlir/IR/Verifier.h"

#include <cmath>

using namespace mlir;
using namespace tenon;
using namespace tenon::fuzz;

/// The ways on which changed programs are sent; empty: straight to the interpreter.
static constexpr StringRef kWays[] = {
    "",
    "tn-simplify",
    "func.func(tn-plan)",
    "tn-simplify,func.func(tn-plan,tn-propagate-layouts)",
    "tenon-plan-stage,tenon-tensor-stage",
    "func.func(convert-tn-to-linalg)",
};

/// A relation may leave what the generator would not: more dimensions, operands and elements, but
/// no other program.
static GenomeLimits widened() {
  GenomeLimits limits;
  limits.nodes += 1;
  limits.operands += 1;
  limits.rank += 2;
  limits.extent += 4;
  limits.elements *= 16;
  limits.work *= 64;
  return limits;
}

/// Appends copies; false where memory is out.
static bool copyInto(ArrayRef<HostTensor> tensors, std::vector<HostTensor> &copies) {
  for (HostTensor &copy : cloneAll(tensors))
    copies.push_back(std::move(copy));
  return copies.size() == tensors.size();
}

/// What the results of a variation must be. A NaN that is certain stays: relations that may add a
/// zero to a product do nothing to programs that can have one.
static std::optional<Truth> adapt(const Truth &truth, const Variation &variation) {
  Truth adapted;
  adapted.arithmetic = truth.arithmetic;
  adapted.mayMeetInfinity = truth.mayMeetInfinity;
  adapted.results = cloneAll(truth.results);
  if (adapted.results.size() != truth.results.size() || !copyInto(truth.bounds, adapted.bounds) ||
      !copyInto(truth.certainNaNs, adapted.certainNaNs))
    return std::nullopt;
  for (auto [i, result] : llvm::enumerate(adapted.results)) {
    int exponent = i < variation.exponents.size() ? variation.exponents[i] : 0;
    bool isConjugated = variation.isConjugated && result.type().isComplex();
    for (int64_t e = 0; (exponent != 0 || isConjugated) && e < result.size(); ++e) {
      Scalar value = result.get(e);
      if (auto *pair = std::get_if<std::complex<double>>(&value)) {
        double imaginary = std::ldexp(pair->imag(), exponent);
        result.set(e, std::complex<double>(std::ldexp(pair->real(), exponent),
                                           isConjugated ? -imaginary : imaginary));
      } else if (auto *number = std::get_if<double>(&value)) {
        result.set(e, std::ldexp(*number, exponent));
      }
    }
  }
  return adapted;
}

/// The changed program, with the constants of the original one, at the end of its way; null where
/// there is none to judge.
static OwningOpRef<ModuleOp> lower(Case &current, const Genome &genome,
                                   ArrayRef<HostTensor> constants, StringRef way, StringRef name) {
  llvm::Expected<OwningOpRef<ModuleOp>> built =
      buildModule(genome, constants, current.session.context());
  if (!built) {
    current.report(Oracle::Metamorphic, name, llvm::toString(built.takeError()));
    return {};
  }
  if (way.empty())
    return std::move(*built);
  std::string error;
  PassManager *manager = current.session.pipeline(way, error);
  DiagnosticCollector diagnostics(current.session.context());
  if (!manager) {
    current.report(Oracle::Metamorphic, name, ("'" + way + "' is no pipeline: " + error).str());
    return {};
  }
  if (succeeded(manager->run(**built)) && succeeded(verify(**built)))
    return std::move(*built);
  current.report(Oracle::Metamorphic, name,
                 (way + " fails: " + diagnostics.takeText("no diagnostic")).str());
  return {};
}

void fuzz::checkRelation(Case &current, const Genome &genome, ArrayRef<HostTensor> arguments,
                         const Truth &truth) {
  uint64_t draw = current.draw(purpose::metamorphic + 256);
  const Relation &relation = relations()[draw % relations().size()];
  StringRef way = kWays[(draw >> 32) % std::size(kWays)];
  SmallVector<HostTensor> copies = cloneAll(arguments);
  Variation variation{genome, {}, truth.arithmetic, truth.mayMeetInfinity, {}, false};
  for (HostTensor &copy : copies)
    variation.arguments.push_back(std::move(copy));
  if (variation.arguments.size() != arguments.size())
    return;
  variation.genome.passes.clear();
  // Planning wants extents that are known.
  for (Node &node : variation.genome.nodes)
    node.dynamic = 0;
  Random random(draw);
  if (!relation.apply(variation, random))
    return;
  // What is not valid any more means something else once it is repaired.
  Genome repaired = variation.genome;
  repair(repaired, widened());
  if (!(repaired == variation.genome))
    return;

  std::string name = std::string(relation.name);
  current.beginPhase("metamorphic " + name + " " + way);
  // A changed program would draw them from other ranges.
  OwningOpRef<ModuleOp> module = lower(current, variation.genome, makeConstants(genome), way, name);
  if (!module)
    return;
  std::optional<Truth> expected = adapt(truth, variation);
  Interpretation said = interpretCase(findOnTensors(*module, "main"), variation.arguments);
  if (!expected || said.end == Interpretation::End::Beyond) {
    ++current.outcome.inconclusive;
    return;
  }
  if (said.end == Interpretation::End::Broken) {
    ++current.outcome.conclusive;
    current.report(Oracle::Metamorphic, name, "the changed program has no value: " + said.why);
    return;
  }
  Verdict verdict = compareWithTruth(said.results, *expected);
  current.outcome.conclusive += verdict.conclusive;
  current.outcome.inconclusive += verdict.inconclusive;
  if (!verdict.difference.empty())
    current.report(Oracle::Metamorphic, name,
                   (way.empty() ? "interpreted" : way).str() + ": " + verdict.difference,
                   verdict.kind + (way.empty() ? "" : " after " + way.str()));
}
