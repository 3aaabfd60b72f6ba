//===- BoundsTest.cpp - What rounding may do to genomes -------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Evaluate.h"
#include "RandomGenome.h"

#include "tenon/Fuzz/DataPlan.h"
#include "tenon/Fuzz/ElementRules.h"

#include "gtest/gtest.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::fuzz;
using test::RandomGenome;

namespace {

std::complex<double> at(const HostTensor &tensor, int64_t i) {
  Scalar value = tensor.get(i);
  if (auto *complex = std::get_if<std::complex<double>>(&value))
    return *complex;
  if (auto *integer = std::get_if<int64_t>(&value))
    return static_cast<double>(*integer);
  return std::get<double>(value);
}

bool isFinite(std::complex<double> value) {
  return std::isfinite(value.real()) && std::isfinite(value.imag());
}

/// Counts of one run.
struct Counts {
  int64_t elements = 0, finite = 0, telling = 0;
};

/// Two orders of evaluation are within the sum of their bounds.
void expectWithinBounds(const Genome &genome, MLIRContext &context, Counts &counts) {
  llvm::Expected<std::vector<HostTensor>> bounds = errorBounds(genome, context);
  ASSERT_TRUE(bool(bounds)) << llvm::toString(bounds.takeError()) << printGenome(genome);
  std::vector<HostTensor> one = test::evaluate(genome, context,
                                               reference::ContractionMode::Definition),
                          other =
                              test::evaluate(genome, context, reference::ContractionMode::Pairwise);
  ASSERT_EQ(bounds->size(), one.size());
  for (size_t result = 0; result < one.size(); ++result) {
    ASSERT_TRUE(std::ranges::equal((*bounds)[result].shape(), one[result].shape()));
    for (int64_t i = 0; i < one[result].size(); ++i) {
      double bound = std::get<double>((*bounds)[result].get(i));
      ASSERT_GE(bound, 0);
      ++counts.elements;
      if (!std::isfinite(bound))
        continue;
      ++counts.finite;
      std::complex<double> a = at(one[result], i), b = at(other[result], i);
      counts.telling += 2 * bound <= std::abs(a) / 2 || bound == 0;
      if (a == b)
        continue;
      ASSERT_TRUE(isFinite(a) && isFinite(b)) << printGenome(genome);
      ASSERT_LE(std::abs(a - b), 2 * bound) << i << '\n' << printGenome(genome);
    }
  }
}

TEST(Bounds, HoldForTwoOrders) {
  RandomGenome random(21);
  Counts counts;
  for (int block = 0; block < 8; ++block) {
    MLIRContext context(MLIRContext::Threading::DISABLED);
    for (int i = 0; i < 200; ++i) {
      Genome genome = random.draw();
      genome.arithmetic = Arithmetic::Bound;
      repair(genome);
      ASSERT_NO_FATAL_FAILURE(expectWithinBounds(genome, context, counts));
    }
  }
  // Most elements have a bound, and one that says something.
  EXPECT_GT(counts.finite, counts.elements * 8 / 10);
  EXPECT_GT(counts.telling, counts.elements * 7 / 10);
}

/// The program in f64, with the same data, is exact next to narrower ones.
TEST(Bounds, HoldForNarrowTypesAgainstDoubles) {
  RandomGenome random(22);
  int compared = 0, near = 0;
  for (int block = 0; block < 8; ++block) {
    MLIRContext context(MLIRContext::Threading::DISABLED);
    for (int i = 0; i < 200; ++i) {
      Genome genome = random.draw();
      genome.arithmetic = Arithmetic::Bound;
      repair(genome);
      // Constants would be drawn in the type that they have.
      for (Node &node : genome.nodes)
        if (node.kind == NodeKind::Constant)
          node.kind = NodeKind::Argument;
      repair(genome);
      if (arithmeticOf(genome) != Arithmetic::Bound)
        continue;
      Genome wide = genome;
      auto widen = [](Element element) {
        return fuzz::isComplex(element) ? Element::C128
               : isFloating(element)    ? Element::F64
                                        : element;
      };
      for (Node &node : wide.nodes) {
        node.element = widen(node.element);
        node.accumulate = widen(node.accumulate);
        if (node.kind == NodeKind::Widen && isFloating(node.element))
          node.kind = NodeKind::Conj;
        // What a path says does not matter here.
        node.path.clear();
      }
      llvm::Expected<OwningOpRef<ModuleOp>> module = buildModule(wide, context);
      ASSERT_TRUE(bool(module)) << llvm::toString(module.takeError()) << printGenome(genome)
                                << printGenome(wide);
      std::vector<HostTensor> arguments;
      for (const HostTensor &argument : makeArguments(genome)) {
        ElementType type = argument.type();
        if (type.isComplex())
          type.dtype = TENON_C128;
        else if (type.isFloat())
          type.dtype = TENON_F64;
        HostTensor copy = std::move(*HostTensor::zeros(type, argument.shape()));
        for (int64_t k = 0; k < argument.size(); ++k)
          copy.set(k, argument.get(k));
        arguments.push_back(std::move(copy));
      }
      auto exact = reference::interpret(*(*module)->getOps<func::FuncOp>().begin(), arguments);
      ASSERT_TRUE(bool(exact)) << llvm::toString(exact.takeError());
      std::vector<HostTensor> computed =
          test::evaluate(genome, context, reference::ContractionMode::Auto);
      llvm::Expected<std::vector<HostTensor>> bounds = errorBounds(genome, context);
      ASSERT_TRUE(bool(bounds));
      for (size_t result = 0; result < computed.size(); ++result)
        for (int64_t k = 0; k < computed[result].size(); ++k) {
          double bound = std::get<double>((*bounds)[result].get(k));
          std::complex<double> a = at(computed[result], k), b = at((*exact)[result], k);
          // The doubles' own roundings are at most as many, each smaller.
          if (!std::isfinite(bound) || a == b)
            continue;
          ASSERT_LE(std::abs(a - b), 2 * bound) << k << '\n' << printGenome(genome);
          ++compared;
          near += std::abs(a - b) > bound / 10;
        }
    }
  }
  EXPECT_GT(compared, 200);
  EXPECT_GT(near, 10);
}

Genome product(Element element) {
  Genome genome;
  std::string error;
  std::string name(nameOf(element));
  EXPECT_TRUE(parseGenome("genome 1\narithmetic bound\nseed 4\n%0 = argument element=" + name +
                              " extents=[4, 9]\n%1 = argument element=" + name +
                              " extents=[9, 5]\n%2 = contract element=" + name + " accumulate=" +
                              name + " operands=(%0[0, 1], %1[1, 2]) output=[0, 2]\nreturn %2\n",
                          genome, error))
      << error;
  return genome;
}

/// γ(N - 1 + p - 1) Σ |a| |b|, recounted.
TEST(Bounds, AreThoseOfTheSpecification) {
  MLIRContext context;
  for (auto [element, unit, operations] :
       {std::tuple(Element::F32, 0x1p-24, 9), std::tuple(Element::F16, 0x1p-11, 9),
        std::tuple(Element::C128, 0x1p-53, 12)}) {
    Genome genome = product(element);
    std::vector<HostTensor> arguments = makeArguments(genome);
    llvm::Expected<std::vector<HostTensor>> bounds = errorBounds(genome, context);
    ASSERT_TRUE(bool(bounds));
    for (int64_t i = 0; i < 4; ++i)
      for (int64_t j = 0; j < 5; ++j) {
        double magnitude = 0;
        for (int64_t k = 0; k < 9; ++k)
          magnitude +=
              std::abs(at(arguments[0], 9 * i + k)) * std::abs(at(arguments[1], 5 * k + j));
        double gamma = operations * unit / (1 - operations * unit),
               bound = std::get<double>((*bounds)[0].get(5 * i + j));
        EXPECT_GE(bound, magnitude * operations * unit);
        // What underflow may take is bounded for all elements at once, and counts in f16.
        EXPECT_LE(bound,
                  magnitude * gamma * (1 + 0x1p-17) + (element == Element::F16 ? 0.01 : 1e-30));
      }
  }
}

/// An empty sum is zero by definition, and zero times infinity in another order.
TEST(Bounds, AreNoneForEmptySumsNextToInfinities) {
  MLIRContext context;
  Genome genome;
  std::string error;
  ASSERT_TRUE(parseGenome(R"(genome 1
arithmetic bound
%0 = constant element=f32 flavour=6 extents=[40]
%1 = argument element=f32 extents=[40, 0]
%2 = contract operands=(%0[0], %1[0, 1])
%3 = contract operands=(%1[0, 1]) output=[0]
return %2, %3
)",
                          genome, error))
      << error;
  unsigned infinite = 0;
  for (genome.dataSeed = 0; genome.dataSeed < 40; ++genome.dataSeed) {
    std::vector<HostTensor> constants = makeConstants(genome);
    bool hasInfinity = false;
    for (int64_t i = 0; i < 40; ++i)
      hasInfinity |= !isFinite(at(constants[0], i));
    llvm::Expected<std::vector<HostTensor>> bounds = errorBounds(genome, context);
    ASSERT_TRUE(bool(bounds));
    if (hasInfinity)
      EXPECT_EQ(std::get<double>((*bounds)[0].get(0)), INFINITY);
    // Nothing reaches the other one.
    EXPECT_TRUE(std::isfinite(std::get<double>((*bounds)[1].get(0))));
    infinite += hasInfinity;
  }
  EXPECT_GT(infinite, 2u);
}

TEST(Bounds, AreZeroWhereResultsAreExact) {
  MLIRContext context;
  Genome genome = product(Element::F32);
  genome.arithmetic = Arithmetic::Exact;
  llvm::Expected<std::vector<HostTensor>> bounds = errorBounds(genome, context);
  ASSERT_TRUE(bool(bounds));
  for (int64_t i = 0; i < 20; ++i)
    EXPECT_EQ(std::get<double>((*bounds)[0].get(i)), 0);
}

} // namespace
