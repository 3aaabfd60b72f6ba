//===- KernelOptimization.h - LLVM passes for kernels -------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

namespace llvm {
class LLVMContext;
class Module;
class TargetMachine;
} // namespace llvm

namespace tenon::cpu {

/// Leaves passes of LLVM's code generator that contraction kernels gain nothing from out of
/// whatever is compiled in this context: they took two fifths of the time.
void leaveOutUselessPasses(llvm::LLVMContext &context);

/// Optimizes a module of contraction kernels in place, for code generation at the aggressive level.
/// Kernels are vectorized, unrolled and tiled when they are made: what is left to do is to remove
/// redundant index arithmetic and to move it out of loops. LLVM's -O3 pipeline makes the same
/// machine code out of the inner loops in eight times the time.
void optimizeKernelModule(llvm::Module &module, llvm::TargetMachine &machine);

} // namespace tenon::cpu
