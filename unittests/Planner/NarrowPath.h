//===- NarrowPath.h - A path that needs no slices ---------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "TestNetworks.h"
#include "tenon/Planner/Strategy.h"

namespace tenon::planner::test {

/// A strategy that has found a tree before.
class KnownTree final : public Strategy {
public:
  explicit KnownTree(ContractionTree tree) : tree(std::move(tree)) {}
  std::string_view name() const override { return "known"; }
  std::string_view summary() const override { return "a given tree"; }
  Result<SlicedTree> search(const Request &) const override { return SlicedTree{tree, {}}; }

private:
  ContractionTree tree;
};

/// Three matrices of a ring, a tensor that closes it, and a matrix that the vector of the ring is
/// multiplied by. The wide tree is cheaper, but has an intermediate of 100 elements, not 64; slices
/// of it repeat the last product.
struct NarrowPath {
  Network network =
      makeNetwork({{0, 1}, {1, 2}, {2, 3}, {3, 0, 4}, {4, 5}}, {5}, {2, 8, 50, 8, 60, 60});
  ContractionTree wide{5, {{0, 1}, {2, 5}, {3, 6}, {4, 7}}};
  ContractionTree narrow{5, {{1, 2}, {0, 5}, {3, 6}, {4, 7}}};
  double largest = 64;
};

} // namespace tenon::planner::test
