//===- ProgramTest.cpp - Genomes as modules -------------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Fuzz/Program.h"

#include "Evaluate.h"
#include "RandomGenome.h"

#include "tenon/Dialect/TN/IR/TN.h"
#include "tenon/Fuzz/ElementRules.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/STLExtras.h"

#include "gtest/gtest.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::fuzz;
using test::RandomGenome;

namespace {

std::string textOf(Operation *op) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  op->print(stream);
  return text;
}

std::string buildText(Genome genome) {
  MLIRContext context(MLIRContext::Threading::DISABLED);
  repair(genome);
  llvm::Expected<OwningOpRef<ModuleOp>> module = buildModule(genome, context);
  if (!module)
    return llvm::toString(module.takeError());
  return textOf(**module);
}

TEST(Program, OfEveryRepairedRecordVerifies) {
  RandomGenome random(7);
  std::array<unsigned, kNumNodeKinds> kinds{};
  for (int block = 0; block < 20; ++block) {
    MLIRContext context(MLIRContext::Threading::DISABLED);
    for (int i = 0; i < 250; ++i) {
      Genome genome = random.draw();
      repair(genome);
      llvm::Expected<OwningOpRef<ModuleOp>> module = buildModule(genome, context);
      ASSERT_TRUE(bool(module)) << llvm::toString(module.takeError()) << '\n'
                                << printGenome(genome);
      // The shapes of the record are those of the types, where they say one.
      auto function = *(*module)->getOps<func::FuncOp>().begin();
      std::vector<std::vector<uint32_t>> shapes = shapesOf(genome);
      for (auto [result, type] : llvm::zip_equal(genome.results, function.getResultTypes()))
        for (auto [extent, expected] :
             llvm::zip_equal(cast<RankedTensorType>(type).getShape(), shapes[result]))
          ASSERT_TRUE(ShapedType::isDynamic(extent) || extent == expected) << printGenome(genome);
      for (const Node &node : genome.nodes)
        ++kinds[size_t(node.kind)];
    }
  }
  for (unsigned count : kinds)
    EXPECT_GT(count, 200u);
}

TEST(Program, OfAnyBytesVerifies) {
  RandomGenome random(8);
  MLIRContext context(MLIRContext::Threading::DISABLED);
  for (int i = 0; i < 1000; ++i) {
    std::vector<uint8_t> bytes(random.below(600));
    for (uint8_t &byte : bytes)
      byte = static_cast<uint8_t>(random.below(256));
    Genome genome = decodeBytes(bytes);
    llvm::Expected<OwningOpRef<ModuleOp>> module = buildModule(genome, context);
    ASSERT_TRUE(bool(module)) << llvm::toString(module.takeError()) << '\n' << printGenome(genome);
  }
}

/// The rules of the record against those of the dialect.
TEST(Program, HasTheTypesAndSemiringsOfTheDialect) {
  MLIRContext context;
  context.loadDialect<tn::TNDialect>();
  auto typeOf = [&](Element element) {
    Genome genome;
    genome.nodes.emplace_back().element = element;
    genome.results = {0};
    llvm::Expected<OwningOpRef<ModuleOp>> module = buildModule(genome, context);
    EXPECT_TRUE(bool(module));
    auto function = *(*module)->getOps<func::FuncOp>().begin();
    return cast<RankedTensorType>(function.getArgumentTypes().front()).getElementType();
  };
  for (unsigned a = 0; a < kNumElements; ++a) {
    auto from = static_cast<Element>(a);
    for (unsigned s = 0; s < kNumSemirings; ++s)
      EXPECT_EQ(isLegalSemiring(static_cast<fuzz::Semiring>(s), from),
                tn::isLegalSemiring(static_cast<tn::Semiring>(s), typeOf(from)))
          << a << ' ' << s;
    for (unsigned b = 0; b < kNumElements; ++b) {
      auto to = static_cast<Element>(b);
      EXPECT_EQ(widensTo(from, to), tn::widensTo(typeOf(from), typeOf(to))) << a << ' ' << b;
      EXPECT_EQ(roundsTo(from, to), tn::roundsTo(typeOf(from), typeOf(to))) << a << ' ' << b;
      std::optional<Element> join = joinOf(from, to);
      Type expected = tn::joinElementTypes({typeOf(from), typeOf(to)});
      ASSERT_EQ(join.has_value(), bool(expected)) << a << ' ' << b;
      if (join)
        EXPECT_EQ(typeOf(*join), expected) << a << ' ' << b;
    }
  }
}

