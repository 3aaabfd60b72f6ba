//===- Specialize.h - Static extents for a function ---------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace tenon {

/// Gives the arguments of `function` these extents, and with them every tensor that depends on them. Fails, with an
/// error at the function or the operation, where an extent contradicts a static one or leaves one unknown.
mlir::LogicalResult specializeExtents(mlir::func::FuncOp function, llvm::ArrayRef<llvm::SmallVector<int64_t>> extents);

} // namespace tenon
