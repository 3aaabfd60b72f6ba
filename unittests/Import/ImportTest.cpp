//===- ImportTest.cpp - From network descriptions to IR ---------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// What no tool can show, because files carry no constants of these types.
//
//===----------------------------------------------------------------------===//
#include "tenon/Import/Import.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/AsmState.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/Verifier.h"

#include <gtest/gtest.h>

using namespace mlir;
using namespace tenon;
using frontend::ElementType;
using frontend::NetworkDescription;

namespace {
class ImportTest : public ::testing::Test {
protected:
  ImportTest() : context(MLIRContext::Threading::DISABLED) {
    context.getDiagEngine().registerHandler([this](Diagnostic &diagnostic) {
      message += diagnostic.str();
      return success();
    });
  }

  OwningOpRef<ModuleOp> importVerified(const NetworkDescription &network,
                                       const ImportOptions &options = {}) {
    OwningOpRef<ModuleOp> module = importNetwork(&context, network, options);
    EXPECT_TRUE(module) << message;
    EXPECT_TRUE(module && succeeded(verify(*module))) << message;
    return module;
  }

  std::string message;
  MLIRContext context;
};
} // namespace

/// One constant vector, summed with an argument of the same index.
static NetworkDescription makeVectorNetwork(ElementType type,
                                            std::vector<std::complex<double>> elements) {
  NetworkDescription network;
  network.elementType = type;
  network.extents = {static_cast<int64_t>(elements.size())};
  network.indexNames = {"i"};
  network.constants.push_back({{static_cast<int64_t>(elements.size())}, std::move(elements)});
  network.operands.push_back({{0}, 0, "weights"});
  network.operands.push_back({{0}, frontend::kArgument, "x"});
  return network;
}

static std::vector<tn::ConstantOp> getConstants(ModuleOp module) {
  std::vector<tn::ConstantOp> constants;
  module.walk([&](tn::ConstantOp constant) { constants.push_back(constant); });
  return constants;
}

static std::string print(Attribute attribute) {
  std::string text;
  llvm::raw_string_ostream(text) << attribute;
  return text;
}

TEST_F(ImportTest, RoundsConstantsToNearestEven) {
  // 2049 and 2051 lie between two f16 numbers each; 257 between two bf16 numbers.
  auto f16 = importVerified(makeVectorNetwork(ElementType::F16, {2049, 2051, -0.5}));
  EXPECT_EQ(print(getConstants(*f16).front().getValue()),
            "dense<[2.048000e+03, 2.052000e+03, -5.000000e-01]> : tensor<3xf16>");
  auto bf16 = importVerified(makeVectorNetwork(ElementType::BF16, {257, 259}));
  EXPECT_EQ(print(getConstants(*bf16).front().getValue()),
            "dense<[2.560000e+02, 2.600000e+02]> : tensor<2xbf16>");
  auto f32 = importVerified(makeVectorNetwork(ElementType::F32, {16777217, 16777219}));
  EXPECT_EQ(print(getConstants(*f32).front().getValue()),
            "dense<[0x4B800000, 0x4B800002]> : tensor<2xf32>");
}

TEST_F(ImportTest, KeepsIntegersAndBooleansExactly) {
  auto i64 = importVerified(makeVectorNetwork(ElementType::I64, {-9223372036854775808.0, 7}));
  EXPECT_EQ(print(getConstants(*i64).front().getValue()),
            "dense<[-9223372036854775808, 7]> : tensor<2xi64>");
  auto u8 = importVerified(makeVectorNetwork(ElementType::U8, {255, 0, 3}));
  EXPECT_EQ(print(getConstants(*u8).front().getValue()), "dense<[-1, 0, 3]> : tensor<3xi8>");
  auto i1 = importVerified(makeVectorNetwork(ElementType::I1, {1, 0, 0, 1, 1, 0, 0, 0, 1}));
  EXPECT_EQ(print(getConstants(*i1).front().getValue()),
            "dense<[true, false, false, true, true, false, false, false, true]> : tensor<9xi1>");
}

TEST_F(ImportTest, RejectsConstantsThatTheTypeCannotHold) {
  struct Case {
    ElementType type;
    std::complex<double> element;
  };
  for (Case bad : {Case{ElementType::I8, 128}, Case{ElementType::U8, -1}, Case{ElementType::I1, 2},
                   Case{ElementType::I32, 0.5}, Case{ElementType::U64, 18446744073709551616.0},
                   Case{ElementType::F64, {3, 0.25}}, Case{ElementType::I16, NAN}}) {
    message.clear();
    EXPECT_FALSE(importNetwork(&context, makeVectorNetwork(bad.type, {1, bad.element})));
    std::string type = elementTypeName(bad.type).str();
    EXPECT_NE(message.find("element 1 of the constant operand 0 is "), std::string::npos);
    EXPECT_NE(message.find("which " + type + " cannot hold"), std::string::npos) << message;
  }
}

