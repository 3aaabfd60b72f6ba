//===- CanonicalNetwork.cpp - Networks up to the names of indices ---------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "CanonicalNetwork.h"

#include <algorithm>
#include <bit>
#include <limits>

using namespace tenon::planner;

CanonicalNetwork tenon::planner::canonicalize(const Network &network) {
  CanonicalNetwork result{Network(network.elementBytes()), {}};
  constexpr IndexId none = std::numeric_limits<IndexId>::max();
  std::vector<IndexId> numberOf(network.numIndices(), none);
  std::vector<IndexId> indices;
  for (NodeId number = 0; number < network.numTensors(); ++number) {
    indices.clear();
    for (IndexId index : network.tensor(number)) {
      if (numberOf[index] == none) {
        numberOf[index] = result.network.addIndex(network.extent(index));
        result.original.push_back(index);
      }
      indices.push_back(numberOf[index]);
    }
    result.network.addTensor(indices);
    if (network.density(number) != 1)
      result.network.setDensity(number, network.density(number));
  }
  indices.clear();
  for (IndexId index : network.output())
    indices.push_back(numberOf[index]);
  std::sort(indices.begin(), indices.end());
  result.network.setOutput(std::move(indices));
  return result;
}

std::vector<uint64_t> tenon::planner::describeWhole(const Network &network) {
  std::vector<uint64_t> words = {static_cast<uint64_t>(network.elementBytes()),
                                 network.numTensors()};
  for (NodeId tensor = 0; tensor < network.numTensors(); ++tensor) {
    words.push_back(network.tensor(tensor).size());
    words.insert(words.end(), network.tensor(tensor).begin(), network.tensor(tensor).end());
  }
  for (IndexId index = 0; index < network.numIndices(); ++index)
    words.push_back(static_cast<uint64_t>(network.extent(index)));
  words.insert(words.end(), network.output().begin(), network.output().end());
  if (network.hasDensities())
    for (NodeId tensor = 0; tensor < network.numTensors(); ++tensor)
      words.push_back(std::bit_cast<uint64_t>(network.density(tensor)));
  return words;
}
