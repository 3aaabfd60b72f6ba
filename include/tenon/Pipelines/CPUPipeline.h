//===- CPUPipeline.h - From tn to a schedule and kernels ----------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Support/Cancellation.h"

#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassOptions.h"

namespace tenon {

/// Options of `tenon-cpu-pipeline`; all decisions of a compilation that the input does not make.
struct CPUPipelineOptions : mlir::PassPipelineOptions<CPUPipelineOptions> {
  Option<int64_t> threads{*this, "threads", llvm::cl::desc("Threads that the schedule is made for"), llvm::cl::init(1)};
  Option<bool> deterministic{*this, "deterministic",
                             llvm::cl::desc("Results do not depend on threads, which share single contractions only, not slices"),
                             llvm::cl::init(false)};
  Option<int64_t> memoryLimit{*this, "memory-limit",
                              llvm::cl::desc("Bytes that a run may take beside inputs and outputs; 0: any"), llvm::cl::init(0)};
  Option<bool> leastMemory{*this, "least-memory", llvm::cl::desc("As of tn-plan"), llvm::cl::init(false)};
  Option<int64_t> keptLimit{*this, "kept-limit", llvm::cl::desc("As of tn-plan"), llvm::cl::init(0)};
  Option<std::string> method{*this, "method", llvm::cl::desc("As of tn-plan"), llvm::cl::init("auto")};
  Option<std::string> minimize{*this, "minimize", llvm::cl::desc("As of tn-plan"), llvm::cl::init("flops")};
  Option<std::string> timeTable{*this, "time-table", llvm::cl::desc("As of tn-plan"), llvm::cl::init("")};
  Option<int64_t> minSlices{*this, "min-slices", llvm::cl::desc("As of tn-plan"), llvm::cl::init(1)};
  Option<int64_t> restarts{*this, "restarts", llvm::cl::desc("As of tn-plan"), llvm::cl::init(64)};
  Option<int64_t> seed{*this, "seed", llvm::cl::desc("As of tn-plan"), llvm::cl::init(0)};
  Option<bool> fuse{*this, "fuse", llvm::cl::desc("Run chains of contractions tile by tile where that pays (tn-fuse)"),
                    llvm::cl::init(true)};
  Option<std::string> target{*this, "target", llvm::cl::desc("Machine: host, avx512, avx512-bf16, avx2, generic-neon"),
                             llvm::cl::init("host")};
  Option<std::string> tuning{*this, "tuning", llvm::cl::desc("As of tenon-outline-kernels"), llvm::cl::init("")};
  /// Stops the planner; null where nobody can cancel. Outlives the passes.
  Cancellation *cancellation = nullptr;

  /// Threads that what is computed may depend on: the plan, and the order of sums over slices.
  int64_t orderThreads() const { return deterministic ? 1 : threads; }
};

/// The stages of the CPU pipeline, in order. Between any two the module can be printed, edited and resumed.
void addPlanStage(mlir::OpPassManager &passes, const CPUPipelineOptions &options);   ///< tn: simplify, plan, slice
void addTensorStage(mlir::OpPassManager &passes, const CPUPipelineOptions &options); ///< tn to linalg on tensors
void addBufferStage(mlir::OpPassManager &passes, const CPUPipelineOptions &options); ///< tensors to buffers
void addKernelStage(mlir::OpPassManager &passes, const CPUPipelineOptions &options); ///< buffers to calls in one arena

void buildCPUPipeline(mlir::OpPassManager &passes, const CPUPipelineOptions &options);

/// Registers `tenon-cpu-pipeline` and its stages `tenon-plan-stage`, `tenon-tensor-stage`, `tenon-buffer-stage`, `tenon-kernel-stage`.
void registerPipelines();

} // namespace tenon
