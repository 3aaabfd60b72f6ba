//===- ContractionShape.h - Extents and strides of a contraction --*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// The dimensions of one binary contraction in groups b, m, n, k, and the order in which a kernel
// should walk them. Kernels accept any order and any strides; a good order is what makes vector
// loads and stores possible. Knows no MLIR.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/KernelModel/Blocking.h"

#include <array>
#include <cstdint>
#include <vector>

namespace tenon::cpu {

/// One loop dimension. Strides are in elements, 0 where the operand lacks the dimension.
struct ContractionDim {
  int64_t extent = 1;
  int64_t strideA = 0, strideB = 0, strideC = 0;
  /// Which dimension this is to the caller; carried along by orderShape, without meaning here.
  int64_t index = -1;
  bool operator==(const ContractionDim &other) const = default;
};

struct ContractionShape {
  enum Group { Batch, M, N, K };
  /// Dimensions of each group, outermost first: a group's flattened index counts the last fastest.
  std::array<std::vector<ContractionDim>, 4> groups;

  std::vector<ContractionDim> &operator[](Group group) { return groups[group]; }
  const std::vector<ContractionDim> &operator[](Group group) const { return groups[group]; }

  /// Product of a group's extents; 1 for a group without dimensions.
  int64_t size(Group group) const;
  /// Number of dimensions in all groups.
  int64_t rank() const;
  /// What tiles and blocks are chosen by, where calls have these strides.
  ContractionSizes sizes() const;
  /// The same for calls whose strides may keep all of `dims` dimensions apart, and have one of n
  /// and one of k cut in two, whatever is merged here.
  ContractionSizes sizesOfCalls(int64_t dims) const;

  /// The shape words of KernelConvention::Contraction for the whole m, n and batch spaces.
  std::vector<int64_t> words(bool accumulate, const CacheBlocks &blocks) const;

  bool operator==(const ContractionShape &other) const = default;
};

/// A shape in the order a kernel likes, and whether the caller must exchange A and B (with their
/// types and conjugations) for it.
struct NormalizedShape {
  ContractionShape shape;
  bool swapped = false;
};

/// Drops unit extents, exchanges A and B if one is tiny and would not be A, or else if that puts
/// C's unit stride into n, and orders each group so that unit strides are innermost. The result
/// denotes the same contraction. O(d log d) in the number of dimensions.
NormalizedShape orderShape(const ContractionShape &shape);

/// Merges neighbouring dimensions of a group that are contiguous in every operand. O(d).
ContractionShape mergeShape(const ContractionShape &shape);

/// orderShape, then mergeShape; then cuts C's contiguous dimension into short runs where B is
/// contiguous along another dimension of n, and B's where A is along another one of a long k. The
/// order a kernel likes best.
NormalizedShape normalizeShape(const ContractionShape &shape);

} // namespace tenon::cpu
