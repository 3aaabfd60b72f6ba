//===- SignatureTest.cpp - What duplicates have in common -----------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Signature.h"

#include "tenon/Fuzz/RegisterPasses.h"

#include "mlir/Parser/Parser.h"

#include "gtest/gtest.h"

using namespace tenon::fuzz;

namespace {

TEST(Signature, LeavesParticularsOut) {
  EXPECT_EQ(withoutParticulars("'tn.contract' op operand 3 has 17 elements of 'foo'"),
            "'tn.contract' op operand N has N elements of _");
  EXPECT_EQ(withoutParticulars("%arg0 and @f_3 of tensor<3x4xf32> differ\nnote: there"),
            "_ and _ of tensor<> differ");
  EXPECT_EQ(withoutParticulars("3x4xf32, expected 1e-05"), "N, expected N-N");
  EXPECT_EQ(withoutParticulars("an open 'quote"), "an open _");
}

TEST(Signature, DuplicatesAgreeAndOthersDoNot) {
  auto make = [](Oracle oracle, const char *pass, const char *message) {
    return makeSignature(oracle, pass, message, "float");
  };
  EXPECT_EQ(make(Oracle::Verifier, "tn-plan", "operand 1 of 'x'"),
            make(Oracle::Verifier, "tn-plan", "operand 22 of 'y'"));
  EXPECT_NE(make(Oracle::Verifier, "tn-plan", "a"), make(Oracle::Verifier, "tn-fuse", "a"));
  EXPECT_NE(make(Oracle::Verifier, "tn-plan", "a"), make(Oracle::Stage, "tn-plan", "a"));
}

TEST(Signature, AChangeIsPartOfIt) {
  EXPECT_EQ(makeSignature(Oracle::Stage, "cse", "P", "float", "-a.b"),
            "stage | cse | P | float | -a.b");
  EXPECT_EQ(makeSignature(Oracle::Stage, "cse", "P", "float"), "stage | cse | P | float");
  mlir::MLIRContext context;
  auto count = [&](std::initializer_list<std::pair<const char *, int64_t>> list) {
    OperationCounts counts;
    for (auto [name, number] : list)
      counts[mlir::OperationName(name, &context)] = number;
    return counts;
  };
  OperationCounts before = count({{"arith.extui", 2}, {"linalg.generic", 3}, {"func.func", 1}});
  OperationCounts after = count({{"arith.extsi", 2}, {"linalg.generic", 2}, {"func.func", 1}});
  EXPECT_EQ(describeChange(before, after), "-arith.extui -linalg.generic +arith.extsi");
  EXPECT_EQ(describeChange(before, before), "");
  // Changes of a whole program are not told.
  for (const char *name : {"a.a", "a.b", "a.c", "a.d"})
    after[mlir::OperationName(name, &context)] = 1;
  EXPECT_EQ(describeChange(before, after), "");
}

TEST(Signature, BodiesOfNamedOperationsCount) {
  mlir::DialectRegistry registry;
  registerFuzzDialects(registry);
  mlir::MLIRContext context(registry, mlir::MLIRContext::Threading::DISABLED);
  auto module = mlir::parseSourceString<mlir::ModuleOp>(
      R"(func.func @f(%a: tensor<2x3xi8>, %b: tensor<3x4xi8>, %c: tensor<2x4xi32>) -> tensor<2x4xi32> {
           %r = linalg.matmul ins(%a, %b : tensor<2x3xi8>, tensor<3x4xi8>) outs(%c : tensor<2x4xi32>) -> tensor<2x4xi32>
           return %r : tensor<2x4xi32>
         })",
      &context);
  ASSERT_TRUE(module);
  OperationCounts counts = countOperations(*module);
  EXPECT_EQ(counts.lookup(mlir::OperationName("linalg.matmul", &context)), 1);
  EXPECT_EQ(counts.lookup(mlir::OperationName("arith.extsi", &context)), 2);
}

} // namespace
