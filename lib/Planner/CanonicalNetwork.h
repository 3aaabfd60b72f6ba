//===- CanonicalNetwork.h - Networks up to the names of indices --*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Planner/Network.h"

namespace tenon::planner {

/// A network whose indices are numbered by first appearance in the tensors, with the output
/// ascending and without the indices that nothing has.
struct CanonicalNetwork {
  Network network;
  /// The original number of each index.
  std::vector<IndexId> original;
};

/// \pre `network` passed `validate`. O(size of the network), and the sorting of the output.
CanonicalNetwork canonicalize(const Network &network);

/// A network in words: equal for equal networks only. Of canonical ones, that is networks which
/// differ in the names of indices and in the order of the output at most.
std::vector<uint64_t> describeWhole(const Network &network);

} // namespace tenon::planner
