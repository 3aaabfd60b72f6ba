//===- Stage.cpp - What each pass leaves, interpreted ---------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Stage.h"

#include "tenon/Dialect/TN/IR/TN.h"
#include "tenon/Fuzz/BufferRunner.h"
#include "tenon/Fuzz/PassCatalog.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::fuzz;

StageOracle::StageOracle(Case &current, ModuleOp source, StringRef function,
                         ArrayRef<HostTensor> arguments, const Truth &truth)
    : current(current), name(function), arguments(arguments), truth(truth),
      operations(countOperations(source)) {
  if (truth.arithmetic == Arithmetic::Bound)
    last = cloneAll(truth.results);
}

bool StageOracle::judge(const PassStep &step, const Verdict &verdict,
                        const OperationCounts &before) {
  current.outcome.conclusive += verdict.conclusive;
  current.outcome.inconclusive += verdict.inconclusive;
  if (verdict.difference.empty())
    return true;
  // The last pattern says more than the numbers do.
  current.report(Oracle::Stage, step.name, verdict.difference,
                 current.pattern.empty() ? verdict.kind : current.pattern,
                 describeChange(before, operations));
  return false;
}

/// Whether all that a function works on is memrefs and numbers, and nothing is left of Tenon's
/// dialect.
static bool isOnBuffers(ModuleOp module, StringRef name) {
  auto function = module.lookupSymbol<func::FuncOp>(name);
  if (!function || function.isDeclaration())
    return false;
  auto isTensor = [](Type type) { return isa<TensorType>(type); };
  bool isEarlier = module
                       .walk([&](Operation *op) {
                         bool hasTensors = llvm::any_of(op->getOperandTypes(), isTensor) ||
                                           llvm::any_of(op->getResultTypes(), isTensor);
                         return hasTensors || isa<tn::TNDialect>(op->getDialect())
                                    ? WalkResult::interrupt()
                                    : WalkResult::advance();
                       })
                       .wasInterrupted();
  return !isEarlier && llvm::none_of(function.getArgumentTypes(), isTensor);
}

Verdict StageOracle::runBuffers(Stored &stored) {
  current.beginPhase("run buffers after " + stored.step.name);
  BufferRunner *runner = current.session.buffers();
  auto function = stored.module.get().lookupSymbol<func::FuncOp>(name);
  BufferRunOptions options;
  if (function.getNumArguments() == arguments.size() + truth.results.size())
    for (const HostTensor &result : truth.results)
      options.destinations.emplace_back(result.shape().begin(), result.shape().end());
  Verdict verdict;
  if (!runner || function.getNumArguments() != arguments.size() + options.destinations.size()) {
    verdict.inconclusive = 1;
    return verdict;
  }
  llvm::Expected<SmallVector<HostTensor>> results = runner->run(function, arguments, options);
  if (results) {
    for (auto [found, expected] : llvm::zip(*results, truth.results))
      if (found.type().isInteger())
        found.setUnsigned(expected.type().isUnsigned);
    return compareWithTruth(*results, truth);
  }
  llvm::handleAllErrors(results.takeError(), [&](const BufferRunError &error) {
    if (error.kind() != BufferRunError::Kind::Damage) {
      verdict.inconclusive = 1;
      return;
    }
    verdict.conclusive = 1;
    verdict.difference = error.message();
  });
  return verdict;
}

bool StageOracle::finish() {
  if (onBuffers.empty() || !current.oneIn(purpose::buffers, 2))
    return true;
  Verdict last = runBuffers(onBuffers.back());
  current.outcome.conclusive += last.conclusive;
  current.outcome.inconclusive += last.inconclusive;
  if (last.difference.empty())
    return true;
  for (Stored &stored : onBuffers) {
    Verdict verdict = &stored == &onBuffers.back() ? std::move(last) : runBuffers(stored);
    if (verdict.difference.empty())
      continue;
    current.report(Oracle::Stage, stored.step.name, "on buffers: " + verdict.difference,
                   stored.pattern.empty() ? verdict.kind : stored.pattern,
                   describeChange(stored.before, stored.after));
    break;
  }
  return false;
}

bool StageOracle::check(const PassStep &step, ModuleOp module) {
  OperationCounts before = std::exchange(operations, countOperations(module));
  func::FuncOp function = findOnTensors(module, name);
  // Past tensors, or inlined and erased.
  if (!function) {
    if (isOnBuffers(module, name))
      onBuffers.push_back({step, module.clone(), current.pattern, std::move(before), operations});
    return true;
  }
  current.beginPhase("interpret after " + step.name);
  Interpretation said = interpretCase(function, arguments);
  if (said.end == Interpretation::End::Beyond) {
    ++current.outcome.inconclusive;
    hasLast = false;
    return true;
  }
  if (said.end == Interpretation::End::Broken) {
    ++current.outcome.conclusive;
    current.report(Oracle::Stage, step.name, "what it leaves has no value: " + said.why, {},
                   describeChange(before, operations));
    return false;
  }
  const PassDescription *description = findPass(step.name);
  bool isInBits =
      truth.arithmetic == Arithmetic::Bound && hasLast && description && description->keepsBits;
  bool isGood = judge(
      step, isInBits ? compareBits(said.results, last) : compareWithTruth(said.results, truth),
      before);
  if (truth.arithmetic == Arithmetic::Bound) {
    last = std::move(said.results);
    hasLast = true;
  }
  return isGood;
}
