//===- BatchedParts.h - The pieces of the batched strategy --------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// BatchedContraction walks the products of a batch and says where the matrices of each lie;
// BatchedTile multiplies.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "KernelParts.h"

namespace tenon::cpu {

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

/// Elements that are computed at once: `rows` times `vectors * lanes`, `unroll` steps of k in a go.
struct BatchedTile {
  int64_t rows, vectors, lanes, unroll;
};

/// The tile that starts at the given positions of the product's memories, in reals.
void emitBatchedTile(const KernelContext &context, const BatchedProduct &product,
                     const BatchedTile &tile, Value startA, Value startB, Value startC);

} // namespace tenon::cpu