TEST(Program, ShowsLayoutsFactsAndPlansAsAttributes) {
  Genome genome;
  std::string error;
  ASSERT_TRUE(parseGenome(R"(genome 1
%0 = argument element=i16 unsigned=1 facts=2 dynamic=1 extents=[4, 3]
%1 = argument element=i16 extents=[3, 5]
%2 = contract element=i16 accumulate=i16 operands=(%1[7, 8], %1[7, 9]) output=[8, 9] path=[1, 0] sliced=[7]
%3 = contract element=i16 accumulate=i16 semiring=min_plus unsigned=1 operands=(%0[0, 1], %1[1, 2]) output=[0, 2]
return %2, %3
)",
                          genome, error))
      << error;
  EXPECT_EQ(buildText(genome), R"(module {
  func.func @main(%arg0: tensor<?x3xi16> {tn.facts = #tn.facts<isometric([1])>, tn.hint = array<i64: 4, 3>, tn.unsigned}, %arg1: tensor<3x5xi16>) -> (tensor<5x5xi16>, tensor<?x5xi16>) {
    %0 = tn.contract (%arg1[i0, i1], %arg1[i0, i2]) -> [i1, i2] {tn.path = array<i64: 1, 0>, tn.sliced = array<i64: 0>} : (tensor<3x5xi16>, tensor<3x5xi16>) -> tensor<5x5xi16>
    %1 = tn.contract (%arg0[i0, i1], %arg1[i1, i2]) -> [i0, i2] semiring(min_plus) unsigned : (tensor<?x3xi16>, tensor<3x5xi16>) -> tensor<?x5xi16>
    return %0, %1 : tensor<5x5xi16>, tensor<?x5xi16>
  }
}
)");
}

TEST(Program, UpdatesReadWhatTheyWriteOver) {
  Genome genome;
  std::string error;
  ASSERT_TRUE(parseGenome(R"(genome 1
%0 = argument element=i16 unsigned=1 extents=[2, 2]
%1 = argument element=i16 unsigned=1 extents=[2, 2]
%2 = update element=i16 flavour=1 operands=(%0[], %1[])
%3 = update element=i16 flavour=1 operands=(%0[], %1[]) output=[1, 0]
%4 = update element=i16 unsigned=1 flavour=4 operands=(%0[], %1[]) output=[0, 1]
return %0, %1, %2, %3, %4
)",
                          genome, error))
      << error;
  MLIRContext context;
  std::vector<HostTensor> all = test::evaluate(genome, context, reference::ContractionMode::Auto);
  ASSERT_EQ(all.size(), 5u);
  auto at = [&](size_t tensor, int64_t element) {
    return static_cast<uint16_t>(std::get<int64_t>(all[tensor].get(element)));
  };
  for (int64_t i = 0; i < 4; ++i) {
    int64_t turned = i == 1 ? 2 : i == 2 ? 1 : i;
    EXPECT_EQ(at(2, i), static_cast<uint16_t>(at(0, i) - at(1, i)));
    EXPECT_EQ(at(3, i), static_cast<uint16_t>(at(0, i) - at(1, turned) - at(1, i)));
    EXPECT_EQ(at(4, i), std::max(at(0, i), at(1, i)));
  }
}

TEST(Program, WritesContractionsAsLoops) {
  Genome genome;
  std::string error;
  ASSERT_TRUE(parseGenome(R"(genome 1
%0 = argument element=i1 extents=[3, 4]
%1 = argument element=i1 extents=[5, 4, 3]
%2 = contract element=i1 accumulate=i1 flavour=1 operands=(%0[1, 7], %1[2, 7, 1]) output=[2]
return %2
)",
                          genome, error))
      << error;
  EXPECT_EQ(buildText(genome), R"(#map = affine_map<(d0, d1, d2) -> (d1, d2)>
#map1 = affine_map<(d0, d1, d2) -> (d0, d2, d1)>
#map2 = affine_map<(d0, d1, d2) -> (d0)>
module {
  func.func @main(%arg0: tensor<3x4xi1>, %arg1: tensor<5x4x3xi1>) -> tensor<5xi1> {
    %false = arith.constant false
    %0 = tensor.empty() : tensor<5xi1>
    %1 = linalg.fill ins(%false : i1) outs(%0 : tensor<5xi1>) -> tensor<5xi1>
    %2 = linalg.generic {indexing_maps = [#map, #map1, #map2], iterator_types = ["parallel", "reduction", "reduction"]} ins(%arg0, %arg1 : tensor<3x4xi1>, tensor<5x4x3xi1>) outs(%1 : tensor<5xi1>) {
    ^bb0(%in: i1, %in_0: i1, %out: i1):
      %3 = arith.muli %in, %in_0 : i1
      %4 = arith.addi %out, %3 : i1
      linalg.yield %4 : i1
    } -> tensor<5xi1>
    return %2 : tensor<5xi1>
  }
}
)");
}

