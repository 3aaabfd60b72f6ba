//===- BisectionGraph.cpp - A hypergraph to be cut in two -----------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "BisectionGraph.h"

#include <numeric>

using namespace tenon::planner;

int64_t BisectionGraph::totalWeight() const {
  return std::accumulate(vertexWeights.begin(), vertexWeights.end(), int64_t{0});
}

void BisectionGraph::clear() {
  vertexWeights.clear();
  netWeights.clear();
  anchors.clear();
  netBegin.assign(1, 0);
  netPins.clear();
  vertexBegin.clear();
  vertexNets.clear();
}

void BisectionGraph::closeNet(int64_t weight, uint8_t anchored) {
  netBegin.push_back(static_cast<uint32_t>(netPins.size()));
  netWeights.push_back(weight);
  anchors.push_back(anchored);
}

void BisectionGraph::connect() {
  // Counted into the slot after next, so that filling leaves each slot at its vertex's begin.
  vertexBegin.assign(numVertices() + size_t{2}, 0);
  for (uint32_t vertex : netPins)
    ++vertexBegin[vertex + 2];
  std::partial_sum(vertexBegin.begin(), vertexBegin.end(), vertexBegin.begin());
  vertexNets.resize(netPins.size());
  for (uint32_t net = 0; net < numNets(); ++net)
    for (uint32_t vertex : pins(net))
      vertexNets[vertexBegin[vertex + 1]++] = net;
  vertexBegin.pop_back();
}

int64_t tenon::planner::cutWeight(const BisectionGraph &graph, std::span<const uint8_t> sides) {
  int64_t cut = 0;
  for (uint32_t net = 0; net < graph.numNets(); ++net) {
    unsigned touched = graph.anchors[net];
    for (uint32_t vertex : graph.pins(net))
      touched |= 1u << sides[vertex];
    if (touched == 3)
      cut += graph.netWeights[net];
  }
  return cut;
}
