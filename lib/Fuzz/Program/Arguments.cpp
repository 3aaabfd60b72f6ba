//===- Arguments.cpp - What a genome's function is called with ------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "LeafData.h"

#include "tenon/Fuzz/Program.h"

#include <algorithm>

using namespace tenon;
using namespace tenon::fuzz;

static std::vector<HostTensor> drawLeaves(const Genome &genome, NodeKind kind) {
  auto isOfKind = [&](const Node &node) { return node.kind == kind; };
  if (std::ranges::none_of(genome.nodes, isOfKind))
    return {};
  DataPlan plan = planData(genome);
  std::vector<HostTensor> leaves;
  for (size_t number = 0; number < genome.nodes.size(); ++number)
    if (isOfKind(genome.nodes[number]))
      leaves.push_back(drawLeaf(genome, plan, number));
  return leaves;
}

std::vector<HostTensor> fuzz::makeArguments(const Genome &genome) {
  return drawLeaves(genome, NodeKind::Argument);
}

std::vector<HostTensor> fuzz::makeConstants(const Genome &genome) {
  return drawLeaves(genome, NodeKind::Constant);
}

Arithmetic fuzz::arithmeticOf(const Genome &genome) { return planData(genome).arithmetic; }
