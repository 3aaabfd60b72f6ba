//===- Lowering.h - The CPU pipeline, kept within a memory limit ---*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// The planner's bound is on what it knows of: the intermediates of each contraction and the
// packing buffers. What a call really takes is the arena, which is known when all is lowered. Where
// that exceeds the limit, the network is planned again with a bound lowered by the excess.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Pipelines/CPUPipeline.h"

#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/Error.h"

namespace tenon {

/// The stages that `onStage` hears of: plan, lower, bufferize, outline.
inline constexpr int64_t kNumLoweringStages = 4;

/// Runs `tenon-cpu-pipeline` on `module`, whose only public function is `function`. With a memory
/// limit, what a call allocates (the function's `tn.workspace`) stays within it: up to four plans
/// with falling bounds are tried, and then the one of the smallest peak that slicing reaches. The
/// error of a limit that cannot be kept names a limit that can be, with the same options.
/// `onStage`, where it is given, is called when a stage begins, again for each plan. Errors carry
/// MLIR's diagnostics; the module is unspecified then.
llvm::Error lowerWithinLimit(mlir::OwningOpRef<mlir::ModuleOp> &module, llvm::StringRef function,
                             const CPUPipelineOptions &options,
                             llvm::function_ref<void(llvm::StringRef stage)> onStage);

} // namespace tenon
