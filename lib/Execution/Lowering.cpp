//===- Lowering.cpp - The CPU pipeline, kept within a memory limit ----------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Execution/Lowering.h"

#include "tenon/Dialect/TN/IR/MemoryLimit.h"
#include "tenon/Execution/CompileFailure.h"
#include "tenon/Execution/CompiledNetwork.h"
#include "tenon/Execution/DiagnosticCollector.h"
#include "tenon/Support/Cancellation.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/Support/JSON.h"

#include <limits>

using namespace mlir;
using namespace tenon;

namespace {
/// Plans that are tried before the one of the smallest peak.
constexpr int kMostPlans = 4;

/// Limits that are tried below one that can be kept, to name the smallest.
constexpr int kMostRefinements = 8;

/// What the planner may count too much for all it does not know of kernels, which operand they take
/// first most of all. A plan that exceeds the limit by no more may keep it after all.
int64_t getSlack(int64_t limit) { return limit / 8 + 1024; }

/// What a plan is asked for.
struct Bound {
  int64_t bytes = 0; ///< 0: none
  bool least = false;
};

class Lowering {
public:
  Lowering(StringRef function, const CPUPipelineOptions &options,
           llvm::function_ref<void(StringRef)> onStage)
      : name(function), options(options), onStage(onStage) {}

  llvm::Error runWithoutLimit(ModuleOp module) {
    DiagnosticCollector diagnostics(*module.getContext());
    if (failed(runStages(module, Bound())))
      return failureOf(diagnostics);
    return llvm::Error::success();
  }

  llvm::Error runWithinLimit(OwningOpRef<ModuleOp> &module);

private:
  using AddStage = void (*)(OpPassManager &, const CPUPipelineOptions &);
  static LogicalResult run(ModuleOp module, const CPUPipelineOptions &attempt, AddStage addStage);
  /// A copy of `source`, lowered; null where no plan was found that keeps `limit`, and then the
  /// arena of the plan of least memory in `leastArena`.
  llvm::Expected<OwningOpRef<ModuleOp>> lowerCopy(ModuleOp source, int64_t limit,
                                                  int64_t &leastArena);
  LogicalResult runStages(ModuleOp module, Bound bound);
  LogicalResult outlineWithinLimit(ModuleOp module, CPUPipelineOptions &attempt);
  bool isCancelled() const { return options.cancellation && options.cancellation->isRequested(); }
  llvm::Error failureOf(DiagnosticCollector &diagnostics) {
    if (isCancelled())
      return makeCancelled();
    return diagnostics.takeError("compilation failed in stage '" + stage + "'");
  }
  func::FuncOp functionOf(ModuleOp module) { return cast<func::FuncOp>(module.lookupSymbol(name)); }
  int64_t arenaOf(ModuleOp module) {
    return functionOf(module)->getAttrOfType<IntegerAttr>("tn.workspace").getInt();
  }
  double plannedPeak(ModuleOp module);

  std::string name;
  const CPUPipelineOptions &options;
  llvm::function_ref<void(StringRef)> onStage;
  StringRef stage; ///< the last one that began
};
} // namespace

LogicalResult Lowering::run(ModuleOp module, const CPUPipelineOptions &attempt, AddStage addStage) {
  PassManager passes(module.getContext());
  addStage(passes, attempt);
  return passes.run(module);
}

LogicalResult Lowering::runStages(ModuleOp module, Bound bound) {
  CPUPipelineOptions attempt;
  attempt.copyOptionValuesFrom(options);
  attempt.cancellation = options.cancellation;
  attempt.leastMemory = bound.least || options.leastMemory;
  SmallVector<std::pair<StringRef, AddStage>, kNumLoweringStages> stages;
  // What is lowered already is taken up where it stands.
  if (func::FuncOp function = functionOf(module); !takesBuffers(function))
    stages = {{"plan", addPlanStage},
              {"lower", addTensorStage},
              {"bufferize", addBufferStage},
              {"outline", addKernelStage}};
  else if (!isSchedule(function))
    stages = {{"outline", addKernelStage}};
  for (auto [stageName, addStage] : stages) {
    stage = stageName;
    if (onStage)
      onStage(stage);
    // The plan has the bound; the arena is compared with the limit here.
    attempt.memoryLimit = stage == "plan" ? bound.bytes : 0;
    bool choosesThreads = stage == "outline" && options.memoryLimit > 0 && options.deterministic;
    // Once cancelled, passes are skipped: success means nothing then.
    if (failed(choosesThreads ? outlineWithinLimit(module, attempt)
                              : run(module, attempt, addStage)) ||
        isCancelled())
      return failure();
  }
  return success();
}

