//===- Path.h - Contraction paths of users, in three forms ------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Conversions between contraction trees and the paths that opt_einsum and cotengra exchange.
//
//   linear  each step names positions in the list of remaining tensors; they are removed and
//           the result is appended at the end
//   SSA     each step names tensors by number; step s of a network of n tensors makes n + s
//   edge    a list of indices: eliminating one contracts all tensors that have it
//
// Steps of a linear or SSA path may name one tensor (it is only renumbered), two, or more
// (split pairwise, in the order given). A path that ends early is completed by one last step
// over everything that remains, in order.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Planner/Result.h"
#include "tenon/Planner/Tree.h"

#include <span>
#include <vector>

namespace tenon::planner {

/// A linear or SSA path: for each step, its operands.
using Path = std::vector<std::vector<int64_t>>;

/// Reads a linear path over `numTensors` tensors. O(length log length). The error names the
/// step and the position at fault.
Result<ContractionTree> treeFromLinearPath(NodeId numTensors, const Path &path);

/// Reads an SSA path over `numTensors` tensors. O(length). The error names the step and the
/// tensor at fault.
Result<ContractionTree> treeFromSsaPath(NodeId numTensors, const Path &path);

/// Reads an edge path of `network`. Indices may be missing; none may be unknown or repeated.
Result<ContractionTree> treeFromEdgePath(const Network &network, std::span<const int64_t> path);

/// The pairwise linear path of `tree`, positions ascending within a step. O(n log n).
Path toLinearPath(const ContractionTree &tree);
/// The pairwise SSA path of `tree`.
Path toSsaPath(const ContractionTree &tree);

/// The indices in the order in which the steps of `tree` sum over them. An edge path cannot say
/// in which order steps that sum over nothing happen, so reading it back gives `tree` again
/// only if every step but those sums over an index of its own.
std::vector<IndexId> toEdgePath(const Network &network, const ContractionTree &tree);

} // namespace tenon::planner
