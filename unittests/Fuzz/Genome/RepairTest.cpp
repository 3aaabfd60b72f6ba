//===- RepairTest.cpp - Any record becomes a valid program ----------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "../Nodes.h"
#include "RandomGenome.h"

#include "tenon/Fuzz/DataPlan.h"
#include "tenon/Fuzz/ElementRules.h"
#include "tenon/Fuzz/Labels.h"

#include "gtest/gtest.h"

#include <algorithm>
#include <map>
#include <set>

using namespace tenon::fuzz;
using namespace tenon::fuzz::test;
using test::RandomGenome;

namespace {

Genome genomeOf(std::vector<Node> nodes) {
  Genome genome;
  genome.arithmetic = Arithmetic::Exact;
  genome.nodes = std::move(nodes);
  genome.results = {static_cast<uint16_t>(genome.nodes.size() - 1)};
  return genome;
}

/// Recounted from the definitions, without the code that repair uses.
void expectWithinRules(const Genome &genome, const GenomeLimits &limits) {
  ASSERT_GE(genome.nodes.size(), 1u);
  ASSERT_LE(genome.nodes.size(), limits.nodes);
  ASSERT_GE(genome.results.size(), 1u);
  ASSERT_LE(genome.passes.size(), limits.passes);
  for (uint16_t result : genome.results)
    ASSERT_LT(result, genome.nodes.size());
  Shapes shapes = shapesOf(genome);
  ASSERT_EQ(shapes.size(), genome.nodes.size());
  uint64_t work = 0;
  for (size_t i = 0; i < genome.nodes.size(); ++i) {
    const Node &node = genome.nodes[i];
    ASSERT_LT(unsigned(node.kind), kNumNodeKinds);
    ASSERT_LE(shapes[i].size(), limits.rank);
    uint64_t elements = 1;
    for (uint32_t extent : shapes[i]) {
      ASSERT_LE(extent, limits.extent);
      elements *= extent;
    }
    ASSERT_LE(elements, limits.elements);
    ASSERT_LE(node.operands.size(), limits.operands);
    ASSERT_EQ(node.operands.empty(), isLeaf(node));
    for (const Operand &operand : node.operands)
      ASSERT_LT(operand.node, i);
    if (!isContraction(node))
      continue;
    std::map<uint16_t, uint32_t> extents;
    for (const Operand &operand : node.operands) {
      ASSERT_EQ(operand.labels.size(), shapes[operand.node].size());
      ASSERT_TRUE(widensTo(genome.nodes[operand.node].element, node.accumulate));
      for (size_t dim = 0; dim < operand.labels.size(); ++dim) {
        auto [place, isNew] = extents.try_emplace(operand.labels[dim], shapes[operand.node][dim]);
        ASSERT_EQ(place->second, shapes[operand.node][dim]);
      }
    }
    ASSERT_TRUE(roundsTo(node.accumulate, node.element));
    ASSERT_TRUE(isLegalSemiring(node.semiring, node.accumulate));
    ASSERT_EQ(std::set<uint16_t>(node.output.begin(), node.output.end()).size(),
              node.output.size());
    for (uint16_t label : node.output)
      ASSERT_TRUE(extents.contains(label));
    for (uint16_t label : node.sliced)
      ASSERT_TRUE(extents.contains(label));
    uint64_t points = 1;
    for (auto [label, extent] : extents)
      points *= extent;
    work += std::max<uint64_t>(points, 1);
  }
  ASSERT_LE(work, limits.work);
}

TEST(Repair, MakesRandomRecordsValidAndIsIdempotent) {
  RandomGenome random(1);
  GenomeLimits limits;
  for (int i = 0; i < 100000; ++i) {
    Genome genome = random.draw();
    repair(genome);
    Genome again = genome;
    repair(again);
    ASSERT_EQ(again, genome) << printGenome(genome) << printGenome(again);
    ASSERT_NO_FATAL_FAILURE(expectWithinRules(genome, limits)) << printGenome(genome);
  }
}

TEST(Repair, FindsValuesForEveryRepairedGenome) {
  RandomGenome random(2);
  int exact = 0, floating = 0;
  for (int i = 0; i < 20000; ++i) {
    Genome genome = random.draw();
    repair(genome);
    DataPlan plan = planData(genome);
    Shapes shapes = shapesOf(genome);
    std::vector<NodeRange> ranges;
    RangeVerdict verdict;
    for (size_t k = 0; k < genome.nodes.size(); ++k) {
      const Node &node = genome.nodes[k];
      ranges.push_back(isDataLeaf(node)
                           ? rangeOfLeaf(node.element, plan.leaves[k])
                           : rangeOfNode(node, std::span(genome.nodes).first(k), ranges,
                                         labelsOf(node, shapes).sum(), verdict));
    }
    ASSERT_TRUE(verdict.isInSemiring) << printGenome(genome);
    ASSERT_TRUE(plan.arithmetic != Arithmetic::Exact || verdict.isExact) << printGenome(genome);
    floating += genome.arithmetic == Arithmetic::Exact;
    exact += plan.arithmetic == Arithmetic::Exact;
  }
  // Most programs that ask for exactness can have it.
  EXPECT_GT(exact, floating / 2);
}

TEST(Repair, KeepsValidProgramsAsTheyAre) {
  std::vector<Genome> genomes = {
      genomeOf({argument({3, 4}), argument({4, 5}), contract({{0, {0, 1}}, {1, {1, 2}}}, {0, 2})}),
      // A function without arguments, extents 0 and 1, rank 0.
      genomeOf({argument({})}), genomeOf({argument({0, 1})}),
      // A diagonal, a hyperedge, an outer product, labels that are no small numbers.
      genomeOf({argument({3, 3}), argument({3}),
                contract({{0, {900, 900}}, {1, {900}}, {1, {7}}}, {900, 7})})};
  genomes.front().nodes.back().path = {0, 1};
  genomes.front().nodes.back().sliced = {1};
  for (const Genome &genome : genomes) {
    Genome repaired = genome;
    repair(repaired);
    EXPECT_EQ(repaired, genome) << printGenome(repaired);
  }
}

TEST(Repair, SplitsLabelsOfUnequalExtents) {
  Genome genome =
      genomeOf({argument({3, 4}), argument({5, 4}), contract({{0, {0, 1}}, {1, {0, 1}}}, {0})});
  repair(genome);
  const Node &node = genome.nodes.back();
  EXPECT_EQ(node.operands[0].labels, (std::vector<uint16_t>{0, 1}));
  EXPECT_EQ(node.operands[1].labels, (std::vector<uint16_t>{2, 1}));
  EXPECT_EQ(shapesOf(genome).back(), std::vector<uint32_t>{3});
}

TEST(Repair, ClampsWhatIsTooLarge) {
  Genome genome = genomeOf({argument({1000, 1000, 1000}), argument({70, 70, 3})});
  for (int i = 0; i < 10; ++i)
    genome.nodes.push_back(contract({{1, {0, 1, 2}}, {1, {3, 4, 5}}}, {0, 3}));
  repair(genome);
  EXPECT_EQ(genome.nodes[0].extents, (std::vector<uint32_t>{70, 70, 3}));
  // Operands are dropped until the loops over all labels are short enough.
  EXPECT_EQ(genome.nodes[2].operands.size(), 1u);
  EXPECT_EQ(genome.nodes[2].output, std::vector<uint16_t>{0});
}

TEST(Repair, TakesNoTimeOnHostileSizes) {
  Genome genome;
  genome.nodes.resize(100000);
  for (Node &node : genome.nodes) {
    node.kind = NodeKind::Contract;
    node.operands.resize(20);
  }
  genome.nodes[5].operands.resize(100000);
  genome.nodes[5].path.resize(1000000, 3);
  genome.nodes[6].output.resize(1000000, 3);
  genome.nodes[6].sliced.resize(1000000, 9);
  genome.nodes[7].numbers.resize(1000000, -1);
  genome.nodes[3].extents.resize(1000000, 4000000000u);
  genome.nodes[8].operands.front().labels.resize(1000000, 65535);
  genome.results.resize(1000000, 65535);
  genome.passes.resize(1000000);
  genome.passes[0] = {std::string(1000000, 'x'), std::string(1000000, ' ')};
  repair(genome);
  expectWithinRules(genome, {});
}

TEST(Repair, KeepsTropicalIntegersFromOverflowing) {
  // The zeros of a delta are the least integers: no operands of a sum.
  Node delta;
  delta.kind = NodeKind::Delta;
  delta.element = Element::I32;
  delta.semiring = Semiring::MaxPlus;
  delta.extents = {3, 3};
  Node sum = contract({{0, {0, 1}}, {1, {1, 2}}}, {0, 2}, Element::I32);
  sum.semiring = Semiring::MaxPlus;
  Genome genome = genomeOf({delta, argument({3, 4}, Element::I32), sum});
  repair(genome);
  EXPECT_EQ(genome.nodes.back().semiring, Semiring::PlusTimes);
  // An empty sum is one as well.
  genome = genomeOf({argument({3, 0}, Element::I8), argument({0, 4}, Element::I8), sum});
  repair(genome);
  EXPECT_EQ(genome.nodes.back().semiring, Semiring::PlusTimes);
  // Values are bounded where sums must not overflow, and by no more.
  genome = genomeOf({argument({3, 3}, Element::I8), argument({3, 4}, Element::I8), sum});
  genome.nodes[2].accumulate = genome.nodes[2].element = Element::I8;
  repair(genome);
  EXPECT_EQ(genome.nodes.back().semiring, Semiring::MaxPlus);
  DataPlan plan = planData(genome);
  EXPECT_FALSE(plan.leaves[0].isFree);
  EXPECT_LE(2 * plan.leaves[0].high, 126);
  EXPECT_GE(plan.leaves[0].high, 48);
}

TEST(Repair, KnowsTwoContentsOfArguments) {
  for (unsigned flavour = 0; flavour < kNumContents; ++flavour) {
    Genome genome = genomeOf({argument({5})});
    genome.nodes[0].flavour = static_cast<uint8_t>(flavour);
    repair(genome);
    bool isSpecial = flavour == static_cast<unsigned>(Content::Special);
    EXPECT_EQ(genome.nodes[0].flavour, isSpecial ? flavour : 0);
  }
}

TEST(Repair, KeepsNegativeFactorsFromMaxTimes) {
  Node negative;
  negative.kind = NodeKind::Map;
  negative.element = Element::F32;
  negative.flavour = uint8_t(MapOp::Neg);
  negative.operands = {{0, {}}};
  Node product = contract({{0, {0}}, {1, {0}}}, {});
  product.semiring = Semiring::MaxTimes;
  Genome genome = genomeOf({argument({5}), negative, product});
  repair(genome);
  EXPECT_EQ(genome.nodes.back().semiring, Semiring::PlusTimes);
  product.operands[1].node = 0;
  genome = genomeOf({argument({5}), product});
  repair(genome);
  EXPECT_EQ(genome.nodes.back().semiring, Semiring::MaxTimes);
  EXPECT_EQ(planData(genome).leaves[0].low, 0);
}

TEST(Repair, UpdatesReadDestinationsOfTheirShape) {
  Node update;
  update.kind = NodeKind::Update;
  update.element = Element::I32;
  update.flavour = uint8_t(MapOp::Neg);
  update.operands = {{0, {}}, {1, {}}};
  update.output = {1, 0};
  Genome genome =
      genomeOf({argument({3, 3}, Element::I32), argument({3, 3}, Element::I32), update});
  repair(genome);
  // There is no other operand to negate.
  EXPECT_EQ(genome.nodes[2].flavour, uint8_t(MapOp::Sub));
  EXPECT_EQ(genome.nodes[2].operands[1].node, 1);
  EXPECT_EQ(genome.nodes[2].output, (std::vector<uint16_t>{1, 0}));
  // Read in another order, the shape has to be the same.
  genome = genomeOf({argument({3, 4}, Element::I32), argument({3, 4}, Element::I32), update});
  repair(genome);
  EXPECT_EQ(genome.nodes[2].output, (std::vector<uint16_t>{0, 1}));
  // Another shape or type is no destination: the operand is its own.
  genome = genomeOf({argument({3, 3}, Element::I32), argument({3, 3}, Element::I8), update});
  repair(genome);
  EXPECT_EQ(genome.nodes[2].operands[1].node, 0);
  genome = genomeOf({argument({2}, Element::C64), argument({2}, Element::C64), update});
  repair(genome);
  EXPECT_EQ(genome.nodes[2].kind, NodeKind::Conj);
}

TEST(Repair, WritesContractionsAsLoopsWhereArithSaysThem) {
  Node loops = contract({{0, {0, 1}}, {1, {1, 2}}}, {0, 2}, Element::I8);
  loops.flavour = 7;
  loops.isUnsigned = true;
  auto repaired = [&](const Node &node, Element element = Element::I8, uint16_t dynamic = 0) {
    Genome genome = genomeOf({argument({2, 3}, element), argument({3, 4}, element), node});
    genome.nodes[0].dynamic = dynamic;
    repair(genome);
    Genome again = genome;
    repair(again);
    EXPECT_EQ(genome, again);
    return genome.nodes.back();
  };
  EXPECT_TRUE(isWrittenAsLoops(repaired(loops)));
  EXPECT_FALSE(repaired(loops).isUnsigned);
  EXPECT_FALSE(isWrittenAsLoops(repaired(loops, Element::I8, 2)));
  EXPECT_FALSE(isWrittenAsLoops(repaired(loops, Element::C64)));
  Node other = loops;
  other.element = other.accumulate = Element::I16;
  EXPECT_FALSE(isWrittenAsLoops(repaired(other)));
  other = loops;
  other.semiring = Semiring::MaxPlus;
  EXPECT_FALSE(isWrittenAsLoops(repaired(other)));
  other = loops;
  other.path = {0, 1};
  EXPECT_FALSE(isWrittenAsLoops(repaired(other)));
  other = loops;
  other.kind = NodeKind::Slice;
  other.sliced = {1};
  EXPECT_EQ(repaired(other).flavour, 0);
}

TEST(Repair, GivesUpExactnessWhereSumsAreTooLong) {
  Node sum = contract({{0, {0, 1}}, {0, {0, 1}}}, {}, Element::F16);
  Genome genome = genomeOf({argument({40, 40}, Element::F16), sum});
  repair(genome);
  // 1600 terms of 1 fit into 2^11.
  EXPECT_EQ(planData(genome).arithmetic, Arithmetic::Exact);
  genome.nodes[0].extents = {50, 50};
  repair(genome);
  EXPECT_EQ(planData(genome).arithmetic, Arithmetic::Bound);
}

TEST(Repair, DropsPassesThatCannotRun) {
  Genome genome = genomeOf({argument({2})});
  genome.passes = {
      {"no-such-pass", ""}, {"convert-tn-to-linalg", ""}, {"tn-plan", ""}, {"cse", "bad=word"}};
  repair(genome);
  // tn-plan runs on networks, which are gone.
  ASSERT_EQ(genome.passes.size(), 2u);
  EXPECT_EQ(genome.passes[0].name, "convert-tn-to-linalg");
  EXPECT_EQ(genome.passes[1], (PassStep{"cse", ""}));
}

} // namespace
