//===- ConstantTensors.h - Attributes as numbers and tensors ------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Dense, splat, sparse and resource constants.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "Evaluator.h"

namespace tenon::reference {

/// An IntegerAttr, a FloatAttr, or an ArrayAttr of two FloatAttr (a complex number).
Number numberFromAttribute(mlir::Attribute attribute);

/// Binds the single result of `op` to the tensor that `value` holds. Resources are row-major,
/// little-endian, with i1 as one byte each.
llvm::LogicalResult evaluateTensorConstant(Evaluator &evaluator, mlir::Operation *op,
                                           mlir::Attribute value);

} // namespace tenon::reference
