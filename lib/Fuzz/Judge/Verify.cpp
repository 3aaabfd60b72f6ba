//===- Verify.cpp - Passes, and what they leave ---------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Verify.h"

#include "tenon/Execution/DiagnosticCollector.h"

#include "mlir/IR/Verifier.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::fuzz;

std::string fuzz::pipelineOf(const PassStep &step, Session &session) {
  std::string onModules = step.options.empty() ? step.name : step.name + "{" + step.options + "}";
  std::string onFunctions = "func.func(" + onModules + ")";
  if (const PassDescription *description = findPass(step.name))
    return description->anchor == "func.func" ? onFunctions : onModules;
  // A pass that nobody described: on modules, or else on functions.
  std::string error;
  return session.pipeline(onModules, error) ? onModules : onFunctions;
}

PassEnd fuzz::runPass(Case &current, const PassStep &step, bool mayRefuse, ModuleOp module,
                      std::optional<OperationFingerPrint> &print) {
  current.beginPhase("pass " + step.name);
  std::string error, text = pipelineOf(step, current.session);
  PassManager *manager = current.session.pipeline(text, error);
  if (!manager) {
    current.report(Oracle::Verifier, step.name, "'" + text + "' is no pipeline: " + error,
                   "no pipeline: " + error);
    return PassEnd::Failed;
  }
  ++current.outcome.passesRun;
  OperationFingerPrint before = print ? *print : OperationFingerPrint(module);
  DiagnosticCollector diagnostics(current.session.context());
  if (failed(manager->run(module))) {
    const PassDescription *description = findPass(step.name);
    std::string why = diagnostics.takeText("");
    bool mustExplain = description && description->isTenon;
    if (mayRefuse && !(mustExplain && why.empty())) {
      ++current.outcome.refused;
      return PassEnd::Refused;
    }
    if (why.empty())
      why = "fails without a diagnostic";
    if (current.asks(Oracle::Verifier))
      current.report(Oracle::Verifier, step.name, why, "fails: " + why);
    return PassEnd::Failed;
  }
  print.emplace(module);
  if (*print == before)
    return PassEnd::Unchanged;
  if (failed(verify(module))) {
    std::string why = diagnostics.takeText("what it leaves does not verify");
    if (current.asks(Oracle::Verifier))
      current.report(Oracle::Verifier, step.name, "what it leaves does not verify: " + why,
                     "does not verify: " + why);
    return PassEnd::Failed;
  }
  return PassEnd::Changed;
}
