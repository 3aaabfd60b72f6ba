//===- KernelCache.h - Compiled kernels of this process -----------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/Support/Error.h"

#include <memory>

namespace tenon {

/// Compiles kernels for the machine this process runs on, each once: equal kernels of any number of
/// networks and threads share their machine code, which lives as long as the process. Those that are part of Tenon
/// (tenon/QuickStart/PrebuiltKernels.h) are not compiled at all.
class KernelCache {
public:
  static KernelCache &get();

  /// The entry point of a kernel, `void (*)(void *const *)`. Several threads may ask at once; two
  /// that ask for one kernel wait for one compilation. Diagnostics of a failure go to the kernel's
  /// context as well. A forked process has its parent's kernels, and compiles for itself what a
  /// thread of the parent was compiling.
  llvm::Expected<void *> lookup(mlir::func::FuncOp kernel);

  /// Number of kernels compiled so far.
  size_t size() const;

private:
  KernelCache();
  ~KernelCache();
  /// Unlocks, in a process that was forked with the mutex held.
  void continueInChild();
  static const int handlesForks;
  struct State;
  std::unique_ptr<State> state;
};

} // namespace tenon
