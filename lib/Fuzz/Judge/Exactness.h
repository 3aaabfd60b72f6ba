//===- Exactness.h - Functions whose value no order of evaluation changes -*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Fuzz/Genome.h"
#include "tenon/HostTensor/HostTensor.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/ArrayRef.h"

#include <optional>

namespace tenon::fuzz {

/// How results of `function` on `arguments` can be compared, and that only where it is certain:
///
/// * Ring: nothing in it is a float, and no integer operation has a result that MLIR leaves open
/// (shifts, divisions, overflow
///   flags, tropical semirings, whose zero wraps).
/// * Exact: floats are integers whose magnitude, and that of every partial sum in every order,
/// stays below what their type
///   holds exactly. The bounds follow from the operations: sums and products of what they read,
///   times the number of terms.
///
/// None for everything else, among it loops, calls, and functions that read what tensor.empty
/// leaves open.
std::optional<Arithmetic> findArithmetic(mlir::func::FuncOp function,
                                         llvm::ArrayRef<HostTensor> arguments);

} // namespace tenon::fuzz
