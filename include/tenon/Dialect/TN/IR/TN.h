//===- TN.h - The tensor-network dialect --------------------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Operations, attributes and the rules of element types. `docs/spec.md` is the definition.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/LoopLikeInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "tenon/Dialect/TN/IR/TNDialect.h.inc"
#include "tenon/Dialect/TN/IR/TNEnums.h.inc"

#define GET_ATTRDEF_CLASSES
#include "tenon/Dialect/TN/IR/TNAttributes.h.inc"

namespace tenon::tn {

/// Whether `type` is an element type of the dialect on which `semiring` is defined (spec: "Semirings").
bool isLegalSemiring(Semiring semiring, mlir::Type type);

/// Whether every value of `from` is a value of `to` (spec: "Widening"). Real widens to complex;
/// integers never widen to floats.
bool widensTo(mlir::Type from, mlir::Type to);

/// Whether a sum in `accumulation` may be stored as `result`: the same type, or a narrower float of
/// the same kind, to which it is rounded (nearest, ties to even).
bool roundsTo(mlir::Type accumulation, mlir::Type result);

/// The narrowest type that every one of `types` widens to; null where there is none.
mlir::Type joinElementTypes(llvm::ArrayRef<mlir::Type> types);

/// The semiring's zero (the value of an empty sum) and one, as attributes of `type`: FloatAttr,
/// IntegerAttr, or an ArrayAttr of two FloatAttr for complex types.
mlir::Attribute getSemiringZero(Semiring semiring, mlir::Type type, bool isUnsigned);
mlir::Attribute getSemiringOne(Semiring semiring, mlir::Type type);

/// Number of elements of a static shape, or nullopt past 2^63 - 1.
std::optional<int64_t> getNumElements(llvm::ArrayRef<int64_t> shape);

/// Bytes of one element in memory and in resources: whole bytes, a power of two of them for a part of the number. `type`
/// is a number or a complex number.
int64_t getElementBytes(mlir::Type type);

/// The table of index names in a location, or null.
IndexNamesAttr getIndexNames(mlir::Location loc);
/// `loc` with that table in place of any that it has; `loc` where the table is empty.
mlir::Location withIndexNames(mlir::Location loc, IndexNamesAttr names);

} // namespace tenon::tn

#define GET_OP_CLASSES
#include "tenon/Dialect/TN/IR/TNOps.h.inc"
