//===- TestNetworks.h - Networks and oracles of the planner's tests -*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Random small networks with every kind of index, and independent, slow counts to compare with.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Planner/CostModel.h"
#include "tenon/Planner/Network.h"
#include "tenon/Planner/Random.h"
#include "tenon/Planner/Tree.h"

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <vector>

namespace tenon::planner::test {

/// A network from lists; `extents[i]` belongs to index i.
inline Network makeNetwork(std::vector<std::vector<IndexId>> tensors, std::vector<IndexId> output,
                           std::vector<int64_t> extents, int64_t elementBytes = 8) {
  Network network(elementBytes);
  for (int64_t extent : extents)
    network.addIndex(extent);
  for (const std::vector<IndexId> &tensor : tensors)
    network.addTensor(tensor);
  network.setOutput(std::move(output));
  return network;
}

/// Matrices in a row: extents[i] x extents[i + 1] each; both ends open.
inline Network makeChain(std::vector<int64_t> extents) {
  std::vector<std::vector<IndexId>> tensors;
  for (IndexId i = 0; i + 1 < extents.size(); ++i)
    tensors.push_back({i, i + 1});
  IndexId last = static_cast<IndexId>(extents.size()) - 1;
  return makeNetwork(std::move(tensors), {0, last}, std::move(extents));
}

/// A random network with bonds, hyperedges, batch, repeated and lone indices, rank-0 tensors
/// and, now and then, parts that share nothing. Extents are 2 to 6.
inline Network makeRandomNetwork(uint64_t seed, unsigned numTensors, unsigned numIndices) {
  Random random(seed);
  std::vector<std::vector<IndexId>> tensors(numTensors);
  std::vector<int64_t> extents;
  std::vector<IndexId> output;
  for (IndexId index = 0; index < numIndices; ++index) {
    extents.push_back(2 + random.below(5));
    unsigned places = 1 + random.below(4);
    for (unsigned place = 0; place < places; ++place)
      tensors[random.below(numTensors)].push_back(index);
    if (random.below(5) == 0)
      output.push_back(index);
  }
  return makeNetwork(std::move(tensors), std::move(output), std::move(extents));
}

/// A random graph in which every tensor has three bonds of extent 2.
inline Network makeRandomRegularNetwork(uint64_t seed, unsigned numTensors) {
  Random random(seed);
  std::vector<unsigned> ends(3 * numTensors);
  for (unsigned i = 0; i < ends.size(); ++i)
    ends[i] = i / 3;
  for (unsigned i = static_cast<unsigned>(ends.size()) - 1; i > 0; --i)
    std::swap(ends[i], ends[random.below(i + 1)]);
  std::vector<std::vector<IndexId>> tensors(numTensors);
  for (IndexId bond = 0; bond < ends.size() / 2; ++bond) {
    tensors[ends[2 * bond]].push_back(bond);
    tensors[ends[2 * bond + 1]].push_back(bond);
  }
  return makeNetwork(std::move(tensors), {}, std::vector<int64_t>(ends.size() / 2, 2));
}

/// A square lattice whose bonds have unequal extents.
inline Network makeLattice(unsigned rows, unsigned columns) {
  std::vector<std::vector<IndexId>> tensors(rows * columns);
  std::vector<int64_t> extents;
  auto bond = [&](unsigned a, unsigned b) {
    tensors[a].push_back(static_cast<IndexId>(extents.size()));
    tensors[b].push_back(static_cast<IndexId>(extents.size()));
    extents.push_back(2 + extents.size() % 3);
  };
  for (unsigned row = 0; row < rows; ++row)
    for (unsigned column = 0; column < columns; ++column) {
      if (row + 1 < rows)
        bond(row * columns + column, (row + 1) * columns + column);
      if (column + 1 < columns)
        bond(row * columns + column, row * columns + column + 1);
    }
  return makeNetwork(std::move(tensors), {}, std::move(extents));
}

using IndexSet = std::set<IndexId>;

/// What the result of contracting the tensors in `below` keeps, from the definition: indices
/// that one of them has and that the output or another tensor has too.
inline IndexSet keptIndices(const Network &network, const std::set<NodeId> &below) {
  IndexSet inside, needed(network.output().begin(), network.output().end()), kept;
  for (NodeId tensor = 0; tensor < network.numTensors(); ++tensor)
    (below.count(tensor) ? inside : needed)
        .insert(network.tensor(tensor).begin(), network.tensor(tensor).end());
  std::set_intersection(inside.begin(), inside.end(), needed.begin(), needed.end(),
                        std::inserter(kept, kept.end()));
  return kept;
}

inline double productOf(const Network &network, const IndexSet &indices,
                        const IndexSet &sliced = {}) {
  double product = 1;
  for (IndexId index : indices)
    if (!sliced.count(index))
      product *= static_cast<double>(network.extent(index));
  return product;
}

inline IndexSet unionOf(IndexSet a, const IndexSet &b) {
  a.insert(b.begin(), b.end());
  return a;
}

/// The tensors below every node of a tree.
inline std::vector<std::set<NodeId>> leavesBelow(const ContractionTree &tree) {
  std::vector<std::set<NodeId>> below(tree.numNodes());
  for (NodeId node = 0; node < tree.numNodes(); ++node) {
    if (tree.isLeaf(node)) {
      below[node] = {node};
    } else {
      auto [lhs, rhs] = tree.makerOf(node);
      below[node] = below[lhs];
      below[node].insert(below[rhs].begin(), below[rhs].end());
    }
  }
  return below;
}

/// Multiply-adds of a tree, recounted from the definition.
inline double recountOps(const Network &network, const ContractionTree &tree) {
  auto below = leavesBelow(tree);
  double total = 0;
  for (const Step &step : tree.steps())
    total += productOf(network, unionOf(keptIndices(network, below[step.lhs]),
                                        keptIndices(network, below[step.rhs])));
  return total;
}

/// The least cost over all pairwise trees, by trying every one. `stepCost(ops, result)` is
/// linear; `join` combines the costs of steps.
inline double bruteForceBest(const Network &network,
                             const std::function<double(double, double)> &stepCost,
                             const std::function<double(double, double)> &join) {
  std::function<double(std::vector<std::set<NodeId>>)> best =
      [&](std::vector<std::set<NodeId>> parts) -> double {
    if (parts.size() == 1)
      return 0;
    double lowest = std::numeric_limits<double>::infinity();
    for (size_t a = 0; a < parts.size(); ++a)
      for (size_t b = a + 1; b < parts.size(); ++b) {
        std::vector<std::set<NodeId>> next;
        for (size_t i = 0; i < parts.size(); ++i)
          if (i != a && i != b)
            next.push_back(parts[i]);
        std::set<NodeId> joined = parts[a];
        joined.insert(parts[b].begin(), parts[b].end());
        next.push_back(joined);
        double step = stepCost(productOf(network, unionOf(keptIndices(network, parts[a]),
                                                          keptIndices(network, parts[b]))),
                               productOf(network, keptIndices(network, joined)));
        lowest = std::min(lowest, join(step, best(std::move(next))));
      }
    return lowest;
  };
  std::vector<std::set<NodeId>> leaves;
  for (NodeId tensor = 0; tensor < network.numTensors(); ++tensor)
    leaves.push_back({tensor});
  return best(std::move(leaves));
}

} // namespace tenon::planner::test
