//===- KernelAttributes.h - Kernel specifications in the IR -------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Codegen/CPU/ContractionKernel.h"
#include "tenon/Dialect/TN/IR/TN.h"

namespace tenon::cpu {

/// The attribute that says all a specification says, and back.
tn::ContractionKernelAttr toAttribute(mlir::MLIRContext *context, const ContractionKernelSpec &spec);
ContractionKernelSpec toSpec(tn::ContractionKernelAttr attribute);

} // namespace tenon::cpu
