//===- MutatorTest.cpp - Changes of genomes -------------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "../Nodes.h"
#include "Edit.h"

#include "tenon/Fuzz/Mutate.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

using namespace tenon::fuzz;

namespace {

const Mutator &mutatorOf(std::string_view name) {
  for (const Mutator &mutator : mutators())
    if (mutator.name == name)
      return mutator;
  ADD_FAILURE() << "no mutator " << name;
  return mutators().front();
}

/// %r = contract (%a[i, j], %b[j, k]) -> [i, k] of 2x3 and 3x5.
Genome makeProduct() {
  Genome genome;
  genome.nodes.push_back(makeArgument({2, 3}, Element::I32));
  genome.nodes.push_back(makeArgument({3, 5}, Element::I32));
  genome.nodes.push_back(test::contract({{0, {0, 1}}, {1, {1, 2}}}, {0, 2}, Element::I32));
  genome.results = {2};
  repair(genome);
  return genome;
}

TEST(MutatorTest, NamesAreUnique) {
  std::set<std::string_view> names;
  std::set<MutatorClass> kinds;
  for (const Mutator &mutator : mutators()) {
    EXPECT_TRUE(names.insert(mutator.name).second) << mutator.name;
    kinds.insert(mutator.kind);
  }
  EXPECT_GE(names.size(), 30u);
  EXPECT_EQ(kinds.size(), 9u);
}

class EachMutator : public testing::TestWithParam<Mutator> {};

/// What a mutator says that it changed is changed past repair in many programs, and repair makes
/// all of them valid.
TEST_P(EachMutator, Changes) {
  int applied = 0, changed = 0;
  for (uint64_t seed = 0; seed < 400; ++seed) {
    Random random(seed);
    Genome genome = generate(random, /*guards=*/false), child = genome;
    if (!GetParam().apply(child, random)) {
      continue;
    }
    ++applied;
    repair(child);
    Genome again = child;
    repair(again);
    ASSERT_EQ(child, again) << printGenome(genome);
    changed += child != genome;
  }
  EXPECT_GE(applied, 5);
  EXPECT_GE(changed, (applied + 2) / 3);
}

TEST_P(EachMutator, OneSeedIsOneChange) {
  Random random(7), again(7);
  Genome genome = generate(random, false), same = generate(again, false);
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(GetParam().apply(genome, random), GetParam().apply(same, again));
    repair(genome);
    repair(same);
    ASSERT_EQ(genome, same);
  }
}

