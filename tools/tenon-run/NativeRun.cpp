//===- NativeRun.cpp - A network in machine code, with its arguments ------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "NativeRun.h"

#include "Arguments.h"

#include "tenon/Tools/Interruption.h"
#include "tenon/Tools/TuneNetwork.h"

#include <chrono>

using namespace mlir;
using namespace tenon;
using namespace tenon::run;

llvm::Expected<std::unique_ptr<NativeRun>> NativeRun::create(ModuleOp module,
                                                             const RunRequest &request,
                                                             std::vector<HostTensor> &arguments,
                                                             ProgressLine &progress) {
  std::unique_ptr<NativeRun> result(new NativeRun);
  result->context = tenon_context_create(request.threads);
  if (!result->context)
    return llvm::createStringError("no threads: memory is out");
  CompileOptions options;
  options.function = request.entry;
  options.threads = result->threads();
  options.memoryLimit = request.memoryLimit;
  options.plan = request.plan;
  options.deterministic = request.deterministic;
  options.tuning = request.tuning;
  if (request.tuneSeconds > 0)
    if (llvm::Error error = tuneNetwork(module, options, request.tuneSeconds, "tenon-run"))
      return error;
  options.progress = [&progress](StringRef stage, int64_t done, int64_t total) {
    progress.showStage(stage, done, total);
  };
  llvm::Expected<std::unique_ptr<CompiledNetwork>> compiled =
      CompiledNetwork::compile(module, options);
  if (!compiled)
    return compiled.takeError();
  result->compiled = std::move(*compiled);
  result->inputViews = makeViews(arguments);
  result->fitting = result->compiled.get();
  if (!result->compiled->signature().isStatic()) {
    llvm::Expected<CompiledNetwork *> fitting =
        result->compiled->specialize(nullptr, result->inputViews.data(), result->inputViews.size());
    if (!fitting)
      return fitting.takeError();
    result->fitting = *fitting;
  }
  if (llvm::Error error = result->allocate())
    return error;
  tenon_context_set_progress(
      result->context,
      [](void *line, int64_t done, int64_t total) {
        static_cast<ProgressLine *>(line)->showSlices(done, total);
      },
      &progress);
  return result;
}

llvm::Error NativeRun::allocate() {
  for (auto [number, info] : llvm::enumerate(fitting->signature().outputs)) {
    Result<HostTensor> tensor = HostTensor::zeros(getElementType(info), info.extents);
    if (!tensor)
      return llvm::createStringError("result " + Twine(number) + ": " + tensor.message());
    outputs.push_back(std::move(*tensor));
  }
  outputViews = makeViews(outputs);
  Result<HostTensor> bytes = HostTensor::zeros({TENON_I8}, {{fitting->workspaceBytes()}});
  if (!bytes)
    return llvm::createStringError("a run needs " + Twine(fitting->workspaceBytes()) +
                                   " bytes beside arguments and results, which cannot be "
                                   "allocated; --memory-limit=SIZE slices "
                                   "the network to take less");
  workspace = std::move(*bytes);
  return llvm::Error::success();
}

NativeRun::~NativeRun() { tenon_context_destroy(context); }

llvm::Error NativeRun::run(std::vector<StepProfile> *steps) {
  RunInterruption interruption(context);
  auto start = std::chrono::steady_clock::now();
  tenon_status status =
      steps ? fitting->profile(context, inputViews.data(), inputViews.size(), outputViews.data(),
                               outputViews.size(), workspace.data(), workspace.size(), *steps)
            : fitting->run(context, inputViews.data(), inputViews.size(), outputViews.data(),
                           outputViews.size(), workspace.data(), workspace.size());
  lastSeconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  if (wasInterrupted())
    return llvm::createStringError("interrupted");
  if (status != TENON_OK)
    return llvm::createStringError(tenon_context_error(context));
  return llvm::Error::success();
}
