//===- KernelCompiler.h - Several kernels at a time ---------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Execution/KernelCache.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/Support/Error.h"

#include <optional>

namespace tenon {

using KernelObjectBytes = llvm::SmallVector<char, 0>;

/// Compiles one kernel for the machine this process runs on. Diagnostics of a failure go to the
/// kernel's context as well.
llvm::Expected<KernelObjectBytes> compileKernel(mlir::func::FuncOp kernel, KernelEffort effort);

/// Compiles kernels on up to `threads` threads, the caller's included. Each is printed, and
/// compiled from its text in a context of the thread's own, where nothing depends on what came
/// before: neither the number of threads nor their timing changes a byte of it. `check` is called
/// on the caller's thread between kernels, and its error returned when the threads are done with
/// what they have begun. An element is empty where a kernel does not compile: compileKernel says
/// why.
llvm::Expected<std::vector<std::optional<KernelObjectBytes>>>
compileKernels(llvm::ArrayRef<mlir::func::FuncOp> kernels, KernelEffort effort, int64_t threads,
               llvm::function_ref<llvm::Error()> check);

} // namespace tenon
