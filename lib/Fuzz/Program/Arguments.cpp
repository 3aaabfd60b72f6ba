//===- Arguments.cpp - What a genome's function is called with ------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "LeafData.h"

#include "tenon/Fuzz/Program.h"

using namespace tenon;
using namespace tenon::fuzz;

std::vector<HostTensor> fuzz::makeArguments(const Genome &genome) {
  DataPlan plan = planData(genome);
  std::vector<HostTensor> arguments;
  for (size_t number = 0; number < genome.nodes.size(); ++number)
    if (genome.nodes[number].kind == NodeKind::Argument)
      arguments.push_back(drawLeaf(genome, plan, number));
  return arguments;
}

Arithmetic fuzz::arithmeticOf(const Genome &genome) { return planData(genome).arithmetic; }
