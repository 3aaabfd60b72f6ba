//===- TestGraphs.h - Graphs of networks and their oracles --------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Graphs of every kind that shares something, and slow counts and values, from the definition.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "TestNetworks.h"
#include "tenon/Planner/GraphPlan.h"

#include <numeric>
#include <optional>

namespace tenon::planner::test {

inline GraphNetwork makePart(Network network, std::vector<ValueId> values) {
  return {std::move(network), std::move(values)};
}

/// `network` without one tensor, whose indices are open instead; the values are the numbers of the
/// tensors.
inline GraphNetwork makeEnvironment(const Network &network, NodeId left) {
  Network part(network.elementBytes());
  for (IndexId index = 0; index < network.numIndices(); ++index)
    part.addIndex(network.extent(index));
  std::vector<ValueId> values;
  IndexSet held, output(network.output().begin(), network.output().end());
  for (NodeId tensor = 0; tensor < network.numTensors(); ++tensor) {
    if (tensor == left)
      continue;
    part.addTensor(network.tensor(tensor));
    values.push_back(tensor);
    held.insert(network.tensor(tensor).begin(), network.tensor(tensor).end());
  }
  output.insert(network.tensor(left).begin(), network.tensor(left).end());
  std::vector<IndexId> open;
  std::set_intersection(output.begin(), output.end(), held.begin(), held.end(),
                        std::back_inserter(open));
  part.setOutput(open);
  return makePart(std::move(part), std::move(values));
}

/// All environments of a network: its gradients.
inline NetworkGraph makeEnvironments(const Network &network) {
  NetworkGraph graph;
  for (NodeId tensor = 0; tensor < network.numTensors(); ++tensor)
    graph.networks.push_back(makeEnvironment(network, tensor));
  return graph;
}

/// The network with every combination of two values for each tensor of `varying`.
inline NetworkGraph makeBatch(const Network &network, const std::vector<NodeId> &varying) {
  NetworkGraph graph;
  for (uint32_t bits = 0; bits < 1u << varying.size(); ++bits) {
    std::vector<ValueId> values(network.numTensors());
    std::iota(values.begin(), values.end(), ValueId{0});
    for (size_t i = 0; i < varying.size(); ++i)
      if (bits >> i & 1)
        values[varying[i]] += network.numTensors();
    graph.networks.push_back(makePart(network, std::move(values)));
  }
  return graph;
}

inline std::vector<uint32_t> makePermutation(Random &random, uint32_t size) {
  std::vector<uint32_t> order(size);
  std::iota(order.begin(), order.end(), 0u);
  for (uint32_t i = size; i > 1; --i)
    std::swap(order[i - 1], order[random.below(i)]);
  return order;
}

/// The same graph with the indices of each network numbered anew.
inline NetworkGraph renumbered(NetworkGraph graph, uint64_t seed) {
  Random random(seed);
  for (GraphNetwork &part : graph.networks) {
    std::vector<uint32_t> numberOf = makePermutation(random, part.network.numIndices());
    auto rename = [&](std::span<const IndexId> list) {
      std::vector<IndexId> result;
      for (IndexId index : list)
        result.push_back(numberOf[index]);
      return result;
    };
    std::vector<int64_t> extents(part.network.numIndices());
    for (IndexId index = 0; index < extents.size(); ++index)
      extents[numberOf[index]] = part.network.extent(index);
    std::vector<std::vector<IndexId>> tensors;
    for (NodeId tensor = 0; tensor < part.network.numTensors(); ++tensor)
      tensors.push_back(rename(part.network.tensor(tensor)));
    part.network =
        makeNetwork(std::move(tensors), rename(part.network.output()), std::move(extents));
  }
  return graph;
}

/// The same graph with the operands of each network in another order.
inline NetworkGraph reordered(NetworkGraph graph, uint64_t seed) {
  Random random(seed);
  for (GraphNetwork &part : graph.networks) {
    const Network &network = part.network;
    std::vector<std::vector<IndexId>> tensors;
    std::vector<ValueId> values;
    for (NodeId tensor : makePermutation(random, network.numTensors())) {
      tensors.emplace_back(network.tensor(tensor).begin(), network.tensor(tensor).end());
      values.push_back(part.values[tensor]);
    }
    std::vector<int64_t> extents;
    for (IndexId index = 0; index < network.numIndices(); ++index)
      extents.push_back(network.extent(index));
    std::vector<IndexId> output(network.output().begin(), network.output().end());
    part.network = makeNetwork(std::move(tensors), std::move(output), std::move(extents));
    part.values = std::move(values);
  }
  return graph;
}

/// Several small networks over few values, so that much is equal: tensors of a rank that belongs to
/// the value, indices at random, all of extents that belong to value and dimension. With `repeats`
/// a value may be several tensors of a network.
inline NetworkGraph makeRandomGraph(uint64_t seed, unsigned numNetworks, unsigned numTensors,
                                    bool repeats) {
  Random random(seed);
  NetworkGraph graph;
  for (unsigned n = 0; n < numNetworks; ++n) {
    std::vector<ValueId> pool(numTensors + 2);
    std::iota(pool.begin(), pool.end(), ValueId{0});
    std::vector<ValueId> values;
    for (unsigned t = 0; t < numTensors; ++t) {
      size_t chosen = random.below(static_cast<uint32_t>(pool.size()));
      values.push_back(pool[chosen]);
      if (!repeats)
        pool.erase(pool.begin() + static_cast<std::ptrdiff_t>(chosen));
    }
    if (!repeats && random.below(2) == 0)
      std::sort(values.begin(), values.end());
    // Indices of extents 2 and 3, twice as many of each as there are tensors' dimensions for.
    unsigned numIndices = numTensors;
    std::vector<int64_t> extents;
    for (unsigned i = 0; i < numIndices; ++i)
      extents.push_back(2 + i % 2);
    std::vector<std::vector<IndexId>> tensors;
    IndexSet used;
    for (ValueId value : values) {
      std::vector<IndexId> list;
      for (unsigned d = 0; d < value % 4; ++d) {
        // Often the same wiring in all networks.
        unsigned parity = (value / 2 + d) % 2;
        unsigned place = random.below(3) ? (value + d) / 2 : random.below(numIndices);
        list.push_back((2 * place + parity) % (numIndices / 2 * 2));
      }
      used.insert(list.begin(), list.end());
      tensors.push_back(std::move(list));
    }
    std::vector<IndexId> output;
    for (IndexId index : used)
      if (random.below(4) == 0)
        output.push_back(index);
    graph.networks.push_back(
        makePart(makeNetwork(std::move(tensors), std::move(output), std::move(extents)), values));
  }
  return graph;
}

/// Any tree.
inline ContractionTree makeRandomTree(uint64_t seed, NodeId numTensors) {
  Random random(seed);
  std::vector<NodeId> open(numTensors);
  std::iota(open.begin(), open.end(), NodeId{0});
  std::vector<Step> steps;
  auto take = [&] {
    size_t chosen = random.below(static_cast<uint32_t>(open.size()));
    NodeId node = open[chosen];
    open.erase(open.begin() + static_cast<std::ptrdiff_t>(chosen));
    return node;
  };
  while (open.size() > 1) {
    NodeId lhs = take(), rhs = take();
    steps.push_back({lhs, rhs});
    open.push_back(numTensors + static_cast<NodeId>(steps.size()) - 1);
  }
  return {numTensors, std::move(steps)};
}

/// A tree of a network of a graph, with the sets that nodes keep, from the definition.
struct TreeInGraph {
  TreeInGraph(const GraphNetwork &part, const ContractionTree &tree) : part(part), tree(tree) {
    for (const std::set<NodeId> &below : leavesBelow(tree))
      kept.push_back(keptIndices(part.network, below));
  }
  double opsOf(NodeId node) const {
    auto [lhs, rhs] = tree.makerOf(node);
    return productOf(part.network, unionOf(kept[lhs], kept[rhs]));
  }