/// Of integers, whose sums no order changes.
TEST(Program, MeansTheSameAsLoops) {
  RandomGenome random(9);
  unsigned numLoops = 0;
  for (int i = 0; i < 2000; ++i) {
    Genome loops = random.draw();
    for (Node &node : loops.nodes)
      if (node.kind == NodeKind::Contract)
        node.flavour = static_cast<uint8_t>(Form::Loops);
    repair(loops);
    if (loops.arithmetic != Arithmetic::Ring || llvm::none_of(loops.nodes, isWrittenAsLoops))
      continue;
    ++numLoops;
    Genome plain = loops;
    for (Node &node : plain.nodes)
      if (isWrittenAsLoops(node))
        node.flavour = static_cast<uint8_t>(Form::Contraction);
    MLIRContext context(MLIRContext::Threading::DISABLED);
    std::vector<HostTensor> first =
                                test::evaluate(loops, context, reference::ContractionMode::Auto),
                            second =
                                test::evaluate(plain, context, reference::ContractionMode::Auto);
    ASSERT_EQ(first.size(), second.size());
    for (auto [a, b] : llvm::zip_equal(first, second))
      ASSERT_TRUE(llvm::equal(a.bytes(), b.bytes())) << printGenome(loops);
  }
  EXPECT_GT(numLoops, 40u);
}

TEST(Program, TakesOtherConstants) {
  MLIRContext context;
  Genome genome;
  genome.nodes.resize(1);
  genome.nodes[0].kind = NodeKind::Constant;
  genome.nodes[0].element = Element::I8;
  genome.nodes[0].extents = {3};
  repair(genome);
  std::vector<HostTensor> constants;
  constants.push_back(std::move(
      *HostTensor::fromValues({TENON_I8}, std::array<int64_t, 1>{3},
                              std::array<Scalar, 3>{int64_t{7}, int64_t{-8}, int64_t{9}})));
  llvm::Expected<OwningOpRef<ModuleOp>> module = buildModule(genome, constants, context);
  ASSERT_TRUE(bool(module)) << llvm::toString(module.takeError());
  EXPECT_NE(textOf(**module).find("tn.constant dense<[7, -8, 9]> : tensor<3xi8>"),
            std::string::npos);
  // Their own are no others.
  llvm::Expected<OwningOpRef<ModuleOp>> own = buildModule(genome, makeConstants(genome), context),
                                        plain = buildModule(genome, context);
  ASSERT_TRUE(bool(own) && bool(plain));
  EXPECT_EQ(textOf(**own), textOf(**plain));
  genome.nodes[0].extents = {4};
  module = buildModule(genome, constants, context);
  ASSERT_FALSE(bool(module));
  EXPECT_NE(llvm::toString(module.takeError()).find("other types or shapes"), std::string::npos);
}

TEST(Program, CutsOperandsInSlices) {
  Genome genome;
  std::string error;
  ASSERT_TRUE(parseGenome(R"(genome 1
%0 = argument element=i32 extents=[3, 4, 3]
%1 = argument element=i32 dynamic=1 extents=[5, 4]
%2 = slice element=i32 accumulate=i32 operands=(%0[0, 1, 0], %1[2, 1]) output=[0] sliced=[1, 0]
return %2
)",
                          genome, error))
      << error;
  EXPECT_EQ(buildText(genome), R"(module {
  func.func @main(%arg0: tensor<3x4x3xi32>, %arg1: tensor<?x4xi32> {tn.hint = array<i64: 5, 4>}) -> tensor<3xi32> {
    %0 = tn.slice (%s in 4, %s_0 in 3) -> (tensor<3xi32> [sum, 0]) {
      %extracted_slice = tensor.extract_slice %arg0[%s_0, %s, %s_0] [1, 1, 1] [1, 1, 1] : tensor<3x4x3xi32> to tensor<i32>
      %c0 = arith.constant 0 : index
      %dim = tensor.dim %arg1, %c0 : tensor<?x4xi32>
      %extracted_slice_1 = tensor.extract_slice %arg1[0, %s] [%dim, 1] [1, 1] : tensor<?x4xi32> to tensor<?x1xi32>
      %collapsed = tensor.collapse_shape %extracted_slice_1 [[0, 1]] : tensor<?x1xi32> into tensor<?xi32>
      %1 = tn.contract (%extracted_slice[], %collapsed[i0]) -> [] : (tensor<i32>, tensor<?xi32>) -> tensor<i32>
      tn.yield %1 : tensor<i32>
    }
    return %0 : tensor<3xi32>
  }
}
)");
}

} // namespace
