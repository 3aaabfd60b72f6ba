//===- Facts.h - What is known of a tensor's elements -------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// #tn.facts with a tensor's rank filled in. docs/spec.md, "Facts", defines each.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Dialect/TN/IR/TN.h"

#include "llvm/ADT/SmallBitVector.h"

namespace tenon::tn {

/// The facts of a tensor of known rank; sets of dimensions are bit vectors of that length.
struct TensorFacts {
  using Dims = llvm::SmallBitVector;
  /// Elements are zero unless their positions in these dimensions agree; each set has two or more.
  llvm::SmallVector<Dims, 1> diagonals;
  /// For each: the sum over all other dimensions of conj(T) T is the identity over these.
  llvm::SmallVector<Dims, 1> isometries;
  /// The rows of a permutation matrix, whose columns are the other dimensions.
  std::optional<Dims> permutation;
  /// Share of the elements that may differ from zero, as the attribute says it; 1 where it does
  /// not.
  double density = 1;

  bool isEmpty() const {
    return diagonals.empty() && isometries.empty() && !permutation && density == 1;
  }
};

/// The facts of an attribute (or of none), of a tensor of that rank for which it is valid.
TensorFacts getTensorFacts(FactsAttr attribute, int64_t rank);

/// Constraints F1 to F6 of docs/spec.md for facts of a tensor of `type`. Extents that are not
/// static agree with everything.
llvm::LogicalResult verifyFacts(llvm::function_ref<mlir::InFlightDiagnostic()> emitError,
                                FactsAttr facts, mlir::ShapedType type);

} // namespace tenon::tn
