//===- MergedNetwork.h - What similar networks have in common ---*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Private to lib/Planner. Networks that are largely made of the same values, a batch of amplitudes
// or all environments, are laid over each other: the merged network has a *slot* for every place
// that a tensor of one of them takes, and each network fills some of the slots with values of its
// own. A tree over the slots gives one for each network, and trees of one origin share much.
//
// How the networks are matched decides about costs, never about results: a tree over the tensors of
// a network is a tree of it, whatever it comes from.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "Reroot.h"
#include "tenon/Planner/NetworkGraph.h"

#include <vector>

namespace tenon::planner {

struct MergedNetwork {
  /// Its tensors are the slots; an index is open if it is in all networks that have it.
  Network network;
  /// Numbers of networks of the graph, ascending.
  std::vector<uint32_t> members;
  /// By member and slot: the tensor of the member there, or `noTensor`. Each of its tensors has a
  /// slot.
  std::vector<std::vector<NodeId>> tensorOf;

  /// Whether all members have a tensor of the same value in each slot.
  std::vector<bool> isSame(const NetworkGraph &graph) const;
  /// The merged network with more open indices, so that the cost of a step is about the number of
  /// members that need a result of their own, times its cost: a slot has an index for what tells
  /// its values apart. Where `together`, all slots that differ have one index of as many values as
  /// there are different members; else slots that vary independently have different ones, of as
  /// many values as each has, which counts batches of all combinations exactly.
  Network withMultiplicity(const NetworkGraph &graph, bool together) const;
};

/// Merges what shares half of its tensors or more. Every network without a given plan is a member
/// once; most merged networks have one member where there is little to share. Time: about linear in
/// the size of the graph, times the merged networks (8 at most) that each network is compared with.
std::vector<MergedNetwork> mergeNetworks(const NetworkGraph &graph);

} // namespace tenon::planner
