//===- Complexity.cpp - Which of two genomes is simpler -------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Fuzz/Reduce.h"

#include "Plainness.h"

#include <bit>
#include <cstdlib>

using namespace tenon::fuzz;

static uint64_t weigh(NodeKind kind) {
  switch (kind) {
  case NodeKind::Argument:
    return 0;
  case NodeKind::Constant:
    return 1;
  case NodeKind::Delta:
    return 2;
  case NodeKind::Contract:
  case NodeKind::Conj:
  case NodeKind::Map:
  case NodeKind::Widen:
  case NodeKind::Permute:
    return 3;
  case NodeKind::Subtensor:
  case NodeKind::Update:
    return 4;
  case NodeKind::Slice:
    return 5;
  }
  return 6;
}

/// An extent of 0 is a small one, but not a plain one.
static uint64_t weighExtent(uint32_t extent) { return extent == 0 ? 4 : extent; }

/// Types, flags and attributes that are not the plain ones.
static uint64_t weighDetails(const Node &node) {
  uint64_t weight = plainness(node.element);
  if (isContraction(node))
    weight += plainness(node.accumulate);
  weight += node.semiring != Semiring::PlusTimes;
  weight += node.isUnsigned;
  weight += node.flavour != 0;
  weight += node.facts != 0;
  weight += static_cast<uint64_t>(std::popcount(node.dynamic));
  weight += node.sliced.size() + node.path.size();
  weight += !node.layout.order.empty();
  weight += node.layout.padding != 0;
  weight += node.layout.offset != 0;
  weight += static_cast<uint64_t>(std::popcount(node.layout.reversed));
  return weight;
}

Complexity tenon::fuzz::complexityOf(const Genome &genome) {
  uint64_t operands = 0, dimensions = 0, kinds = 0, details = 0, options = 0, extents = 0;
  for (const Node &node : genome.nodes) {
    operands += node.operands.size();
    dimensions += node.extents.size() + node.output.size();
    for (const Operand &operand : node.operands)
      dimensions += operand.labels.size();
    kinds += weigh(node.kind);
    details += weighDetails(node);
    for (uint32_t extent : node.extents)
      extents += weighExtent(extent);
    for (int32_t number : node.numbers)
      extents += static_cast<uint64_t>(std::abs(int64_t{number}));
  }
  for (const PassStep &pass : genome.passes)
    options += pass.options.size();
  uint64_t run = static_cast<uint64_t>(genome.arithmetic) + genome.threads;
  return {genome.passes.size(),
          genome.nodes.size(),
          genome.results.size(),
          operands,
          dimensions,
          kinds,
          details + run,
          options,
          extents,
          genome.dataSeed};
}
