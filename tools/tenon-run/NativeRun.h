//===- NativeRun.h - A network in machine code, with its arguments *- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "ProgressLine.h"
#include "RunOptions.h"

#include "tenon/Execution/CompiledNetwork.h"
#include "tenon/HostTensor/HostTensor.h"

namespace tenon::run {

/// Compiles a function for its arguments and runs it on them.
class NativeRun {
public:
  /// Compiles. The arguments must fit the function and outlive this object.
  static llvm::Expected<std::unique_ptr<NativeRun>> create(mlir::ModuleOp module,
                                                           const RunRequest &request,
                                                           std::vector<HostTensor> &arguments,
                                                           ProgressLine &progress);
  ~NativeRun();

  /// Runs once. The results are this object's, until the next run.
  llvm::Error run() { return run(nullptr); }
  /// The same, and writes what each step took to `steps` (CompiledNetwork::profile).
  llvm::Error runProfiled(std::vector<StepProfile> &steps) { return run(&steps); }
  std::vector<HostTensor> &results() { return outputs; }

  /// The network for the arguments' extents.
  const CompiledNetwork &network() const { return *fitting; }
  int32_t threads() const { return tenon_context_threads(context); }
  /// What the last run took.
  double seconds() const { return lastSeconds; }

private:
  NativeRun() = default;
  llvm::Error allocate();
  llvm::Error run(std::vector<StepProfile> *steps);

  std::unique_ptr<CompiledNetwork> compiled;
  CompiledNetwork *fitting = nullptr;
  tenon_context *context = nullptr;
  std::vector<HostTensor> outputs;
  HostTensor workspace;
  std::vector<tenon_tensor> inputViews, outputViews;
  double lastSeconds = 0;
};

} // namespace tenon::run
