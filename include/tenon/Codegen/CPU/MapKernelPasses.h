//===- MapKernelPasses.h - From linalg kernels to the LLVM dialect -*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

namespace mlir {
class OpPassManager;
} // namespace mlir

namespace tenon::cpu {

/// Lowers a module of functions that hold linalg operations on buffers (kernels of the convention `views`) to the LLVM
/// dialect: loops, then scalar code; LLVM vectorises the innermost loop.
void addMapKernelToLLVMPasses(mlir::OpPassManager &passes);

} // namespace tenon::cpu