INSTANTIATE_TEST_SUITE_P(All, EachMutator, testing::ValuesIn(mutators().begin(), mutators().end()),
                         [](const auto &instance) {
                           std::string name(instance.param.name);
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

TEST(MutatorTest, StacksStayValid) {
  Random random(11);
  Genome genome = generate(random);
  std::span<const Mutator> all = mutators();
  for (int i = 0; i < 3000; ++i) {
    if (i % 50 == 0)
      genome = generate(random);
    drawFrom(all, random).apply(genome, random);
    repair(genome);
    Genome again = genome;
    repair(again);
    ASSERT_EQ(genome, again) << printGenome(genome);
  }
}

TEST(MutatorTest, AnyNumberMayBeALabel) {
  Genome genome = makeProduct();
  genome.nodes[2].operands = {{0, {0, 65535}}, {1, {65535, 65534}}};
  genome.nodes[2].output = {0, 65534};
  repair(genome);
  const Node &product = genome.nodes[2];
  ASSERT_EQ(product.output.back(), 65534);
  EXPECT_EQ(freshLabel(product), 1);
  EXPECT_EQ(extentsOfLabels(product, shapesOf(genome))[65535], 3u);
  for (const Mutator &mutator : mutators())
    for (uint64_t seed = 0; seed < 20; ++seed) {
      Random random(seed);
      Genome child = genome;
      mutator.apply(child, random);
      repair(child);
      EXPECT_LE(child.nodes.size(), GenomeLimits().nodes) << mutator.name;
    }
}

TEST(MutatorTest, ExtentsOfOneIndexChangeTogether) {
  // A chain of two products: of four indices, each is one class.
  Genome genome = makeProduct();
  Node second = genome.nodes[2];
  genome.nodes.push_back(makeArgument({5, 7}, Element::I32));
  second.operands = {{2, {0, 1}}, {3, {1, 2}}};
  genome.nodes.push_back(second);
  genome.results = {4};
  repair(genome);
  std::vector<std::vector<LeafDimension>> classes = dimensionClasses(genome);
  ASSERT_EQ(classes.size(), 4u);
  for (const auto &dimensions : classes) {
    Genome changed = genome;
    setExtent(changed, dimensions, 9);
    Genome repaired = changed;
    repair(repaired);
    EXPECT_EQ(repaired, changed) << "an index had to be split";
  }
}

TEST(MutatorTest, InsertedIdentityTiesTheSameIndices) {
  Random random(1);
  for (int i = 0; i < 50; ++i) {
    Genome genome = makeProduct();
    ASSERT_TRUE(mutatorOf("insert-identity").apply(genome, random));
    Genome repaired = genome;
    repair(repaired);
    EXPECT_EQ(repaired.nodes.back(), genome.nodes.back()) << "an index had to be split";
    EXPECT_EQ(shapesOf(genome).back(), (std::vector<uint32_t>{2, 5}));
    EXPECT_EQ(genome.nodes.back().operands.size(), 3u);
  }
}

TEST(MutatorTest, SplitAndJoinedContractionsHaveTheSameShape) {
  Random random(2);
  for (int i = 0; i < 50; ++i) {
    Genome genome = makeProduct();
    genome.nodes.back().operands.push_back({0, {0, 1}});
    genome.nodes.back().operands.push_back({1, {1, 3}});
    repair(genome);
    Genome split = genome;
    ASSERT_TRUE(mutatorOf("split-contraction").apply(split, random));
    repair(split);
    EXPECT_EQ(split.nodes.size(), genome.nodes.size() + 1);
    EXPECT_EQ(shapesOf(split).back(), shapesOf(genome).back());
    ASSERT_TRUE(mutatorOf("join-contractions").apply(split, random));
    repair(split);
    EXPECT_EQ(split.nodes.back().operands.size(), 4u);
    EXPECT_EQ(shapesOf(split).back(), shapesOf(genome).back());
  }
}

TEST(MutatorTest, ANegatedFactorIsReadByOneProductAlone) {
  for (Element element : {Element::F32, Element::C64})
    for (uint64_t seed = 0; seed < 30; ++seed) {
      Random random(seed);
      Genome genome = makeProduct();
      for (Node &node : genome.nodes)
        node.element = node.accumulate = element;
      genome.nodes.push_back(genome.nodes[2]);
      genome.results = {2, 3};
      repair(genome);
      ASSERT_TRUE(mutatorOf("negate-factor").apply(genome, random));
      repair(genome);
      NodeKind kind = isComplex(element) ? NodeKind::Conj : NodeKind::Map;
      size_t changed = 0, readers = 0;
      while (changed < genome.nodes.size() && genome.nodes[changed].kind != kind)
        ++changed;
      ASSERT_LT(changed, genome.nodes.size()) << printGenome(genome);
      for (const Node &node : genome.nodes)
        for (const Operand &operand : node.operands)
          readers += operand.node == changed;
      EXPECT_EQ(readers, 1u) << printGenome(genome);
      for (uint16_t result : genome.results)
        EXPECT_EQ(shapesOf(genome)[result], (std::vector<uint32_t>{2, 5}));
    }
}

TEST(MutatorTest, WhatIsOverwrittenIsReadElsewhere) {
  // x w + b, of squares.
  Genome genome;
  for (int i = 0; i < 3; ++i)
    genome.nodes.push_back(makeArgument({3, 3}, Element::I32));
  genome.nodes.push_back(test::contract({{0, {0, 1}}, {1, {1, 2}}}, {0, 2}, Element::I32));
  Node sum;
  sum.kind = NodeKind::Map;
  sum.element = sum.accumulate = Element::I32;
  sum.operands = {{3, {}}, {2, {}}};
  genome.nodes.push_back(sum);
  genome.results = {4};
  repair(genome);
  int factors = 0, others = 0;
  for (uint64_t seed = 0; seed < 50; ++seed) {
    Random random(seed);
    Genome child = genome;
    ASSERT_TRUE(mutatorOf("read-destination").apply(child, random));
    repair(child);
    const Node &update = child.nodes[4];
    ASSERT_EQ(update.kind, NodeKind::Update);
    EXPECT_EQ(update.operands[0].node, 3);
    bool isFactor = update.operands[1].node < 2;
    EXPECT_TRUE(isFactor || !std::ranges::is_sorted(update.output)) << printGenome(child);
    ++(isFactor ? factors : others);
  }
  EXPECT_GT(factors, 10);
  EXPECT_GT(others, 5);
}

TEST(MutatorTest, InsertedNodesRenumber) {
  Genome genome = makeProduct();
  insertNode(genome, 1, makeArgument({4}, Element::I32));
  EXPECT_EQ(genome.nodes[3].operands[0].node, 0);
  EXPECT_EQ(genome.nodes[3].operands[1].node, 2);
  EXPECT_EQ(genome.results, std::vector<uint16_t>{3});
}

TEST(MutatorTest, PathsUseEachOperandOnce) {
  Random random(3);
  for (size_t n = 1; n <= 8; ++n) {
    std::vector<uint16_t> path = drawPath(n, random);
    ASSERT_EQ(path.size(), 2 * (n - 1));
    std::set<uint16_t> used(path.begin(), path.end());
    EXPECT_EQ(used.size(), path.size());
    for (size_t i = 0; i < path.size(); ++i)
      EXPECT_LT(path[i], n + i / 2);
  }
}

TEST(CrossOverTest, ChildrenHaveOfBoth) {
  Random random(4);
  int withBothPrograms = 0, withPassesOfOther = 0;
  for (int i = 0; i < 300; ++i) {
    Genome a = generate(random), b = generate(random), child = crossOver(a, b, random);
    repair(child);
    Genome again = child;
    repair(again);
    ASSERT_EQ(child, again);
    withBothPrograms += child.nodes != a.nodes;
    withPassesOfOther += child.nodes == a.nodes && child.passes == b.passes && a.passes != b.passes;
  }
  EXPECT_GT(withBothPrograms, 100);
  EXPECT_GT(withPassesOfOther, 20);
}

} // namespace
