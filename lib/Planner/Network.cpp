//===- Network.cpp - A tensor network as a hypergraph ---------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Planner/Network.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

using namespace tenon::planner;

IndexId Network::addIndex(int64_t extent) {
  extents.push_back(extent);
  return static_cast<IndexId>(extents.size() - 1);
}

NodeId Network::addTensor(std::span<const IndexId> indices) {
  tensorIndices.insert(tensorIndices.end(), indices.begin(), indices.end());
  tensorBegin.push_back(tensorIndices.size());
  return numTensors() - 1;
}

void Network::setDensity(NodeId number, double density) {
  if (densities.size() <= number)
    densities.resize(number + size_t{1}, 1.0);
  densities[number] = density;
}

Network Network::withoutDensities() const {
  Network dense = *this;
  dense.densities.clear();
  return dense;
}

std::vector<double> Network::log2Extents() const {
  std::vector<double> result;
  result.reserve(extents.size());
  for (int64_t extent : extents)
    result.push_back(extent > 1 ? std::log2(static_cast<double>(extent)) : 0.0);
  return result;
}

std::optional<std::string> Network::validate() const {
  // Nodes of a tree are numbered up to twice the tensors.
  if (tensorBegin.size() - 1 > std::numeric_limits<NodeId>::max() / 2)
    return "a network has at most 2^31 - 1 tensors, found " +
           std::to_string(tensorBegin.size() - 1);
  if (numTensors() == 0)
    return "the network has no tensors; there is nothing to contract";
  if (bytesPerElement <= 0)
    return "the size of an element must be positive, found " + std::to_string(bytesPerElement) +
           " bytes";
  for (IndexId index = 0; index < numIndices(); ++index)
    if (extents[index] < 0)
      return "index " + std::to_string(index) + " has the negative extent " +
             std::to_string(extents[index]) + "; extents are 0 or more";

  if (densities.size() > numTensors())
    return "tensor " + std::to_string(densities.size() - 1) +
           " has a density, but the network has only " + std::to_string(numTensors()) + " tensors";
  for (size_t number = 0; number < densities.size(); ++number)
    if (!(densities[number] >= 0 && densities[number] <= 1))
      return "tensor " + std::to_string(number) + " has the density " +
             std::to_string(densities[number]) +
             "; the share of elements that are not zero is from 0 to 1";

  std::vector<bool> used(numIndices(), false);
  for (NodeId number = 0; number < numTensors(); ++number)
    for (IndexId index : tensor(number)) {
      if (index >= numIndices())
        return "tensor " + std::to_string(number) + " has index " + std::to_string(index) +
               ", but the network has only " + std::to_string(numIndices()) + " indices";
      used[index] = true;
    }

  std::vector<bool> inOutput(numIndices(), false);
  for (IndexId index : outputIndices) {
    if (index >= numIndices())
      return "the output has index " + std::to_string(index) + ", but the network has only " +
             std::to_string(numIndices()) + " indices";
    if (!used[index])
      return "the output has index " + std::to_string(index) +
             ", which no tensor has; an output index must come from a tensor";
    if (inOutput[index])
      return "the output has index " + std::to_string(index) +
             " twice; an index may stand in the output once";
    inOutput[index] = true;
  }
  return std::nullopt;
}

Incidence::Incidence(const Network &network)
    : begin(network.numIndices() + size_t{1}, 0), open(network.numIndices(), false) {
  // The tensor that counted an index last; repeats within a tensor count once.
  std::vector<NodeId> lastHolder(network.numIndices(), std::numeric_limits<NodeId>::max());
  for (NodeId number = 0; number < network.numTensors(); ++number)
    for (IndexId index : network.tensor(number))
      if (lastHolder[index] != number) {
        lastHolder[index] = number;
        ++begin[index + 1];
      }
  std::partial_sum(begin.begin(), begin.end(), begin.begin());
  tensors.resize(begin.back());
  std::vector<size_t> next(begin.begin(), begin.end() - 1);
  std::fill(lastHolder.begin(), lastHolder.end(), std::numeric_limits<NodeId>::max());
  for (NodeId number = 0; number < network.numTensors(); ++number)
    for (IndexId index : network.tensor(number))
      if (lastHolder[index] != number) {
        lastHolder[index] = number;
        tensors[next[index]++] = number;
      }
  for (IndexId index : network.output())
    open[index] = true;
}

std::vector<std::vector<NodeId>> tenon::planner::connectedParts(const Network &network) {
  std::vector<NodeId> parent(network.numTensors());
  std::iota(parent.begin(), parent.end(), 0);
  auto find = [&](NodeId node) {
    while (parent[node] != node)
      node = parent[node] = parent[parent[node]];
    return node;
  };
  Incidence incidence(network);
  for (IndexId index = 0; index < network.numIndices(); ++index) {
    std::span<const NodeId> holders = incidence.holders(index);
    for (size_t i = 1; i < holders.size(); ++i) {
      NodeId a = find(holders[0]), b = find(holders[i]);
      // The smaller number becomes the representative: it is the part's first tensor.
      if (a != b)
        parent[std::max(a, b)] = std::min(a, b);
    }
  }
  std::vector<std::vector<NodeId>> parts;
  std::vector<size_t> partOf(network.numTensors());
  for (NodeId node = 0; node < network.numTensors(); ++node) {
    NodeId first = find(node);
    if (first == node) {
      partOf[node] = parts.size();
      parts.emplace_back();
    }
    parts[partOf[first]].push_back(node);
  }
  return parts;
}
