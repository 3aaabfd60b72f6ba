//===- EmitSchedule.h - From a schedule in the IR to a table ------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon-c/Runtime.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

#include <optional>
#include <string>
#include <vector>

namespace tenon {

/// A serialised schedule and the names of the kernels that it calls, in the order in which the runtime expects them.
struct EmittedSchedule {
  std::vector<char> table; ///< as tenon-runtime/Schedule.h describes it
  std::vector<std::string> kernels;
  int64_t workspaceBytes = 0;
};

/// Serialises a function that tenon-outline-kernels and tenon-plan-arena have made a schedule: views, fills, copies, calls
/// of kernels, slice loops. Anything else is an error at its location. Linear time.
mlir::FailureOr<EmittedSchedule> emitSchedule(mlir::func::FuncOp function);

/// The runtime's name of an element type; nullopt for one that the ABI lacks.
std::optional<tenon_dtype> toDType(mlir::Type type);
/// The element type of that name.
mlir::Type fromDType(mlir::MLIRContext *context, tenon_dtype dtype);
/// Bytes of one element.
int64_t getDTypeBytes(tenon_dtype dtype);

/// Elements as the runtime stores them: row-major, little-endian, i1 one byte. nullopt where the attribute is neither
/// dense nor a resource with bytes.
std::optional<std::vector<char>> getElementBytes(mlir::ElementsAttr elements);

} // namespace tenon
