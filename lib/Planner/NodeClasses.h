//===- NodeClasses.h - Nodes of equal value ---------------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Private to lib/Planner. Hash-consing of the nodes of trees, whatever the networks: a leaf's class
// is its value with the pattern of its indices, an inner node's is its operands' classes, how their
// indices correspond, and which are kept. Names of indices and the order of the operands do not
// matter. Keys are compared, not only their hashes: nodes of one class have one value. The
// converse does not hold: (ab)c and a(bc) are two classes, and so may be products that are equal by
// a symmetry of the product of a value with itself.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Planner/GraphPlan.h"

#include <unordered_map>
#include <vector>

namespace tenon::planner {

using ClassId = uint32_t;

struct ClassifiedTree {
  /// By node.
  std::vector<ClassId> classOf;
  NodeSlots slots;
};

class NodeClasses {
public:
  /// The classes of all nodes of a tree. Time: linear in the sum of the ranks of all nodes.
  ClassifiedTree classify(const GraphNetwork &part, const ContractionTree &tree);

  size_t size() const { return sizes.size(); }
  /// log2 sizes of the step that makes a node of the class, which is no leaf's.
  const StepSizes &sizesOf(ClassId number) const { return sizes[number]; }
  /// The same of sparse tensors: of the elements and multiply-adds those that are expected not to
  /// be zero (Density.h). Where equal values have different densities, the first one met counts.
  const StepSizes &expectedSizesOf(ClassId number) const { return expected[number]; }
  /// Multiply-adds of that step, and elements of its result.
  double opsOf(ClassId number) const { return ops[number]; }
  double elementsOf(ClassId number) const { return elements[number]; }

private:
  using Key = std::vector<uint32_t>;
  struct HashOfKey {
    size_t operator()(const Key &key) const;
  };
  /// Where an operand of a step stands: its class and its indices in the order of the class.
  struct Operand {
    ClassId number;
    std::span<const IndexId> slots;
  };

  ClassId classOfLeaf(const GraphNetwork &part, NodeId leaf, std::span<const IndexId> kept,
                      NodeSlots &slots);
  ClassId classOfStep(const Network &network, uint32_t kind, Operand a, Operand b,
                      std::span<const IndexId> kept, NodeSlots &slots);
  Key keyOfStep(uint32_t kind, Operand a, Operand b, std::span<const IndexId> kept);
  /// The class of `key`, and whether it is new.
  std::pair<ClassId, bool> number(Key key);

  std::unordered_map<Key, ClassId, HashOfKey> numbers;
  std::vector<StepSizes> sizes, expected;
  std::vector<double> ops, elements;
  /// log2 of the share of elements that are expected not to be zero, of leaves too.
  std::vector<double> shares;
  /// By index: 1 + its place in the key at work, or 0.
  std::vector<uint32_t> placeOf;
};

} // namespace tenon::planner
