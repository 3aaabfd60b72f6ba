//===- Dimensions.h - Which dimensions of a program are one -------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Fuzz/Genome.h"

#include <utility>
#include <vector>

namespace tenon::fuzz {

/// A dimension of the result of a node.
struct Dimension {
  size_t node = 0;
  size_t position = 0;
  bool operator==(const Dimension &) const = default;
};

/// Classes of dimensions that hang together: those that carry one label of a contraction, and those
/// that an operation hands on from its operand. What one of a class has, all have: an extent, or
/// that they are taken away. A subtensor hands dimensions on, too, though not their extents.
std::vector<std::vector<Dimension>> linkedDimensions(const Genome &genome);

/// Gives all leaves of a class an extent.
void setExtent(Genome &genome, const std::vector<Dimension> &dimensions, uint32_t extent);

/// Takes the dimensions of a class away, with their labels. The class is one of
/// linkedDimensions(genome), or a part of one, where repair() has to find labels for what still has
/// the dimension.
void removeDimensions(Genome &genome, const std::vector<Dimension> &dimensions);

} // namespace tenon::fuzz
