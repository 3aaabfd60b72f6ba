//===- DivisionByZero.h - Indices that upstream's folds crash on --*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "mlir/IR/BuiltinOps.h"

namespace tenon::fuzz {

/// Whether a module takes an index apart by, or modulo, a constant that is not positive. It
/// verifies, but has no meaning, and folds of MLIR 22.1 (affine.delinearize_index) divide by it.
bool dividesByZero(mlir::ModuleOp module);

} // namespace tenon::fuzz