  const GraphNetwork &part;
  const ContractionTree &tree;
  std::vector<IndexSet> kept;
};

/// Whether two nodes are built alike of the same values: tries all ways to pair their operands,
/// with a bijection of the indices below that `image` grows.
inline bool areBuiltAlike(const TreeInGraph &a, NodeId x, const TreeInGraph &b, NodeId y,
                          std::map<IndexId, IndexId> &image, const std::function<bool()> &next) {
  auto tie = [&](IndexId from, IndexId to) {
    for (auto [known, target] : image)
      if ((known == from) != (target == to))
        return false;
    image[from] = to;
    return a.part.network.extent(from) == b.part.network.extent(to);
  };
  std::map<IndexId, IndexId> before = image;
  auto fail = [&] {
    image = before;
    return false;
  };
  if (a.tree.isLeaf(x) != b.tree.isLeaf(y))
    return false;
  auto keepsAlike = [&] {
    if (a.kept[x].size() != b.kept[y].size())
      return false;
    for (IndexId index : a.kept[x])
      if (!image.count(index) || !b.kept[y].count(image[index]))
        return false;
    return true;
  };
  if (a.tree.isLeaf(x)) {
    auto left = a.part.network.tensor(x), right = b.part.network.tensor(y);
    if (a.part.values[x] != b.part.values[y] || left.size() != right.size())
      return false;
    for (size_t d = 0; d < left.size(); ++d)
      if (!tie(left[d], right[d]))
        return fail();
    return (keepsAlike() && next()) || fail();
  }
  auto [p, q] = a.tree.makerOf(x);
  auto [r, s] = b.tree.makerOf(y);
  auto both = [&](NodeId first, NodeId second) {
    return areBuiltAlike(a, p, b, first, image, [&] {
      return areBuiltAlike(a, q, b, second, image, [&] { return keepsAlike() && next(); });
    });
  };
  return both(r, s) || both(s, r) || fail();
}

inline bool areBuiltAlike(const TreeInGraph &a, NodeId x, const TreeInGraph &b, NodeId y) {
  std::map<IndexId, IndexId> image;
  return areBuiltAlike(a, x, b, y, image, [] { return true; });
}

/// Multiply-adds of all trees, steps that are built alike counted once: every pair is compared.
inline double recountShared(const NetworkGraph &graph, const std::vector<ContractionTree> &trees) {
  std::vector<TreeInGraph> all;
  for (size_t n = 0; n < trees.size(); ++n)
    all.emplace_back(graph.networks[n], trees[n]);
  std::vector<std::pair<size_t, NodeId>> distinct;
  double total = 0;
  for (size_t n = 0; n < trees.size(); ++n)
    for (NodeId node = trees[n].numLeaves(); node < trees[n].numNodes(); ++node) {
      bool isKnown = std::any_of(distinct.begin(), distinct.end(), [&](auto known) {
        return areBuiltAlike(all[n], node, all[known.first], known.second);
      });
      if (isKnown)
        continue;
      distinct.emplace_back(n, node);
      total += all[n].opsOf(node);
    }
  return total;
}

/// The element of a value at a position: distinct numbers, as far as that goes.
inline uint64_t elementOf(ValueId value, const std::vector<int64_t> &position) {
  uint64_t state = mixBits(value + 1);
  for (int64_t place : position)
    state = mixBits(state ^ static_cast<uint64_t>(place + 1));
  return state % 1000003;
}

/// The element of a node at the values that `at` gives to what it keeps, modulo a prime: a sum over
/// all other indices of the tensors below.
inline uint64_t evaluateNode(const TreeInGraph &tree, NodeId node, std::map<IndexId, int64_t> at) {
  const Network &network = tree.part.network;
  std::set<NodeId> below = leavesBelow(tree.tree)[node];
  std::vector<IndexId> summed;
  IndexSet seen;
  for (NodeId tensor : below)
    for (IndexId index : network.tensor(tensor))
      if (!at.count(index) && seen.insert(index).second)
        summed.push_back(index);
  uint64_t total = 0;
  std::function<void(size_t)> sum = [&](size_t depth) {
    if (depth < summed.size()) {
      for (int64_t i = 0; i < network.extent(summed[depth]); ++i) {
        at[summed[depth]] = i;
        sum(depth + 1);
      }
      return;
    }
    uint64_t product = 1;
    for (NodeId tensor : below) {
      std::vector<int64_t> position;
      for (IndexId index : network.tensor(tensor))
        position.push_back(at[index]);
      product = product * elementOf(tree.part.values[tensor], position) % 1000003;
    }
    total = (total + product) % 1000003;
  };
  sum(0);
  return total;
}

} // namespace tenon::planner::test
