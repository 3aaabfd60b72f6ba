//===- Passes.h - Transformations of the tn dialect ---------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Dialect/TN/IR/TN.h"
#include "tenon/Support/Counters.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/Pass.h"

namespace tenon::tn {

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "tenon/Dialect/TN/Transforms/Passes.h.inc"

} // namespace tenon::tn
