//===- Labels.h - The labels of a genome's contraction ------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Fuzz/Genome.h"

namespace tenon::fuzz {

using Shapes = std::vector<std::vector<uint32_t>>;

/// How many products each sum of a contraction has.
struct SumSize {
  /// The product of the summed extents, of which 0 counts as 1: a part of the sum may be over the
  /// others. Saturated at 2^62.
  uint64_t terms = 1;
  bool isEmpty = false; ///< a summed extent is 0
};

/// The labels of a contraction in the order of their first appearance, with what each counts.
struct LabelTable {
  struct Entry {
    uint16_t label;
    uint32_t extent;
    uint16_t operands; ///< that have the label
    bool isOpen;       ///< in the output
  };
  std::vector<Entry> entries;

  const Entry *find(uint16_t label) const {
    for (const Entry &entry : entries)
      if (entry.label == label)
        return &entry;
    return nullptr;
  }
  /// The product of all extents, saturated at 2^62.
  uint64_t points() const;
  SumSize sum() const;
};

/// Of a Contract or Slice node of a valid genome, whose earlier nodes have these shapes.
LabelTable labelsOf(const Node &node, const Shapes &shapes);

/// Each label of a contraction once, by first appearance.
std::vector<uint16_t> distinctLabels(const Node &node);

/// A number that no label of a contraction has: the one past the largest, or else the smallest.
uint16_t freshLabel(const Node &node);

/// The product, saturated at 2^62.
uint64_t countElements(const std::vector<uint32_t> &shape);

} // namespace tenon::fuzz
