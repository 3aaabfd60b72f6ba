//===- ScalarSemantics.h - The semiring on single elements --------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Emits the scalar operations inside a linalg body. Private to this lowering.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Dialect/TN/IR/TN.h"

namespace tenon::tn {

/// A constant of `type` from a scalar attribute as getSemiringZero and getSemiringOne make it.
mlir::Value emitScalarConstant(mlir::OpBuilder &builder, mlir::Location loc, mlir::Type type, mlir::Attribute value);

/// `value` widened to `to` (spec: "Widening").
mlir::Value emitWiden(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value value, mlir::Type to, bool isUnsigned);

/// `value` rounded to `to` (spec: "Rounding").
mlir::Value emitRound(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value value, mlir::Type to);

mlir::Value emitMultiply(mlir::OpBuilder &builder, mlir::Location loc, Semiring semiring, mlir::Value a, mlir::Value b);
mlir::Value emitAdd(mlir::OpBuilder &builder, mlir::Location loc, Semiring semiring, bool isUnsigned, mlir::Value a,
                    mlir::Value b);

} // namespace tenon::tn
