//===- GraphPlan.h - A plan of several networks -----------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Trees for all networks of a graph, chosen so that they share steps. A graph of which nothing can
// be shared is planned network by network, as `planNetwork` does it.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Planner/NetworkGraph.h"

#include <span>
#include <vector>

namespace tenon::planner {

/// A node of the tree of a network.
struct NodeOrigin {
  uint32_t network = 0;
  NodeId node = 0;
  friend bool operator==(const NodeOrigin &, const NodeOrigin &) = default;
};

/// The indices of every node of a tree in an order that belongs to its value: nodes of equal value
/// have corresponding indices at equal places.
struct NodeSlots {
  std::vector<size_t> begin = {0};
  std::vector<IndexId> indices;

  std::span<const IndexId> operator[](NodeId node) const {
    return {indices.data() + begin[node], begin[node + 1] - begin[node]};
  }
};

struct PlannedNetwork {
  /// The cost is that of the network by itself.
  Plan plan;
  /// By step: whether it is computed here. The others' results are taken from elsewhere, or
  /// nobody needs them.
  std::vector<bool> isComputed;
  /// By node: where the value is computed, which is never later than here. A leaf is its own
  /// origin.
  std::vector<NodeOrigin> origins;
  NodeSlots slots;
  /// Multiply-adds, elements written and steps of what is computed here.
  double ops = 0, writes = 0;
  size_t steps = 0;
};

/// The figures of a graph, equal steps counted once.
struct GraphCost {
  /// Multiply-adds, in all slices. Exact below 2^53.
  double ops = 0;
  double log2Ops = log2Zero;
  /// Elements written, in all slices.
  double writes = 0;
  /// Elements of the largest result of a step, in one slice.
  double largest = 0;
  /// The largest number of slices of a network.
  double slices = 1;
  /// Most bytes live at once while the networks run one after the other, each in the order of its
  /// steps: as MemoryModel defines; what several of them read lives until the last of them has.
  double peakBytes = 0;
  /// Steps that are computed, and those that would be besides if nothing were shared.
  size_t steps = 0, sharedSteps = 0;
  /// The multiply-adds of the same trees if nothing were shared.
  double unsharedOps = 0;
  double log2UnsharedOps = log2Zero;
};

struct GraphPlan {
  /// In the order of the graph.
  std::vector<PlannedNetwork> networks;
  GraphCost cost;
};

/// Plans all networks of `graph`. `options.memory` and what `options` start from are not looked at:
/// each network has a memory model and a start of its own. Errors: an invalid graph, whatever
/// `planNetwork` refuses of one of its networks; Error::network says of which. Where several cannot
/// keep the bound on bytes it is the one that needs most, so that Error::smallestPeak is a bound
/// that all can keep.
///
/// A network that does not keep the limits of `options.slicing` without slices is sliced by itself,
/// and shares nothing. So does every network where a least number of slices, or the smallest peak,
/// is asked for. Of what the others share, values are computed again where keeping them would
/// break the bound on bytes, or `options.keptBytes`. Where tensors have densities, what is shared
/// is chosen by expected costs (Density.h), while the figures of the plan count every element.
///
/// Where nothing is limited, the multiply-adds (where tensors have densities, the expected ones)
/// are at most those of the networks planned one by one, except for networks whose own search is
/// left out because the trees that share save far more (docs/planner.md).
Result<GraphPlan> planGraph(const NetworkGraph &graph, const PlanOptions &options,
                            const StrategyRegistry &registry);

/// Shares and counts given trees without slices, one for each network; what `planGraph` does with
/// the trees that it chooses, without limits.
GraphPlan shareTrees(const NetworkGraph &graph, std::span<const ContractionTree> trees);

} // namespace tenon::planner
