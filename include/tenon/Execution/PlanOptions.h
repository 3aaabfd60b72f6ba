//===- PlanOptions.h - What users say about a plan -----------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Pipelines/CPUPipeline.h"

#include "llvm/Support/Error.h"

namespace tenon {

/// Reads a user's "method=greedy seed=3" into `options`. The error of a text that is wrong is one
/// line and all that is said. Refused are also the options of the pipeline that are no choice of
/// the planner, and that callers say elsewhere: threads, memory-limit and target.
llvm::Error parsePlanOptions(llvm::StringRef text, CPUPipelineOptions &options);

} // namespace tenon
