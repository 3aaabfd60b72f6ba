//===- SemiringSyntax.h - How operations name their semiring ------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Dialect/TN/IR/TN.h"

#include "mlir/IR/OpImplementation.h"

namespace tenon::tn {

/// `max_plus`
mlir::ParseResult parseSemiring(mlir::OpAsmParser &parser, SemiringAttr &semiring);
void printSemiring(mlir::OpAsmPrinter &printer, mlir::Operation *, SemiringAttr semiring);

/// ` semiring(max_plus)`, or nothing for plus_times.
mlir::ParseResult parseSemiringClause(mlir::OpAsmParser &parser, SemiringAttr &semiring);
void printSemiringClause(mlir::OpAsmPrinter &printer, Semiring semiring);

} // namespace tenon::tn
