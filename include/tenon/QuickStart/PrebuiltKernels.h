//===- PrebuiltKernels.h - Kernels that are part of Tenon ---------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// The contraction kernels that a build of Tenon compiles with its own generator, for a few
// instruction sets: those of one real or complex type over (+, x) without conjugation, for every
// tiling that the kernel model chooses. They are what a kernel compiled at run time would be, but
// for a processor described by its instruction set alone. Knows no LLVM.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon-c/Runtime.h"
#include "tenon/KernelModel/Blocking.h"

#include <span>
#include <string_view>

namespace tenon::quick {

/// A kernel of KernelConvention::Contraction, see tenon-runtime/Schedule.h.
using KernelFunction = void (*)(void *const *);

/// What a prebuilt kernel is asked for by.
struct KernelKey {
  tenon_dtype dtype = TENON_F32; ///< of A, B, C and the sum
  cpu::KernelTiling tiling;
  bool operator==(const KernelKey &other) const = default;
};

struct PrebuiltKernel {
  KernelKey key;
  KernelFunction function;
};

/// The kernels for one instruction set.
struct KernelSet {
  std::string_view name; ///< "avx512", "avx2"
  /// What tilings and blocks are chosen for.
  cpu::Processor processor;
  std::span<const PrebuiltKernel> kernels;

  /// The kernel, or null where the build made none for this key. Linear in the number of kernels,
  /// of which there are some dozens.
  KernelFunction find(const KernelKey &key) const;
};

/// How a kernel holds the sums of a type; nullopt for types that no kernel is prebuilt for.
std::optional<cpu::SumFormat> prebuiltSumFormat(tenon_dtype dtype);

/// The sets of this build, best first; none on processors that the build knows nothing of.
std::span<const KernelSet *const> allKernelSets();

/// The best set whose instructions this processor has, with the caches of this processor; or null,
/// as with TENON_PREBUILT=0 in the environment. Decided once.
const KernelSet *hostKernelSet();

} // namespace tenon::quick
