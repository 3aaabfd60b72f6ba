//===- KernelLinker.h - Object files become callable --------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <memory>

namespace llvm::orc {
class LLJIT;
}

namespace tenon {

/// The symbol that every kernel's object file defines.
inline constexpr llvm::StringLiteral kernelSymbol = "tenon_kernel";

/// Links object files into this process, where they stay. One thread at a time.
class KernelLinker {
public:
  KernelLinker();
  ~KernelLinker();

  /// The address of `kernelSymbol` in `object`. Kernels may call into the C library (memcpy, libm).
  llvm::Expected<void *> link(llvm::SmallVector<char, 0> object);

private:
  std::unique_ptr<llvm::orc::LLJIT> jit;
  size_t linked = 0;
};

} // namespace tenon
