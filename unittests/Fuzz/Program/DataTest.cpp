//===- DataTest.cpp - What genomes are called with ------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Evaluate.h"
#include "RandomGenome.h"

#include "tenon/Dialect/TN/IR/TN.h"
#include "tenon/Fuzz/ElementRules.h"
#include "tenon/HostTensor/Compare.h"
#include "tenon/Reference/FactChecks.h"

#include "gtest/gtest.h"

#include <set>

using namespace mlir;
using namespace tenon;
using namespace tenon::fuzz;
using test::RandomGenome;

namespace {

/// In exact and ring arithmetic the order of sums and products does not matter.
TEST(Data, MakesEveryOrderEqual) {
  RandomGenome random(11);
  int exact = 0, tropical = 0;
  for (int block = 0; block < 15; ++block) {
    MLIRContext context(MLIRContext::Threading::DISABLED);
    for (int i = 0; i < 200; ++i) {
      Genome genome = random.draw();
      repair(genome);
      if (arithmeticOf(genome) == Arithmetic::Bound)
        continue;
      std::vector<HostTensor> byDefinition = test::evaluate(genome, context,
                                                            reference::ContractionMode::Definition),
                              byPairs = test::evaluate(genome, context,
                                                       reference::ContractionMode::Pairwise);
      for (size_t result = 0; result < byPairs.size(); ++result) {
        Result<Comparison> comparison = compare(byPairs[result], byDefinition[result]);
        ASSERT_TRUE(bool(comparison));
        ASSERT_EQ(comparison->worst, -1) << printGenome(genome);
      }
      exact += arithmeticOf(genome) == Arithmetic::Exact;
      for (const Node &node : genome.nodes)
        tropical +=
            isInteger(node.accumulate) && isTropical(node.semiring) && node.operands.size() > 1;
    }
  }
  EXPECT_GT(exact, 500);
  EXPECT_GT(tropical, 100);
}

TEST(Data, MakesFactsTrue) {
  RandomGenome random(12);
  std::array<int, 5> seen{};
  MLIRContext context(MLIRContext::Threading::DISABLED);
  for (int i = 0; i < 3000; ++i) {
    Genome genome = random.draw();
    repair(genome);
    llvm::Expected<OwningOpRef<ModuleOp>> module = buildModule(genome, context);
    ASSERT_TRUE(bool(module));
    auto function = *(*module)->getOps<func::FuncOp>().begin();
    std::vector<HostTensor> arguments = makeArguments(genome);
    for (unsigned number = 0; number < arguments.size(); ++number)
      if (auto facts =
              function.getArgAttrOfType<tn::FactsAttr>(number, tn::TNDialect::getFactsAttrName())) {
        llvm::Error error = reference::checkFacts(facts, arguments[number]);
        ASSERT_FALSE(bool(error)) << llvm::toString(std::move(error)) << printGenome(genome);
      }
    for (const Node &node : genome.nodes)
      seen[node.facts] += node.kind == NodeKind::Argument;
  }
  for (int count : seen)
    EXPECT_GT(count, 20);
}

/// Otherwise no program could tell an isometry from its conjugate.
TEST(Data, MakesIsometriesUnlikeTheirConjugates) {
  Genome genome;
  genome.nodes.resize(1);
  genome.nodes[0].element = Element::C128;
  genome.nodes[0].extents = {12, 9};
  genome.nodes[0].facts = 2;
  genome.arithmetic = Arithmetic::Exact;
  repair(genome);
  ASSERT_EQ(genome.nodes[0].facts, 2);
  HostTensor isometry = std::move(makeArguments(genome)[0]);
  int real = 0, imaginary = 0;
  for (int64_t i = 0; i < isometry.size(); ++i) {
    auto value = std::get<std::complex<double>>(isometry.get(i));
    real += value.real() != 0;
    imaginary += value.imag() != 0;
  }
  EXPECT_GT(real, 0);
  EXPECT_GT(imaginary, 0);
  EXPECT_EQ(real + imaginary, 9);
}

TEST(Data, IsAFunctionOfTheGenome) {
  RandomGenome random(13);
  for (int i = 0; i < 300; ++i) {
    Genome genome = random.draw();
    repair(genome);
    std::vector<HostTensor> first = makeArguments(genome), second = makeArguments(genome);
    ASSERT_EQ(first.size(), second.size());
    for (size_t number = 0; number < first.size(); ++number)
      ASSERT_TRUE(bitwiseEqual(first[number], second[number]));
  }
}

/// Data does not depend on nodes that a leaf has nothing to do with, nor on how it lies in memory.
TEST(Data, StaysWhenOtherNodesComeAndGo) {
  Genome genome;
  genome.nodes.resize(3);
  for (Node &node : genome.nodes)
    node.extents = {4, 5};
  genome.nodes[1].extents = {3};
  genome.arithmetic = Arithmetic::Exact;
  repair(genome);
  std::vector<HostTensor> before = makeArguments(genome);
  EXPECT_FALSE(bitwiseEqual(before[0], before[2]));
  genome.nodes[2].layout.order = {1, 0};
  genome.nodes[2].dynamic = 1;
  genome.nodes.erase(genome.nodes.begin() + 1);
  repair(genome);
  std::vector<HostTensor> after = makeArguments(genome);
  EXPECT_TRUE(bitwiseEqual(before[0], after[0]));
  EXPECT_TRUE(bitwiseEqual(before[2], after[1]));
}

Genome oneArgument(Element element, Arithmetic arithmetic) {
  Genome genome;
  genome.arithmetic = arithmetic;
  genome.nodes.resize(1);
  genome.nodes[0].element = element;
  genome.nodes[0].extents = {64};
  repair(genome);
  return genome;
}

TEST(Data, HasNaNWhereItIsAskedFor) {
  Genome genome = oneArgument(Element::F32, Arithmetic::Exact);
  genome.nodes[0].flavour = static_cast<uint8_t>(Content::Special);
  repair(genome);
  HostTensor tensor = std::move(makeArguments(genome).front());
  int nans = 0;
  for (int64_t i = 0; i < tensor.size(); ++i) {
    double value = std::get<double>(tensor.get(i));
    nans += std::isnan(value);
    EXPECT_FALSE(std::isinf(value));
  }
  EXPECT_GT(nans, 4);
  EXPECT_LT(nans, 32);
}

Genome oneConstant(Content content, std::vector<uint32_t> extents) {
  Genome genome;
  genome.arithmetic = Arithmetic::Bound;
  genome.nodes.resize(1);
  genome.nodes[0].kind = NodeKind::Constant;
  genome.nodes[0].flavour = static_cast<uint8_t>(content);
  genome.nodes[0].extents = std::move(extents);
  repair(genome);
  return genome;
}

TEST(Data, HasTrianglesOfBothKinds) {
  std::set<bool> upper;
  for (uint64_t seed = 0; seed < 20; ++seed) {
    Genome genome = oneConstant(Content::Triangular, {2, 4, 5});
    genome.dataSeed = seed;
    HostTensor tensor = std::move(makeConstants(genome).front());
    int above = 0, below = 0;
    for (int64_t i = 0; i < tensor.size(); ++i) {
      int64_t row = i / 5 % 4, column = i % 5;
      bool isZero = std::get<double>(tensor.get(i)) == 0;
      above += !isZero && column > row;
      below += !isZero && column < row;
    }
    EXPECT_TRUE((above == 0) != (below == 0));
    upper.insert(above > 0);
  }
  EXPECT_EQ(upper.size(), 2u);
}

TEST(Data, HasLargeNumbersWithoutFiniteProducts) {
  for (Element element : {Element::F16, Element::BF16, Element::F32, Element::F64}) {
    Genome genome = oneConstant(Content::Large, {64});
    genome.nodes[0].element = element;
    HostTensor tensor = std::move(makeConstants(genome).front());
    double largest = floatRangeOf(element).largest;
    for (int64_t i = 0; i < tensor.size(); ++i) {
      double value = std::get<double>(tensor.get(i));
      EXPECT_GT(value, 2 * std::sqrt(largest));
      EXPECT_LT(value, largest / 4);
    }
  }
}

TEST(Data, HasEdgesAndDistinctValues) {
  for (Element element : {Element::I8, Element::I16, Element::I32, Element::I64, Element::Index}) {
    std::set<int64_t> values;
    for (uint64_t seed = 0; seed < 1000; ++seed) {
      Genome genome = oneArgument(element, Arithmetic::Ring);
      genome.dataSeed = seed;
      HostTensor tensor = std::move(makeArguments(genome).front());
      for (int64_t i = 0; i < tensor.size(); ++i)
        values.insert(std::get<int64_t>(tensor.get(i)));
    }
    int64_t least = INT64_MIN >> (64 - bitsOf(element));
    for (int64_t edge : {least, -(least + 1), int64_t{0}, int64_t{1}, int64_t{-1}, int64_t{64}})
      EXPECT_TRUE(values.contains(edge)) << edge;
    EXPECT_GT(values.size(), 200u);
  }
}

TEST(Data, IsOfWholeNumbersWhereItIsExact) {
  for (Element element : {Element::F16, Element::BF16, Element::F32, Element::F64}) {
    HostTensor tensor = std::move(makeArguments(oneArgument(element, Arithmetic::Exact)).front());
    std::set<double> values;
    for (int64_t i = 0; i < tensor.size(); ++i) {
      double value = std::get<double>(tensor.get(i));
      EXPECT_EQ(value, std::nearbyint(value));
      EXPECT_LE(std::fabs(value), std::ldexp(1, floatRangeOf(element).precision));
      values.insert(value);
    }
    EXPECT_GT(values.size(), 30u);
  }
}

} // namespace
