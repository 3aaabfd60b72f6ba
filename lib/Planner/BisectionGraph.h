//===- BisectionGraph.h - A hypergraph to be cut in two ---------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Private to the planner. Vertices are tensors, or clusters of them; nets are indices. All
// weights are integers: sums are exact, whatever their order, so that every machine cuts alike.
//
//===----------------------------------------------------------------------===//
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace tenon::planner {

/// Net weights are log2 extents in this many parts of a bit.
inline constexpr double netWeightUnit = 1024;

/// Bits of BisectionGraph::anchors. Side 0 is the left one.
inline constexpr uint8_t leftAnchor = 1, rightAnchor = 2;

struct BisectionGraph {
  std::vector<int64_t> vertexWeights;
  std::vector<int64_t> netWeights;
  /// By net: on which sides something outside the graph has the index. It never moves.
  std::vector<uint8_t> anchors;
  std::vector<uint32_t> netBegin = {0};
  std::vector<uint32_t> netPins;
  /// The nets of each vertex; `connect` fills them in.
  std::vector<uint32_t> vertexBegin;
  std::vector<uint32_t> vertexNets;

  uint32_t numVertices() const { return static_cast<uint32_t>(vertexWeights.size()); }
  uint32_t numNets() const { return static_cast<uint32_t>(netWeights.size()); }
  std::span<const uint32_t> pins(uint32_t net) const {
    return {netPins.data() + netBegin[net], netBegin[net + 1] - netBegin[net]};
  }
  std::span<const uint32_t> nets(uint32_t vertex) const {
    return {vertexNets.data() + vertexBegin[vertex], vertexBegin[vertex + 1] - vertexBegin[vertex]};
  }
  int64_t totalWeight() const;

  /// Empties the graph but keeps its memory.
  void clear();
  /// Adds pins to the net that `closeNet` will make.
  void addPin(uint32_t vertex) { netPins.push_back(vertex); }
  /// Makes a net of the pins added since the last one, which must differ.
  void closeNet(int64_t weight, uint8_t anchored);
  /// Drops the pins added since the last net.
  void dropNet() { netPins.resize(netBegin.back()); }
  /// Fills in the nets of each vertex once all nets are there. Linear.
  void connect();
};

/// Weight of the nets with pins or anchors on both sides.
int64_t cutWeight(const BisectionGraph &graph, std::span<const uint8_t> sides);

} // namespace tenon::planner
