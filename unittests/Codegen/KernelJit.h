//===- KernelJit.h - Compile and call one contraction kernel ------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Used by the tests of the kernels and by their benchmark.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Codegen/CPU/ContractionKernel.h"

#include <memory>
#include <string>
#include <vector>

namespace llvm::orc {
class LLJIT;
} // namespace llvm::orc

namespace tenon::cpu {

/// Seconds spent in each part of compiling a kernel.
struct CompileTimes {
  double build = 0, lower = 0, translate = 0, optimize = 0, codegen = 0, link = 0;
  double total() const { return build + lower + translate + optimize + codegen + link; }
  /// The shorter time of each part.
  void keepLeast(const CompileTimes &other);
};

/// One kernel compiled for this machine at -O3.
class CompiledKernel {
public:
  /// Never null; prints why and exits the process when compilation fails.
  static std::unique_ptr<CompiledKernel> compile(const ContractionKernelSpec &spec);
  /// Assembly for the machine that `cpu` and `features` name (empty: this one).
  static std::string assembly(const ContractionKernelSpec &spec, llvm::StringRef triple = "",
                              llvm::StringRef cpu = "", llvm::StringRef features = "");
  ~CompiledKernel();

  /// Calls the kernel. Pointers are to element (0, ..., 0).
  void operator()(const void *a, const void *b, void *c, std::vector<int64_t> &words,
                  void *workspace, int64_t workspaceBytes) const;

  CompileTimes times;

private:
  CompiledKernel();
  std::unique_ptr<llvm::orc::LLJIT> jit;
  void (*entry)(void *, void *, void *, void *, void *) = nullptr;
};

} // namespace tenon::cpu
