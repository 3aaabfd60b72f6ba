//===- MatchContraction.h - Recognises contractions in linalg -----*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Codegen/CPU/ContractionKernel.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"

#include <optional>

namespace tenon::cpu {

/// A linalg.generic that computes C[…] (+)= A[…] * B[…] over a semiring.
struct MatchedContraction {
  ContractionTypes types;
  /// The loop that each dimension of an operand walks.
  llvm::SmallVector<int64_t> loopsA, loopsB, loopsC;
  /// Whether the body adds to C's old value; else it has no summed loop and overwrites.
  bool addsToC = false;
};

/// Matches a binary contraction: operands read through distinct loops (no diagonals), every loop in A or B, a body that
/// widens, multiplies and adds as one of the semirings does. nullopt for everything else.
std::optional<MatchedContraction> matchContraction(mlir::linalg::GenericOp op);

} // namespace tenon::cpu
