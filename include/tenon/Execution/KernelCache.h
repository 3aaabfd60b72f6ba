//===- KernelCache.h - Compiled kernels ---------------------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/Support/Error.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tenon {

/// How kernels were found since the process began.
struct KernelCacheCounts {
  int64_t memory = 0;   ///< in machine code of this process
  int64_t disk = 0;     ///< on disk
  int64_t compiled = 0; ///< nowhere: compiled
};

/// How much a compiler does for a kernel's speed.
enum class KernelEffort {
  Full, ///< what users run
  Quick ///< a third to half of the time to compile: for kernels that run a few times
};

/// Compiles kernels for the machine this process runs on, each once: equal kernels of any number of
/// networks and threads share their machine code, which lives as long as the process. A kernel is
/// looked for among those that are part of Tenon (tenon/QuickStart/PrebuiltKernels.h), in the
/// process, then on disk (KernelStore.h), and is compiled and kept on disk where it is in none.
/// What goes wrong with the disk is said in the debug log, once, and is no error.
class KernelCache {
public:
  static KernelCache &get();

  /// The entry points of kernels, each a `void (*)(void *const *)`. Those that must be compiled
  /// are, on up to `threads` threads. Several threads may ask at once; two that ask for one kernel
  /// wait for one compilation. `check` is asked between kernels, and its error returned.
  /// Diagnostics of a failure go to the kernel's context as well. A forked process has its parent's
  /// kernels, and compiles for itself what a thread of the parent was compiling.
  llvm::Expected<std::vector<void *>> lookup(llvm::ArrayRef<mlir::func::FuncOp> kernels,
                                             int64_t threads,
                                             llvm::function_ref<llvm::Error()> check);

  /// How many of `kernels`, equal ones once, are neither part of Tenon nor in machine code of this
  /// process.
  size_t countMissing(llvm::ArrayRef<mlir::func::FuncOp> kernels) const;

  /// Keeps kernels in `directory` from now on; none: not on disk. Empty stands for KernelStore's
  /// default directory, 0 bytes for its default. Until this is called it is the default one, or
  /// none where $TENON_KERNEL_CACHE is `off`.
  void setDisk(std::optional<std::string> directory, uint64_t maxBytes);

  /// Of kernels that are asked for from now on; Full until this is called. One that was compiled
  /// with another effort is another kernel.
  void setEffort(KernelEffort effort);

  KernelCacheCounts counts() const;

private:
  KernelCache();
  ~KernelCache();
  llvm::Expected<std::vector<void *>> lookupOthers(llvm::ArrayRef<mlir::func::FuncOp> kernels,
                                                   int64_t threads,
                                                   llvm::function_ref<llvm::Error()> check);
  /// Unlocks, in a process that was forked with the mutex held.
  void continueInChild();
  static const int handlesForks;
  struct State;
  std::unique_ptr<State> state;
};

} // namespace tenon
