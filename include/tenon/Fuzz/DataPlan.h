//===- DataPlan.h - Which values a genome's leaves may have -------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Bounds on the values of every node, carried from the leaves through the program, and the largest
// values of the leaves for which results do not depend on the order of operations: no float is
// rounded, no tropical sum of integers overflows, no factor of a max_times is negative.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Fuzz/Labels.h"

#include <cmath>
#include <span>

namespace tenon::fuzz {

/// Bounds on a node's elements.
struct NodeRange {
  /// Of finite values. Integers are read as signed (i1 as 0 and 1), complex numbers in parts.
  double low = 0, high = 0;
  /// Of integers, read as unsigned.
  double unsignedLow = 0, unsignedHigh = 0;
  /// Infinities that come of the zeros of max_plus and min_plus.
  bool hasMinusInfinity = false, hasPlusInfinity = false;
  /// Infinities may meet so that the result depends on the order, or is none.
  bool isUndefined = false;

  double magnitude() const { return std::fmax(std::fabs(low), std::fabs(high)); }
  bool hasInfinity() const { return hasMinusInfinity || hasPlusInfinity; }
};

/// Whether the result of a node with operands in their ranges is what any order computes.
struct RangeVerdict {
  bool isInSemiring = true; ///< no overflow of tropical integers, no negative factor of max_times
  bool isExact = true;      ///< no float of any partial sum is rounded, if all are whole numbers
};

/// The integers, or the whole numbers, that a leaf draws from.
struct LeafDomain {
  double low = 0, high = 0;
  /// Integers of any bits; floats, in bound arithmetic, of any size. `low` still says whether there
  /// may be negative ones.
  bool isFree = false;
};

NodeRange rangeOfLeaf(Element element, const LeafDomain &domain);

/// The range of a node that is no Argument or Constant. `nodes` and `ranges`: the ones before it.
/// `terms`: those of each sum of a Contract or Slice (LabelTable::terms), 0 where an extent is 0.
NodeRange rangeOfNode(const Node &node, std::span<const Node> nodes,
                      std::span<const NodeRange> ranges, SumSize sum, RangeVerdict &verdict);

struct DataPlan {
  /// The genome's, or Bound where it asks for exactness that no values but zeros would have.
  Arithmetic arithmetic = Arithmetic::Ring;
  /// By number of node; of Arguments and Constants.
  std::vector<LeafDomain> leaves;
};

/// Of a repaired genome. O(nodes · operands · ranks).
DataPlan planData(const Genome &genome);

} // namespace tenon::fuzz
