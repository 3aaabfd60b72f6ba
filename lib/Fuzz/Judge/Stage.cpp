//===- Stage.cpp - What each pass leaves, interpreted ---------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Stage.h"

#include "tenon/Fuzz/PassCatalog.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::fuzz;

StageOracle::StageOracle(Case &current, StringRef function, ArrayRef<HostTensor> arguments,
                         const Truth &truth)
    : current(current), name(function), arguments(arguments), truth(truth) {
  if (truth.arithmetic == Arithmetic::Bound)
    last = cloneAll(truth.results);
}

bool StageOracle::judge(const PassStep &step, const Verdict &verdict) {
  current.outcome.conclusive += verdict.conclusive;
  current.outcome.inconclusive += verdict.inconclusive;
  if (verdict.difference.empty())
    return true;
  current.report(Oracle::Stage, step.name, verdict.difference, verdict.kind);
  return false;
}

bool StageOracle::check(const PassStep &step, ModuleOp module) {
  func::FuncOp function = findOnTensors(module, name);
  // Past tensors, or inlined and erased.
  if (!function)
    return true;
  current.beginPhase("interpret after " + step.name);
  Interpretation said = interpretCase(function, arguments);
  if (said.end == Interpretation::End::Beyond) {
    ++current.outcome.inconclusive;
    hasLast = false;
    return true;
  }
  if (said.end == Interpretation::End::Broken) {
    ++current.outcome.conclusive;
    current.report(Oracle::Stage, step.name, "what it leaves has no value: " + said.why);
    return false;
  }
  const PassDescription *description = findPass(step.name);
  bool isInBits =
      truth.arithmetic == Arithmetic::Bound && hasLast && description && description->keepsBits;
  bool isGood = judge(step, isInBits ? compareBits(said.results, last)
                                     : compareWithTruth(said.results, truth));
  if (truth.arithmetic == Arithmetic::Bound) {
    last = std::move(said.results);
    hasLast = true;
  }
  return isGood;
}
