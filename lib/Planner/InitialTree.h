//===- InitialTree.h - What a caller may start from -------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Private to lib/Planner.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Planner/Network.h"
#include "tenon/Planner/Tree.h"

#include <optional>
#include <span>
#include <string>

namespace tenon::planner {

/// What is wrong with a tree to start from, which may be null, and its slices; nothing if all is
/// well. O(indices of the network).
std::optional<std::string> checkInitial(const Network &network, const ContractionTree *tree,
                                        std::span<const IndexId> sliced);

} // namespace tenon::planner
