//===- Magnitude.h - How far rounding may take a result ---------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/HostTensor/HostTensor.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/Support/Error.h"

namespace tenon::run {

/// A bound for one result R of a function of tn operations, as docs/how-to-run.md derives it:
///
///   |R computed - R exact| <= (exp(relative) - 1) * magnitude,    elementwise
///
/// where `magnitude` is the value of the same function on the moduli of its arguments and
/// constants, and `relative` the sum of the unit roundoffs of the operations that one product goes
/// through.
struct RoundingBound {
  double relative = 0;
  HostTensor magnitude; ///< f64, of the result's shape
  int64_t products = 0; ///< multiplications that one product goes through
  double smallest = 0;  ///< what underflow may cost each of them: the largest of all types
};

/// The bounds of all results for `arguments`. `floor` is 0, or 1 for the magnitudes of max(1, |x|)
/// in place of |x|, which bound what underflow is multiplied with. Fails, with the reason, where
/// the function has operations for which no bound is derived, or the magnitudes cannot be computed.
/// Results of integers and booleans have magnitudes without a meaning.
llvm::Expected<std::vector<RoundingBound>>
boundRounding(mlir::func::FuncOp function, llvm::ArrayRef<HostTensor> arguments, double floor);

} // namespace tenon::run
