//===- Edit.h - What mutators share -----------------------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//
// Drawing from lists, and changes of a genome's graph that keep the numbers of nodes right.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Fuzz/ElementRules.h"
#include "tenon/Fuzz/Genome.h"
#include "tenon/Fuzz/Labels.h"
#include "tenon/Fuzz/Mutate.h"

#include <algorithm>
#include <initializer_list>
#include <span>
#include <vector>

namespace tenon::fuzz {

//===----------------------------------------------------------------------===//
// Drawing
//===----------------------------------------------------------------------===//

template <typename Range> auto &drawFrom(Range &range, Random &random) {
  return range[random.below(std::size(range))];
}
template <typename T> T drawFrom(std::initializer_list<T> list, Random &random) {
  return list.begin()[random.below(list.size())];
}
/// 1 with probability 1 - 1/n, else one more with the same, and so on, up to `most`.
unsigned drawGeometric(unsigned n, unsigned most, Random &random);
/// An extent as kernels and tiles know edges: small numbers, powers of two and their neighbours.
uint32_t drawExtent(Random &random);
/// 0, 1, …, n - 1 in any order.
std::vector<uint16_t> drawOrder(size_t n, Random &random);
/// The same but for the order as it is; empty where there is no other.
std::vector<uint16_t> drawOtherOrder(size_t n, Random &random);
/// The steps of a contraction of n operands in SSA form.
std::vector<uint16_t> drawPath(size_t n, Random &random);

/// A position among those of `list` that `isGood` likes; -1: there is none.
template <typename Range, typename Predicate>
int drawWhere(const Range &list, Random &random, Predicate isGood) {
  std::vector<int> good;
  for (size_t i = 0; i < std::size(list); ++i)
    if (isGood(list[i]))
      good.push_back(int(i));
  return good.empty() ? -1 : drawFrom(good, random);
}

/// The number of some contraction; -1: there is none.
int drawContraction(const Genome &genome, Random &random);
/// The number of some contraction with an index; -1: there is none.
int drawIndexedContraction(const Genome &genome, Random &random);

//===----------------------------------------------------------------------===//
// Types
//===----------------------------------------------------------------------===//

/// Those for which `isGood` holds, in the order of the enumeration.
template <typename Predicate> std::vector<Element> elementsWhere(Predicate isGood) {
  std::vector<Element> found;
  for (unsigned i = 0; i < kNumElements; ++i)
    if (isGood(Element(i)))
      found.push_back(Element(i));
  return found;
}

//===----------------------------------------------------------------------===//
// Graphs
//===----------------------------------------------------------------------===//

/// Puts a node before number `position`; what came there and later is counted on.
void insertNode(Genome &genome, size_t position, Node node);
/// Lets every use of `from` after node number `after` use `to`.
void replaceUses(Genome &genome, uint16_t from, uint16_t to, size_t after);
/// An argument of the given shape.
Node makeArgument(std::vector<uint32_t> extents, Element element, bool isUnsigned = false);
/// A new operand of contraction number `node`, which moves by one: an argument before it.
void addArgumentOperand(Genome &genome, size_t node, std::vector<uint32_t> extents,
                        std::vector<uint16_t> labels);
/// The extent of each label, by number; 0 for numbers that are none.
std::vector<uint32_t> extentsOfLabels(const Node &node,
                                      const std::vector<std::vector<uint32_t>> &shapes);

/// A dimension of a leaf.
struct LeafDimension {
  uint16_t node;
  uint16_t dimension;
};
/// Dimensions of leaves whose extents are the same for some contraction's or operation's sake:
/// change all of one class, and no label has to be split.
std::vector<std::vector<LeafDimension>> dimensionClasses(const Genome &genome);
void setExtent(Genome &genome, const std::vector<LeafDimension> &dimensions, uint32_t extent);

} // namespace tenon::fuzz
