//===- KernelOptimization.h - LLVM passes for kernels -------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "llvm/Support/CodeGen.h"

namespace llvm {
class Module;
class TargetMachine;
class raw_pwrite_stream;
namespace legacy {
class PassManagerBase;
} // namespace legacy
} // namespace llvm

namespace tenon::cpu {

/// Optimizes a module of contraction kernels in place, for code generation at the aggressive level.
/// Kernels are vectorized, unrolled and tiled when they are made: what is left to do is to remove
/// redundant index arithmetic and to move it out of loops. LLVM's -O3 pipeline makes the same
/// machine code out of the inner loops in eight times the time.
void optimizeKernelModule(llvm::Module &module, llvm::TargetMachine &machine);

/// Adds the passes that write an optimized module of contraction kernels to `out` as assembly or as
/// an object file: those of TargetMachine::addPassesToEmitFile but for the ones that kernels gain
/// nothing from, and without verification. False where the target cannot.
bool addKernelEmission(llvm::legacy::PassManagerBase &passes, llvm::TargetMachine &machine,
                       llvm::raw_pwrite_stream &out, llvm::CodeGenFileType type);

} // namespace tenon::cpu
