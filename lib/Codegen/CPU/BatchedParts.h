//===- BatchedParts.h - The pieces of the batched strategy --------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// BatchedContraction walks the products of a batch and says where the matrices of each lie;
// BatchedTile multiplies, and BatchedRows those of which several rows fill one vector.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "KernelParts.h"

namespace tenon::cpu {

/// Of the longest vectors that hold several rows, or several vectors of a row. Where registers are
/// shorter, LLVM cuts them into as many instructions as there would have been.
inline constexpr int64_t kLongestVectorBytes = 64;

/// Of these, so many at once where vectors hold several rows.
inline constexpr int64_t kMostVectorsOfRows = 16;

/// A matrix of the product at hand, in memory or in the workspace: elements of the sum's type, the
/// parts of complex ones in turn. Distances are in reals.
struct BatchedMatrix {
  Value memory;
  Value isInPlace;             ///< i1; null: never
  Value rowStride, stepStride; ///< from row to row, and of A from step to step of k
};

/// What all tiles of a call share: C (+)= A * B.
struct BatchedProduct {
  BatchedMatrix a, b, c; ///< rows of B are steps of k; those of B and C are side by side
  Value steps;
  Value overwrite; ///< i1: C's old content does not count
};

/// Elements that are computed at once: `rows` times `columns`, `unroll` steps of k in a go. A row
/// is a few vectors, the shortest ones of `lanes` elements.
struct BatchedTile {
  int64_t rows, columns, lanes, unroll;
};

/// The tile that starts at the given positions of the product's memories, in reals.
void emitBatchedTile(const KernelContext &context, const BatchedProduct &product,
                     const BatchedTile &tile, Value startA, Value startB, Value startC);

/// What is multiplied by the real parts of A's elements and by the imaginary ones, joined: a vector
/// of complex numbers, their parts in turn. Conjugation is part of it.
Value joinComplexSums(const KernelContext &context, Value byReal, Value byImag);

/// Rows of `lanes` elements that fill the longest vector, and square matrices of them; 1: no more
/// than one.
int64_t rowsOfVector(const KernelContext &context);
int64_t productsOfVector(const KernelContext &context);

/// i1: a product, whose matrices lie where they are, is one that emitRowsOfVectors() computes. They
/// have no gaps, n and k are `lanes`, m a multiple of rowsOfVector(), and C is overwritten. Null:
/// never.
Value fillsVectorsWithRows(const KernelContext &context, const BatchedProduct &product, Value m,
                           Value n);

/// i1: neighbouring products are what emitProductsOfVector() computes. As above, but m is `lanes`
/// too, and products lie side by side. Null: never.
Value fillVectorsTogether(const KernelContext &context, const BatchedProduct &product, Value m,
                          Value n);

/// All of such a product, which starts at the given positions, in reals; productsOfVector() of
/// them, of which the first one does.
void emitRowsOfVectors(const KernelContext &context, const BatchedProduct &product, Value m,
                       Value startA, Value startB, Value startC);
void emitProductsOfVector(const KernelContext &context, const BatchedProduct &product, Value startA,
                          Value startB, Value startC);

} // namespace tenon::cpu
