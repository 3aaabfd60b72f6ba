//===- DivisionByZero.h - Indices that upstream crashes on --------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "mlir/IR/BuiltinOps.h"

namespace tenon::fuzz {

/// Whether a module takes an index apart by, or modulo, a constant that is not positive, or has an
/// affine loop of such a step. It verifies, but has no meaning; folds of MLIR 22.1 divide by it
/// (affine.delinearize_index), or make it poison, which others take for a number
/// (tensor.from_elements, D29), and passes that count iterations divide by the step (D39).
bool dividesByZero(mlir::ModuleOp module);

} // namespace tenon::fuzz
