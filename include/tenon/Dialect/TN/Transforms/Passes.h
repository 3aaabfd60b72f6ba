//===- Passes.h - Transformations of the tn dialect ---------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Dialect/TN/IR/TN.h"
#include "tenon/Support/Cancellation.h"
#include "tenon/Support/Counters.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/Pass.h"

namespace tenon::tn {

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "tenon/Dialect/TN/Transforms/Passes.h.inc"

/// tn-plan, which `cancellation` (may be null; outlives the pass) makes fail while it searches.
std::unique_ptr<mlir::Pass> createTNPlan(const TNPlanOptions &options, Cancellation *cancellation);

} // namespace tenon::tn
