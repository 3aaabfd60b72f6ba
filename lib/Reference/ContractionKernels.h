//===- ContractionKernels.h - Sums of products over loops ---------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// The inner loops of tn.contract, one instance for each element type and semiring.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "Number.h"
#include "tenon/Dialect/TN/IR/TN.h"

namespace tenon::reference {

/// A contraction of operands of one type: out[o] = ⊕ over s of ⊗ over k of operand k at (o, s),
/// where operand k reads its element sum(o * outputStrides) + sum(s * sumStrides).
struct ContractionLoops {
  struct Operand {
    const void *data;
    llvm::SmallVector<int64_t> outputStrides;
    llvm::SmallVector<int64_t> sumStrides;
  };
  llvm::SmallVector<Operand> operands;
  llvm::SmallVector<int64_t> outputExtents;
  llvm::SmallVector<int64_t> sumExtents;
  /// Row-major over the output extents; need not be initialised.
  void *result;
};

using ContractionKernel = void (*)(const ContractionLoops &);

/// Null for a pair that the spec does not define. Products are taken from the first operand to the
/// last, sums in row-major order of the sum extents, starting at the semiring's zero; every
/// operation is rounded to `type`.
ContractionKernel selectKernel(tn::Semiring semiring, NumberType type, bool isUnsigned);

/// The semiring's zero, one and sum on single values of `type`.
Number semiringZero(tn::Semiring semiring, NumberType type, bool isUnsigned);
Number semiringOne(tn::Semiring semiring, NumberType type);
Number semiringAdd(tn::Semiring semiring, NumberType type, bool isUnsigned, const Number &a,
                   const Number &b);

} // namespace tenon::reference
