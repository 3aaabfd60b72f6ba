//===- GeneratorTest.cpp - Programs from the grammar ----------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "PassLists.h"

#include "tenon/Fuzz/DataPlan.h"
#include "tenon/Fuzz/ElementRules.h"
#include "tenon/Fuzz/Mutate.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

using namespace tenon::fuzz;

namespace {

TEST(RandomTest, StreamIsTheSameEverywhere) {
  // SplitMix64 as published, from seed 1234567.
  Random random(1234567);
  EXPECT_EQ(random.next(), 6457827717110365317u);
  EXPECT_EQ(random.next(), 3203168211198807973u);
  EXPECT_EQ(random.next(), 9817491932198370423u);
}

TEST(RandomTest, BelowIsUniform) {
  Random random(5);
  std::map<uint64_t, int> counts;
  for (int i = 0; i < 30000; ++i)
    ++counts[random.below(3)];
  ASSERT_EQ(counts.size(), 3u);
  for (auto [number, count] : counts)
    EXPECT_NEAR(count, 10000, 500) << number;
}

TEST(GeneratorTest, ProgramsAreValid) {
  Random random(1);
  for (int i = 0; i < 1000; ++i) {
    Genome genome = generate(random), repaired = genome;
    repair(repaired);
    ASSERT_EQ(genome, repaired) << printGenome(genome);
    EXPECT_FALSE(genome.results.empty());
  }
}

TEST(GeneratorTest, OneSeedIsOneProgram) {
  // Of the programs only: a new pass in the catalog changes the lists of passes.
  uint64_t hash = 0;
  for (uint64_t seed = 0; seed < 200; ++seed) {
    Random random(seed);
    Genome genome = generate(random);
    genome.passes.clear();
    hash = hash * 31 + hashGenome(genome);
  }
  EXPECT_EQ(hash, 6303669102136203392u);
}

TEST(GeneratorTest, EverythingOccurs) {
  Random random(2);
  std::map<NodeKind, int> kinds;
  std::map<Element, int> elements;
  std::map<Semiring, int> semirings;
  std::map<unsigned, int> contents, facts, maps;
  std::set<uint32_t> extents;
  int conclusive = 0, dynamic = 0, unsignedOnes = 0, layouts = 0, paths = 0, planSlices = 0,
      scalars = 0, repeated = 0, diagonals = 0, hyperedges = 0, mixed = 0, severalResults = 0,
      unused = 0, large = 0, isometricPairs = 0, parts = 0, conjugated = 0, residuals = 0,
      severalMaps = 0;
  constexpr int kDraws = 3000;
  for (int i = 0; i < kDraws; ++i) {
    Genome genome = generate(random);
    conclusive += planData(genome).arithmetic != Arithmetic::Bound;
    severalResults += genome.results.size() > 1;
    std::vector<bool> isUsed(genome.nodes.size());
    std::vector<std::vector<uint32_t>> shapes = shapesOf(genome);
    for (uint16_t result : genome.results)
      isUsed[result] = true;
    std::map<std::pair<Element, size_t>, std::set<unsigned>> mapsOf;
    for (const Node &node : genome.nodes) {
      ++kinds[node.kind];
      ++elements[node.element];
      extents.insert(node.extents.begin(), node.extents.end());
      dynamic += node.dynamic != 0;
      unsignedOnes += node.isUnsigned;
      layouts += node.layout != Layout();
      if (node.kind == NodeKind::Constant)
        ++contents[node.flavour];
      if (node.kind == NodeKind::Map) {
        ++maps[node.flavour];
        // Of one type and rank, which no more than what they compute tells apart.
        severalMaps += mapsOf[{node.element, shapes[&node - genome.nodes.data()].size()}]
                           .insert(node.flavour)
                           .second;
      }
      if (isMap(node)) {
        auto isProductOf = [&](const Operand &product, const Operand &value) {
          const Node &maker = genome.nodes[product.node];
          return maker.kind == NodeKind::Contract &&
                 std::ranges::any_of(maker.operands,
                                     [&](const Operand &read) { return read.node == value.node; });
        };
        const Operand &first = node.operands.front(), &second = node.operands.back();
        residuals += isProductOf(first, second) || isProductOf(second, first);
      }
      if (node.kind == NodeKind::Subtensor &&
          genome.nodes[node.operands[0].node].kind == NodeKind::Argument)
        for (size_t d = 0; 3 * d < node.numbers.size(); ++d)
          parts += node.numbers[3 * d + 1] > 1 && node.numbers[3 * d + 2] > 1;
      ++facts[node.facts];
      for (const Operand &operand : node.operands)
        isUsed[operand.node] = true;
      if (!isContraction(node))
        continue;
      ++semirings[node.semiring];
      paths += !node.path.empty();
      planSlices += node.kind == NodeKind::Contract && !node.sliced.empty();
      mixed += node.element != node.accumulate;
      std::map<uint16_t, int> operandsOf;
      std::set<uint16_t> operands;
      std::map<uint16_t, uint64_t> extentOf;
      for (const Operand &operand : node.operands) {
        bool isRepeated = !operands.insert(operand.node).second;
        repeated += isRepeated;
        conjugated += genome.nodes[operand.node].kind == NodeKind::Conj && isComplex(node.element);
        isometricPairs += isRepeated && genome.nodes[operand.node].facts == 2;
        for (size_t d = 0; d < operand.labels.size(); ++d)
          extentOf[operand.labels[d]] = shapes[operand.node][d];
        scalars += operand.labels.empty();
        std::set<uint16_t> own(operand.labels.begin(), operand.labels.end());
        diagonals += own.size() < operand.labels.size();
        for (uint16_t label : own)
          hyperedges += ++operandsOf[label] == 3;
      }
      uint64_t work = 1;
      for (auto [label, extent] : extentOf)
        work *= extent;
      // Other motifs stay below; kernels that are packed are above.
      large += work > GenomeLimits().work / 8;
    }
    unused += std::count(isUsed.begin(), isUsed.end(), false) > 0;
  }
  EXPECT_EQ(kinds.size(), kNumNodeKinds);
  EXPECT_EQ(elements.size(), kNumElements);
  EXPECT_EQ(semirings.size(), kNumSemirings);
  EXPECT_EQ(contents.size(), kNumContents);
  EXPECT_EQ(maps.size(), kNumMapOps);
  EXPECT_EQ(facts.size(), 5u);
  for (auto &[kind, count] : kinds)
    EXPECT_GT(count, kDraws / 20) << nameOf(kind);
  for (auto &[element, count] : elements)
    EXPECT_GT(count, kDraws / 20) << nameOf(element);
  for (auto &[semiring, count] : semirings)
    EXPECT_GT(count, kDraws / 50) << nameOf(semiring);
  for (uint32_t extent : {0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 64, 65})
    EXPECT_TRUE(extents.count(extent)) << extent;
  EXPECT_GE(conclusive, kDraws * 4 / 5);
  for (int count : {dynamic, unsignedOnes, layouts, paths, planSlices, scalars, repeated, diagonals,
                    hyperedges, mixed, severalResults, unused, large, isometricPairs, parts,
                    conjugated, residuals, severalMaps})
    EXPECT_GT(count, kDraws / 50);
}

/// Whether a contraction has an operand that `isWanted` likes.
template <typename Predicate>
bool reads(const Genome &genome, const Node &node, Predicate isWanted) {
  return std::ranges::any_of(node.operands, [&](const Operand &operand) {
    return isWanted(genome.nodes[operand.node], operand.labels);
  });
}

/// How often each value is read, by nodes and as a result.
std::vector<unsigned> countUses(const Genome &genome) {
  std::vector<unsigned> uses(genome.nodes.size());
  for (const Node &node : genome.nodes)
    for (const Operand &operand : node.operands)
      ++uses[operand.node];
  for (uint16_t result : genome.results)
    ++uses[result];
  return uses;
}

/// Whether a product that nobody else reads is written into a value that is read elsewhere: by the
/// product, or by the operation itself in another order.
bool overwritesWhatIsRead(const Genome &genome, const Node &node,
                          const std::vector<unsigned> &uses) {
  if (node.kind != NodeKind::Update)
    return false;
  uint16_t source = node.operands[0].node, destination = node.operands[1].node;
  const Node &product = genome.nodes[source];
  if (product.kind != NodeKind::Contract || uses[source] > 1 || destination == source)
    return false;
  return std::ranges::any_of(product.operands,
                             [&](const Operand &factor) { return factor.node == destination; }) ||
         !std::ranges::is_sorted(node.output);
}

/// Whether rows times columns, in the usual order, have a factor that is negated for them alone.
bool hasNegatedFactor(const Genome &genome, const Node &node, const std::vector<unsigned> &uses) {
  if (node.kind != NodeKind::Contract || node.operands.size() != 2 ||
      node.semiring != Semiring::PlusTimes || !isRealFloat(node.element))
    return false;
  const std::vector<uint16_t> &left = node.operands[0].labels, &right = node.operands[1].labels;
  bool isPlain = left.size() == 2 && right.size() == 2 && left[1] == right[0] &&
                 left[0] != left[1] && right[0] != right[1] &&
                 node.output == std::vector<uint16_t>{left[0], right[1]};
  return isPlain && std::ranges::any_of(node.operands, [&](const Operand &factor) {
           const Node &maker = genome.nodes[factor.node];
           return maker.kind == NodeKind::Map && MapOp(maker.flavour) == MapOp::Neg &&
                  uses[factor.node] == 1;
         });
}

bool isSummedAlone(const Node &node, uint16_t label) {
  return std::ranges::count(node.output, label) == 0 &&
         std::ranges::count_if(node.operands, [&](const Operand &operand) {
           return std::ranges::count(operand.labels, label) > 0;
         }) == 1;
}

/// What rules of the compiler apply to only together. Each in one of some hundred programs at
/// least, so that a minute of fuzzing has many.
TEST(GeneratorTest, RareProgramsOccur) {
  Random random(3);
  std::map<std::string, int> counts;
  constexpr int kDraws = 9000;
  for (int i = 0; i < kDraws; ++i) {
    Genome genome = generate(random);
    std::vector<std::vector<uint32_t>> shapes = shapesOf(genome);
    std::vector<unsigned> uses = countUses(genome);
    std::set<std::string> own;
    for (size_t number = 0; number < genome.nodes.size(); ++number) {
      const Node &node = genome.nodes[number];
      if (overwritesWhatIsRead(genome, node, uses))
        own.insert("destination that is read elsewhere");
      if (hasNegatedFactor(genome, node, uses))
        own.insert("product with a negated factor");
      bool isSlice = node.kind == NodeKind::Slice;
      if (node.kind != NodeKind::Contract && !isSlice)
        continue;
      auto isTropicalHere = isTropical(node.semiring);
      bool sums = std::ranges::any_of(
          node.sliced, [&](uint16_t label) { return std::ranges::count(node.output, label) == 0; });
      bool isEmptySum = sums && reads(genome, node, [&](const Node &operand, const auto &labels) {
                          const auto &shape = shapes[size_t(&operand - genome.nodes.data())];
                          for (size_t d = 0; d < labels.size(); ++d)
                            if (shape[d] == 0 && std::ranges::count(node.sliced, labels[d]))
                              return true;
                          return false;
                        });
      if (isSlice && isTropicalHere && isEmptySum)
        own.insert("tropical sum over no slices");
      if (isSlice && isTropicalHere && sums && !isEmptySum && node.isUnsigned)
        own.insert("unsigned tropical sum over slices");
      if (node.isUnsigned && reads(genome, node, [&](const Node &operand, const auto &) {
            return operand.element != node.accumulate && operand.element != Element::I1;
          }))
        own.insert("unsigned widening");
      auto isNarrowConstant = [&](const Node &operand, const auto &) {
        return operand.kind == NodeKind::Constant && operand.element != node.accumulate &&
               operand.element != Element::I1;
      };
      if (node.isUnsigned && reads(genome, node, isNarrowConstant))
        own.insert("constant that is widened without sign");
      if (reads(genome, node, [&](const Node &operand, const auto &) {
            return operand.kind == NodeKind::Conj && isComplex(operand.element) &&
                   genome.nodes[operand.operands[0].node].kind == NodeKind::Contract;
          }))
        own.insert("conjugate of a contraction");
      if (reads(genome, node, [&](const Node &operand, const auto &labels) {
            return operand.kind == NodeKind::Delta &&
                   std::ranges::any_of(labels, [&](uint16_t label) {
                     return std::ranges::count(labels, label) > 1 && isSummedAlone(node, label);
                   });
          }))
        own.insert("trace of a delta");
      if (reads(genome, node, [&](const Node &operand, const auto &) {
            return operand.kind == NodeKind::Constant && operand.extents.size() > 1 &&
                   operand.flavour == uint8_t(Content::Triangular) &&
                   std::ranges::count(operand.extents, operand.extents[0]) ==
                       ptrdiff_t(operand.extents.size());
          }))
        own.insert("square triangular constant");
      if (isTropicalHere && reads(genome, node, [&](const Node &operand, const auto &) {
            return operand.kind == NodeKind::Argument && operand.facts == 1;
          }))
        own.insert("diagonal in a tropical semiring");
      for (size_t before = 0; before < number; ++before)
        if (genome.nodes[before].kind == NodeKind::Contract &&
            genome.nodes[before].operands == node.operands &&
            genome.nodes[before].semiring != node.semiring)
          own.insert("network in two semirings");
      if (reads(genome, node, [&](const Node &operand, const auto &) {
            return operand.kind == NodeKind::Contract && operand.operands.size() == 1 &&
                   operand.output.size() > 2 &&
                   operand.output.size() == operand.operands[0].labels.size() &&
                   operand.output != operand.operands[0].labels;
          }))
        own.insert("reordered operand");
      auto isIsometry = [&](const Node &operand, const auto &) {
        return operand.facts == 2 && isComplex(operand.element);
      };
      if (node.operands.size() == 2 && node.operands[0].node == node.operands[1].node &&
          reads(genome, node, isIsometry))
        own.insert("complex isometry with itself");
      bool hasNaN = reads(genome, node, [](const Node &operand, const auto &) {
        return operand.kind == NodeKind::Argument && operand.flavour == uint8_t(Content::Special);
      });
      if (hasNaN && reads(genome, node, [](const Node &operand, const auto &) {
            return operand.kind == NodeKind::Constant && operand.extents.empty() &&
                   operand.flavour == uint8_t(Content::Zeros);
          }))
        own.insert("NaN and the number zero");
      if (std::ranges::count_if(node.operands,
                                [&](const Operand &operand) {
                                  const Node &leaf = genome.nodes[operand.node];
                                  return leaf.kind == NodeKind::Constant &&
                                         leaf.flavour == uint8_t(Content::Large);
                                }) > 1 &&
          genome.arithmetic == Arithmetic::Bound)
        own.insert("two large constants");
    }
    for (const std::string &name : own)
      ++counts[name];
  }
  for (const char *name :
       {"tropical sum over no slices", "unsigned tropical sum over slices", "unsigned widening",
        "constant that is widened without sign", "conjugate of a contraction", "trace of a delta",
        "square triangular constant", "diagonal in a tropical semiring", "network in two semirings",
        "reordered operand", "complex isometry with itself", "NaN and the number zero",
        "two large constants", "destination that is read elsewhere",
        "product with a negated factor"})
    EXPECT_GE(counts[name], kDraws / 150) << name;
}

TEST(GeneratorTest, WithoutGuardsManyProgramsAreOneProduct) {
  Random random(7);
  int numSigned = 0, ofBits = 0, widened = 0;
  constexpr int kDraws = 3000;
  for (int i = 0; i < kDraws; ++i) {
    Genome genome = generate(random, /*guards=*/false);
    std::vector<unsigned> uses = countUses(genome);
    auto product = std::ranges::find_if(genome.nodes, isContraction);
    if (std::ranges::count_if(genome.nodes, isContraction) != 1)
      continue;
    numSigned += hasNegatedFactor(genome, *product, uses);
    ofBits += isWrittenAsLoops(*product) && product->element == Element::I1;
    widened +=
        product->isUnsigned && reads(genome, *product, [&](const Node &factor, const auto &) {
          return factor.element == Element::I8 || factor.element == Element::I16;
        });
  }
  EXPECT_GE(numSigned, kDraws / 20);
  EXPECT_GE(ofBits, kDraws / 40);
  EXPECT_GE(widened, kDraws / 75);
}

TEST(GeneratorTest, GuardsKeepPassesOut) {
  std::map<bool, std::set<std::string>> names;
  for (bool guards : {false, true}) {
    Random random(3);
    for (int i = 0; i < 6000; ++i) {
      Genome genome = generate(random, guards);
      for (const PassStep &step : genome.passes) {
        names[guards].insert(step.name);
        if (guards)
          EXPECT_EQ(guardOf(genome, step), "") << step.name;
      }
    }
  }
  for (const PassDescription &pass : passCatalog()) {
    EXPECT_TRUE(names[false].count(std::string(pass.name))) << pass.name;
    bool isOut = !pass.guard.empty() && pass.guardWhen == GuardWhen::Always;
    EXPECT_EQ(names[true].count(std::string(pass.name)), isOut ? 0u : 1u) << pass.name;
  }
}

TEST(PassListTest, OptionsThatNeedEachOtherAreDrawnTogether) {
  Random random(6);
  int together = 0, afterElementwise = 0;
  for (int i = 0; i < 3000; ++i) {
    bool isLinalg = false;
    for (const PassStep &step : drawPassList(/*guards=*/true, random)) {
      isLinalg |= step.name == "convert-elementwise-to-linalg";
      bool isCut = step.name == "tn-fuse" && !optionOf(step, "tiles").empty();
      together += isCut && !optionOf(step, "threads").empty();
      afterElementwise += isCut && isLinalg;
    }
  }
  EXPECT_GT(together, 100);
  EXPECT_GT(afterElementwise, 100);
}

TEST(PassListTest, ListsNeedNoRepair) {
  // Passes are drawn for the level that they find: what repair drops was drawn in vain.
  Random random(4);
  size_t drawn = 0, kept = 0;
  for (int i = 0; i < 1000; ++i) {
    Genome genome;
    genome.passes = drawPassList(/*guards=*/true, random);
    drawn += std::min<size_t>(genome.passes.size(), GenomeLimits().passes);
    repair(genome);
    kept += genome.passes.size();
  }
  EXPECT_EQ(kept, drawn);
}

} // namespace
