//===- Import.h - From network descriptions to the tn dialect -----*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// The last step of every importer: what lib/Frontend has read becomes IR.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Dialect/TN/IR/TN.h"
#include "tenon/Frontend/NetworkDescription.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

namespace tenon {

struct ImportOptions {
  llvm::StringRef functionName = "main";
  tn::Semiring semiring = tn::Semiring::PlusTimes;
  /// Constants of more elements become resources, which keep the text printable.
  int64_t inlineLimit = 64;
};

/// A module with one public function that contracts the network by one tn.contract.
///
/// The function's arguments are the operands without a constant, in their order; a named operand
/// has its name as `tn.name`. Constants are rounded to the network's element type (to nearest,
/// ties to even); those that are then equal share one tn.constant. Unsigned types become signless
/// integers with `tn.unsigned` on arguments and result and `unsigned` on the contraction. Products
/// and sums of f16 and bf16 networks are computed in f32. The names of indices are in the
/// contraction's location.
///
/// Loads the dialects that it needs. Errors are diagnostics of the context, and the result is
/// null: a network without operands; a result of 2^63 elements or more; a semiring that is not
/// defined on the element type; a constant with an element that the type cannot hold (a complex
/// number in a real type, a fraction or an overflow in an integer type).
/// Near-linear in the operands, their indices and the elements of the constants.
mlir::OwningOpRef<mlir::ModuleOp> importNetwork(mlir::MLIRContext *context,
                                                const frontend::NetworkDescription &network,
                                                const ImportOptions &options = {});

} // namespace tenon
