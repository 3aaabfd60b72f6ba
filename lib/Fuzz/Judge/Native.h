//===- Native.h - Compiled code between guard pages -------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "Case.h"
#include "Compare.h"

#include "tenon/Execution/KernelCache.h"

namespace tenon::fuzz {

/// What native code is called with.
struct NativeData {
  llvm::ArrayRef<HostTensor> arguments;
  std::vector<Layout> layouts; ///< of the arguments; of those past the end: as written
  unsigned threads = 1;
  KernelEffort effort = KernelEffort::Full;
  /// Where a program has more kernels that this process has not compiled yet, it is left alone.
  size_t mostNewKernels = SIZE_MAX;
};

/// Compiles `function` of a module as users do and runs it once: arguments in their layouts,
/// results in others, all of it and the workspace between guard pages. Reports under
/// `Oracle::Native` for `pass` ("native", "native after tn-fuse") what differs from the truth, and
/// writes outside of results. `mayRefuse`: that the module cannot be compiled is no finding.
void checkNative(Case &current, llvm::StringRef pass, mlir::ModuleOp module,
                 llvm::StringRef function, const NativeData &data, const Truth &truth,
                 bool mayRefuse);

} // namespace tenon::fuzz
