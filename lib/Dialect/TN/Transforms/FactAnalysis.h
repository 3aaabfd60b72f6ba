//===- FactAnalysis.h - What follows from facts for other values --*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// The facts of arguments and constants (tn.facts) seen through the operations that lie between them
// and a use: tn.conj, tn.delta, tensor.cast, tensor.extract_slice and tn.contract. Nothing is
// stored: each question walks up the definitions, as far as a fixed number of operations.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Dialect/TN/IR/Facts.h"

namespace tenon::tn {

/// What the IR itself says of a value: the facts of an argument or a constant, and what a tn.delta is.
TensorFacts statedFacts(mlir::Value value);

/// Sets of dimensions, disjoint and of two or more each, outside of whose diagonals all elements of
/// `value` are zero. A contraction is diagonal in the output indices that diagonals of its operands
/// connect, directly or through indices that are summed.
llvm::SmallVector<TensorFacts::Dims, 1> findDiagonals(mlir::Value value);

/// Dimensions K of `value` such that the sum over all others of conj(T) T is the identity over K.
/// The others are all among `summable`. Nothing where none is known.
///
/// A contraction of isometric operands is isometric if its operands can be taken away one by one,
/// each together with its conjugate: one may go when all that must be summed of it is summable, and
/// what is left of it are identities, which make indices of other operands summable. So it is with
/// the layers of a tensor network of isometries (Vidal, arXiv:quant-ph/0610099).
///
/// `onlyPermutations`: K such that the sum of T T, without conjugation and in each semiring with
/// the numbers 0 and 1 as its zero and one, is the identity.
std::optional<TensorFacts::Dims> findIsometry(mlir::Value value, const TensorFacts::Dims &summable,
                                              bool onlyPermutations);

/// Whether elements of `type` that are an isometry are one to the precision of sums in
/// `accumulation`: floats that are widened are one to their own precision only, and integers that
/// are widened as unsigned are other numbers than the isometry's. Permutations are exact in any
/// type.
bool isIsometryIn(mlir::Type type, mlir::Type accumulation, bool isUnsigned);

} // namespace tenon::tn
