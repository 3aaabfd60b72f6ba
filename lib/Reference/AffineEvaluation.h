//===- AffineEvaluation.h - Values of affine expressions ----------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "mlir/IR/AffineExpr.h"

namespace tenon::reference {

/// The value of `expression`; nothing where it overflows or divides by something not positive.
std::optional<int64_t> evaluate(mlir::AffineExpr expression, llvm::ArrayRef<int64_t> dimensions,
                                llvm::ArrayRef<int64_t> symbols = {});

} // namespace tenon::reference
