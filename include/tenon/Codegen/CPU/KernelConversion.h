//===- KernelConversion.h - From kernels to the LLVM dialect ------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Support/LLVM.h"

namespace tenon::cpu {

/// Lowers a module of contraction kernels (func, scf, arith, memref, vector) to the LLVM dialect.
/// All of it in one conversion: a pass for each dialect would go over everything seven times, with
/// casts between the types of what is converted and of what is not. Fails with an error at the
/// first operation that it does not know.
mlir::LogicalResult convertKernelsToLLVM(mlir::ModuleOp module);

} // namespace tenon::cpu
