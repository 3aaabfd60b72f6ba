//===- CPUPipeline.cpp - From tn to a schedule and kernels ------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Pipelines/CPUPipeline.h"

#include "tenon/Codegen/CPU/Passes.h"
#include "tenon/Codegen/CPU/TargetDescription.h"
#include "tenon/Codegen/Common/Passes.h"
#include "tenon/Conversion/Passes.h"
#include "tenon/Dialect/TN/Transforms/Passes.h"

#include "mlir/Dialect/Bufferization/Transforms/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/Passes.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;
using namespace tenon;

void tenon::addPlanStage(OpPassManager &passes, const CPUPipelineOptions &options) {
  tn::TNSimplifyOptions simplify;
  simplify.keepPath = true;
  passes.addPass(tn::createTNSimplify(simplify));
  tn::TNPlanOptions plan;
  plan.method = options.method;
  plan.minimize = options.minimize;
  plan.timeTable = options.timeTable;
  plan.minSlices = options.minSlices;
  plan.restarts = options.restarts;
  plan.seed = options.seed;
  plan.threads = options.orderThreads();
  plan.searchThreads = options.threads;
  plan.memoryLimit = options.memoryLimit;
  plan.leastMemory = options.leastMemory;
  plan.keptLimit = options.keptLimit;
  // The kernels' own sizes. An unknown target is the error of tenon-outline-kernels.
  if (std::optional<cpu::TargetDescription> target = cpu::targetByName(options.target))
    plan.packing = target->text();
  passes.addNestedPass<func::FuncOp>(tn::createTNPlan(plan, options.cancellation));
  passes.addNestedPass<func::FuncOp>(createLoopInvariantCodeMotionPass());
  tn::TNPropagateLayoutsOptions layouts;
  if (plan.packing != "none")
    layouts.packing = plan.packing;
  passes.addNestedPass<func::FuncOp>(tn::createTNPropagateLayouts(layouts));
  if (!options.fuse)
    return;
  tn::TNFuseOptions fuse;
  // Which tiles there are depends on the threads that share them, and sums on the tiles.
  fuse.threads = options.orderThreads();
  fuse.packing = layouts.packing;
  passes.addNestedPass<func::FuncOp>(tn::createTNFuse(fuse));
}

void tenon::addTensorStage(OpPassManager &passes, const CPUPipelineOptions &options) {
  ConvertTNToLinalgOptions lowering;
  lowering.threads = options.orderThreads();
  passes.addNestedPass<func::FuncOp>(createConvertTNToLinalg(lowering));
  // Operations of arith and math on tensors.
  passes.addPass(createConvertElementwiseToLinalgPass());
}

void tenon::addBufferStage(OpPassManager &passes, const CPUPipelineOptions &) {
  passes.addNestedPass<func::FuncOp>(createDestinationStyle());
  passes.addPass(bufferization::createEmptyTensorEliminationPass());
  bufferization::OneShotBufferizePassOptions bufferize;
  bufferize.bufferAlignment = 64;
  passes.addPass(bufferization::createOneShotBufferizePass(bufferize));
  passes.addNestedPass<func::FuncOp>(createFoldLoopBuffers());
}

void tenon::addKernelStage(OpPassManager &passes, const CPUPipelineOptions &options) {
  OutlineKernelsOptions outline;
  outline.target = options.target;
  outline.threads = options.threads;
  outline.tuning = options.tuning;
  passes.addPass(createOutlineKernels(outline));
  PlanArenaOptions arena;
  arena.limit = options.memoryLimit;
  passes.addNestedPass<func::FuncOp>(createPlanArena(arena));
}

void tenon::buildCPUPipeline(OpPassManager &passes, const CPUPipelineOptions &options) {
  addPlanStage(passes, options);
  addTensorStage(passes, options);
  addBufferStage(passes, options);
  addKernelStage(passes, options);
}

void tenon::registerPipelines() {
  PassPipelineRegistration<CPUPipelineOptions>(
      "tenon-cpu-pipeline", "Lower tn to a schedule and the kernels it calls, for a CPU",
      buildCPUPipeline);
  PassPipelineRegistration<CPUPipelineOptions>(
      "tenon-plan-stage", "First stage of tenon-cpu-pipeline: simplify and plan", addPlanStage);
  PassPipelineRegistration<CPUPipelineOptions>(
      "tenon-tensor-stage", "Second stage of tenon-cpu-pipeline: tn to linalg on tensors",
      addTensorStage);
  PassPipelineRegistration<CPUPipelineOptions>(
      "tenon-buffer-stage", "Third stage of tenon-cpu-pipeline: tensors to buffers",
      addBufferStage);
  PassPipelineRegistration<CPUPipelineOptions>(
      "tenon-kernel-stage",
      "Fourth stage of tenon-cpu-pipeline: buffers to calls of kernels in one arena",
      addKernelStage);
}
