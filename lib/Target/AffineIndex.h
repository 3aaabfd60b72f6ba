//===- AffineIndex.h - Index values as functions of loop counters -*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Private to the schedule's serialiser.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "mlir/IR/AffineExpr.h"
#include "mlir/IR/Value.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/SmallVector.h"

#include <optional>

namespace tenon {

/// constant + sum of factor * counter.
struct AffineIndex {
  int64_t constant = 0;
  llvm::SmallVector<std::pair<int64_t, int32_t>> terms; ///< factor, number of the loop counter

  void add(const AffineIndex &other, int64_t factor = 1);
};

/// Follows index values to the loop counters they are made of: constants, affine.apply and the counters themselves.
class AffineIndexResolver {
public:
  void bind(mlir::Value counter, int32_t number) { counters[counter] = number; }
  /// nullopt where a value is not affine in the bound counters.
  std::optional<AffineIndex> resolve(mlir::Value value) const;

private:
  std::optional<AffineIndex> resolve(mlir::AffineExpr expr, mlir::ValueRange operands, unsigned numDims) const;
  llvm::DenseMap<mlir::Value, int32_t> counters;
};

} // namespace tenon
