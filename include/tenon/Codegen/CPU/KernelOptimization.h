//===- KernelOptimization.h - LLVM passes for kernels -------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

namespace llvm {
class Module;
class TargetMachine;
} // namespace llvm

namespace tenon::cpu {

/// Optimizes a module of contraction kernels in place: LLVM's -O3 without what costs compile time
/// and gains nothing, because kernels are vectorized, unrolled and tiled when they are made.
void optimizeKernelModule(llvm::Module &module, llvm::TargetMachine &machine);

} // namespace tenon::cpu