/// The last stage, for as many threads as the limit has packing buffers for. Another plan, which
/// might have room for more of them, would have other results.
LogicalResult Lowering::outlineWithinLimit(ModuleOp module, CPUPipelineOptions &attempt) {
  OwningOpRef<ModuleOp> source = module.clone();
  attempt.threads = 1;
  if (failed(run(module, attempt, addKernelStage)))
    return failure();
  if (arenaOf(module) > options.memoryLimit)
    return success();
  for (attempt.threads = options.threads; attempt.threads > 1;
       attempt.threads = attempt.threads / 2) {
    OwningOpRef<ModuleOp> shared = source->clone();
    if (failed(run(*shared, attempt, addKernelStage)))
      return failure();
    if (arenaOf(*shared) > options.memoryLimit)
      continue;
    module.getBodyRegion().takeBody(shared->getBodyRegion());
    break;
  }
  return success();
}

/// The peak that tn-plan promises; 0 where it planned nothing.
double Lowering::plannedPeak(ModuleOp module) {
  auto plan = functionOf(module)->getAttrOfType<StringAttr>("tn.plan");
  llvm::Expected<llvm::json::Value> parsed = llvm::json::parse(plan ? plan.getValue() : "{}");
  if (!parsed) {
    llvm::consumeError(parsed.takeError());
    return 0;
  }
  const llvm::json::Object *object = parsed->getAsObject();
  return object ? object->getNumber("peak_bytes").value_or(0) : 0;
}

llvm::Expected<OwningOpRef<ModuleOp>> Lowering::lowerCopy(ModuleOp source, int64_t limit,
                                                          int64_t &leastArena) {
  Bound bound{limit + std::min(getSlack(limit), std::numeric_limits<int64_t>::max() - limit)};
  // What has its buffers already is beyond planning: all attempts would be the same.
  const int mostPlans = takesBuffers(functionOf(source)) ? 0 : kMostPlans;
  for (int plans = 0; plans < mostPlans && bound.bytes > 0; ++plans) {
    OwningOpRef<ModuleOp> attempt = source.clone();
    DiagnosticCollector diagnostics(*source.getContext());
    if (failed(runStages(*attempt, bound))) {
      // Perhaps the bound cannot be kept; any other error comes again below.
      if (stage == "plan" && !isCancelled())
        break;
      return failureOf(diagnostics);
    }
    int64_t excess = arenaOf(*attempt) - limit;
    if (excess <= 0)
      return std::move(attempt);
    // The next plan differs from this one: its peak is lower.
    double peak = plannedPeak(*attempt);
    bound.bytes =
        peak < double(bound.bytes) ? static_cast<int64_t>(peak) - excess : bound.bytes - excess;
  }

  OwningOpRef<ModuleOp> attempt = source.clone();
  DiagnosticCollector diagnostics(*source.getContext());
  if (failed(runStages(*attempt, {0, /*least=*/true})))
    return failureOf(diagnostics);
  leastArena = arenaOf(*attempt);
  if (leastArena <= limit)
    return std::move(attempt);
  return OwningOpRef<ModuleOp>();
}

llvm::Error Lowering::runWithinLimit(OwningOpRef<ModuleOp> &module) {
  const int64_t limit = options.memoryLimit;
  int64_t works = 0;
  llvm::Expected<OwningOpRef<ModuleOp>> lowered = lowerCopy(*module, limit, works);
  if (!lowered)
    return lowered.takeError();
  if (*lowered) {
    module = std::move(*lowered);
    return llvm::Error::success();
  }
  // A limit of the arena of least memory is kept: that plan does not depend on the limit. Other
  // plans may keep less. Since they do depend on it, a smaller limit is named only if it was tried.
  for (int rounds = 0; rounds < kMostRefinements && works - 1 > limit; ++rounds) {
    int64_t least = 0;
    lowered = lowerCopy(*module, works - 1, least);
    if (!lowered)
      return lowered.takeError();
    if (!*lowered)
      break;
    int64_t smaller = arenaOf(**lowered);
    if (smaller < works - 1)
      lowered = lowerCopy(*module, smaller, least);
    if (!lowered)
      return lowered.takeError();
    works = *lowered ? smaller : works - 1;
    if (!*lowered)
      break;
  }
  DiagnosticCollector diagnostics(*module->getContext());
  std::string threads = options.orderThreads() > 1 ? ", or run on fewer threads (now " +
                                                         std::to_string(options.threads) + ")"
                                                   : "";
  InFlightDiagnostic error = functionOf(*module).emitError()
                             << "the memory bound of " << limit
                             << " bytes cannot be kept: the smallest peak that slicing reaches is "
                             << works << " bytes; raise the bound to at least that" << threads;
  tn::markMemoryLimit(*error.getUnderlyingDiagnostic(), works);
  error.report();
  return failureOf(diagnostics);
}

llvm::Error tenon::lowerWithinLimit(OwningOpRef<ModuleOp> &module, StringRef function,
                                    const CPUPipelineOptions &options,
                                    llvm::function_ref<void(StringRef)> onStage) {
  Lowering lowering(function, options, onStage);
  return options.memoryLimit > 0 ? lowering.runWithinLimit(module)
                                 : lowering.runWithoutLimit(*module);
}
