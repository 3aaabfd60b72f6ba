//===- CertainNaNsTest.cpp - Elements that are NaN in every order ---------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Evaluate.h"
#include "RandomGenome.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

#include <cmath>

using namespace mlir;
using namespace tenon;
using namespace tenon::fuzz;
using test::RandomGenome;

namespace {

constexpr uint8_t kSpecial = static_cast<uint8_t>(Content::Special);

bool isNaN(const HostTensor &tensor, int64_t i) {
  Scalar value = tensor.get(i);
  auto *number = std::get_if<double>(&value);
  return number && std::isnan(*number);
}

std::vector<HostTensor> masksOf(const Genome &genome, MLIRContext &context) {
  llvm::Expected<std::vector<HostTensor>> masks = certainNaNs(genome, context);
  if (!masks) {
    ADD_FAILURE() << llvm::toString(masks.takeError());
    return {};
  }
  return std::move(*masks);
}

TEST(CertainNaNs, AreNaNInEveryOrder) {
  RandomGenome random(21);
  int marked = 0, unmarked = 0;
  for (int block = 0; block < 10; ++block) {
    MLIRContext context(MLIRContext::Threading::DISABLED);
    for (int i = 0; i < 400; ++i) {
      Genome genome = random.draw();
      for (Node &node : genome.nodes) {
        node.facts = 0;
        if (node.kind == NodeKind::Argument && node.flavour % 2)
          node.flavour = kSpecial;
      }
      repair(genome);
      std::vector<HostTensor> masks = masksOf(genome, context);
      if (masks.empty())
        continue;
      for (auto mode :
           {reference::ContractionMode::Definition, reference::ContractionMode::Pairwise}) {
        std::vector<HostTensor> results = test::evaluate(genome, context, mode);
        ASSERT_EQ(results.size(), masks.size());
        for (size_t result = 0; result < results.size(); ++result)
          for (int64_t e = 0; e < results[result].size(); ++e)
            if (std::get<double>(masks[result].get(e)) != 0) {
              ASSERT_TRUE(isNaN(results[result], e)) << printGenome(genome);
              ++marked;
            } else {
              ++unmarked;
            }
      }
    }
  }
  EXPECT_GT(marked, 500);
  EXPECT_GT(unmarked, 500);
}

/// r[i] = sum of a[i, j] b[j], with NaN in a.
Genome makeProduct() {
  Genome genome;
  genome.arithmetic = Arithmetic::Exact;
  genome.nodes.resize(3);
  genome.nodes[0].extents = {40, 2};
  genome.nodes[0].flavour = kSpecial;
  genome.nodes[1].extents = {2};
  genome.nodes[2].kind = NodeKind::Contract;
  genome.nodes[2].operands = {{0, {0, 1}}, {1, {1}}};
  genome.nodes[2].output = {0};
  genome.results = {2};
  repair(genome);
  return genome;
}

TEST(CertainNaNs, AreAllOfThemWhereNothingElseIsNaN) {
  MLIRContext context(MLIRContext::Threading::DISABLED);
  Genome genome = makeProduct();
  std::vector<HostTensor> masks = masksOf(genome, context);
  ASSERT_EQ(masks.size(), 1u);
  std::vector<HostTensor> results =
      test::evaluate(genome, context, reference::ContractionMode::Definition);
  int nans = 0;
  for (int64_t i = 0; i < 40; ++i) {
    EXPECT_EQ(std::get<double>(masks[0].get(i)) != 0, isNaN(results[0], i)) << i;
    nans += isNaN(results[0], i);
  }
  EXPECT_GT(nans, 5);
  EXPECT_LT(nans, 35);
}

/// What a rewriting may take away is not asked for.
TEST(CertainNaNs, AreNotKnownWhereTermsMayGo) {
  MLIRContext context(MLIRContext::Threading::DISABLED);
  EXPECT_FALSE(masksOf(makeProduct(), context).empty());
  Genome fact = makeProduct();
  fact.nodes[1].facts = 4;
  EXPECT_TRUE(masksOf(fact, context).empty());
  Genome constant = makeProduct();
  constant.nodes[1].kind = NodeKind::Constant;
  repair(constant);
  EXPECT_FALSE(masksOf(constant, context).empty());
  constant.nodes[1].extents = {2, 3};
  repair(constant);
  EXPECT_TRUE(masksOf(constant, context).empty());
  Genome complex = makeProduct();
  complex.nodes[1].element = Element::C128;
  repair(complex);
  EXPECT_TRUE(masksOf(complex, context).empty());
  Genome finite = makeProduct();
  finite.nodes[0].flavour = 0;
  EXPECT_TRUE(masksOf(finite, context).empty());
}

} // namespace
