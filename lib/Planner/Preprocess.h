//===- Preprocess.h - Steps that can be taken before any search --*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Private to the planner. Joins pairs of tensors whose result is no larger than the larger of the
// two, and leaves out indices that cost nothing, so that a search has a smaller network to work
// on. What can be lost by it is bounded:
//
// Let A and B be tensors whose product AB, after summing what only they have, is no larger than B.
// Take any tree T. T' is T with A taken out of its place and joined with B before anything else.
// Then cost(T') <= cost(T) + loss, with
//
//   loss = |A u B| - |A| - |B| + |AB|      (|X| is the product of the extents of X).
//
// Proof. Let J be the closed indices that only A and B have; |AB| <= |B| says |A \ B| <= |J|.
//  * Nodes with B below but not A: A was outside, so they kept J. Now they lose J, and gain at
//    most A \ B. Nodes with A below but not B: they kept J and the indices of A that B has. Without
//    A they lose J, and gain at most A \ B, where others below have it. All other nodes stay as
//    they are. So no remaining step becomes dearer.
//  * The step that used A falls away; it cost |A| or more.
//  * The first step of B cost |B| or more with J among its indices; now it costs at most the part
//    |A \ B| / |J| = |AB| / |B| of that, which saves |B| - |AB| or more.
//  * The new step costs |A u B|.
//
// So a pair with loss <= 0 is always joined: tensors with the same indices (Hadamard products,
// scalars), and A with a part B of its indices where |AB| <= |B|. Other pairs are joined cheapest
// first, as long as the sum of all losses stays within an allowance. In particular a tensor whose
// indices are a part of another's, a tensor of one index, and a matrix in a chain whose bonds do
// not grow belong to them. Losses are those of the model `flops`; what the other models count
// grows by no more than the size of inputs, since no result is larger than one.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Planner/CostModel.h"
#include "tenon/Planner/Tree.h"

#include <span>
#include <vector>

namespace tenon::planner {

/// A network after preprocessing, and the way back.
class Preprocessed {
public:
  /// The smaller network. It has no index of extent 1 and none that a single tensor has and the
  /// output has not. It may be disconnected, or a single tensor.
  const Network &network() const { return reduced; }
  /// The index of the original network that each of the smaller one's is.
  std::span<const IndexId> originalIndices() const { return indices; }
  /// The steps taken, over the original tensors.
  std::span<const Step> steps() const { return taken; }
  /// log2 of the sum of all losses: by how much the best tree of `network`, expanded, may cost more
  /// than the best one of the original network, in multiply-adds. `log2Zero` if it is as good.
  double log2Loss() const { return loss; }

  /// The steps taken, and then those of `tree`, a tree of `network`: a tree of the original.
  ContractionTree expand(const ContractionTree &tree) const;
  /// A tree of `network` from one of the original network: of the tensors that the steps joined,
  /// the larger one stays where it is and the other is taken out, as in the proof above. Expanded,
  /// its cost is at most that of `tree` + the loss, in multiply-adds.
  ContractionTree restrict(const ContractionTree &tree) const;

private:
  friend class Preprocessor;
  Network reduced;
  std::vector<IndexId> indices;
  std::vector<Step> taken;
  /// The node of the original's tree that each tensor of `reduced` is.
  std::vector<NodeId> nodes;
  /// The original tensor whose place in a tree each tensor of `reduced` takes.
  std::vector<NodeId> places;
  NodeId numTensors = 0;
  double loss = log2Zero;
};

/// Reduces `network`, whose extents are given as logarithms (0 for a sliced index, which is left
/// out like one of extent 1). `log2Allowance` bounds the sum of all losses. Say 2^-8 of the cost of
/// a known tree; with `log2Zero` the best tree stays the best. Time is near-linear in the size of
/// the network.
Preprocessed preprocess(const Network &network, std::span<const double> log2Extents,
                        double log2Allowance = log2Zero);

/// Whether the best tree under `model` stays the best without an allowance.
bool isPreprocessingLossless(const CostModel &model);

} // namespace tenon::planner
