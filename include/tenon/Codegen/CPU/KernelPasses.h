//===- KernelPasses.h - From kernels to the LLVM dialect ----------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

namespace mlir {
class OpPassManager;
} // namespace mlir

namespace tenon::cpu {

/// Lowers a module of contraction kernels (func, scf, arith, memref, vector) to the LLVM dialect.
void addKernelToLLVMPasses(mlir::OpPassManager &passes);

} // namespace tenon::cpu
