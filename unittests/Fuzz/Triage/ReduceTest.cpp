//===- ReduceTest.cpp - Genomes are made smaller ----------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "../Nodes.h"

#include "tenon/Fuzz/Mutate.h"
#include "tenon/Fuzz/Reduce.h"

#include "gtest/gtest.h"

#include <algorithm>
#include <set>

using namespace tenon::fuzz;
using namespace tenon::fuzz::test;

namespace {

/// A chain of contractions with six passes, layouts, an open extent and two results.
Genome makeGenome() {
  Genome genome;
  genome.arithmetic = Arithmetic::Exact;
  genome.dataSeed = 987654321;
  genome.threads = 2;
  genome.nodes = {argument({7, 19}, Element::F64), argument({19, 5}, Element::F64),
                  argument({5, 23, 3}, Element::F64)};
  genome.nodes[0].layout.padding = 3;
  genome.nodes[1].dynamic = 1;
  genome.nodes.push_back(contract({{0, {0, 1}}, {1, {1, 2}}}, {0, 2}, Element::F64));
  genome.nodes.push_back(contract({{3, {0, 1}}, {2, {1, 2, 3}}}, {2, 0, 3}, Element::F64));
  genome.nodes.push_back(contract({{4, {0, 1, 2}}, {0, {1, 3}}}, {0, 3}, Element::F64));
  genome.results = {5, 4};
  for (const char *name :
       {"canonicalize", "tn-simplify", "tn-plan", "cse", "tn-fuse", "canonicalize"})
    genome.passes.push_back({name, ""});
  repair(genome);
  return genome;
}

bool hasPass(const Genome &genome, std::string_view name) {
  return std::any_of(genome.passes.begin(), genome.passes.end(),
                     [&](const PassStep &pass) { return pass.name == name; });
}

bool hasExtent(const Genome &genome, uint32_t least) {
  for (const std::vector<uint32_t> &shape : shapesOf(genome))
    for (uint32_t extent : shape)
      if (extent >= least)
        return true;
  return false;
}

bool hasProduct(const Genome &genome) {
  return std::any_of(genome.nodes.begin(), genome.nodes.end(), [](const Node &node) {
    return node.kind == NodeKind::Contract && node.operands.size() > 1 &&
           node.operands[0].node != node.operands[1].node;
  });
}

TEST(Reduce, LeavesOnePassOfMany) {
  ASSERT_TRUE(hasPass(makeGenome(), "tn-plan"));
  Reduction reduction =
      reduceGenome(makeGenome(), [](const Genome &genome) { return hasPass(genome, "tn-plan"); });
  EXPECT_TRUE(reduction.isReproduced);
  EXPECT_TRUE(reduction.isMinimal);
  ASSERT_EQ(reduction.genome.passes.size(), 1u);
  EXPECT_EQ(reduction.genome.passes[0].name, "tn-plan");
  EXPECT_EQ(reduction.genome.nodes.size(), 1u);
  EXPECT_EQ(reduction.genome.results.size(), 1u);
  EXPECT_EQ(reduction.genome.dataSeed, 0u);
  EXPECT_LT(reduction.executions, 100u);
}

TEST(Reduce, FindsTheLeastExtent) {
  Reduction reduction =
      reduceGenome(makeGenome(), [](const Genome &genome) { return hasExtent(genome, 17); });
  ASSERT_TRUE(reduction.isMinimal);
  EXPECT_TRUE(reduction.genome.passes.empty());
  ASSERT_EQ(reduction.genome.nodes.size(), 1u);
  EXPECT_EQ(reduction.genome.nodes[0].extents, std::vector<uint32_t>{17});
  EXPECT_EQ(reduction.genome.nodes[0].layout, Layout());
  EXPECT_EQ(reduction.genome.nodes[0].dynamic, 0);
  EXPECT_LT(reduction.executions, 150u);
}

TEST(Reduce, LeavesAProductOfTwo) {
  Reduction reduction = reduceGenome(makeGenome(), [](const Genome &genome) {
    return hasProduct(genome) && hasPass(genome, "tn-fuse") && hasExtent(genome, 5);
  });
  ASSERT_TRUE(reduction.isMinimal);
  const Genome &genome = reduction.genome;
  EXPECT_EQ(genome.passes.size(), 1u);
  ASSERT_EQ(genome.nodes.size(), 3u);
  EXPECT_EQ(genome.arithmetic, Arithmetic::Ring);
  EXPECT_EQ(genome.nodes[2].element, Element::I32);
  // One dimension of extent 5 in one operand; the contraction sums it.
  EXPECT_EQ(genome.nodes[0].extents.size() + genome.nodes[1].extents.size(), 1u);
  EXPECT_TRUE(genome.nodes[2].output.empty());
  EXPECT_TRUE(hasExtent(genome, 5));
  EXPECT_FALSE(hasExtent(genome, 6));
  EXPECT_LT(reduction.executions, 250u);
}

TEST(Reduce, KeepsDimensionsThatHangTogether) {
  // The diagonal: an operand with one label twice.
  Genome genome;
  genome.arithmetic = Arithmetic::Ring;
  genome.nodes = {argument({4, 6, 4, 3}, Element::I32), argument({6, 3}, Element::I32)};
  genome.nodes.push_back(contract({{0, {0, 1, 0, 2}}, {1, {1, 2}}}, {0, 1}, Element::I32));
  genome.results = {2};
  repair(genome);
  auto hasDiagonal = [](const Genome &candidate) {
    for (const Node &node : candidate.nodes)
      for (const Operand &operand : node.operands)
        if (std::set(operand.labels.begin(), operand.labels.end()).size() < operand.labels.size())
          return true;
    return false;
  };
  ASSERT_TRUE(hasDiagonal(genome));
  Reduction reduction = reduceGenome(genome, hasDiagonal);
  ASSERT_TRUE(reduction.isMinimal);
  ASSERT_EQ(reduction.genome.nodes.size(), 2u);
  EXPECT_EQ(reduction.genome.nodes[0].extents, (std::vector<uint32_t>{1, 1}));
  ASSERT_EQ(reduction.genome.nodes[1].operands.size(), 1u);
  EXPECT_TRUE(reduction.genome.nodes[1].output.empty());
}

TEST(Reduce, EveryCandidateIsValidAndTriedOnce) {
  std::set<uint64_t> seen;
  uint64_t calls = 0;
  reduceGenome(makeGenome(), [&](const Genome &genome) {
    Genome repaired = genome;
    repair(repaired);
    EXPECT_EQ(repaired, genome) << printGenome(genome);
    EXPECT_TRUE(seen.insert(hashGenome(genome)).second);
    ++calls;
    return hasProduct(genome);
  });
  EXPECT_EQ(calls, seen.size());
}

TEST(Reduce, ResultIsInterestingAndSimplerForManyPrograms) {
  Random random(42);
  for (int i = 0; i < 30; ++i) {
    Genome genome = generate(random);
    uint64_t target = random.next();
    // Depends on much of the genome, without a pattern.
    auto isInteresting = [&](const Genome &candidate) {
      return candidate == genome || ((hashGenome(candidate) ^ target) & 3) == 0;
    };
    Reduction reduction = reduceGenome(genome, isInteresting, {500, {}});
    ASSERT_TRUE(reduction.isReproduced);
    EXPECT_TRUE(isInteresting(reduction.genome));
    EXPECT_LE(complexityOf(reduction.genome), complexityOf(genome));
    EXPECT_LE(reduction.executions, 500u);
    EXPECT_EQ(reduceGenome(genome, isInteresting, {500, {}}).genome, reduction.genome);
  }
}

TEST(Reduce, StopsAtTheLimitOfExecutions) {
  Reduction reduction =
      reduceGenome(makeGenome(), [](const Genome &genome) { return hasProduct(genome); }, {5, {}});
  EXPECT_EQ(reduction.executions, 5u);
  EXPECT_TRUE(reduction.isReproduced);
  EXPECT_FALSE(reduction.isMinimal);
  EXPECT_TRUE(hasProduct(reduction.genome));
}

TEST(Reduce, ReturnsWhatDoesNotShowTheFault) {
  Genome genome = makeGenome();
  Reduction reduction = reduceGenome(genome, [](const Genome &) { return false; });
  EXPECT_FALSE(reduction.isReproduced);
  EXPECT_EQ(reduction.executions, 1u);
  EXPECT_EQ(reduction.genome, genome);
}

} // namespace
