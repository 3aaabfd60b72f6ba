//===- PrebuiltKernel.h - Kernels that are part of Tenon ----------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace tenon {

/// The entry point of a kernel of Tenon's own that does what `kernel` says, for this machine; null
/// where there is none.
void *findPrebuiltKernel(mlir::func::FuncOp kernel);

} // namespace tenon
