//===- ExtentMutators.cpp - How large dimensions are ----------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Edit.h"
#include "Mutators.h"

using namespace tenon::fuzz;

namespace {

/// Gives one class of dimensions another extent; the program stays the same but for it.
template <typename NewExtent> bool changeOne(Genome &genome, Random &random, NewExtent newExtent) {
  std::vector<std::vector<LeafDimension>> classes = dimensionClasses(genome);
  if (classes.empty())
    return false;
  const std::vector<LeafDimension> &chosen = drawFrom(classes, random);
  uint32_t old = genome.nodes[chosen.front().node].extents[chosen.front().dimension],
           extent = newExtent(old);
  setExtent(genome, chosen, extent);
  return extent != old;
}

bool drawOne(Genome &genome, Random &random) {
  return changeOne(genome, random, [&](uint32_t) { return drawExtent(random); });
}
bool growOne(Genome &genome, Random &random) {
  return changeOne(genome, random, [](uint32_t old) { return old + 1; });
}
bool shrinkOne(Genome &genome, Random &random) {
  return changeOne(genome, random, [](uint32_t old) { return old > 0 ? old - 1 : 0; });
}
bool emptyOne(Genome &genome, Random &random) {
  return changeOne(genome, random, [](uint32_t) { return 0; });
}
bool unitOne(Genome &genome, Random &random) {
  return changeOne(genome, random, [](uint32_t) { return 1; });
}
/// About a vector, or a tile of registers, of the types that kernels have.
bool vectorOne(Genome &genome, Random &random) {
  uint32_t lanes = drawFrom<uint32_t>({4, 8, 16, 32, 64}, random),
           extent = lanes - 1 + uint32_t(random.below(3));
  return changeOne(genome, random, [&](uint32_t) { return extent; });
}

/// One class gets the extent of another: what was told apart by shape is not any more.
bool equalize(Genome &genome, Random &random) {
  std::vector<std::vector<LeafDimension>> classes = dimensionClasses(genome);
  if (classes.size() < 2)
    return false;
  shuffle(classes, random);
  setExtent(genome, classes[0],
            genome.nodes[classes[1].front().node].extents[classes[1].front().dimension]);
  return true;
}

/// Each class gets an extent of its own, small ones first: a swap of two indices changes a shape or
/// shows as a wrong value.
bool makeDistinct(Genome &genome, Random &random) {
  std::vector<std::vector<LeafDimension>> classes = dimensionClasses(genome);
  if (classes.empty() || classes.size() > 8)
    return false;
  shuffle(classes, random);
  uint32_t extent = 1 + uint32_t(random.below(2));
  for (const std::vector<LeafDimension> &dimensions : classes)
    setExtent(genome, dimensions, extent++);
  return true;
}

/// Every extent that was large becomes small: a case that runs faster.
bool shrinkAll(Genome &genome, Random &random) {
  bool isChanged = false;
  for (const std::vector<LeafDimension> &dimensions : dimensionClasses(genome))
    if (genome.nodes[dimensions.front().node].extents[dimensions.front().dimension] > 5) {
      setExtent(genome, dimensions, 2 + uint32_t(random.below(4)));
      isChanged = true;
    }
  return isChanged;
}

bool drawAll(Genome &genome, Random &random) {
  std::vector<std::vector<LeafDimension>> classes = dimensionClasses(genome);
  for (const std::vector<LeafDimension> &dimensions : classes)
    setExtent(genome, dimensions, drawExtent(random));
  return !classes.empty();
}

bool toggleDynamic(Genome &genome, Random &random) {
  int at = drawWhere(genome.nodes, random, [](const Node &node) {
    return node.kind == NodeKind::Argument && !node.extents.empty();
  });
  if (at < 0)
    return false;
  genome.nodes[at].dynamic ^= uint16_t(1u << random.below(genome.nodes[at].extents.size()));
  return true;
}

/// All extents of one index are known, or none.
bool toggleDynamicClass(Genome &genome, Random &random) {
  std::vector<std::vector<LeafDimension>> classes = dimensionClasses(genome);
  if (classes.empty())
    return false;
  bool isDynamic = random.oneIn(2), isChanged = false;
  for (LeafDimension dimension : drawFrom(classes, random)) {
    Node &leaf = genome.nodes[dimension.node];
    uint16_t bit = uint16_t(1u << dimension.dimension), old = leaf.dynamic;
    if (leaf.kind == NodeKind::Argument)
      leaf.dynamic = isDynamic ? leaf.dynamic | bit : leaf.dynamic & ~bit;
    isChanged |= leaf.dynamic != old;
  }
  return isChanged;
}

bool makeStatic(Genome &genome, Random &) {
  bool isChanged = false;
  for (Node &node : genome.nodes) {
    isChanged |= node.dynamic != 0;
    node.dynamic = 0;
  }
  return isChanged;
}

constexpr Mutator kMutators[] = {
    {"draw-extent", MutatorClass::Extents, drawOne},
    {"grow-extent", MutatorClass::Extents, growOne},
    {"shrink-extent", MutatorClass::Extents, shrinkOne},
    {"empty-extent", MutatorClass::Extents, emptyOne},
    {"unit-extent", MutatorClass::Extents, unitOne},
    {"vector-extent", MutatorClass::Extents, vectorOne},
    {"equalize-extents", MutatorClass::Extents, equalize},
    {"distinct-extents", MutatorClass::Extents, makeDistinct},
    {"shrink-extents", MutatorClass::Extents, shrinkAll},
    {"draw-extents", MutatorClass::Extents, drawAll},
    {"toggle-dynamic", MutatorClass::Extents, toggleDynamic},
    {"toggle-dynamic-index", MutatorClass::Extents, toggleDynamicClass},
    {"make-static", MutatorClass::Extents, makeStatic}};
} // namespace

std::span<const Mutator> tenon::fuzz::extentMutators() { return kMutators; }
