//===- Determinism.cpp - The same passes once more ------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Determinism.h"

#include "RoundTrip.h"
#include "Verify.h"

#include "tenon/Fuzz/PassCatalog.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::fuzz;

/// Runs all passes, and appends the text after each where `texts` is given. False: a pass did not
/// go through.
static bool runAll(Case &current, ArrayRef<PassStep> steps, ModuleOp module,
                   std::vector<std::string> *texts) {
  for (const PassStep &step : steps) {
    std::string error;
    current.beginPhase("again " + step.name);
    PassManager *manager = current.session.pipeline(pipelineOf(step, current.session), error);
    if (!manager || failed(manager->run(module)))
      return false;
    if (texts)
      texts->push_back(printModule(module));
  }
  return true;
}

/// The first pass after which two more runs differ; the last one where none do.
static std::string findGuilty(Case &current, ArrayRef<PassStep> steps, ModuleOp source) {
  std::vector<std::string> texts[2];
  for (auto &list : texts) {
    OwningOpRef<ModuleOp> copy = source.clone();
    runAll(current, steps, *copy, &list);
  }
  for (size_t i = 0; i < std::min(texts[0].size(), texts[1].size()); ++i)
    if (texts[0][i] != texts[1][i])
      return steps[i].name;
  return steps.back().name;
}

/// Whether a step bufferizes several functions across their boundaries: one-shot-bufferize goes
/// through them, and numbers the buffers of their constants, by their addresses (D30).
static bool meetsD30(ArrayRef<PassStep> steps, ModuleOp source) {
  return llvm::range_size(source.getOps<func::FuncOp>()) > 1 &&
         llvm::any_of(steps, [](const PassStep &step) {
           return step.name == "one-shot-bufferize" &&
                  optionOf(step, "bufferize-function-boundaries") == "true";
         });
}

void fuzz::checkDeterminism(Case &current, ArrayRef<PassStep> steps, ModuleOp source,
                            ModuleOp left) {
  if (steps.empty() || (current.options.guards && meetsD30(steps, source)))
    return;
  OwningOpRef<ModuleOp> again = source.clone();
  if (runAll(current, steps, *again, nullptr) && printModule(*again) == printModule(left))
    return;
  std::string guilty = findGuilty(current, steps, source);
  current.report(Oracle::Determinism, guilty,
                 "the passes leave another program when they are run again",
                 "another program when it is run again");
}
