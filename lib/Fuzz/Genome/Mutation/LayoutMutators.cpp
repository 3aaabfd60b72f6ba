//===- LayoutMutators.cpp - How arguments lie in memory -------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Edit.h"
#include "Mutators.h"

using namespace tenon::fuzz;

namespace {

int drawArgument(const Genome &genome, Random &random) {
  return drawWhere(genome.nodes, random, [](const Node &node) {
    return node.kind == NodeKind::Argument && !node.extents.empty();
  });
}

bool permuteLayout(Genome &genome, Random &random) {
  int at = drawWhere(genome.nodes, random, [](const Node &node) {
    return node.kind == NodeKind::Argument && node.extents.size() > 1;
  });
  if (at < 0)
    return false;
  genome.nodes[at].layout.order = drawOrder(genome.nodes[at].extents.size(), random);
  return true;
}

bool padLayout(Genome &genome, Random &random) {
  int at = drawArgument(genome, random);
  if (at < 0)
    return false;
  genome.nodes[at].layout.padding = drawFrom<uint8_t>({0, 1, 2, 3, 7, 8}, random);
  return true;
}

bool offsetLayout(Genome &genome, Random &random) {
  int at = drawWhere(genome.nodes, random,
                     [](const Node &node) { return node.kind == NodeKind::Argument; });
  if (at < 0)
    return false;
  genome.nodes[at].layout.offset = drawFrom<uint8_t>({0, 1, 3, 5, 16, 63}, random);
  return true;
}

/// A negative stride.
bool reverseLayout(Genome &genome, Random &random) {
  int at = drawArgument(genome, random);
  if (at < 0)
    return false;
  genome.nodes[at].layout.reversed ^= uint16_t(1u << random.below(genome.nodes[at].extents.size()));
  return true;
}

bool resetLayouts(Genome &genome, Random &) {
  bool isChanged = false;
  for (Node &node : genome.nodes) {
    isChanged |= node.layout != Layout();
    node.layout = Layout();
  }
  return isChanged;
}

constexpr Mutator kMutators[] = {{"permute-layout", MutatorClass::Layouts, permuteLayout},
                                 {"pad-layout", MutatorClass::Layouts, padLayout},
                                 {"offset-layout", MutatorClass::Layouts, offsetLayout},
                                 {"reverse-layout", MutatorClass::Layouts, reverseLayout},
                                 {"reset-layouts", MutatorClass::Layouts, resetLayouts}};
} // namespace

std::span<const Mutator> tenon::fuzz::layoutMutators() { return kMutators; }