TEST_F(ImportTest, SharesConstantsThatRoundingMakesEqual) {
  NetworkDescription network = makeVectorNetwork(ElementType::F32, {0.1, 3});
  network.constants.push_back({{2}, {0.1 + 1e-12, 3}});
  network.constants.push_back({{2}, {0.1 + 1e-6, 3}});
  network.operands.push_back({{0}, 1, ""});
  network.operands.push_back({{0}, 2, ""});
  auto module = importVerified(network);
  EXPECT_EQ(getConstants(*module).size(), 2u);
}

TEST_F(ImportTest, MakesLargeConstantsResources) {
  // Of one shape apart from the other, so that bytes alone do not tell them apart.
  NetworkDescription network;
  network.elementType = ElementType::U16;
  network.extents = {2, 3, 6};
  network.indexNames = {"i", "j", "k"};
  network.constants.push_back({{2, 3}, {1, 2, 3, 4, 5, 65535}});
  network.constants.push_back({{6}, {1, 2, 3, 4, 5, 65535}});
  network.operands.push_back({{0, 1}, 0, "w"});
  network.operands.push_back({{2}, 1, "w"});
  network.output = {1};
  ImportOptions options;
  options.inlineLimit = 5;
  auto module = importVerified(network, options);
  std::vector<tn::ConstantOp> constants = getConstants(*module);
  ASSERT_EQ(constants.size(), 2u);
  EXPECT_EQ(print(constants[0].getValue()), "dense_resource<w> : tensor<2x3xi16>");
  EXPECT_EQ(print(constants[1].getValue()), "dense_resource<w_1> : tensor<6xi16>");
  ArrayRef<char> bytes = cast<DenseResourceElementsAttr>(constants[0].getValue()).getData();
  EXPECT_EQ(std::string(bytes.begin(), bytes.end()),
            std::string("\x01\0\x02\0\x03\0\x04\0\x05\0\xff\xff", 12));

  options.inlineLimit = 6;
  module = importVerified(network, options);
  EXPECT_EQ(print(getConstants(*module)[1].getValue()),
            "dense<[1, 2, 3, 4, 5, -1]> : tensor<6xi16>");
}

TEST_F(ImportTest, ImportsEmptyAndScalarConstants) {
  NetworkDescription network = makeVectorNetwork(ElementType::F64, {});
  network.constants.push_back({{}, {2.5}});
  network.operands.push_back({{}, 1, "scale"});
  auto module = importVerified(network);
  EXPECT_EQ(getConstants(*module).size(), 2u);
}

TEST_F(ImportTest, RejectsANetworkWithoutOperands) {
  EXPECT_FALSE(importNetwork(&context, NetworkDescription()));
  EXPECT_EQ(message, "the network has no tensors; a contraction needs at least one");
}

TEST_F(ImportTest, KeepsNamesInTheOrderOfAppearance) {
  NetworkDescription network;
  network.extents = {2, 3, 4, 5};
  network.indexNames = {"unused", "j", "k", "i"};
  network.operands.push_back({{3, 1}, frontend::kArgument, "A"});
  network.operands.push_back({{1, 2, 3}, frontend::kArgument, ""});
  network.output = {2, 3};
  ImportOptions options;
  options.functionName = "net";
  auto module = importVerified(network, options);
  auto function = module->lookupSymbol<func::FuncOp>("net");
  ASSERT_TRUE(function);
  EXPECT_EQ(function.getArgAttrOfType<StringAttr>(0, "tn.name").getValue(), "A");
  EXPECT_FALSE(function.getArgAttr(1, "tn.name"));
  auto contract = *function.getOps<tn::ContractOp>().begin();
  EXPECT_EQ(contract.getIndices(), ArrayRef<int64_t>({0, 1, 1, 2, 0}));
  EXPECT_EQ(contract.getResultIndices(), ArrayRef<int64_t>({2, 0}));
  EXPECT_EQ(contract.getIndexName(0) + contract.getIndexName(1) + contract.getIndexName(2), "ijk");
  EXPECT_EQ(contract.getIndexExtents(), (SmallVector<int64_t>{5, 3, 4}));
}

TEST_F(ImportTest, ImportsAHundredThousandOperands) {
  NetworkDescription network;
  constexpr int32_t kCount = 100000;
  for (int32_t i = 0; i <= kCount; ++i) {
    network.extents.push_back(2 + i % 3);
    network.indexNames.push_back("b" + std::to_string(i));
  }
  for (int32_t i = 0; i < kCount; ++i)
    network.operands.push_back({{i, i + 1}, frontend::kArgument, "m" + std::to_string(i)});
  network.output = {0, kCount};
  auto module = importVerified(network);
  auto function = module->lookupSymbol<func::FuncOp>("main");
  EXPECT_EQ(function.getNumArguments(), 100000u);
  EXPECT_EQ(function.getArgAttrOfType<StringAttr>(77777, "tn.name").getValue(), "m77777");
}
