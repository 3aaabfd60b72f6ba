//===- NetworkGraph.cpp - Several networks as one problem -----------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Planner/NetworkGraph.h"

#include "InitialTree.h"

using namespace tenon::planner;

static std::optional<std::string> findFault(const GraphNetwork &part) {
  if (std::optional<std::string> problem = part.network.validate())
    return problem;
  if (part.values.size() != part.network.numTensors())
    return "the network has " + std::to_string(part.network.numTensors()) +
           " tensors, but values are given for " + std::to_string(part.values.size());
  if (part.given && part.given->tree.numLeaves() != part.network.numTensors())
    return "the given tree is over " + std::to_string(part.given->tree.numLeaves()) +
           " tensors, the network has " + std::to_string(part.network.numTensors());
  if (std::optional<std::string> problem =
          checkInitial(part.network, part.initial ? &*part.initial : nullptr, part.initialSliced))
    return problem;
  if (part.memory.alignment < 1)
    return "the alignment of buffers must be 1 byte or more, found " +
           std::to_string(part.memory.alignment);
  return std::nullopt;
}

std::optional<Error> NetworkGraph::validate() const {
  if (networks.empty())
    return Error{"the graph has no networks; there is nothing to plan"};
  for (size_t number = 0; number < networks.size(); ++number)
    if (std::optional<std::string> fault = findFault(networks[number]))
      return Error{*fault, 0, number};
  return std::nullopt;
}
