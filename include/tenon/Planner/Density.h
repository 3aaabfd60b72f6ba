//===- Density.h - Costs where tensors are sparse ---------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// The expected counts of a contraction tree over tensors of which only a share of the elements is
// not zero (Network::setDensity), for those who execute it with sparse tensors. Tenon's own kernels
// are dense: what they do is what Cost.h counts.
//
// The model: elements that are not zero lie at random, independently. Of a step's multiply-adds the
// share d1 d2 has two factors that are not zero; an element of its result, a sum of k products, is
// not zero with probability 1 − (1 − d1 d2)^k, as a sum over k elements of a single tensor is with
// 1 − (1 − d)^k. (So estimated for products of sparse matrices: E. Cohen, Structure prediction and
// computation of sparse matrix products, J. Comb. Optim. 2, 1998.) Sums do not cancel.
//
// The share of a result depends on the order of its sums, not on its tensors alone.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Planner/CostModel.h"
#include "tenon/Planner/Tree.h"

#include <span>
#include <vector>

namespace tenon::planner {

/// log2 of the expected share of sums of 2^log2Terms terms that are not zero, where terms are with
/// probability 2^log2Share. Between log2Share and 0, and log2Zero where the terms are all zero.
double log2ShareOfSums(double log2Share, double log2Terms);

/// log2 of the expected share of each node's elements that are not zero. `indices` are the tree's;
/// an extent's logarithm is 0 for an index that is sliced. Linear in the sum of all ranks.
std::vector<double> log2Shares(const Network &network, const ContractionTree &tree,
                               const NodeIndices &indices, std::span<const double> log2Extents);

/// The sizes of a step whose elements are counted as far as they are expected not to be zero.
inline StepSizes expectedSizes(const StepSizes &sizes, const Step &step, NodeId result,
                               std::span<const double> shares) {
  return {sizes.lhs + shares[step.lhs], sizes.rhs + shares[step.rhs], sizes.result + shares[result],
          sizes.ops + shares[step.lhs] + shares[step.rhs]};
}

/// The score of a tree under `model` where the sizes of a step are the expected numbers of elements
/// that are not zero, and of multiply-adds of these; scoreTree's if the network has no densities.
Score scoreExpected(const Network &network, const ContractionTree &tree, const CostModel &model,
                    std::span<const double> log2Extents);

} // namespace tenon::planner
