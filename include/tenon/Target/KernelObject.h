//===- KernelObject.h - From a kernel function to machine code ----*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "mlir/Dialect/Func/IR/FuncOps.h"

#include <memory>
#include <string>

namespace llvm {
class TargetMachine;
}

namespace tenon {

/// A machine to emit code for. An empty `cpu` is the machine this process runs on, with all its features.
struct TargetSelection {
  std::string cpu;      ///< as `llc -mcpu` takes it
  std::string features; ///< as `llc -mattr` takes it; only with a cpu
};

/// Fails with a message where the processor is not known.
llvm::Expected<std::unique_ptr<llvm::TargetMachine>> createTargetMachine(const TargetSelection &selection);

/// A text that is equal for kernels that compile to the same code: what the function computes and how, not its name.
std::string getKernelKey(mlir::func::FuncOp kernel);

/// Compiles one kernel of a schedule (a function with a `tn.kernel` attribute) to an object file that defines
/// `void symbol(void *const *args)`, as tenon-runtime/Schedule.h describes it, and nothing else. The function is left as it is;
/// a contraction kernel without a body gets one on the way. Typically takes 20 to 100 ms.
mlir::FailureOr<llvm::SmallVector<char, 0>> compileKernelObject(mlir::func::FuncOp kernel, llvm::StringRef symbol,
                                                                llvm::TargetMachine &machine);

} // namespace tenon
